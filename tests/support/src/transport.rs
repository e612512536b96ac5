//! Transports that wrap another one.

mod forward;
mod tap;

pub use tap::Tap;
