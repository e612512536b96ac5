//! The parts that an honest client is made of, for clients that deviate: tests of cheaters and demonstrations of attacks.
//!
//! Such a client implements [`Conduct`]: it combines the [`steps`](crate::steps) itself and may change any value between them. Nothing here is for a client
//! that has something to protect, and nothing here is stable.

pub use crate::{
    conduct::{Conduct, Honest},
    message::{InputCiphertexts, Message},
    metered::{Connection, Metered},
    prefetch::Prefetch,
    preprocess::uniform_masks,
    run::Run,
    session::{ClientSession, ServerSession, fits, system_prg},
    share::{ClientShare, Elements},
    spool::Spool,
    ticket::ClientTicket,
};
