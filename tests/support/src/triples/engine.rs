//! A client and a server whose messages pass through a wire that may change them.

use core::mem;

use muse_field::id::SessionId;
use muse_field::prg::Prg;
use muse_field::wire::{Decode, Encode, from_slice, to_vec};
use muse_field::{Fp, MODULUS, ct};
use muse_mac::check::{Checked, Unchecked};
use muse_mac::{Authenticated, MacKey, ServerShare};
use muse_triples::engine::compare::{ClientStep, ServerStep};
use muse_triples::engine::{Client, ClientPreprocessed, Server, ServerPreprocessed};
use muse_triples::{Error, ideal};
use proptest::prelude::*;

pub const SESSION: SessionId = SessionId::from_bytes([3; 32]);
pub const BATCH: u64 = 7;

/// Changes a client's message, given its number.
type Hook = Box<dyn FnMut(usize, &mut Vec<u8>)>;

pub struct Pair {
    pub client: Client,
    pub server: Option<Server>,
    pub key: MacKey,
    pub rng: Prg,
    /// Bytes of the client's messages so far, and of the server's.
    pub sent: [Vec<usize>; 2],
    hook: Hook,
}

/// Both halves of a vector.
pub struct Shared {
    pub client: Authenticated,
    pub server: ServerShare,
}

impl Shared {
    pub fn copy(&self) -> Self {
        self.map(<[Fp]>::to_vec)
    }

    pub fn map(&self, map: impl Fn(&[Fp]) -> Vec<Fp>) -> Self {
        Self { client: self.client.map(&map), server: self.server.map(&map) }
    }

    pub fn concat(parts: [Self; 3]) -> Self {
        let (client, server) = parts.into_iter().map(|part| (part.client, part.server)).unzip();
        Self { client: Authenticated::concat(client), server: ServerShare::concat(server) }
    }

    pub fn add(&mut self, other: &Self) {
        self.client.add_assign(&other.client);
        self.server.add_assign(&other.server);
    }

    pub fn sub(&mut self, other: &Self) {
        self.client.sub_assign(&other.client);
        self.server.sub_assign(&other.server);
    }

    pub fn scale(&mut self, factor: Fp) {
        self.client.scale_assign(factor);
        self.server.scale_assign(factor);
    }
}

/// The client's half with another value in one place.
pub fn shifted(vector: &Authenticated, at: usize, by: Fp) -> Authenticated {
    let mut values = vector.values().to_vec();
    values[at] += by;
    Authenticated::new(values, vector.macs().to_vec()).unwrap()
}

/// The client's half with another MAC in one place.
pub fn forged(vector: &Authenticated, at: usize, by: Fp) -> Authenticated {
    let mut macs = vector.macs().to_vec();
    macs[at] += by;
    Authenticated::new(vector.values().to_vec(), macs).unwrap()
}

impl Pair {
    pub fn new(triples: usize, randoms: usize) -> Self {
        Self::with_hook(triples, randoms, |_, _| ())
    }

    pub fn with_hook(
        triples: usize,
        randoms: usize,
        hook: impl FnMut(usize, &mut Vec<u8>) + 'static,
    ) -> Self {
        let mut rng = Prg::from_seed(ct::hidden([5; 32]));
        let key = MacKey::random(&mut rng);
        let (triples_c, triples_s) = ideal::triples(&key, triples, &mut rng);
        let (randoms, keys) = ideal::random(&key, randoms, &mut rng);
        let client = Client::new(SESSION, BATCH, ClientPreprocessed::new(triples_c, randoms));
        let server = Server::new(SESSION, BATCH, &key, ServerPreprocessed::new(triples_s, keys));
        Self { client, server: Some(server), key, rng, sent: [vec![], vec![]], hook: Box::new(hook) }
    }

    /// From the client to the server.
    pub fn up<T: Decode>(&mut self, message: &impl Encode, shape: T::Shape) -> Result<T, Error> {
        let mut bytes = to_vec(message);
        ct::public(&bytes[..]);
        (self.hook)(self.sent[0].len(), &mut bytes);
        self.sent[0].push(bytes.len());
        Ok(from_slice(shape, &bytes)?)
    }

    /// From the server to the client.
    pub fn down<T: Decode>(&mut self, message: &impl Encode, shape: T::Shape) -> T {
        let bytes = to_vec(message);
        ct::public(&bytes[..]);
        self.sent[1].push(bytes.len());
        from_slice(shape, &bytes).unwrap()
    }

    /// The server, unless an error has taken it.
    pub fn server(&mut self) -> Server {
        self.server.take().expect("the program has not failed")
    }

    pub fn client_input(&mut self, values: &[Fp]) -> Result<Shared, Error> {
        let (client, message) = self.client.input(values)?;
        let message = self.up(&message, values.len())?;
        let server = self.server.as_mut().unwrap().client_input(values.len(), message)?;
        Ok(Shared { client, server })
    }

    pub fn server_input(&self, values: &[Fp]) -> Shared {
        Shared { client: Client::server_input(values.len()), server: Server::input(values.to_vec()) }
    }

    /// Values split at `client`.
    pub fn split(&mut self, values: &[Fp], client: &[Fp]) -> Shared {
        let mut shared = self.client_input(client).unwrap();
        let rest: Vec<Fp> = values.iter().zip(client).map(|(&x, &c)| x - c).collect();
        shared.add(&self.server_input(&rest));
        shared
    }

    pub fn multiply(&mut self, x: &Shared, y: &Shared) -> Result<Shared, Error> {
        let (wait, message) = self.client.multiply(&x.client, &y.client)?;
        let wait_s = self.server().multiply(&x.server, &y.server)?;
        let message = self.up(&message, wait_s.shape())?;
        let (server, product, reply) = wait_s.on_factors(message)?;
        self.server = Some(server);
        let reply = self.down(&reply, wait.shape());
        Ok(Shared { client: wait.on_shares(reply)?, server: product })
    }

    pub fn multiply_deferred(
        &mut self,
        x: &Shared,
        y: &Shared,
    ) -> Result<(Authenticated, Unchecked<ServerShare>), Error> {
        let (wait, message) = self.client.multiply_deferred(&x.client, &y.client)?;
        let wait_s = self.server().multiply_deferred(&x.server, &y.server)?;
        let message = self.up(&message, wait_s.shape())?;
        let (server, product, reply) = wait_s.on_factors(message)?;
        self.server = Some(server);
        let reply = self.down(&reply, wait.shape());
        Ok((wait.on_shares(reply)?, product))
    }

    pub fn open_deferred(
        &mut self,
        client: Authenticated,
        server: Unchecked<ServerShare>,
    ) -> Result<Unchecked<Vec<Fp>>, Error> {
        let count = client.len();
        let message = self.client.open_deferred(client);
        let message = self.up(&message, count)?;
        self.server.as_mut().unwrap().open_deferred(server, message)
    }

    pub fn flush(&mut self) -> Result<Checked, Error> {
        let server = self.server();
        let (wait, challenge) = server.flush(&mut self.rng)?;
        let challenge = self.down(&challenge, ());
        let response = self.client.answer(&challenge)?;
        let response = self.up(&response, ())?;
        let (server, checked) = wait.on_response(response)?;
        self.server = Some(server);
        Ok(checked)
    }

    pub fn open_to_server(&mut self, x: Shared) -> Result<Vec<Fp>, Error> {
        let message = self.client.open_to_server(x.client)?;
        let wait = self.server().open_to_server(x.server);
        let message = self.up(&message, wait.shape())?;
        let (server, values) = wait.on_opening(message)?;
        self.server = Some(server);
        Ok(values)
    }

    pub fn open_to_client(&mut self, x: Shared) -> Result<Vec<Fp>, Error> {
        let message = self.server.as_ref().unwrap().open_to_client(x.server);
        let message = self.down(&message, x.client.len());
        Client::on_open_to_client(&x.client, message)
    }

    /// What the client gets, once the server has got the same.
    pub fn open(&mut self, x: Shared) -> Result<Vec<Fp>, Error> {
        let (wait, message) = self.client.open(x.client)?;
        let wait_s = self.server().open(x.server);
        let message = self.up(&message, wait_s.shape())?;
        let (server, values, reply) = wait_s.on_opening(message)?;
        self.server = Some(server);
        let reply = self.down(&reply, wait.shape());
        let same = wait.on_shares(reply)?;
        ct::public(&same[..]);
        ct::public(&values[..]);
        assert_eq!(same, values);
        Ok(values)
    }

    pub fn random_bits(&mut self, count: usize) -> Result<Shared, Error> {
        let (wait, request) = self.client.random_bits(count, &mut self.rng)?;
        let wait_s = self.server().random_bits(count);
        let request = self.up(&request, wait_s.shape())?;
        let (wait_s, reply) = wait_s.on_request(request, &mut self.rng)?;
        let reply = self.down(&reply, wait.shape());
        let (client, proof) = wait.on_reply(reply)?;
        let proof = self.up(&proof, ())?;
        let (server, shared) = wait_s.on_proof(proof)?;
        self.server = Some(server);
        Ok(Shared { client, server: shared })
    }

    pub fn is_negative(&mut self, x: &Shared) -> Result<Shared, Error> {
        let (wait, request) = self.client.is_negative(&x.client)?;
        let wait_s = self.server().is_negative(&x.server);
        let request = self.up(&request, wait_s.shape())?;
        let (wait_s, reply) = wait_s.on_request(request, &mut self.rng)?;
        let reply = self.down(&reply, wait.shape());
        let (mut wait, proven) = wait.on_reply(&mut self.client, reply)?;
        let proven = self.up(&proven, wait_s.shape())?;
        let (mut step, mut reply) = wait_s.on_proven(proven)?;
        loop {
            let shares = self.down(&reply, wait.shape());
            match (wait.on_shares(&mut self.client, shares)?, step) {
                (ClientStep::Level(next, message), ServerStep::Level(next_s)) => {
                    wait = next;
                    let message = self.up(&message, next_s.shape())?;
                    (step, reply) = next_s.on_factors(message)?;
                }
                (ClientStep::Done(client), ServerStep::Done(server, negative)) => {
                    self.server = Some(server);
                    return Ok(Shared { client, server: negative });
                }
                other => panic!("the parties have different programs: {other:?}"),
            }
        }
    }

    /// Bytes sent since the last call, each way.
    pub fn bytes(&mut self) -> [usize; 2] {
        mem::take(&mut self.sent).map(|sent| sent.iter().sum())
    }

    pub fn left(&self) -> [usize; 4] {
        let (client, server) = (self.client.preprocessed(), self.server.as_ref().unwrap().preprocessed());
        [client.triples(), server.triples(), client.randoms(), server.randoms()]
    }
}

/// Where signs and representations change.
pub fn extremes() -> Vec<Fp> {
    let half = (MODULUS - 1) / 2;
    let wrap = (1 << 44) - MODULUS;
    let numbers = [
        0,
        1,
        2,
        half - 1,
        half,
        half + 1,
        half / 2,
        wrap - 1,
        wrap,
        wrap + 1,
        wrap / 2,
        MODULUS - 2,
        MODULUS - 1,
    ];
    numbers.map(Fp::new).to_vec()
}

pub fn element() -> impl Strategy<Value = Fp> {
    prop_oneof![(0..MODULUS).prop_map(Fp::new), proptest::sample::select(extremes())]
}
