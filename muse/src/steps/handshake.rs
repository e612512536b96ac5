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
    card::{Card, CardError},
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
    let card = receive_card(link)?;
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
    send_card(link, card)?;
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

/// The card with its length before it: four bytes, little endian.
fn send_card(link: &mut dyn Connection, card: &[u8]) -> Result<(), Error> {
    let len = u32::try_from(card.len()).ok().filter(|_| card.len() <= Card::MAX_BYTES);
    let len = len.ok_or(CardError::TooLong(card.len()))?;
    link.begin_send(Tag::Card, card.len() as u64 + u64::from(u32::BITS / 8))?;
    link.write(&len.to_le_bytes())?;
    Ok(link.write(card)?)
}

/// Receives the card, whose length, at most [`Card::MAX_BYTES`], the peer chooses: nothing is allocated before it is checked.
fn receive_card(link: &mut dyn Connection) -> Result<Vec<u8>, Error> {
    let mut len = [0; 4];
    link.recv_into(Tag::Card, &mut len)?;
    let len = u32::from_le_bytes(len);
    // Check: the card is within its limit, canonical, and of an allowed network.
    if len as usize > Card::MAX_BYTES {
        return Err(CardError::Announced(len).into());
    }
    let mut card = vec![0; len as usize];
    link.read(&mut card)?;
    Ok(card)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        metered::Metered,
        progress::Silent,
        transport::{Transport, memory},
    };
    use alloc::sync::Arc;

    fn pair() -> (impl Connection, impl Connection) {
        let (one, other) = memory::pair();
        (Metered::new(one, Arc::new(Silent)), Metered::new(other, Arc::new(Silent)))
    }

    #[test]
    fn the_card_brings_its_length_up_to_the_limit() {
        for len in [0, 1, Card::MAX_BYTES] {
            let (mut one, mut other) = pair();
            let card: Vec<u8> = (0..len).map(|i| i as u8).collect();
            send_card(&mut one, &card).expect("sent");
            one.flush().expect("sent");
            assert!(receive_card(&mut other).expect("received") == card);
        }
        let (mut one, _other) = pair();
        let refused = send_card(&mut one, &vec![0; Card::MAX_BYTES + 1]);
        assert!(matches!(refused, Err(Error::Card(CardError::TooLong(65_537)))));
        for len in [Card::MAX_BYTES as u32 + 1, u32::MAX] {
            let (mut one, mut other) = pair();
            // No byte of the card follows: the length alone is refused.
            one.send(Tag::Card, &len.to_le_bytes()).expect("sent");
            one.flush().expect("sent");
            let error = receive_card(&mut other).expect_err("too long");
            assert!(matches!(error, Error::Card(CardError::Announced(l)) if l == len), "{error}");
            assert!(error.peer_at_fault());
        }
    }

    #[test]
    fn the_length_is_little_endian() {
        let (mut one, mut other) = pair();
        send_card(&mut one, &[5]).expect("sent");
        one.flush().expect("sent");
        assert_eq!(other.recv(Tag::Card, 5).expect("received"), [1, 0, 0, 0, 5]);
    }
}
