//! Both parties of a session, in small rings.

use muse_field::id::SessionId;
use muse_field::prg::Prg;
use muse_field::wire::{Decode, Encode, from_slice, to_vec};
use muse_field::{Fp, ct};
use muse_he::encode::Slots;
use muse_he::encrypt::Witness;
use muse_he::keys::{PublicKeyRow, ReceivedPublicKey, SecretKey};
use muse_he::params::Params;
use muse_he::reply::ReplyKey;
use muse_he::ring::Ring;
use muse_mac::{Authenticated, MacKey, ServerShare, ideal};
use muse_triples::random;

pub const SESSION: SessionId = SessionId::from_bytes([0x42; 32]);
pub const OTHER: SessionId = SessionId::from_bytes([0x43; 32]);

pub fn rng(seed: u8) -> Prg {
    Prg::from_seed(ct::hidden([seed; 32]))
}

/// What goes over the wire, and its length.
pub fn sent<T: Encode + Decode>(shape: T::Shape, message: &T, bytes: &mut Vec<u8>) -> T {
    let encoded = to_vec(message);
    ct::public(&encoded[..]);
    bytes.extend_from_slice(&encoded);
    from_slice(shape, &encoded).unwrap()
}

pub struct Session {
    pub ring: Ring,
    pub slots: Slots,
    pub id: SessionId,
    pub secret: SecretKey,
    pub reply_key: ReplyKey,
    pub public_key: (ReceivedPublicKey, Witness),
    pub key: MacKey,
}

impl Session {
    pub fn new(n: usize, id: SessionId, seed: u8) -> Self {
        let (rng, params) = (&mut rng(seed), Params::with_degree(n).unwrap());
        let ring = Ring::new(params).unwrap();
        let secret = SecretKey::generate(&ring, rng);
        let reply_key = ReplyKey::new(&ring, &secret).unwrap();
        let (row, witness) = secret.public_key_with_witness(&ring, id, rng);
        let row: PublicKeyRow = sent(n, &row, &mut Vec::new());
        let public_key = (row.receive(&ring, id).unwrap(), witness);
        Self { slots: Slots::new(&params), ring, id, secret, reply_key, public_key, key: MacKey::random(rng) }
    }

    /// Both parties' halves of the generation of random values.
    pub fn randoms(&self, rng: &mut Prg) -> (random::Client, random::Server) {
        let (server, setup) = random::Server::setup(&self.ring, self.id, &self.key, rng).unwrap();
        let setup = sent(self.ring.n(), &setup, &mut Vec::new());
        (random::Client::on_setup(&self.ring, self.id, setup).unwrap(), server)
    }
}

/// The shared values, if every MAC fits.
pub fn opened(key: &MacKey, client: &Authenticated, server: &ServerShare) -> Vec<Fp> {
    ideal::open(key, client, server).expect("every MAC fits").to_vec()
}
