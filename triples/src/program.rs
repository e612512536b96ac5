//! Programs on shared vectors that run unchanged in every setting: an [`Engine`] does the steps, a [`Machine`] carries the messages.
//!
//! A program is an `async` function that is generic over its engine:
//!
//! ```
//! use muse_field::Fp;
//! use muse_mac::spdz::Party;
//! use muse_triples::Error;
//! use muse_triples::program::{Engine, Linear};
//!
//! /// The inner product of a vector of either party, for both.
//! async fn inner_product<E: Engine>(engine: &mut E, own: &[Fp]) -> Result<Fp, Error> {
//!     let x = engine.input(Party::First, own.len(), own).await?;
//!     let y = engine.input(Party::Second, own.len(), own).await?;
//!     let products = engine.multiply(&x, &y).await?;
//!     let sum = products.map(|column| vec![muse_field::vector::sum(column)]);
//!     Ok(engine.output(sum).await?[0])
//! }
//! ```
//!
//! Both parties run the same function with their own inputs, and take the same steps: what a program does may depend on public
//! values only, those that it was given by both and those that were opened.
//!
//! There is no runtime and no thread behind `async`: it is how one writes a state machine by its steps. [`Machine`] runs the
//! program to the next message that it has to wait for, and says how long that is.
//!
//! | engine | setting |
//! |---|---|
//! | [`spdz::Player`](crate::spdz::Player) | either party may be malicious |
//! | [`onesided::ClientPlayer`](crate::onesided::ClientPlayer), [`onesided::ServerPlayer`](crate::onesided::ServerPlayer) | the client may be malicious, the server is semi-honest |
//! | [`Clear`](clear::Clear) (feature `test-util`) | no secrets: what the program computes, and what it uses up |
//!
//! Gadgets that programs are made of: masks with their [`bits`], signs and comparisons ([`compare`]), ReLU with truncation ([`relu`]).

mod machine;
mod used;

pub mod bits;
pub mod compare;
pub mod relu;

#[cfg(any(test, feature = "test-util"))]
pub mod clear;

use alloc::vec::Vec;
use core::future::Future;

use muse_field::Fp;
use muse_mac::spdz::Party;

use crate::Error;

pub use crate::linear::Linear;
pub use machine::{Machine, Mailbox, Progress};
pub use used::Used;

/// What programs are made of. A step on n values takes as many rounds as one on a single value.
///
/// An error is the end of the program, and of the session whose keys it used.
pub trait Engine {
    /// This party's half of a vector.
    type Share: Linear;

    /// Which party this is. In the client-malicious setting the client is the first.
    fn party(&self) -> Party;

    /// A vector of public constants. No message.
    fn constants(&self, values: &[Fp]) -> Self::Share;

    /// A vector of one party's own values. `values` are those of the owner, who gives `count` of them; what the other party gives is
    /// not looked at.
    ///
    /// # Errors
    /// [`Error::Misuse`] if the owner gives another number, [`Error::Exhausted`] without a mask for each.
    fn input(
        &mut self,
        owner: Party,
        count: usize,
        values: &[Fp],
    ) -> impl Future<Output = Result<Self::Share, Error>>;

    /// Products, element by element. A triple each.
    ///
    /// # Errors
    /// [`Error::Misuse`] unless the vectors have one length, [`Error::Exhausted`] without a triple for each row.
    fn multiply(
        &mut self,
        x: &Self::Share,
        y: &Self::Share,
    ) -> impl Future<Output = Result<Self::Share, Error>>;

    /// Uniform bits that nobody knows.
    ///
    /// # Errors
    /// [`Error::Exhausted`] without what they are made of.
    fn random_bits(&mut self, count: usize) -> impl Future<Output = Result<Self::Share, Error>>;

    /// Values that both parties may see: they hide everything else, as they are uniform, or bits of fresh randomness. Everything that was
    /// opened before is checked before they are sent, so they hide it whatever the peer has done; open many in one step.
    /// They themselves may be checked later: what is computed with wrong ones comes out of no [`output`](Self::output).
    ///
    /// # Errors
    /// [`Error::PeerMisbehaved`] if they are checked at once and do not fit their MACs.
    fn open_masked(&mut self, x: Self::Share) -> impl Future<Output = Result<Vec<Fp>, Error>>;

    /// The result, for both. Everything that was opened before is checked before anything of the result is sent, and the result
    /// itself before it is given.
    ///
    /// # Errors
    /// [`Error::PeerMisbehaved`] if something does not fit its MAC.
    fn output(&mut self, x: Self::Share) -> impl Future<Output = Result<Vec<Fp>, Error>>;

    /// The result, for one party; the other one gets an empty vector. Two malicious parties use up a mask of the receiver for each
    /// value.
    ///
    /// # Errors
    /// As for [`output`](Self::output), and [`Error::Exhausted`] without a mask for each.
    fn output_to(&mut self, party: Party, x: Self::Share) -> impl Future<Output = Result<Vec<Fp>, Error>>;
}
