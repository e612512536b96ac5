//! Honest parties: the labels, the bytes, the order.

use muse_cds::correlated::{BITS, Client, Server, bytes, client, server};
use muse_cds::{Disclose, Error};
use muse_field::id::RunId;
use proptest::prelude::*;

use crate::suite::transcript;
use muse_test_support::cds::{Correlated, ID, SESSION, Session, Variant, run, values};

/// L = K xor bit * Delta, for the 44 bits of every value, least significant first.
fn assert_labels(values: &[u64], (_, active): &client::Output, (sender, zero): &server::Output) {
    assert_eq!((active.len(), zero.len()), (BITS * values.len(), BITS * values.len()));
    assert_eq!(active.as_slice(), zero.active_integers(values, BITS, sender.delta()).as_slice());
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
        let id = RunId::new(SESSION, inference);
        let values = values(10 + usize::try_from(inference).unwrap());
        let (shares, keys) = session.deal(&values);
        let client = Client::new(id, session.receiver, shares, &mut session.rng).unwrap();
        let server = Server::new(id, session.sender, &session.key, keys, &mut session.rng).unwrap();
        let (client, server) = run(client, server).1.unwrap();
        assert_labels(&values, &client, &server);
        (session.receiver, session.sender) = (client.0, server.0);
    }
}

/// Changing this means changing the wire: the protocol version must change too. The feature `parallel` does not change it.
#[test]
fn the_wire_does_not_change_silently() {
    let digest = transcript::<Correlated>(600, || usize::MAX).1;
    let hex: String = digest[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, WIRE);
}

const WIRE: &str = "bbbb290018578fd2788bb5ebaf23b86c";

#[test]
fn messages_have_their_documented_sizes() {
    let log = transcript::<Correlated>(3, || usize::MAX).0;
    let sizes: Vec<usize> = log.iter().map(Vec::len).collect();
    // 48 * 3 + 1152 = 1296 rows are 11 pieces of 128, and one more.
    assert_eq!(sizes, [12 * 512, 32, 48, 3 * 242, 32, 192]);
    assert_eq!(bytes(3), (12 * 512 + 48 + 192, 32 + 3 * 242 + 32));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// However the driver cuts the messages, the bytes and the labels are the same.
    #[test]
    fn cuts_do_not_matter(count in 1_usize..1100, pieces in proptest::collection::vec(1_usize..200_000, 1..8)) {
        let mut pieces = pieces.iter().copied().cycle();
        prop_assert_eq!(transcript::<Correlated>(count, || pieces.next().unwrap()), transcript::<Correlated>(count, || usize::MAX));
    }
}

#[test]
fn an_integer_for_each_value() {
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
    Correlated::parties(session, &[5], shares).1.fill(&mut [0]);
}
