//! A second, naive implementation of the amortised proof that does as it is told, so that it can misbehave. It shares nothing with the crate but the
//! ring, the hash and the wire format.

use super::naive::polynomial;
use super::naive::{P, between, centred, combine, halves, mu_of, noise, ternary, times};
use muse_field::MODULUS;
use muse_field::id::{RunId, SessionId};
use muse_field::pack::{BitWriter, bits_len, pack_bits};
use muse_field::prg::Prg;
use muse_field::transcript::Transcript;
use muse_field::wire::from_slice;
use muse_he::budget::Budget;
use muse_he::keyed::{FreshKeyed, Masks, ReceivedKeyed};
use muse_he::params::LIMBS;
use muse_he::ring::{NttPoly, Ring};
use muse_mac::spdz::Party;
use muse_zk::Error;
use muse_zk::topgear::{Name, ProofShape, Proven, verify};
use rand_core::Rng;

pub const NAME: Name =
    Name { run: RunId::new(SessionId::from_bytes([9; 32]), 5), party: Party::Second, setup: [4; 32] };

/// A ciphertext with its key, and everything that its maker knows about them.
#[derive(Clone)]
pub struct Keyed {
    pub s: Vec<i64>,
    pub e: Vec<i64>,
    pub k: Vec<i64>,
    pub mu: Vec<i64>,
    /// Whether (q + 1) / 2 was added to every coefficient of the ciphertext's error.
    pub half: bool,
    pub row: NttPoly,
    pub key: NttPoly,
}

/// One mask, or response.
#[derive(Clone)]
pub struct Vectors {
    pub s: Vec<i64>,
    pub e: Vec<i64>,
    pub k: Vec<i64>,
    pub mu: Vec<i64>,
}

#[derive(Clone)]
pub struct Naive {
    pub ring: Ring,
    pub name: Name,
    pub rows: Vec<Keyed>,
    /// V.
    pub responses: usize,
}

impl Keyed {
    pub fn honest(ring: &Ring, masks: &Masks, rng: &mut Prg) -> Self {
        let n = ring.n();
        let m: Vec<u64> = (0..n).map(|_| rng.next_u64() % MODULUS).collect();
        Self::new(ring, masks, ternary(n, rng), [noise(n, rng), noise(n, rng)], mu_of(&m), false)
    }

    pub fn new(
        ring: &Ring,
        masks: &Masks,
        s: Vec<i64>,
        [e, k]: [Vec<i64>; 2],
        mu: Vec<i64>,
        half: bool,
    ) -> Self {
        let row = combine(ring, masks.row(), &s, &e, &mu, half);
        let key = combine(ring, masks.key(), &s, &k, &[], false);
        Self { s, e, k, mu, half, row, key }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let one = |poly: &NttPoly| {
            let mut bytes = vec![0; bits_len(43, LIMBS * poly.n())];
            pack_bits(43, poly.as_slice(), &mut bytes);
            bytes
        };
        [one(&self.row), one(&self.key)].concat()
    }

    pub fn received(&self, ring: &Ring) -> ReceivedKeyed {
        from_slice::<FreshKeyed>(ring.n(), &self.bytes()).unwrap().receive(ring).unwrap()
    }
}

impl Naive {
    pub fn honest(ring: &Ring, rng: &mut Prg) -> Self {
        let responses = (130.0 / f64::from(2 * ring.n() as u32 + 1).log2()).ceil() as usize;
        let masks = NAME.masks(ring).unwrap();
        let rows = (0..2 * responses).map(|_| Keyed::honest(ring, &masks, rng)).collect();
        Self { ring: ring.clone(), name: NAME, rows, responses }
    }

    pub fn masks(&self) -> Masks {
        self.name.masks(&self.ring).unwrap()
    }

    pub fn budget(&self) -> Budget {
        Budget::amortised(self.ring.n(), 7 * self.rows.len())
    }

    pub fn shape(&self) -> ProofShape {
        ProofShape::new(&self.budget()).unwrap()
    }

    /// For the secret, the error and the key's.
    pub fn witnesses(&self) -> [i64; 3] {
        let u = self.rows.len() as i64;
        [u, 21 * u + (u + 2) / 2, 21 * u]
    }

    pub fn gammas(&self) -> [i64; 3] {
        self.witnesses().map(|bound| bound * 3 * (self.ring.n() * self.responses) as i64)
    }

    /// Largest responses, and the bits they have on the wire.
    pub fn bounds(&self) -> [i64; 3] {
        let (gammas, witnesses) = (self.gammas(), self.witnesses());
        [0, 1, 2].map(|i| gammas[i] - witnesses[i])
    }

    pub fn widths(&self) -> [u32; 3] {
        self.bounds().map(|bound| (1..).find(|&width| bound < 1 << (width - 1)).unwrap())
    }

    /// Masks of `1 / quiet` of their length.
    pub fn draw(&self, quiet: i64, rng: &mut Prg) -> Vec<Vectors> {
        let [s, e, k] = self.gammas().map(|gamma| gamma / quiet);
        let mut draw = |bound| (0..self.ring.n()).map(|_| between(bound, rng)).collect();
        (0..self.responses).map(|_| Vectors { s: draw(s), e: draw(e), k: draw(k), mu: draw(P / 2) }).collect()
    }

    fn statement(&self) -> [u8; 32] {
        let Name { run, setup, .. } = &self.name;
        let party = 1 + u64::from(self.name.party == Party::Second);
        let mut rows = Transcript::new("muse-zk topgear rows v1");
        rows.append("session", run.session.as_bytes()).append_u64("party", party).append("setup", setup);
        let mut transcript = Transcript::new("muse-zk topgear v1");
        transcript.append("session", run.session.as_bytes()).append_u64("inference", run.number);
        transcript.append_u64("party", party).append("setup", setup).append("rows", &rows.digest("session"));
        transcript.append_u64("degree", self.ring.n() as u64);
        transcript.append_u64("responses", self.responses as u64);
        transcript.append_u64("ciphertexts", self.rows.len() as u64);
        let [s, e, k] = self.gammas().map(|gamma| gamma as u64);
        transcript.append_u64("secret mask", s).append_u64("error mask", e).append_u64("key error mask", k);
        for row in &self.rows {
            transcript.append("row", &polynomial(&row.row)).append("key", &polynomial(&row.key));
        }
        transcript.digest("statement")
    }

    fn hash(&self, first: impl Iterator<Item = [NttPoly; 2]>) -> [u8; 32] {
        let mut transcript = Transcript::new("muse-zk topgear first messages v1");
        transcript.append("statement", &self.statement());
        for [row, key] in first {
            transcript.append("row", &polynomial(&row)).append("key", &polynomial(&key));
        }
        transcript.digest("commitment")
    }

    fn image(&self, masks: &Masks, z: &Vectors) -> [NttPoly; 2] {
        let row = combine(&self.ring, masks.row(), &z.s, &z.e, &z.mu, false);
        [row, combine(&self.ring, masks.key(), &z.s, &z.k, &[], false)]
    }

    /// The commitment to masks; with half a q in one of the ciphertexts there is half a q less in every mask.
    pub fn commit(&self, masks: &[Vectors]) -> [u8; 32] {
        let names = self.masks();
        let half = self.rows.iter().any(|row| row.half);
        self.hash(masks.iter().map(|y| {
            let [mut row, key] = self.image(&names, y);
            if half {
                row.sub_assign(&halves(&self.ring));
            }
            [row, key]
        }))
    }

    /// The challenges that follow from a commitment: V rows of U.
    pub fn challenges(&self, commitment: &[u8; 32]) -> Vec<Vec<usize>> {
        let mut transcript = Transcript::new("muse-zk topgear challenge v1");
        transcript.append("commitment", commitment);
        let (mut rng, zero) = (transcript.prg("challenges"), 2 * self.ring.n());
        let mut one = || loop {
            let candidate = rng.next_u32() as usize % (2 * zero);
            if candidate <= zero {
                return candidate;
            }
        };
        (0..self.responses).map(|_| (0..self.rows.len()).map(|_| one()).collect()).collect()
    }

    /// z = y + W x, not checked for anything; none if a challenge is 0 where half a q would have to be answered.
    pub fn respond(&self, masks: &[Vectors], challenges: &[Vec<usize>]) -> Option<Vec<Vectors>> {
        let n = self.ring.n();
        let mut z = masks.to_vec();
        for (z, challenges) in z.iter_mut().zip(challenges) {
            for (&c, row) in challenges.iter().zip(&self.rows) {
                if row.half && c == 2 * n {
                    return None;
                }
                for at in 0..n {
                    z.s[at] += times(c, &row.s, at);
                    z.e[at] += times(c, &row.e, at);
                    z.k[at] += times(c, &row.k, at);
                    z.mu[at] += times(c, &row.mu, at);
                    // -h - h = -(q + 1) = -1, where h - h = 0.
                    z.e[at] -= i64::from(row.half && times(c, &vec![1; n], at) < 0);
                }
            }
            for at in 0..n {
                let full = z.mu[at];
                z.mu[at] = centred(full);
                z.e[at] += (full - z.mu[at]) / P;
            }
        }
        Some(z)
    }

    pub fn within(&self, z: &[Vectors]) -> bool {
        let [s, e, k] = self.bounds();
        let inside = |z: &[i64], bound: i64| z.iter().all(|z| z.abs() <= bound);
        z.iter().all(|z| inside(&z.s, s) && inside(&z.e, e) && inside(&z.k, k))
    }

    /// Whether responses give the committed first messages, and nothing else: no bounds.
    pub fn equation(&self, commitment: &[u8; 32], challenges: &[Vec<usize>], z: &[Vectors]) -> bool {
        let (names, n) = (self.masks(), self.ring.n());
        let mut unit = vec![0; n];
        unit[0] = 1;
        let first = z.iter().zip(challenges).map(|(z, challenges)| {
            let mut sums = self.image(&names, z);
            for (&c, row) in challenges.iter().zip(&self.rows) {
                let minus: Vec<i64> = (0..n).map(|at| -times(c, &unit, at)).collect();
                let minus = super::naive::signed(&self.ring, &minus);
                sums[0].mul_add_assign(&minus, &row.row);
                sums[1].mul_add_assign(&minus, &row.key);
            }
            sums
        });
        self.hash(first) == *commitment
    }

    /// A proof as it travels. What does not fit its field loses its upper bits.
    pub fn bytes(&self, commitment: &[u8; 32], z: &[Vectors]) -> Vec<u8> {
        let [s, e, k] = self.widths();
        let mut out = commitment.to_vec();
        let mut put = |width: u32, values: Vec<i64>| {
            let mut bytes = vec![0; bits_len(width, values.len())];
            let mut writer = BitWriter::new(&mut bytes);
            values.iter().for_each(|&v| writer.write(width, v as u64 & ((1 << width) - 1)));
            writer.finish();
            out.extend(bytes);
        };
        for z in z {
            for (width, values) in [(s, &z.s), (e, &z.e), (k, &z.k)] {
                put(width, values.iter().map(|z| z + (1 << (width - 1))).collect());
            }
            put(44, z.mu.iter().map(|z| z.rem_euclid(P)).collect());
        }
        out
    }

    /// Tries until the responses keep their bounds.
    pub fn prove(&self, rng: &mut Prg) -> Vec<u8> {
        loop {
            let masks = self.draw(1, rng);
            let commitment = self.commit(&masks);
            let z = self.respond(&masks, &self.challenges(&commitment));
            if let Some(z) = z.filter(|z| self.within(z)) {
                return self.bytes(&commitment, &z);
            }
        }
    }

    /// A proof whose masks are half as long as they should be, with responses that a cheater may change: it fails for its own reason or not at all.
    pub fn once(&self, change: impl Fn(&mut Vec<Vectors>), rng: &mut Prg) -> Vec<u8> {
        loop {
            let masks = self.draw(2, rng);
            let commitment = self.commit(&masks);
            if let Some(mut z) = self.respond(&masks, &self.challenges(&commitment)) {
                change(&mut z);
                return self.bytes(&commitment, &z);
            }
        }
    }

    pub fn received(&self) -> Vec<ReceivedKeyed> {
        self.rows.iter().map(|row| row.received(&self.ring)).collect()
    }

    /// What the real verifier says.
    pub fn verdict(&self, proof: &[u8]) -> Result<Proven, Error> {
        let proof = from_slice(self.shape(), proof)?;
        verify(&self.ring, &self.budget(), &self.name, self.masks(), self.received(), proof)
    }
}
