//! [`Disclose`]: the functionality, whatever implements it, and the way its bytes are moved.

use crate::error::Error;

/// A party of a conditional disclosure of secrets: labels of a garbled circuit for exactly the client's authenticated values.
///
/// The client holds authenticated values `[y]`, the server their keys, its MAC key and a global offset Delta. At the end the
/// server holds a zero label for each of 44 bits of every value, the client one label for each, and the protocol of **every**
/// implementation of this trait promises, against a malicious client:
///
/// 1. **Binding.** The client's labels are those of the bits of its authenticated value, with the error stated by the
///    implementation; a client that deviates makes the server's side fail.
/// 2. **Canonical range.** They are the bits of the representative of `y` in `0..p`, not of any other 44-bit integer of the same
///    residue. Circuits may rely on this and check nothing.
/// 3. **One label a wire.** The client learns nothing of the other label, that is of Delta, beyond bits that it guessed
///    at the risk of being caught.
/// 4. **Inputs first.** When the server has [finished](Step::Finished), the client's inputs are fixed and checked. The server
///    sends nothing that depends on labels (no garbled table) before that.
/// 5. **Hiding.** The server learns nothing about `y`.
///
/// Labels are value-major, least significant bit first: label `44 j + i` is that of bit `i` of value `j`.
///
/// # Moving the bytes
///
/// The conversation is a sequence of messages whose lengths both sides know beforehand from public numbers. The caller
/// looks at [`step`](Self::step), and moves as many of the announced bytes as it likes with [`fill`](Self::fill) or
/// [`absorb`](Self::absorb) until the step is [`Step::Finished`]; [`finish`](Self::finish) then gives the result. However the
/// caller cuts the messages, the bytes are the same. An error of `absorb` destroys the state: nothing can be sent or taken out any
/// more, and if the peer is at fault the session must end.
pub trait Disclose: Sized {
    /// What the party has at the end.
    type Output;

    /// What the party does next.
    fn step(&self) -> Step;

    /// The next `out.len()` bytes of the message that is being sent.
    ///
    /// # Panics
    /// If that is more than [`Step::Send`] announces.
    fn fill(&mut self, out: &mut [u8]);

    /// Takes the next bytes of the message that is being received.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::PeerMisbehaved`] if the peer is at fault; [`Error::Misuse`] if there are more bytes than
    /// [`Step::Receive`] announces.
    fn absorb(&mut self, bytes: &[u8]) -> Result<(), Error>;

    /// The result.
    ///
    /// # Errors
    /// The error that `absorb` gave, if it gave one; [`Error::Misuse`] before [`Step::Finished`].
    fn finish(self) -> Result<Self::Output, Error>;
}

/// What a party does next. A number of bytes is never zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Send so many more bytes of the current message.
    Send(u64),
    /// Receive so many more bytes of the current message.
    Receive(u64),
    /// Nothing more is sent or received. So it is after an error, too.
    Finished,
}
