//! Hellos and the card (protocol, section 4.0).
//!
//! ```text
//! client                                          server
//!   hello                      ------------>      check: magic, version, protocol, parameters
//!                              <------------      hello, card
//! ```

use crate::{
    Error,
    card::Card,
    frames::Script,
    handshake::{self, Hello, PLAIN_CHANNEL, Protocol},
    message::{self, ClientHello, ServerHello},
    plan::Plan,
    run,
    transport::{Component, Phase, Transport, TransportError},
};
use muse_field::{id::SessionId, prg::Prg};

/// What goes over the wire.
pub fn frames(plan: &Plan, script: &mut Script) -> Result<(), Error> {
    let card = Card::new(plan.architecture().clone())?.to_bytes().len();
    script.enter(Component::Handshake);
    script.message::<ClientHello>(());
    script.message::<ServerHello>(());
    // Its length before it.
    script.bulk::<message::Card>(size_of::<u32>() + card);
    Ok(())
}

/// The client: exchanges hellos, reads the card, and derives the session id and the plan from them.
pub fn client(
    link: &mut dyn Transport,
    protocol: Protocol,
    rng: &mut Prg,
) -> Result<(SessionId, Plan), Error> {
    link.enter(Phase::Setup, Component::Handshake);
    let mine = Hello::new(protocol, rng);
    run::send::<ClientHello>(link, &mine.to_bytes())?;
    let theirs = run::receive::<ServerHello>(link, ()).map_err(|error| {
        if matches!(error, Error::Transport(TransportError::PeerAborted)) { Error::TurnedAway } else { error }
    })?;
    let theirs = Hello::decode_matching(&theirs, protocol)?;
    let card = link.recv_card()?;
    let plan = Plan::new(protocol, Card::from_bytes(&card)?.into_architecture())?;
    Ok((handshake::session_id(&mine, &theirs, &card, &PLAIN_CHANNEL), plan))
}

/// The server: exchanges hellos, sends the card, and derives the session id from them.
pub fn server(
    link: &mut dyn Transport,
    protocol: Protocol,
    card: &[u8],
    rng: &mut Prg,
) -> Result<SessionId, Error> {
    link.enter(Phase::Setup, Component::Handshake);
    let theirs = run::receive::<ClientHello>(link, ())?;
    // The answer goes out even if the hellos differ: it holds no secret, and the client can then name the difference.
    let mine = Hello::new(protocol, rng);
    run::send::<ServerHello>(link, &mine.to_bytes())?;
    let theirs = match Hello::decode_matching(&theirs, protocol) {
        Ok(hello) => hello,
        Err(error) => {
            link.flush()?;
            return Err(error.into());
        }
    };
    link.send_card(card)?;
    Ok(handshake::session_id(&theirs, &mine, card, &PLAIN_CHANNEL))
}
