//! Tickets and sessions: one failed check is the end of all of them, and nothing brings them back.

use crate::{
    common::{limits, serve_with, tiny},
    harness::{Guess, recorded},
};
use alloc::sync::Arc;
use muse::{
    Client, ClientConfig, Error, Fault, Server, ServerConfig,
    model::plaintext,
    transport::{Framed, Tag, Transport, TransportError, memory},
};
use muse_attack::deviate;
use muse_field::Fp;
use std::thread;

const INPUT: [Fp; 6] = [Fp::ONE; 6];

fn opening(error: &Error) -> bool {
    matches!(error, Error::Peer(Fault::Mac(muse_mac::error::Check::Opening)))
}

/// Several tickets are not several guesses: the first wrong one ends the session with all of them.
#[test]
fn a_failed_check_takes_all_tickets_along() {
    let (mine, serving, sent) = recorded(tiny(), limits());
    let mut link = Framed::new(mine, limits());
    let mut client = deviate::client(&mut link, ClientConfig::default(), Arc::new(Guess(12_345))).unwrap();
    let mut tickets: Vec<_> = (0..3).map(|_| client.preprocess().unwrap()).collect();
    let error = client.infer_elements(tickets.remove(0), &INPUT).unwrap_err();
    assert!(matches!(error, Error::Transport(TransportError::PeerAborted)), "{error}");
    // The client's library refuses to go on ...
    assert!(matches!(client.infer_elements(tickets.remove(0), &INPUT), Err(Error::SessionOver)));
    drop(client);
    // ... and a client without such manners finds nobody there.
    assert!(link.send(Tag::Infer, &1_u64.to_le_bytes()).and_then(|()| link.flush()).is_err());
    assert!(opening(&serving.join().unwrap().unwrap_err()));
    let openings = sent.lock().unwrap().iter().filter(|&&tag| tag == Tag::OnlineLabels).count();
    assert_eq!(openings, 1, "one inference was begun, and none after the failed check");
}

/// Two claims at once, before the server has said a word about the first: they are served one after the other, and the failed check
/// of the first comes before anything of the second.
#[test]
fn claims_sent_ahead_die_with_the_first() {
    let (pipe, serving) = serve_with(tiny(), ServerConfig::default());
    let mut link = Framed::new(pipe, limits());
    let mut client = deviate::client(&mut link, ClientConfig::default(), Arc::new(Guess(7))).unwrap();
    let tickets = [client.preprocess().unwrap(), client.preprocess().unwrap()];
    core::mem::forget(client);
    // Both claims with masked inputs; then, blindly, both openings.
    let masked = vec![0; muse_field::pack::packed_len(6)];
    let opening_bytes = vec![0; muse_field::pack::packed_len(5) + 32];
    link.send(Tag::Infer, &0_u64.to_le_bytes()).unwrap();
    link.send(Tag::MaskedInput, &masked).unwrap();
    link.send(Tag::MaskedActivations, &opening_bytes).unwrap();
    link.send(Tag::Infer, &1_u64.to_le_bytes()).unwrap();
    link.send(Tag::MaskedInput, &masked).unwrap();
    link.send(Tag::MaskedActivations, &opening_bytes).unwrap();
    link.recv_tag(&[Tag::OnlineLabels]).unwrap();
    let mut labels = vec![0; 16 + 5 * 44 * 16];
    link.read(&mut labels).unwrap();
    assert!(matches!(link.recv_tag(&[Tag::OnlineLabels, Tag::LastShare]), Err(TransportError::PeerAborted)));
    assert!(opening(&serving.join().unwrap().unwrap_err()));
    drop(tickets);
}

/// A stranger on another connection names somebody else's ticket: it learns nothing, and the owner's session is not touched.
#[test]
fn a_ticket_cannot_be_claimed_from_another_connection() {
    let server = Arc::new(Server::new(tiny(), ServerConfig::default()).unwrap());
    let connect = || {
        let (mine, theirs) = memory::pipes();
        let server = server.clone();
        let serving = thread::spawn(move || server.serve_connection(&mut Framed::new(theirs, limits())));
        (Framed::new(mine, limits()), serving)
    };
    let (link, serving) = connect();
    let mut owner = Client::over(link, ClientConfig::default()).unwrap();
    let ticket = owner.preprocess().unwrap();

    let (mut link, stranger) = connect();
    let session = Client::over(&mut link, ClientConfig::default()).unwrap();
    core::mem::forget(session);
    link.send(Tag::Infer, &0_u64.to_le_bytes()).unwrap();
    link.send(Tag::MaskedInput, &vec![0; muse_field::pack::packed_len(6)]).unwrap();
    assert!(matches!(link.recv_tag(&[Tag::OnlineLabels]), Err(TransportError::PeerAborted)));
    assert!(matches!(stranger.join().unwrap(), Err(Error::Peer(Fault::Ticket))));

    let logits = owner.infer_elements(ticket, &INPUT).unwrap();
    assert_eq!(logits.elements(), plaintext::forward(&tiny(), &INPUT));
    drop(owner);
    serving.join().unwrap().unwrap();
}

/// A connection to a server.
fn connect(server: &Arc<Server>) -> Framed<memory::MemoryPipe> {
    let (mine, theirs) = memory::pipes();
    let server = server.clone();
    thread::spawn(move || server.serve_connection(&mut Framed::new(theirs, limits())));
    Framed::new(mine, limits())
}

/// Sessions and tickets live in the memory of one connection: what a failed check killed is not revived by a new connection, nor by
/// a new server for the same network.
#[test]
fn a_dead_session_stays_dead() {
    let new = || Arc::new(Server::new(tiny(), ServerConfig::default()).unwrap());
    let old = new();
    for survivor in [old.clone(), new()] {
        let mut client = deviate::client(connect(&old), ClientConfig::default(), Arc::new(Guess(1))).unwrap();
        let [first, second] = [client.preprocess().unwrap(), client.preprocess().unwrap()];
        assert!(client.infer_elements(first, &INPUT).is_err());
        // The second ticket on a new connection: the library knows it as foreign, the server knows no such ticket.
        let mut link = connect(&survivor);
        let mut again = Client::over(&mut link, ClientConfig::default()).unwrap();
        assert!(matches!(again.infer_elements(second, &INPUT), Err(Error::ForeignTicket)));
        core::mem::forget(again);
        link.send(Tag::Infer, &1_u64.to_le_bytes()).unwrap();
        link.send(Tag::MaskedInput, &vec![0; muse_field::pack::packed_len(6)]).unwrap();
        assert!(matches!(link.recv_tag(&[Tag::OnlineLabels]), Err(TransportError::PeerAborted)));
    }
}
