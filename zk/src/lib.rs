#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod domain;
pub mod error;
pub mod parameters;
pub mod product;
pub mod range;
pub mod wellformed;

pub use error::{Check, Error};
