//! Both parties of a session in memory, talking in bytes.

use muse_field::id::{RunId, SessionId};
use muse_field::prg::Prg;
use muse_field::wire::{from_slice, to_vec};
use muse_field::{Fp, MODULUS};
use muse_he::budget::Budget;
use muse_he::encode::Layout;
use muse_he::encrypt::{Ciphertext, FreshCiphertext, RowId};
use muse_he::keys::{PublicKey, PublicKeyRow, SecretKey};
use muse_he::linear::{self, Server};
use muse_he::params::{DROP_BITS, PRIMES, Params};
use muse_he::reply::{Reply, ReplyKey};
use muse_he::ring::Ring;
use num_bigint::BigInt;

pub struct Session {
    pub ring: Ring,
    pub id: SessionId,
    pub secret: SecretKey,
    pub reply_key: ReplyKey,
    pub public_key: PublicKey,
    pub rng: Prg,
}

impl Session {
    pub fn new(n: usize, seed: u64) -> Self {
        Self::with_ring(Ring::new(Params::with_degree(n).unwrap()).unwrap(), seed)
    }

    pub fn with_ring(ring: Ring, seed: u64) -> Self {
        let (n, mut rng) = (ring.n(), super::prg(seed));
        let id = SessionId::from_bytes([7; 32]);
        let secret = SecretKey::generate(&ring, &mut rng);
        let reply_key = ReplyKey::new(&ring, &secret).unwrap();
        let bytes = to_vec(&secret.public_key(&ring, id, &mut rng));
        let row: PublicKeyRow = from_slice(n, &bytes).unwrap();
        let public_key = row.receive(&ring, id).unwrap().assume_well_formed();
        Self { ring, id, secret, reply_key, public_key, rng }
    }

    pub fn row(&self, index: u32) -> RowId {
        RowId { run: RunId::new(self.id, 3), index }
    }

    /// The client's ciphertexts of `r`, as the server holds them.
    pub fn send(&mut self, layout: &Layout, r: &[Fp]) -> Vec<Ciphertext> {
        let first = self.row(0);
        let sent = linear::encrypt_input(&self.ring, &self.secret, layout, first, r, &mut self.rng).unwrap();
        let parse = |sent: FreshCiphertext| from_slice(self.ring.n(), &to_vec(&sent)).unwrap();
        let received =
            linear::receive_input(&self.ring, layout, first, sent.into_iter().map(parse).collect()).unwrap();
        received.into_iter().map(|row| row.assume_well_formed()).collect()
    }

    pub fn budget(&self, layout: &Layout) -> Budget {
        Budget::new(self.ring.n(), layout.input_count() + 1, layout.input_count() + 2 * layout.reply_count())
    }

    /// The whole layer: the client's y and the server's s.
    pub fn layer(&mut self, layout: &Layout, r: &[Fp], weights: &[i64], l1_bound: u64) -> (Vec<Fp>, Vec<Fp>) {
        let inputs = self.send(layout, r);
        let budget = self.budget(layout);
        let server = Server::new(
            &self.ring,
            &self.public_key,
            layout,
            weights,
            &inputs,
            &budget,
            l1_bound,
            &mut self.rng,
        );
        let (replies, s) = server.unwrap().respond_all().unwrap();
        let parse = |(group, reply): (usize, &Reply)| {
            from_slice::<Reply>(linear::reply_shape(layout, group), &to_vec(reply)).unwrap()
        };
        let replies: Vec<Reply> = replies.iter().enumerate().map(parse).collect();
        let y = linear::decrypt_output(&self.ring, &self.reply_key, layout, &replies).unwrap();
        (y.to_vec(), s.to_vec())
    }

    /// Coefficients of the key `factor * s`.
    pub fn key(&self, factor: i64) -> Vec<i64> {
        self.secret.ternary().coefficients().iter().map(|&x| factor * i64::from(x)).collect()
    }
}

pub fn l1_bound(weights: &[i64], taps: usize) -> u64 {
    weights.chunks(taps).map(|output| output.iter().map(|w| w.unsigned_abs()).sum()).max().unwrap()
}

/// `p * noise / q'` of a reply at each wanted coefficient: decryption is right below 1/2, and this is all that the noise shows.
/// In big integers, straight from the definition.
pub fn distance(reply: &Reply, key: &[i64], wanted: &[usize]) -> Vec<f64> {
    let q2 = BigInt::from(PRIMES[0]) * PRIMES[1];
    let wide = |word: u64| (u128::from(word) << DROP_BITS) as i128 + (1 << (DROP_BITS - 1));
    let (c0, c1) = reply.words();
    let n = c1.len();
    let at = |(&word, &i): (&u64, &usize)| {
        // Every term is below 2^88 and there are at most 2^13 of them.
        let product: i128 = (0..n)
            .map(|j| {
                let (k, sign) = if j <= i { (i - j, 1) } else { (n + i - j, -1) };
                sign * wide(c1[j]) * i128::from(key[k])
            })
            .sum();
        let scaled = (BigInt::from(wide(word) + product) * MODULUS % &q2 + &q2) % &q2;
        let centred = if &scaled + &scaled > q2 { scaled - &q2 } else { scaled };
        centred.to_string().parse::<f64>().unwrap() / q2.to_string().parse::<f64>().unwrap()
    };
    c0.iter().zip(wanted).map(at).collect()
}
