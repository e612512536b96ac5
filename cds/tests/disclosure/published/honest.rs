//! Honest parties: sizes, order, several runs, what is needed.

use muse_cds::Error;
use muse_cds::published::{Client, ClientPool, GROUP, Needs, Server, bytes, messages, needs};
use muse_field::id::RunId;
use proptest::prelude::*;

use crate::suite::transcript;
use muse_test_support::cds::{ID, Published, SESSION, Session, run, values};

/// Changing this means changing the wire: the protocol version must change too. The feature `parallel` does not change it.
#[test]
fn the_wire_does_not_change_silently() {
    let digest = transcript::<Published>(GROUP + 1, || usize::MAX).1;
    let hex: String = digest[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, WIRE);
}

const WIRE: &str = "041b9b46cf3df2e9c24c3b80c39ba1fd";

#[test]
fn messages_have_their_documented_sizes() {
    let sizes = |count| -> Vec<u64> {
        transcript::<Published>(count, || usize::MAX).0.iter().map(|message| message.len() as u64).collect()
    };
    // One group: 45 inputs, 356 differences and a digest; 92 halves; three digests; 396 halves and limbs.
    assert_eq!(sizes(2), [495 + 3916 + 32, 1012, 96, 4356]);
    assert_eq!((messages(2), bytes(2)), (sizes(2), (495 + 3916 + 32 + 96, 1012 + 4356)));
    // The second round trip of a group is the first one of the next.
    let g = GROUP as u64;
    let one = 248 + 1958 + 32;
    assert_eq!(sizes(GROUP + 1), [g * 4411 / 2 + 32, g * 506, 96 + one, g * 2178 + 506, 96, 2178]);
    assert_eq!(messages(GROUP + 1), sizes(GROUP + 1));
    assert!(messages(0).is_empty());
    assert_eq!(needs(3), Needs { triples: 3 * 178, randoms: 3 * 45 });
}

/// An inference in several runs, each named by the index of its first value.
#[test]
fn runs_of_an_inference_follow_one_another() {
    let mut session = Session::new(3);
    let delta = session.sender.delta().clone();
    for (inference, first, count) in [(0, 0, 5), (0, 5, 1), (1, 0, 7)] {
        let id = RunId::new(SESSION, inference);
        let values = values(count);
        let (shares, keys) = session.deal(&values);
        let (pool, server_pool) = session.pools(count);
        let client = Client::new(id, first, pool, shares).unwrap();
        let server =
            Server::new(id, first, server_pool, &delta, &session.key, keys, &mut session.rng).unwrap();
        let (active, zero) = run(client, server).1.unwrap();
        assert_eq!(active.as_slice(), zero.active_integers(&values, 44, &delta).as_slice());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// However the driver cuts the messages, the bytes and the labels are the same.
    #[test]
    fn cuts_do_not_matter(count in 1_usize..40, pieces in proptest::collection::vec(1_usize..20_000, 1..8)) {
        let mut pieces = pieces.iter().copied().cycle();
        let cut = transcript::<Published>(count, || pieces.next().unwrap());
        prop_assert_eq!(cut, transcript::<Published>(count, || usize::MAX));
    }
}

#[test]
fn pools_are_as_large_as_needed() {
    for (triples, randoms) in [(355, 90), (357, 90), (356, 89), (356, 91)] {
        let mut session = Session::new(5);
        let (shares, keys) = session.deal(&[5, 6]);
        let (mut pool, mut server_pool) = session.pools(3);
        pool.triples = pool.triples.take(triples).unwrap();
        server_pool.triples = server_pool.triples.take(triples).unwrap();
        pool.randoms = pool.randoms.split_off(135 - randoms);
        server_pool.randoms = server_pool.randoms.split_off(135 - randoms);
        assert!(matches!(Client::new(ID, 0, pool, shares), Err(Error::Misuse(_))));
        let delta = session.sender.delta();
        let server = Server::new(ID, 0, server_pool, delta, &session.key, keys, &mut session.rng);
        assert!(matches!(server, Err(Error::Misuse(_))));
    }
}

#[test]
fn indices_are_instances_of_a_hash() {
    let name = |first| {
        let mut session = Session::new(5);
        let (shares, _) = session.deal(&[5, 6]);
        let pool: ClientPool = session.pools(2).0;
        Client::new(ID, first, pool, shares).map(|_| ())
    };
    assert_eq!(name((1 << 32) - 2), Ok(()));
    assert!(matches!(name((1 << 32) - 1), Err(Error::Misuse(_))));
    assert!(matches!(name(usize::MAX), Err(Error::Misuse(_))));
}

#[test]
fn inputs_for_each_value() {
    let mut session = Session::new(5);
    let (shares, _) = session.deal(&[5, 6]);
    let pool = session.pools(2).0;
    let inputs = muse_cds::published::inputs(&[5]);
    let short = Client::new_with_inputs(ID, 0, pool, shares, inputs);
    assert!(matches!(short, Err(Error::Misuse(_))));
}
