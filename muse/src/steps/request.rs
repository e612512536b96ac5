//! The request of a preprocessing and the number it gets (protocol, section 4.0), and its end.
//!
//! ```text
//! client                                          server
//!   request                    ------------>
//!                              <------------      inference id
//!                                                 ..
//!                              <------------      ready
//! ```

use crate::{
    Error,
    accounts::{Component, Phase},
    error::Fault,
    frames::Script,
    message::{InferenceId, Preprocess, TicketReady},
    metered::Connection,
    plan::Plan,
    run,
    session::{ClientSession, ServerSession, fits},
};

/// What goes over the wire first.
pub fn frames(script: &mut Script) {
    script.enter(Component::Handshake);
    script.message::<Preprocess>(());
    script.message::<InferenceId>(());
}

/// What goes over the wire last.
pub fn end_frames(script: &mut Script) {
    script.message::<TicketReady>(());
}

/// The client: asks for an inference id. The server assigns them, increasing; a repeated one would name two ciphertexts alike.
pub fn client(session: &mut ClientSession, plan: &Plan, link: &mut dyn Connection) -> Result<u64, Error> {
    link.enter(Phase::Preprocessing, Component::Handshake);
    run::send::<Preprocess>(link, &[])?;
    let id = run::receive::<InferenceId>(link, ())?;
    // Check: numbers of inferences increase, at the client.
    if id < session.next_inference || !fits(id, plan.ids()) {
        return Err(Error::Peer(Fault::InferenceId));
    }
    session.next_inference = id + 1;
    Ok(id)
}

/// The server, after the request: assigns the next id.
pub fn server(session: &mut ServerSession, plan: &Plan, link: &mut dyn Connection) -> Result<u64, Error> {
    link.enter(Phase::Preprocessing, Component::Handshake);
    let id = session.next_inference;
    // Check: 256 inferences a session.
    if !fits(id, plan.ids()) {
        return Err(Error::Exhausted);
    }
    session.next_inference += 1;
    run::send::<InferenceId>(link, &id)?;
    Ok(id)
}

/// The client: waits for the end of the preprocessing.
pub fn client_end(link: &mut dyn Connection) -> Result<(), Error> {
    run::receive::<TicketReady>(link, ())?;
    Ok(())
}

/// The server: says that the preprocessing is complete.
pub fn server_end(link: &mut dyn Connection) -> Result<(), Error> {
    run::send::<TicketReady>(link, &[])?;
    Ok(link.flush()?)
}
