//! Hellos and the card (protocol, section 4.0).
//!
//! ```text
//! client                                          server
//!   hello                      ------------>      check: magic, version, protocol, parameters
//!                              <------------      hello, card; or why there is no session
//! ```

use crate::metered::Connection;
use crate::{
    Error,
    accounts::{Component, Phase},
    card::Card,
    frames::Script,
    handshake::{self, HandshakeError, Hello, PLAIN_CHANNEL, Protocol, Refused},
    message::{self, ClientHello, ServerHello},
    plan::Plan,
    run,
    transport::{Tag, TransportError},
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
    link: &mut dyn Connection,
    protocol: Protocol,
    rng: &mut Prg,
) -> Result<(SessionId, Plan), Error> {
    link.enter(Phase::Setup, Component::Handshake);
    let mine = Hello::new(protocol, rng);
    run::send::<ClientHello>(link, &mine.to_bytes())?;
    let answer = link.recv_tag(&[Tag::ServerHello, Tag::Refused]).map_err(|error| {
        if matches!(error, TransportError::PeerAborted) { Error::TurnedAway(None) } else { error.into() }
    })?;
    if answer == Tag::Refused {
        let mut reason = [0; Refused::LEN];
        link.read(&mut reason)?;
        let reason = Refused::from_bytes(&reason).ok_or(Error::malformed(Tag::Refused.words()))?;
        return Err(if let Refused::Protocol { theirs } = reason {
            HandshakeError::Protocol { theirs }.into()
        } else {
            Error::TurnedAway(Some(reason))
        });
    }
    let mut theirs = [0; Hello::LEN];
    link.read(&mut theirs)?;
    let theirs = Hello::decode_matching(&theirs, protocol)?;
    let card = link.recv_card()?;
    // Check: the card is within its limit, canonical, and of an allowed network.
    let plan = Plan::new(protocol, Card::from_bytes(&card)?.into_architecture())?;
    Ok((handshake::session_id(&mine, &theirs, &card, &PLAIN_CHANNEL), plan))
}

/// The server: exchanges hellos, sends the card, and derives the session id from them.
pub fn server(
    link: &mut dyn Connection,
    protocol: Protocol,
    card: &[u8],
    rng: &mut Prg,
) -> Result<SessionId, Error> {
    link.enter(Phase::Setup, Component::Handshake);
    let theirs = run::receive::<ClientHello>(link, ())?;
    let theirs = match Hello::decode_matching(&theirs, protocol) {
        Ok(hello) => hello,
        Err(error) => {
            let (tag, body) = answer(error, protocol, rng);
            link.send(tag, &body)?;
            link.flush()?;
            return Err(error.into());
        }
    };
    let mine = Hello::new(protocol, rng);
    run::send::<ServerHello>(link, &mine.to_bytes())?;
    link.send_card(card)?;
    Ok(handshake::session_id(&theirs, &mine, card, &PLAIN_CHANNEL))
}

/// The answer to a client whose hello differs. It shows what differs, and contains no secret.
pub fn answer(error: HandshakeError, protocol: Protocol, rng: &mut Prg) -> (Tag, Vec<u8>) {
    match error {
        HandshakeError::Protocol { .. } => {
            (Tag::Refused, Refused::Protocol { theirs: protocol.number() }.to_bytes().to_vec())
        }
        HandshakeError::Magic | HandshakeError::Version { .. } | HandshakeError::Parameters => {
            (Tag::ServerHello, Hello::new(protocol, rng).to_bytes().to_vec())
        }
    }
}
