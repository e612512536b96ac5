//! How a client runs the two phases. In this library it always follows the protocol.
//!
//! A client that cheats (`muse-attack`) implements its own conduct from the same steps. The steps have no hooks.

use crate::{
    Error, metered::Connection, online, plan::Plan, preprocess, progress::Observer, session::ClientSession,
    share::Elements, spool::Spool, ticket::ClientTicket,
};
use muse_field::{Fp, prg::Prg};

/// The client's side of both phases.
pub trait Conduct {
    /// Before the input exists: see `preprocess::client`.
    ///
    /// # Errors
    /// Whatever ends the session.
    fn preprocess(
        &self,
        session: ClientSession,
        plan: &Plan,
        spool: Spool,
        link: &mut dyn Connection,
        observer: &dyn Observer,
        rng: &mut Prg,
    ) -> Result<(ClientSession, ClientTicket), Error>;

    /// With the input: see `online::client`.
    ///
    /// # Errors
    /// Whatever ends the session.
    fn infer(
        &self,
        ticket: ClientTicket,
        input: &[Fp],
        plan: &Plan,
        link: &mut dyn Connection,
        observer: &dyn Observer,
        rng: &mut Prg,
    ) -> Result<Elements, Error>;
}

/// The conduct of a client that follows the protocol.
#[derive(Clone, Copy, Debug, Default)]
pub struct Honest;

impl Conduct for Honest {
    fn preprocess(
        &self,
        session: ClientSession,
        plan: &Plan,
        spool: Spool,
        link: &mut dyn Connection,
        observer: &dyn Observer,
        rng: &mut Prg,
    ) -> Result<(ClientSession, ClientTicket), Error> {
        preprocess::client(session, plan, spool, link, observer, rng)
    }

    fn infer(
        &self,
        ticket: ClientTicket,
        input: &[Fp],
        plan: &Plan,
        link: &mut dyn Connection,
        observer: &dyn Observer,
        rng: &mut Prg,
    ) -> Result<Elements, Error> {
        online::client(ticket, input, plan, link, observer, rng)
    }
}
