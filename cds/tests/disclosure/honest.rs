//! Honest parties: the labels, the bytes, the order.

use muse_cds::correlated::{BITS, Client, Server, bytes, client, server};
use muse_cds::{Disclose, DisclosureId, Error, Step};
use muse_field::transcript::Transcript;
use muse_field::wire::to_vec;
use proptest::prelude::*;

use crate::support::{ID, Log, SESSION, Session, converse, run, values};

/// L = K xor bit * Delta, for the 44 bits of every value, least significant first.
fn assert_labels(values: &[u64], (_, active): &client::Output, (sender, zero): &server::Output) {
    assert_eq!((active.len(), zero.len()), (BITS * values.len(), BITS * values.len()));
    assert_eq!(active.as_slice(), zero.active_integers(values, BITS, sender.delta()).as_slice());
}

#[test]
fn the_client_has_the_labels_of_its_values() {
    // Around the sizes of shards (32) and chunks (512).
    for count in [0, 1, 2, 9, 31, 32, 33, 511, 512, 513, 1025] {
        let values = values(count);
        let mut session = Session::new(1);
        let shares = session.deal(&values);
        let (client, server) = session.parties(&values, shares);
        let (log, outcome) = run(client, server);
        let (client, server) = outcome.unwrap();
        assert_labels(&values, &client, &server);
        assert_eq!(client.0.position(), server.0.position());

        let (up, down) = bytes(count);
        assert_eq!(log.iter().map(|message| message.len() as u64).sum::<u64>(), up + down);
    }
}

#[test]
fn an_honest_client_needs_no_integers() {
    let values = values(40);
    let mut session = Session::new(2);
    let (shares, keys) = session.deal(&values);
    let client = Client::new(ID, session.receiver, shares, &mut session.rng).unwrap();
    let server = Server::new(ID, session.sender, &session.key, keys, &mut session.rng).unwrap();
    let (client, server) = run(client, server).1.unwrap();
    assert_labels(&values, &client, &server);
}

/// One session, several disclosures: the transfer goes from one to the next.
#[test]
fn disclosures_of_a_session_follow_one_another() {
    let mut session = Session::new(3);
    for inference in 0..3 {
        let id = DisclosureId { session: SESSION, inference };
        let values = values(10 + usize::try_from(inference).unwrap());
        let (shares, keys) = session.deal(&values);
        let client = Client::new(id, session.receiver, shares, &mut session.rng).unwrap();
        let server = Server::new(id, session.sender, &session.key, keys, &mut session.rng).unwrap();
        let (client, server) = run(client, server).1.unwrap();
        assert_labels(&values, &client, &server);
        (session.receiver, session.sender) = (client.0, server.0);
    }
}

fn transcript(count: usize, piece: impl FnMut() -> usize) -> (Log, [u8; 32]) {
    let values = values(count);
    let mut session = Session::new(4);
    let shares = session.deal(&values);
    let (client, server) = session.parties(&values, shares);
    let (log, outcome) = converse(client, server, piece, |_, _| {});
    let (client, server) = outcome.unwrap();
    let mut transcript = Transcript::new("muse-cds test");
    for message in &log {
        transcript.append("message", message);
    }
    transcript.append("active", &to_vec(&client.1)).append("zero", &to_vec(&server.1));
    let digest = transcript.digest("everything");
    (log, digest)
}

/// Changing this means changing the wire: the protocol version must change too. The feature `parallel` does not change it.
#[test]
fn the_wire_does_not_change_silently() {
    let digest = transcript(600, || usize::MAX).1;
    let hex: String = digest[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, WIRE);
}

const WIRE: &str = "bbbb290018578fd2788bb5ebaf23b86c";

#[test]
fn messages_have_their_documented_sizes() {
    let log = transcript(3, || usize::MAX).0;
    let sizes: Vec<usize> = log.iter().map(Vec::len).collect();
    // 48 * 3 + 1152 = 1296 rows are 11 pieces of 128, and one more.
    assert_eq!(sizes, [12 * 512, 32, 48, 3 * 242, 32, 192]);
    assert_eq!(bytes(3), (12 * 512 + 48 + 192, 32 + 3 * 242 + 32));
}

#[test]
fn single_bytes_are_pieces_too() {
    assert_eq!(transcript(2, || 1), transcript(2, || usize::MAX));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// However the driver cuts the messages, the bytes and the labels are the same.
    #[test]
    fn cuts_do_not_matter(count in 1_usize..1100, pieces in proptest::collection::vec(1_usize..200_000, 1..8)) {
        let mut pieces = pieces.iter().copied().cycle();
        prop_assert_eq!(transcript(count, || pieces.next().unwrap()), transcript(count, || usize::MAX));
    }
}

#[test]
fn misuse_is_an_error_and_ends_the_state() {
    let parties = || {
        let mut session = Session::new(5);
        let shares = session.deal(&[5, 6]);
        session.parties(&[5, 6], shares)
    };
    let (client, mut server) = parties();
    assert!(matches!(client.finish(), Err(Error::Misuse(_))));
    // More than the message has, and bytes out of turn.
    let Step::Receive(n) = server.step() else { panic!("columns first") };
    let too_many = vec![0; usize::try_from(n).unwrap() + 1];
    assert!(matches!(server.absorb(&too_many), Err(Error::Misuse(_))));
    assert!(matches!(server.finish(), Err(Error::Misuse(_))));
    let (mut client, _) = parties();
    assert!(matches!(client.absorb(&[0]), Err(Error::Misuse(_))));
    assert_eq!(client.step(), Step::Finished);

    let mut session = Session::new(5);
    let (shares, _) = session.deal(&[5, 6]);
    let short = Client::new_with_choices(ID, session.receiver, shares, &[5], &mut session.rng);
    assert!(matches!(short, Err(Error::Misuse(_))));
}

#[test]
#[should_panic(expected = "no more bytes")]
fn sending_out_of_turn_panics() {
    let mut session = Session::new(5);
    let shares = session.deal(&[5]);
    session.parties(&[5], shares).1.fill(&mut [0]);
}

#[test]
fn debug_is_redacted() {
    let mut session = Session::new(5);
    let shares = session.deal(&[5]);
    let (client, server) = session.parties(&[5], shares);
    assert_eq!(
        format!("{client:?} {server:?}"),
        "Client(Send(5632), redacted) Server(Receive(5632), redacted)"
    );
}
