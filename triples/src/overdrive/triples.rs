//! A batch of triples: ciphertexts and their proof, products, MACs of the products, the sacrifice.
//!
//! Both parties go through the same states. Bulk messages of either direction come a few groups at a time, in any order between sending and receiving.

mod ciphertexts;
mod columns;
mod macs;
mod products;
mod sacrifice;

pub use ciphertexts::{AwaitProof, Ciphertexts};
pub use macs::Macs;
pub use products::Products;
pub use sacrifice::Sacrifice;

use super::{MAC_REPLIES, PRODUCT_REPLIES};
use crate::replies::Replies;

/// The replies for one group: a b, a b^, alpha a, alpha b, alpha b^.
pub type ProductReplies = Replies<PRODUCT_REPLIES>;
/// The replies for one group after the products: alpha c, alpha c^.
pub type MacReplies = Replies<MAC_REPLIES>;
