#![doc = include_str!("../README.md")]
#![no_std]
#![deny(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod budget;
mod domain;
pub mod encode;
pub mod encrypt;
pub mod error;
pub mod keyed;
pub mod keys;
pub mod linear;
pub mod parameters;
pub mod params;
pub mod reply;
pub mod ring;
mod row;

pub use error::{Error, Misuse};
