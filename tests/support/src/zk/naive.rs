//! A second, naive implementation of the proof that does as it is told, so that it can misbehave. It shares nothing with the crate
//! but the ring, the hash and the wire format.

use super::{ID, row_id};
use muse_field::MODULUS;
use muse_field::id::RunId;
use muse_field::pack::{BitWriter, bits_len, pack_bits};
use muse_field::prg::Prg;
use muse_field::transcript::Transcript;
use muse_field::wire::{from_slice, to_vec};
use muse_he::budget::Budget;
use muse_he::encrypt::{FreshCiphertext, Received, RowId};
use muse_he::keys::{PublicKeyRow, ReceivedPublicKey};
use muse_he::params::{LIMBS, PRIMES};
use muse_he::ring::{CoeffPoly, NttPoly, Ring};
use muse_zk::Error;
use muse_zk::wellformed::{Challenge, Commitment, ProofShape, Proven, Tries, Verifier};
use rand_core::Rng;

pub const P: i64 = MODULUS as i64;

/// A row and everything that its maker knows about it.
#[derive(Clone)]
pub struct Row {
    pub a: NttPoly,
    pub b: NttPoly,
    pub e: Vec<i64>,
    /// Empty for a public key.
    pub mu: Vec<i64>,
    /// Whether (q + 1) / 2 was added to every coefficient of the error.
    pub half: bool,
}

/// Masks, or responses: `[repetition]` and `[repetition][row]`.
#[derive(Clone)]
pub struct Vectors {
    pub s: Vec<Vec<i64>>,
    pub e: Vec<Vec<Vec<i64>>>,
    pub mu: Vec<Vec<Vec<i64>>>,
}

/// A prover that knows `s` and rows, the public key first.
#[derive(Clone)]
pub struct Naive {
    pub ring: Ring,
    pub id: RunId,
    pub s: Vec<i64>,
    pub rows: Vec<Row>,
    pub repetitions: usize,
}

pub fn ternary(n: usize, rng: &mut Prg) -> Vec<i64> {
    (0..n).map(|_| i64::from(rng.next_u32() % 3) - 1).collect()
}

/// Small errors, all that an honest client could have.
pub fn noise(n: usize, rng: &mut Prg) -> Vec<i64> {
    (0..n).map(|_| i64::from(rng.next_u32() % 43) - 21).collect()
}

pub fn between(bound: i64, rng: &mut Prg) -> i64 {
    (rng.next_u64() % (2 * bound as u64 + 1)) as i64 - bound
}

pub fn centred(x: i64) -> i64 {
    (x + P / 2).rem_euclid(P) - P / 2
}

pub fn signed(ring: &Ring, coefficients: &[i64]) -> NttPoly {
    CoeffPoly::from_signed(ring, coefficients).unwrap().into_ntt(ring)
}

fn inverse(x: u64, q: u64) -> u64 {
    let (mut power, mut exponent, mut out) = (u128::from(x % q), q - 2, 1_u128);
    while exponent > 0 {
        if exponent & 1 == 1 {
            out = out * power % u128::from(q);
        }
        (power, exponent) = (power * power % u128::from(q), exponent >> 1);
    }
    out as u64
}

/// -a s + e + p^-1 mu (+ (q + 1) / 2 everywhere).
pub fn combine(ring: &Ring, a: &NttPoly, s: &[i64], e: &[i64], mu: &[i64], half: bool) -> NttPoly {
    let mut out = signed(ring, s);
    out.neg_assign();
    out.mul_assign(a);
    out.add_assign(&signed(ring, e));
    if !mu.is_empty() {
        let mut term = signed(ring, mu);
        term.scale_assign(&PRIMES.map(|q| inverse(MODULUS, q)));
        out.add_assign(&term);
    }
    if half {
        out.add_assign(&halves(ring));
    }
    out
}

/// (q + 1) / 2, which is 1 / 2 modulo every prime, in every coefficient.
pub fn halves(ring: &Ring) -> NttPoly {
    let residues = PRIMES.iter().flat_map(|q| vec![q.div_ceil(2); ring.n()]).collect();
    CoeffPoly::from_limbs_checked(ring, residues).unwrap().into_ntt(ring)
}

/// The mu of a plaintext: [-q m]_p.
pub fn mu_of(m: &[u64]) -> Vec<i64> {
    let q = PRIMES.iter().fold(1, |product, &q| product * u128::from(q) % u128::from(MODULUS));
    let times = |m: u64| (u128::from(m) * (u128::from(MODULUS) - q) % u128::from(MODULUS)) as i64;
    m.iter().map(|&m| centred(times(m))).collect()
}

impl Row {
    pub fn new(ring: &Ring, id: RowId, s: &[i64], e: Vec<i64>, mu: Vec<i64>, half: bool) -> Self {
        let a = id.mask(ring);
        let b = combine(ring, &a, s, &e, &mu, half);
        Self { a, b, e, mu, half }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; bits_len(43, LIMBS * self.b.n())];
        pack_bits(43, self.b.as_slice(), &mut bytes);
        bytes
    }

    pub fn as_key(&self, ring: &Ring) -> ReceivedPublicKey {
        let key: PublicKeyRow = from_slice(ring.n(), &self.bytes()).unwrap();
        key.receive(ring, ID.session).unwrap()
    }

    pub fn as_ciphertext(&self, ring: &Ring, index: u32) -> Received {
        let row: FreshCiphertext = from_slice(ring.n(), &self.bytes()).unwrap();
        row.receive(ring, row_id(index)).unwrap()
    }
}

/// Coefficient `at` of the challenge times w: 2N stands for 0.
pub fn times(challenge: usize, w: &[i64], at: usize) -> i64 {
    let n = w.len();
    match (at + 2 * n - challenge) % (2 * n) {
        _ if challenge == 2 * n => 0,
        from if from < n => w[from],
        from => -w[from - n],
    }
}

/// The hash of a polynomial, limb by limb.
pub(super) fn polynomial(poly: &NttPoly) -> [u8; 32] {
    let mut transcript = Transcript::new("muse-zk wellformed polynomial v1");
    for limb in 0..LIMBS {
        let bytes: Vec<u8> = poly.limb(limb).iter().flat_map(|x| x.to_le_bytes()).collect();
        transcript.append("limb", &bytes);
    }
    transcript.digest("polynomial")
}

impl Naive {
    /// A key and `rows` honest rows of uniform plaintexts.
    pub fn honest(ring: &Ring, rows: u32, rng: &mut Prg) -> Self {
        let n = ring.n();
        let s = ternary(n, rng);
        let mut made = vec![Row::new(ring, RowId::public_key(ID.session), &s, noise(n, rng), vec![], false)];
        for index in 0..rows {
            let m: Vec<u64> = (0..n).map(|_| rng.next_u64() % MODULUS).collect();
            made.push(Row::new(ring, row_id(index), &s, noise(n, rng), mu_of(&m), false));
        }
        Self { ring: ring.clone(), id: ID, s, rows: made, repetitions: 4 }
    }

    pub fn n(&self) -> usize {
        self.ring.n()
    }

    pub fn gammas(&self) -> [i64; 2] {
        let responses = (self.n() * (self.rows.len() + 1) * self.repetitions) as i64;
        [responses, 22 * responses]
    }

    /// Largest responses, and the bits they have on the wire.
    pub fn bounds(&self) -> [i64; 2] {
        let [s, e] = self.gammas();
        [s - 1, e - 22]
    }

    pub fn widths(&self) -> [u32; 2] {
        self.bounds().map(|bound| (1..).find(|&width| bound < 1 << (width - 1)).unwrap())
    }

    pub fn masks(&self, rng: &mut Prg) -> Vectors {
        let (n, [s, e]) = (self.n(), self.gammas());
        let mut draw = |bound: i64| -> Vec<i64> { (0..n).map(|_| between(bound, rng)).collect() };
        let mut out = Vectors { s: vec![], e: vec![], mu: vec![] };
        for _ in 0..self.repetitions {
            out.s.push(draw(s));
            out.e.push(self.rows.iter().map(|_| draw(e)).collect());
            let mu = self.rows.iter().map(|row| if row.mu.is_empty() { vec![] } else { draw(P / 2) });
            out.mu.push(mu.collect());
        }
        out
    }

    /// Masks of half the length for s and e.
    pub fn quiet_masks(&self, rng: &mut Prg) -> Vectors {
        let mut masks = self.masks(rng);
        masks.s.iter_mut().flatten().chain(masks.e.iter_mut().flatten().flatten()).for_each(|y| *y /= 2);
        masks
    }

    fn statement(&self) -> [u8; 32] {
        let mut transcript = Transcript::new("muse-zk wellformed v1");
        transcript.append("session", self.id.session.as_bytes()).append_u64("inference", self.id.number);
        transcript.append_u64("degree", self.n() as u64).append_u64("rows", self.rows.len() as u64);
        transcript.append_u64("repetitions", self.repetitions as u64);
        let [s, e] = self.gammas();
        transcript.append_u64("secret mask", s as u64).append_u64("error mask", e as u64);
        for row in &self.rows {
            transcript.append("b", &polynomial(&row.b)).append("a", &polynomial(&row.a));
        }
        transcript.digest("statement")
    }

    fn hash(&self, first: impl Iterator<Item = NttPoly>) -> [u8; 32] {
        let mut transcript = Transcript::new("muse-zk wellformed first messages v1");
        transcript.append("statement", &self.statement());
        first.for_each(|message| {
            transcript.append("first message", &polynomial(&message));
        });
        transcript.digest("commitment")
    }

    /// The commitment to masks; a row with half a q more has half a q less in its mask.
    pub fn commit(&self, masks: &Vectors) -> [u8; 32] {
        let each = |repetition: usize, row: &Row, at: usize| {
            let (s, e) = (&masks.s[repetition], &masks.e[repetition][at]);
            let mut message = combine(&self.ring, &row.a, s, e, &masks.mu[repetition][at], false);
            if row.half {
                message.sub_assign(&halves(&self.ring));
            }
            message
        };
        let places = (0..self.repetitions)
            .flat_map(|r| self.rows.iter().enumerate().map(move |(at, row)| (r, row, at)));
        self.hash(places.map(|(repetition, row, at)| each(repetition, row, at)))
    }

    /// z = y + c w, not checked for anything; none if a challenge is 0 where half a q would have to be answered.
    pub fn respond(&self, masks: &Vectors, challenge: &[usize]) -> Option<Vectors> {
        let n = self.n();
        if self.rows.iter().any(|row| row.half) && challenge.contains(&(2 * n)) {
            return None;
        }
        let mut z = masks.clone();
        for (repetition, &c) in challenge.iter().enumerate() {
            (0..n).for_each(|at| z.s[repetition][at] += times(c, &self.s, at));
            for (row, witness) in self.rows.iter().enumerate() {
                for at in 0..n {
                    let error = &mut z.e[repetition][row][at];
                    *error += times(c, &witness.e, at);
                    // -h - h = -(q + 1) = -1, where h - h = 0.
                    if witness.half && times(c, &vec![1; n], at) < 0 {
                        *error -= 1;
                    }
                    if !witness.mu.is_empty() {
                        let full = masks.mu[repetition][row][at] + times(c, &witness.mu, at);
                        *error += (full - centred(full)) / P;
                        z.mu[repetition][row][at] = centred(full);
                    }
                }
            }
        }
        Some(z)
    }

    pub fn within(&self, z: &Vectors) -> bool {
        let [s, e] = self.bounds();
        let inside = |z: &Vec<i64>, bound: i64| z.iter().all(|z| z.abs() <= bound);
        z.s.iter().all(|z| inside(z, s)) && z.e.iter().flatten().all(|z| inside(z, e))
    }

    /// Whether responses give the committed first messages, and nothing else: no bounds, and whatever rows this prover has.
    pub fn equation(&self, commitment: &[u8; 32], challenge: &[usize], z: &Vectors) -> bool {
        let each = |repetition: usize, at: usize| {
            let (row, mu) = (&self.rows[at], &z.mu[repetition][at]);
            let mut unit = vec![0; self.n()];
            unit[0] = 1;
            let minus: Vec<i64> = (0..self.n()).map(|at| -times(challenge[repetition], &unit, at)).collect();
            let mut message = combine(&self.ring, &row.a, &z.s[repetition], &z.e[repetition][at], mu, false);
            message.mul_add_assign(&signed(&self.ring, &minus), &row.b);
            message
        };
        let places = (0..self.repetitions).flat_map(|r| (0..self.rows.len()).map(move |at| (r, at)));
        self.hash(places.map(|(repetition, at)| each(repetition, at))) == *commitment
    }

    /// Responses as they travel. What does not fit its field loses its upper bits.
    pub fn bytes(&self, z: &Vectors) -> Vec<u8> {
        let residues: Vec<i64> = z.mu.iter().flatten().flatten().map(|&z| z.rem_euclid(P)).collect();
        self.bytes_with(z, &residues)
    }

    /// The same with the 44-bit fields of plaintext responses given.
    pub fn bytes_with(&self, z: &Vectors, residues: &[i64]) -> Vec<u8> {
        let [s, e] = self.widths();
        let mut out = vec![];
        let mut put = |width: u32, values: Vec<i64>| {
            let mut bytes = vec![0; bits_len(width, values.len())];
            let mut writer = BitWriter::new(&mut bytes);
            values.iter().for_each(|&v| writer.write(width, v as u64 & ((1 << width) - 1)));
            writer.finish();
            out.extend(bytes);
        };
        put(s, z.s.iter().flatten().map(|z| z + (1 << (s - 1))).collect());
        put(e, z.e.iter().flatten().flatten().map(|z| z + (1 << (e - 1))).collect());
        put(44, residues.to_vec());
        out
    }

    pub fn key(&self) -> ReceivedPublicKey {
        self.rows[0].as_key(&self.ring)
    }

    pub fn received(&self) -> Vec<Received> {
        let rows = self.rows.iter().skip(1).enumerate();
        rows.map(|(index, row)| row.as_ciphertext(&self.ring, index as u32)).collect()
    }
}

pub fn exponents(challenge: &Challenge) -> Vec<usize> {
    to_vec(challenge).chunks(2).map(|pair| usize::from(u16::from_le_bytes([pair[0], pair[1]]))).collect()
}

/// What the server makes of a proof: the doubled rows, or why it ends the session.
pub type Verdict = Result<Proven, Error>;

/// Plays against the real verifier with masks of the forger's choice until `answer` sends something, or tries run out.
pub fn play_with(
    forger: &Naive,
    mut verifier: Verifier<'_>,
    rng: &mut Prg,
    mut masks: impl FnMut(&mut Prg) -> Vectors,
    answer: impl Fn(&Vectors, &[usize]) -> Option<Vec<u8>>,
) -> Verdict {
    let (mut tries, shape) = (Tries::new(), shape_of(forger));
    loop {
        let masks = masks(rng);
        let commitment: Commitment = from_slice((), &forger.commit(&masks)).unwrap();
        let (expecting, challenge) = verifier.challenge(&commitment, &mut tries, rng)?;
        match answer(&masks, &exponents(&challenge)) {
            Some(bytes) => return expecting.verify(from_slice(shape, &bytes)?),
            None => verifier = expecting.rejected(),
        }
    }
}

/// The same with the masks of an honest prover.
pub fn play(
    forger: &Naive,
    verifier: Verifier<'_>,
    rng: &mut Prg,
    answer: impl Fn(&Vectors, &[usize]) -> Option<Vec<u8>>,
) -> Verdict {
    play_with(forger, verifier, rng, |rng| forger.masks(rng), answer)
}

/// One try, with masks half as long as they should be: no response comes near its bound by accident, so what is sent fails for its own
/// reason or not at all.
pub fn once(forger: &Naive, seed: u64, answer: impl Fn(&Vectors, &[usize]) -> Vec<u8>) -> Result<(), Error> {
    let key = forger.key();
    let quiet = |rng: &mut Prg| forger.quiet_masks(rng);
    let always = |masks: &Vectors, challenge: &[usize]| Some(answer(masks, challenge));
    play_with(forger, verifier(forger, &key), &mut super::prg(seed), quiet, always).map(|_| ())
}

pub fn shape_of(forger: &Naive) -> ProofShape {
    ProofShape::new(&budget_of(forger)).unwrap()
}

pub fn budget_of(forger: &Naive) -> Budget {
    Budget::new(forger.n(), forger.rows.len(), 1)
}

/// The real verifier of what the forger claims to have.
pub fn verifier<'a>(forger: &'a Naive, key: &'a ReceivedPublicKey) -> Verifier<'a> {
    Verifier::new(&forger.ring, &budget_of(forger), ID, key, forger.received()).unwrap()
}

/// What an honest prover would send: responses within their bounds, or none.
pub fn honest_answer(forger: &Naive) -> impl Fn(&Vectors, &[usize]) -> Option<Vec<u8>> {
    |masks, challenge| forger.respond(masks, challenge).filter(|z| forger.within(z)).map(|z| forger.bytes(&z))
}
