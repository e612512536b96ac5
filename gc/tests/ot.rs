//! Correlated OT through its public interface: the wire, byte for byte, and hostile bytes.

use muse_field::id::{Coin, SessionId};
use muse_field::prg::Prg;
use muse_field::transcript::Transcript;
use muse_field::wire::{Decode, Encode, Inflow, Outflow, from_slice, to_vec};
use muse_gc::Error;
use muse_gc::error::Check;
use muse_gc::label::Delta;
use muse_gc::ot::base;
use muse_gc::ot::softspoken::{
    Answer, CotReceiver, CotSender, Receiving, Trees, column_bytes, receiver, sender,
};
use proptest::prelude::*;
use rand_core::Rng;

const SESSION: SessionId = SessionId::from_bytes([0x42; 32]);

fn parties<const K: usize>(log: &mut Transcript) -> (CotSender<K>, CotReceiver<K>, Prg, Prg) {
    let (mut server, mut client) = (Prg::from_seed([1; 32]), Prg::from_seed([2; 32]));
    let delta = Delta::random(&mut server);
    let (wait, request) = sender::SetupWith::<K>::start(&SESSION, delta, &mut server);
    let (receiver, trees) = receiver::SetupWith::<K>::reply(&SESSION, &request, &mut client);
    log.append("request", &to_vec(&request)).append("trees", &to_vec(&trees));
    (wait.on_trees(&trees), receiver, server, client)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The digest of every message and label of a seeded run: setup, then extensions of 1000 and 129 OTs.
fn transcript<const K: usize>(chunk: usize) -> String {
    let mut log = Transcript::new("muse-gc test of correlated OT");
    let (mut sender, mut receiver, mut server, mut client) = parties::<K>(&mut log);
    for count in [1000, 129_usize] {
        let choices: Vec<u8> = (0..count.div_ceil(8)).map(|i| (37 * i + 11) as u8).collect();
        let mut extending = receiver.extend(&choices, count, &mut client).expect("rows left");
        let mut receiving = sender.receive(count).expect("rows left");
        let mut columns = Vec::new();
        let mut buffer = vec![0; chunk];
        while extending.remaining() > 0 {
            let filled = extending.fill(&mut buffer);
            columns.extend_from_slice(&buffer[..filled]);
            receiving.absorb(&buffer[..filled]).expect("whole pieces");
        }
        assert_eq!(columns.len() as u64, column_bytes(K, count));
        let (wait, challenge) = receiving.challenge(&mut server).expect("complete");
        let answer;
        let (active, zero);
        (receiver, answer, active) = extending.answer(&challenge).expect("complete");
        (sender, zero) = wait.on_answer(&answer).expect("an honest receiver");
        log.append("columns", &columns)
            .append("challenge", &to_vec(&challenge))
            .append("answer", &to_vec(&answer));
        for (l, k) in active.as_slice().iter().zip(zero.as_slice()) {
            log.append("labels", &[l.to_bytes(), k.to_bytes()].concat());
        }
    }
    hex(&log.digest("everything")[..16])
}

/// Changing these means changing the wire: the protocol version must change too.
#[test]
fn the_wire_does_not_change_silently() {
    for chunk in [2048, 5 * 2048, 1 << 20] {
        let runs =
            [transcript::<1>(chunk), transcript::<2>(chunk), transcript::<4>(chunk), transcript::<8>(chunk)];
        assert_eq!(runs, WIRE, "chunks of {chunk} bytes");
    }
}

/// The first 16 bytes of the digests for `K` = 1, 2, 4, 8.
const WIRE: [&str; 4] = [
    "ad014850fa731821b43599621a7f5b08",
    "478b99fca9a157e2423c9c437043a7c1",
    "f148b9da7476a85f39ed8438594c7f45",
    "dbccd35b57c51cc687751ee5572e9693",
];

#[test]
fn sizes_on_the_wire() {
    assert_eq!(base::Request::len_for(()), 8192);
    assert_eq!(Trees::<1>::len_for(()), 4128 + 64 * 128);
    assert_eq!(Trees::<4>::len_for(()), 6176);
    assert_eq!(Trees::<8>::len_for(()), 4128 + 64 * 16);
    assert_eq!((Coin::len_for(()), Answer::len_for(())), (32, 48));
    assert_eq!(Receiving::<4>::UNIT, 512);
    assert_eq!(column_bytes(4, 0), 512);
    // 32 bits per OT at K = 4, and one sacrificed piece.
    assert_eq!(column_bytes(4, 1 << 20), (1 << 22) + 512);
}

fn decodes_canonically<T: Decode<Shape = ()> + Encode>(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(message) = from_slice::<T>((), bytes) {
        prop_assert_eq!(to_vec(&message), bytes);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// No bytes make a decoder panic; what is accepted is the one encoding of what was read.
    #[test]
    fn hostile_bytes_are_refused_or_canonical(
        mut bytes in proptest::collection::vec(any::<u8>(), 0..9000),
        len in prop::sample::select(vec![32, 48, 8192, 6176, 5152]),
    ) {
        for _ in 0..2 {
            decodes_canonically::<base::Request>(&bytes)?;
            decodes_canonically::<base::Reply>(&bytes)?;
            decodes_canonically::<Trees<4>>(&bytes)?;
            decodes_canonically::<Trees<8>>(&bytes)?;
            decodes_canonically::<Coin>(&bytes)?;
            decodes_canonically::<Answer>(&bytes)?;
            bytes.resize(len, 0x5c);
        }
    }

    /// A client that sends anything at all gets a refusal, never a panic: trees, columns and answer at random.
    #[test]
    fn a_random_client_is_refused(seed: [u8; 32], count in 0_usize..600, cut in 0_usize..5000, fix: bool) {
        let mut rng = Prg::from_seed(seed);
        let (wait, request) = sender::Setup::start(&SESSION, Delta::random(&mut rng), &mut rng);
        let (_, trees) = receiver::Setup::reply(&SESSION, &request, &mut rng);
        let mut bytes = to_vec(&trees);
        if !fix {
            rng.fill_bytes(&mut bytes[32..]);
        }
        let server = wait.on_trees(&from_slice((), &bytes).expect("any bytes after a valid point"));
        let mut receiving = server.receive(count).expect("rows left");
        let mut columns = vec![0; usize::try_from(receiving.remaining()).expect("fits")];
        rng.fill_bytes(&mut columns);
        let cut = cut.min(columns.len());
        match receiving.absorb(&columns[..cut]) {
            Err(error) => prop_assert!(error == Error::Malformed && !cut.is_multiple_of(512)),
            Ok(()) => {
                receiving.absorb(&columns[cut..]).expect("the rest");
                let (wait, _) = receiving.challenge(&mut rng).expect("complete");
                let answer = from_slice::<Answer>((), &[0x77; 48]).expect("any 48 bytes");
                let verdict = wait.on_answer(&answer).map(|_| ());
                prop_assert_eq!(verdict, Err(Error::PeerMisbehaved(Check::CorrelatedOt)));
            }
        }
    }
}
