//! What tests of several packages share: random networks, and files that no library would write.

mod generate;
mod varint;

pub use generate::{Random, Recipe, Step, input, network, recipe};
pub use varint::varint;
