//! Beaver triples: honest batches, and clients that deviate.

use muse_field::id::RunId;
use muse_field::wire::{Decode, DecodeError, from_slice, to_vec};
use muse_field::{Fp, MODULUS, sample, vector};
use muse_he::budget::Budget;
use muse_he::encrypt::{FreshCiphertext, RowId};
use muse_mac::{Authenticated, Keys, ideal};
use muse_triples::beaver::{Batch, Client, Replies, Server};
use muse_triples::{Check, ClientTriples, Error, ServerTriples};
use muse_zk::product::Message;
use muse_zk::wellformed::{Attempt, AwaitResponses, Commitment, Proven, Prover, Tries, Verifier};

use muse_test_support::triples::generation::{OTHER, SESSION, Session, opened, rng, sent};

const N: usize = 32;
const ID: RunId = RunId::new(SESSION, 3);

/// The proof of 4.3 until a try is accepted, between what the client has and what the server was sent.
fn prove(
    session: &Session,
    client: &Client<'_>,
    server_batch: &Batch<'_>,
    ciphertexts: Vec<FreshCiphertext>,
    bytes: &mut Vec<u8>,
) -> Result<Proven, Error> {
    let (public_key, witness) = &session.public_key;
    let verifier = server_batch.verifier(public_key, ciphertexts)?;
    play(client.prover(&session.secret, (public_key, witness))?, verifier, bytes)
}

fn play(mut prover: Prover<'_>, mut verifier: Verifier<'_>, bytes: &mut Vec<u8>) -> Result<Proven, Error> {
    let (mut tries, client_rng, server_rng) = (Tries::new(), &mut rng(20), &mut rng(21));
    loop {
        let (waiting, commitment) = prover.commit(client_rng);
        let commitment: Commitment = sent((), &commitment, bytes);
        let (expecting, challenge): (AwaitResponses<'_>, _) =
            verifier.challenge(&commitment, &mut tries, server_rng)?;
        match waiting.respond(&challenge) {
            Attempt::Accepted(responses) => {
                bytes.extend(to_vec(&responses));
                return Ok(expecting.verify(responses)?);
            }
            Attempt::Rejected(again) => (prover, verifier) = (again, expecting.rejected()),
        }
    }
}

/// A cheater's or honest client's way through a batch.
struct Run<'s> {
    session: &'s Session,
    server_id: RunId,
    groups: usize,
    shares: Option<[Vec<Fp>; 3]>,
}

impl<'s> Run<'s> {
    fn honest(session: &'s Session, groups: usize) -> Self {
        Self { session, server_id: ID, groups, shares: None }
    }

    fn go(
        self,
        message: impl Fn(Message) -> Message,
        bytes: &mut Vec<u8>,
    ) -> Result<(ClientTriples, ServerTriples), Error> {
        let Self { session, server_id, groups, shares } = self;
        let n = session.ring.n();
        let batch = Batch::new(&session.ring, &session.slots, ID, groups)?;
        let server_batch = Batch::new(&session.ring, &session.slots, server_id, groups)?;
        let client_rng = &mut rng(10);
        let (client, ciphertexts) = match shares {
            None => Client::start(batch, &session.secret, client_rng)?,
            Some(shares) => Client::start_with(batch, &session.secret, shares, client_rng)?,
        };
        let ciphertexts: Vec<_> = ciphertexts.iter().map(|row| sent(n, row, bytes)).collect();
        let proven = prove(session, &client, &server_batch, ciphertexts, bytes)?;
        let mut server = Server::start(server_batch, proven, &session.key, &mut rng(11))?;
        let mut client = client.proven();
        while server.remaining() > 0 {
            let replies = server.replies()?;
            client = client.on_replies(&session.reply_key, sent(n, &replies, bytes))?;
        }
        let (mask, mask_keys) = mask(session);
        let (server, seed) = server.challenge(mask_keys, &mut rng(12))?;
        let (triples, proof) = client.on_seed(mask, &sent((), &seed, bytes))?;
        let proof = sent((), &proof, bytes);
        Ok((triples, server.on_proof(message(proof))?))
    }
}

/// An honest batch.
pub(crate) fn batch(session: &Session, groups: usize) -> (ClientTriples, ServerTriples) {
    Run::honest(session, groups).go(|m| m, &mut Vec::new()).unwrap()
}

fn mask(session: &Session) -> (Authenticated, Keys) {
    ideal::authenticate(&session.key, &[Fp::new(77)], &mut rng(13))
}

fn check(session: &Session, client: ClientTriples, server: ServerTriples) -> [Vec<Fp>; 3] {
    let ((a, b, c), (a_s, b_s, c_s)) = (client.into_parts(), server.into_parts());
    let [a, b, c] = [(&a, &a_s), (&b, &b_s), (&c, &c_s)].map(|(x, y)| opened(&session.key, x, y));
    let mut product = a.clone();
    vector::mul_assign(&mut product, &b);
    assert!(product == c, "c = a b");
    [a, b, c]
}

#[test]
fn triples_multiply_and_cost_what_is_said() {
    let session = Session::new(N, SESSION, 1);
    for groups in [1, 2, Batch::MAX_GROUPS] {
        let (client, server) = Run::honest(&session, groups).go(|m| m, &mut Vec::new()).unwrap();
        assert_eq!((client.len(), server.len()), (groups * N, groups * N));
        let [a, b, _] = check(&session, client, server);
        assert!(a.iter().chain(&b).any(|&x| x > Fp::new(MODULUS / 2)), "they are not small");
    }
}

/// More than the flooding is sized for, and the number whose first row would have the public key's mask.
#[test]
fn numbers_of_batches_are_bounded() {
    let session = Session::new(N, SESSION, 1);
    let new = |batch| Batch::new(&session.ring, &session.slots, RunId::new(SESSION, batch), 1);
    assert!(new(RunId::MAX_RUNS - 1).is_ok());
    for batch in [RunId::MAX_RUNS, u64::MAX] {
        assert!(matches!(new(batch), Err(Error::Exhausted(_))));
    }
}

/// The client's extremes, which it may choose, and the server's uniform shares.
#[test]
fn extremes_multiply() {
    let session = Session::new(N, SESSION, 2);
    let extreme = |i: usize| Fp::new([0, 1, MODULUS - 1, MODULUS / 2, MODULUS / 2 + 1][i % 5]);
    let a: Vec<Fp> = (0..N).map(extreme).collect();
    let b: Vec<Fp> = (0..N).map(|i| extreme(i / 5)).collect();
    let e = a.iter().zip(&b).map(|(&a, &b)| a * b).collect();
    let run = Run { shares: Some([a, b, e]), ..Run::honest(&session, 1) };
    let (client, server) = run.go(|m| m, &mut Vec::new()).unwrap();
    check(&session, client, server);
}

#[test]
fn full_size_ring_and_bytes() {
    let session = Session::new(8192, SESSION, 3);
    let mut bytes = Vec::new();
    let (client, server) = Run::honest(&session, 1).go(|m| m, &mut bytes).unwrap();
    let count = client.len();
    check(&session, client, server);
    // A group alone carries all responses for the key; eight share them.
    assert!(bytes.len() < 300 * count, "{} bytes a triple", bytes.len() / count);
}

/// Any number of threads gives these bytes: the test runs with and without the feature `parallel`.
#[test]
fn pinned_bytes() {
    let session = Session::new(N, SESSION, 4);
    let mut bytes = Vec::new();
    Run::honest(&session, 2).go(|m| m, &mut bytes).unwrap();
    let mut transcript = muse_field::transcript::Transcript::new("test");
    let digest = transcript.append("bytes", &bytes).digest("digest");
    assert_eq!(digest[..8], PINNED, "{digest:?}");
}

const PINNED: [u8; 8] = [130, 240, 142, 191, 209, 69, 1, 45];

/// One slot of one product, of any of three groups, is wrong.
#[test]
fn a_wrong_product_is_refused() {
    let session = Session::new(N, SESSION, 5);
    for slot in [0, N - 1, N, 3 * N - 1] {
        for change in [Fp::ONE, Fp::NEG_ONE, Fp::new(1 << 40)] {
            let [mut a, mut b] = [(); 2].map(|()| vec![Fp::ZERO; 3 * N]);
            sample::fill_uniform(&mut a, &mut rng(1));
            sample::fill_uniform(&mut b, &mut rng(2));
            let mut e: Vec<Fp> = a.iter().zip(&b).map(|(&a, &b)| a * b).collect();
            e[slot] += change;
            let run = Run { shares: Some([a, b, e]), ..Run::honest(&session, 3) };
            let error = run.go(|m| m, &mut Vec::new()).map(|_| ()).unwrap_err();
            assert_eq!(error, Error::PeerMisbehaved(Check::Product));
        }
    }
}

#[test]
fn a_wrong_proof_of_products_is_refused() {
    let session = Session::new(N, SESSION, 6);
    for bit in [0, 43, 44, 87] {
        let change = |message: Message| {
            let mut bytes = to_vec(&message);
            bytes[bit / 8] ^= 1 << (bit % 8);
            from_slice((), &bytes).unwrap_or(message)
        };
        let error = Run::honest(&session, 1).go(change, &mut Vec::new()).map(|_| ()).unwrap_err();
        assert_eq!(error, Error::PeerMisbehaved(Check::Product));
    }
}

/// A client that proves one batch while the server expects another: rows, statement and session are bound.
#[test]
fn batches_cannot_be_mixed_up() {
    let session = Session::new(N, SESSION, 7);
    for server_id in [RunId { number: 4, ..ID }, RunId { session: OTHER, ..ID }] {
        let run = Run { server_id, ..Run::honest(&session, 1) };
        let error = run.go(|m| m, &mut Vec::new()).map(|_| ()).unwrap_err();
        assert!(error.peer_at_fault(), "{error}");
    }
}

/// Ciphertexts in another order, or one in place of another.
#[test]
fn ciphertexts_that_were_not_proven_are_refused() {
    let session = Session::new(N, SESSION, 8);
    for replace in [[1, 0, 2], [0, 0, 2], [0, 1, 1]] {
        let batch = Batch::new(&session.ring, &session.slots, ID, 1).unwrap();
        let (client, rows) = Client::start(batch, &session.secret, &mut rng(1)).unwrap();
        let rows = replace.map(|index| rows[index].clone()).to_vec();
        let error = prove(&session, &client, &batch, rows, &mut Vec::new()).map(|_| ()).unwrap_err();
        assert!(error.peer_at_fault(), "{error}");
    }
}

/// The noise of replies hides the server's shares if errors are as short as the batch's own budget says.
#[test]
fn rows_proven_under_another_budget_are_refused() {
    let session = Session::new(N, SESSION, 10);
    let batch = Batch::new(&session.ring, &session.slots, ID, 1).unwrap();
    let other = Batch::new(&session.ring, &session.slots, RunId { number: ID.number + 1, ..ID }, 1).unwrap();
    let (client, rows) = Client::start(batch, &session.secret, &mut rng(1)).unwrap();
    let start = |batch, proven| Server::start(batch, proven, &session.key, &mut rng(2)).map(|_| ());
    let proven = || prove(&session, &client, &batch, rows.clone(), &mut Vec::new()).unwrap();
    assert_eq!(start(batch, proven()), Ok(()));
    let refused = Err(Error::Misuse("rows that were proven in this batch"));
    assert_eq!(start(other, proven()), refused);

    // The same rows and challenge, under a budget of fewer replies: everything but the flooding is equal.
    let fewer = Budget::new(N, batch.budget().rows(), 1);
    let id = ID;
    let received: Vec<_> = rows
        .iter()
        .enumerate()
        .map(|(index, row)| {
            let id = RowId { run: ID, index: 0 }.nth(index).unwrap();
            row.clone().receive(&session.ring, id).unwrap()
        })
        .collect();
    let (public_key, witness) = &session.public_key;
    let verifier = Verifier::new(&session.ring, &fewer, id, public_key, received).unwrap();
    let prover = client.prover(&session.secret, (public_key, witness)).unwrap();
    let refused = Err(Error::Misuse("rows that were proven under this budget"));
    assert_eq!(start(batch, play(prover, verifier, &mut Vec::new()).unwrap()), refused);
}

#[test]
fn rounds_cannot_be_skipped_and_numbers_must_fit() {
    let session = Session::new(N, SESSION, 9);
    let at = |groups| Batch::new(&session.ring, &session.slots, ID, groups);
    for groups in [0, Batch::MAX_GROUPS + 1] {
        assert!(matches!(at(groups), Err(Error::Misuse(_))));
    }
    let other = muse_he::encode::Slots::new(&muse_he::params::Params::with_degree(64).unwrap());
    assert!(matches!(Batch::new(&session.ring, &other, ID, 1), Err(Error::Misuse(_))));

    let batch = at(2).unwrap();
    let (client, rows) = Client::start(batch, &session.secret, &mut rng(1)).unwrap();
    assert_eq!((rows.len(), batch.ciphertexts(), batch.triples()), (6, 6, 2 * N));
    assert!(batch.verifier(&session.public_key.0, rows[1..].to_vec()).is_err());
    let start = || {
        let proven = prove(&session, &client, &batch, rows.clone(), &mut Vec::new()).unwrap();
        Server::start(batch, proven, &session.key, &mut rng(2))
    };
    assert!(matches!(start().unwrap().challenge(mask(&session).1, &mut rng(3)), Err(Error::Misuse(_))));
    let mut server = start().unwrap();
    let replies: Vec<Replies> = (0..2).map(|_| server.replies().unwrap()).collect();
    assert!(matches!(server.replies(), Err(Error::Misuse(_))));
    assert!(matches!(server.challenge(Keys::new(vec![]), &mut rng(3)), Err(Error::Misuse(_))));
    let mut waiting = client.proven();
    for (index, replies) in replies.iter().enumerate() {
        assert_eq!(waiting.remaining(), 2 - index);
        waiting = waiting.on_replies(&session.reply_key, sent(N, replies, &mut Vec::new())).unwrap();
    }
    let extra = sent(N, &replies[0], &mut Vec::new());
    assert!(matches!(waiting.on_replies(&session.reply_key, extra), Err(Error::Misuse(_))));
}

#[test]
fn hostile_bytes_are_refused() {
    let n = Replies::len_for(N);
    assert_eq!(n, 5 * 2 * N * 58 / 8);
    assert_eq!(from_slice::<Replies>(N, &vec![0xff; n]).unwrap_err(), DecodeError::NotCanonical);
    assert!(
        from_slice::<Replies>(N, &vec![0; n - 1]).is_err()
            && from_slice::<Replies>(N, &vec![0; n + 1]).is_err()
    );
}
