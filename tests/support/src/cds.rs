//! Two parties in memory, and everything they say.

use core::fmt::Debug;

use muse_cds::published::{self, ClientPool, ServerPool};
use muse_cds::{Disclose, Error, Step, correlated};
use muse_field::id::{RunId, SessionId};
use muse_field::prg::Prg;
use muse_field::wire::{Decode, Encode, from_slice, to_vec};
use muse_field::{Fp, MODULUS, ct};
use muse_gc::label::{ActiveLabels, Delta, ZeroLabels};
use muse_gc::ot::softspoken::{CotReceiver, CotSender, receiver, sender};
use muse_mac::{Authenticated, Keys, MacKey, ideal};
use muse_triples::ideal as dealer;

pub const SESSION: SessionId = SessionId::from_bytes([0x42; 32]);
pub const ID: RunId = RunId::new(SESSION, 7);

/// Values at which something could go wrong.
pub const EDGES: [u64; 9] = [
    0,
    1,
    MODULUS - 1,
    MODULUS - 2,
    (MODULUS - 1) / 2,
    1 << 43,
    (1 << 43) - 1,
    (1 << 44) - (1 << 27),
    125_829_118,
];

/// A session after its set-up.
pub struct Session {
    pub sender: CotSender,
    pub receiver: CotReceiver,
    pub key: MacKey,
    pub rng: Prg,
}

impl Session {
    pub fn new(seed: u8) -> Self {
        let mut rng = Prg::from_seed(ct::hidden([seed; 32]));
        let (wait, request) = sender::Setup::start(&SESSION, Delta::random(&mut rng), &mut rng);
        let (receiver, trees) = receiver::Setup::reply(&SESSION, &sent(&request), &mut rng);
        let key = MacKey::random(&mut rng);
        Self { sender: wait.on_trees(&sent(&trees)), receiver, key, rng }
    }

    /// Shares of these values, by a dealer.
    pub fn deal(&mut self, values: &[u64]) -> (Authenticated, Keys) {
        let values: Vec<Fp> = values.iter().map(|&v| Fp::from_canonical(v).unwrap()).collect();
        ideal::authenticate(&self.key, &values, &mut self.rng)
    }

    /// What the published disclosure of `values` values consumes, by a dealer.
    pub fn pools(&mut self, values: usize) -> (ClientPool, ServerPool) {
        let needs = published::needs(values);
        let (triples, server_triples) = dealer::triples(&self.key, needs.triples, &mut self.rng);
        let (randoms, random_keys) = dealer::random(&self.key, needs.randoms, &mut self.rng);
        (ClientPool { triples, randoms }, ServerPool { triples: server_triples, randoms: random_keys })
    }
}

/// An implementation, and what the tests of all implementations need to know of it.
pub trait Variant {
    type Client: Disclose + Debug;
    type Server: Disclose + Debug;

    /// Bytes for a number of values.
    fn bytes(values: usize) -> (u64, u64);

    /// Both parties, by the name that each of them gives the disclosure, with the client's integers, for these shares.
    fn named(
        session: Session,
        names: [RunId; 2],
        integers: &[u64],
        shares: (Authenticated, Keys),
    ) -> (Self::Client, Self::Server);

    fn parties(
        session: Session,
        integers: &[u64],
        shares: (Authenticated, Keys),
    ) -> (Self::Client, Self::Server) {
        Self::named(session, [ID; 2], integers, shares)
    }

    fn active(output: &<Self::Client as Disclose>::Output) -> &ActiveLabels;
    fn zero(output: &<Self::Server as Disclose>::Output) -> &ZeroLabels;
}

pub struct Correlated;

impl Variant for Correlated {
    type Client = correlated::Client;
    type Server = correlated::Server;

    fn bytes(values: usize) -> (u64, u64) {
        correlated::bytes(values)
    }

    fn named(
        session: Session,
        [ours, theirs]: [RunId; 2],
        integers: &[u64],
        (shares, keys): (Authenticated, Keys),
    ) -> (Self::Client, Self::Server) {
        let Session { sender, receiver, key, mut rng } = session;
        let client =
            correlated::Client::new_with_choices(ours, receiver, shares, integers, &mut rng).unwrap();
        (client, correlated::Server::new(theirs, sender, &key, keys, &mut rng).unwrap())
    }

    fn active((_, labels): &correlated::client::Output) -> &ActiveLabels {
        labels
    }

    fn zero((_, labels): &correlated::server::Output) -> &ZeroLabels {
        labels
    }
}

pub struct Published;

impl Variant for Published {
    type Client = published::Client;
    type Server = published::Server;

    fn bytes(values: usize) -> (u64, u64) {
        published::bytes(values)
    }

    fn named(
        mut session: Session,
        [ours, theirs]: [RunId; 2],
        integers: &[u64],
        (shares, keys): (Authenticated, Keys),
    ) -> (Self::Client, Self::Server) {
        let (pool, server_pool) = session.pools(keys.len());
        let Session { sender, key, mut rng, .. } = session;
        let inputs = published::inputs(integers);
        let client = published::Client::new_with_inputs(ours, 0, pool, shares, inputs).unwrap();
        let delta = sender.delta();
        (client, published::Server::new(theirs, 0, server_pool, delta, &key, keys, &mut rng).unwrap())
    }

    fn active(labels: &ActiveLabels) -> &ActiveLabels {
        labels
    }

    fn zero(labels: &ZeroLabels) -> &ZeroLabels {
        labels
    }
}

/// `count` values, edges first.
pub fn values(count: usize) -> Vec<u64> {
    let mut more = Prg::from_seed([3; 32]);
    let mut values: Vec<u64> = EDGES.iter().copied().take(count).collect();
    values.resize_with(count, || muse_field::sample::uniform(&mut more).to_u64());
    values
}

/// The messages so far, in order.
pub type Log = Vec<Vec<u8>>;

/// A message on its way, which makes it public.
fn sent<T: Encode + Decode<Shape = ()>>(message: &T) -> T {
    let bytes = to_vec(message);
    ct::public(&bytes[..]);
    from_slice((), &bytes).unwrap()
}

/// Both results, or the error, and whether it is the server's.
pub type Outcome<C, S> = Result<(<C as Disclose>::Output, <S as Disclose>::Output), (bool, Error)>;

/// Lets the parties talk in pieces of at most `piece()` bytes, until both have finished or one has failed. `tamper` may change each
/// whole message before it arrives.
pub fn converse<C: Disclose, S: Disclose>(
    client: C,
    server: S,
    mut piece: impl FnMut() -> usize,
    mut tamper: impl FnMut(usize, &mut [u8]),
) -> (Log, Outcome<C, S>) {
    let (mut client, mut server, mut log) = (client, server, Log::new());
    loop {
        let number = log.len();
        let failed = match (client.step(), server.step()) {
            (Step::Send(n), Step::Receive(m)) => {
                assert_eq!(n, m);
                log.push(send(&mut client, n, &mut piece));
                tamper(number, &mut log[number]);
                receive(&mut server, &log[number], &mut piece).map_err(|error| (true, error))
            }
            (Step::Receive(m), Step::Send(n)) => {
                assert_eq!(n, m);
                log.push(send(&mut server, n, &mut piece));
                tamper(number, &mut log[number]);
                receive(&mut client, &log[number], &mut piece).map_err(|error| (false, error))
            }
            (Step::Finished, Step::Finished) => {
                return (log, Ok((client.finish().unwrap(), server.finish().unwrap())));
            }
            steps => panic!("out of step: {steps:?}"),
        };
        if let Err((at_server, error)) = failed {
            // An error destroys the state: nothing is sent any more, nothing comes out.
            if at_server {
                assert_eq!(server.step(), Step::Finished);
                assert_eq!(server.finish().map(|_| ()), Err(error));
            } else {
                assert_eq!(client.step(), Step::Finished);
                assert_eq!(client.finish().map(|_| ()), Err(error));
            }
            return (log, Err((at_server, error)));
        }
    }
}

fn send(party: &mut impl Disclose, len: u64, piece: &mut impl FnMut() -> usize) -> Vec<u8> {
    let mut message = vec![0; usize::try_from(len).unwrap()];
    let mut rest = &mut message[..];
    while !rest.is_empty() {
        let (now, later) = rest.split_at_mut(piece().min(rest.len()));
        party.fill(now);
        rest = later;
    }
    ct::public(&message[..]);
    message
}

fn receive(
    party: &mut impl Disclose,
    message: &[u8],
    piece: &mut impl FnMut() -> usize,
) -> Result<(), Error> {
    let mut rest = message;
    while !rest.is_empty() {
        let (now, later) = rest.split_at(piece().min(rest.len()));
        party.absorb(now)?;
        rest = later;
    }
    Ok(())
}

/// Whole messages at a time, none changed.
pub fn run<C: Disclose, S: Disclose>(client: C, server: S) -> (Log, Outcome<C, S>) {
    converse(client, server, || usize::MAX, |_, _| {})
}
