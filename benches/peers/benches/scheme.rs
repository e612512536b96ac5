//! BFV with N = 8192, log q = 215 and plaintexts modulo the 44-bit p: ours, `fhe` and SEAL (by `seal_fhe`).
//!
//! Plaintexts are coefficients, except for SEAL's, which its crate fills by slots. SEAL keeps the last of its five primes for key
//! switching and computes on four; its crate offers encryption under the public key only, so `encrypt_public` is the row to
//! compare it in. `cargo bench --bench scheme`

#![allow(missing_docs)]

use divan::{Bencher, black_box};
use fhe::bfv::{BfvParameters, BfvParametersBuilder, Ciphertext, Encoding, Plaintext, PublicKey, SecretKey};
use fhe_traits::{FheDecrypter, FheEncoder, FheEncrypter};
use muse_field::id::{RunId, SessionId};
use muse_field::{Fp, MODULUS};
use muse_he::budget::Budget;
use muse_he::encrypt::RowId;
use muse_he::params::PRIMES;
use muse_he::reply::{Product, ReplyKey};
use muse_he::ring::{CoeffPoly, Ring};
use muse_peers::{N, prg, ring};
use seal_fhe::{
    BFVEncoder, BFVEvaluator, BfvEncryptionParametersBuilder, Context as SealContext, Decryptor, Encryptor,
    Evaluator, KeyGenerator, Modulus, SecurityLevel,
};
use std::sync::Arc;

fn main() {
    divan::main();
}

const SESSION: SessionId = SessionId::from_bytes([7; 32]);
const ROW: RowId = RowId { run: RunId::new(SESSION, 0), index: 0 };

/// A plaintext: N values below p.
fn values() -> Vec<u64> {
    (0..N as u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15) % MODULUS).collect()
}

/// The multiplier of a plaintext product: small signed numbers, as weights are.
fn weights() -> Vec<i64> {
    (0..N as i64).map(|i| i * 53 % 255 - 127).collect()
}

fn fhe_parameters() -> Arc<BfvParameters> {
    BfvParametersBuilder::new()
        .set_degree(N)
        .set_plaintext_modulus(MODULUS)
        .set_moduli(&PRIMES)
        .build_arc()
        .expect("parameters")
}

fn fhe_ciphertext() -> (Arc<BfvParameters>, SecretKey, Plaintext, Ciphertext) {
    let parameters = fhe_parameters();
    let mut rng = rand_09::rng();
    let key = SecretKey::random(&parameters, &mut rng);
    let plaintext = Plaintext::try_encode(&values(), Encoding::poly(), &parameters).expect("N values");
    let ciphertext = key.try_encrypt(&plaintext, &mut rng).expect("of these parameters");
    (parameters, key, plaintext, ciphertext)
}

struct Seal {
    context: SealContext,
    generator: KeyGenerator,
    encoder: BFVEncoder,
}

impl Seal {
    fn new() -> Self {
        let moduli = PRIMES.iter().map(|&q| Modulus::new(q).expect("a prime")).collect();
        let parameters = BfvEncryptionParametersBuilder::new()
            .set_poly_modulus_degree(N as u64)
            .set_coefficient_modulus(moduli)
            .set_plain_modulus_u64(MODULUS)
            .build()
            .expect("parameters");
        let context = SealContext::new(&parameters, false, SecurityLevel::TC128).expect("128 bits");
        let generator = KeyGenerator::new(&context).expect("keys");
        let encoder = BFVEncoder::new(&context).expect("p = 1 modulo 2N");
        Self { context, generator, encoder }
    }

    fn encryptor(&self) -> Encryptor {
        Encryptor::with_public_key(&self.context, &self.generator.create_public_key()).expect("a key")
    }
}

/// What the client of the protocol does: seed-compressed, under the secret key.
mod encrypt_symmetric {
    use super::*;

    #[divan::bench]
    fn muse(bencher: Bencher<'_, '_>) {
        let (ring, mut rng) = (ring(), prg(1));
        let key = muse_he::keys::SecretKey::generate(&ring, &mut rng);
        let plaintext: Vec<Fp> = values().into_iter().map(Fp::new).collect();
        bencher.bench_local(|| key.encrypt(&ring, ROW, black_box(&plaintext), &mut rng).expect("N values"));
    }

    #[divan::bench]
    fn fhe(bencher: Bencher<'_, '_>) {
        let (_, key, plaintext, _) = fhe_ciphertext();
        let mut rng = rand_09::rng();
        bencher.bench_local(|| -> Ciphertext {
            key.try_encrypt(black_box(&plaintext), &mut rng).expect("of these parameters")
        });
    }
}

/// Under the public key. Ours exists as what re-randomises, masks, floods and shrinks a reply only: all of that is measured.
mod encrypt_public {
    use super::*;

    #[divan::bench]
    fn muse_whole_reply(bencher: Bencher<'_, '_>) {
        let ring = ring();
        let (key, _, ciphertext, mut rng) = server(&ring);
        let (mask, wanted) = (vec![Fp::ONE; N], (0..N).collect::<Vec<_>>());
        let flood = Budget::new(N, 2, 1).flood(1 << 20).expect("small");
        bencher.bench_local(|| {
            let product = Product::of(&ciphertext);
            product.respond(&ring, &key, &mask, &wanted, flood, &mut rng).expect("N values")
        });
    }

    #[divan::bench]
    fn fhe(bencher: Bencher<'_, '_>) {
        let (_, key, plaintext, _) = fhe_ciphertext();
        let mut rng = rand_09::rng();
        let key = PublicKey::new(&key, &mut rng);
        bencher.bench_local(|| -> Ciphertext {
            key.try_encrypt(black_box(&plaintext), &mut rng).expect("of these parameters")
        });
    }

    #[divan::bench]
    fn seal(bencher: Bencher<'_, '_>) {
        let seal = Seal::new();
        let (encryptor, plaintext) =
            (seal.encryptor(), seal.encoder.encode_unsigned(&values()).expect("N values"));
        bencher.bench_local(|| encryptor.encrypt(black_box(&plaintext)).expect("of these parameters"));
    }
}

/// Ours decrypts replies, which are of two primes by then; the others decrypt what they encrypted.
mod decrypt {
    use super::*;

    #[divan::bench]
    fn muse_reply(bencher: Bencher<'_, '_>) {
        let ring = ring();
        let (key, reply_key, ciphertext, mut rng) = server(&ring);
        let (mask, wanted) = (vec![Fp::ONE; N], (0..N).collect::<Vec<_>>());
        let flood = Budget::new(N, 2, 1).flood(1 << 20).expect("small");
        let product = Product::of(&ciphertext);
        let reply = product.respond(&ring, &key, &mask, &wanted, flood, &mut rng).expect("N values");
        bencher.bench_local(|| reply_key.decrypt(&ring, black_box(&reply), &wanted).expect("N coefficients"));
    }

    #[divan::bench]
    fn fhe(bencher: Bencher<'_, '_>) {
        let (_, key, _, ciphertext) = fhe_ciphertext();
        bencher.bench_local(|| key.try_decrypt(black_box(&ciphertext)).expect("of these parameters"));
    }

    #[divan::bench]
    fn seal(bencher: Bencher<'_, '_>) {
        let seal = Seal::new();
        let plaintext = seal.encoder.encode_unsigned(&values()).expect("N values");
        let ciphertext = seal.encryptor().encrypt(&plaintext).expect("of these parameters");
        let decryptor = Decryptor::new(&seal.context, &seal.generator.secret_key()).expect("a key");
        bencher.bench_local(|| decryptor.decrypt(black_box(&ciphertext)).expect("of these parameters"));
    }
}

/// A ciphertext times a plaintext that is not transformed yet, as weights are used once per inference.
mod plaintext_product {
    use super::*;

    #[divan::bench]
    fn muse(bencher: Bencher<'_, '_>) {
        let ring = ring();
        let (_, _, ciphertext, _) = server(&ring);
        let weights = weights();
        bencher.with_inputs(|| Product::zero(&ring)).bench_local_values(|mut sum| {
            let multiplier =
                CoeffPoly::from_signed(&ring, black_box(&weights)).expect("small").into_ntt(&ring);
            sum.add(&multiplier, &ciphertext);
            sum
        });
    }

    /// `Plaintext::try_encode` transforms, the product does not.
    #[divan::bench]
    fn fhe(bencher: Bencher<'_, '_>) {
        let (parameters, _, _, ciphertext) = fhe_ciphertext();
        let weights = weights();
        bencher.bench_local(|| {
            let multiplier =
                Plaintext::try_encode(black_box(&weights), Encoding::poly(), &parameters).expect("N values");
            &ciphertext * &multiplier
        });
    }

    #[divan::bench]
    fn seal(bencher: Bencher<'_, '_>) {
        let seal = Seal::new();
        let plaintext = seal.encoder.encode_unsigned(&values()).expect("N values");
        let ciphertext = seal.encryptor().encrypt(&plaintext).expect("of these parameters");
        let evaluator = BFVEvaluator::new(&seal.context).expect("a context");
        bencher
            .bench_local(|| evaluator.multiply_plain(black_box(&ciphertext), &plaintext).expect("not zero"));
    }
}

/// A public key, the key of replies and a ciphertext as the server holds it.
fn server(
    ring: &Ring,
) -> (muse_he::keys::PublicKey, ReplyKey, muse_he::encrypt::Ciphertext, muse_field::prg::Prg) {
    let mut rng = prg(2);
    let secret = muse_he::keys::SecretKey::generate(ring, &mut rng);
    let key = secret.public_key(ring, SESSION, &mut rng).receive(ring, SESSION).expect("N residues");
    let plaintext: Vec<Fp> = values().into_iter().map(Fp::new).collect();
    let sent = secret.encrypt(ring, ROW, &plaintext, &mut rng).expect("N values");
    let received = sent.receive(ring, ROW).expect("N residues");
    let reply_key = ReplyKey::new(ring, &secret).expect("one N");
    (key.assume_well_formed(), reply_key, received.assume_well_formed(), rng)
}
