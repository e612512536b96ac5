#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod card;
pub mod model;
pub mod transport;
