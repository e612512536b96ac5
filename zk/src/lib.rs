#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod domain;
pub mod error;
mod monomial;
pub mod parameters;
mod polynomial;
pub mod product;
pub mod range;
mod short;
pub mod topgear;
pub mod wellformed;

pub use error::{Check, Error};
