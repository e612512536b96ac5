//! Keys, noise, plaintexts, weights, alpha and masks under valgrind, which reports every jump and address that depends on bytes
//! marked as secret (`muse_field::ct`). `.ci/constant_time` runs it; `tests/README.md` says how to by hand.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use core::hint::black_box;

use muse_field::id::{RunId, SessionId};
use muse_field::prg::Prg;
use muse_field::sample::fill_uniform;
use muse_field::wire::{Decode, Encode, from_slice, to_vec};
use muse_field::{Fp, ct, mask::Mask};
use muse_he::budget::{Budget, OutputMac};
use muse_he::encode::{Layout, LinearShape, Slots, Tiling};
use muse_he::encrypt::{Ciphertext, FreshCiphertext, RowId};
use muse_he::keys::{PublicKey, PublicKeyRow, SecretKey};
use muse_he::linear::{self, Server, authenticate_input, input_mac_shape, reply_shape};
use muse_he::params::Params;
use muse_he::reply::{Reply, ReplyKey};
use muse_he::ring::Ring;
use rand_core::Rng;

const SESSION: SessionId = SessionId::from_bytes([7; 32]);

/// A generator of secrets: its seed is one.
fn secret_rng(seed: u8) -> Prg {
    Prg::from_seed(ct::hidden([seed; 32]))
}

fn uniform(n: usize, rng: &mut Prg) -> Vec<Fp> {
    let mut values = vec![Fp::ZERO; n];
    fill_uniform(&mut values, rng);
    values
}

/// What is sent is public.
fn sent<T: Decode>(shape: T::Shape, message: &impl Encode) -> T {
    let bytes = to_vec(message);
    ct::public(&bytes[..]);
    from_slice(shape, &bytes).unwrap()
}

fn shown(values: &[Fp]) -> &[Fp] {
    ct::public(values);
    values
}

fn row(index: u32) -> RowId {
    RowId { run: RunId::new(SESSION, 3), index }
}

struct Session {
    ring: Ring,
    secret: SecretKey,
    reply_key: ReplyKey,
    public_key: PublicKey,
    rng: Prg,
}

impl Session {
    fn new(ring: Ring) -> Self {
        let mut rng = secret_rng(1);
        let secret = SecretKey::generate(&ring, &mut rng);
        let reply_key = ReplyKey::new(&ring, &secret).unwrap();
        let key: PublicKeyRow = sent(ring.n(), &secret.public_key(&ring, SESSION, &mut rng));
        let public_key = key.receive(&ring, SESSION).unwrap().assume_well_formed();
        Self { ring, secret, reply_key, public_key, rng }
    }

    /// A whole layer with MACs: what comes out is right, and nothing jumped on the way.
    fn layer(&mut self, layout: &Layout, l1_bound: u64) -> OutputMac {
        let (ring, rng) = (&self.ring, &mut self.rng);
        let (n, shape) = (ring.n(), layout.shape());
        let r = uniform(shape.inputs(), rng);
        let weights: Vec<i64> = (0..shape.weights()).map(|_| rng.next_u64() as i64 >> 55).collect();
        let alpha = Fp::new(rng.next_u64());

        let input = linear::encrypt_input(ring, &self.secret, layout, row(0), &r, rng).unwrap();
        let input = input.iter().map(|row| sent::<FreshCiphertext>(n, row)).collect();
        let input = linear::receive_input(ring, layout, row(0), input).unwrap();
        let input: Vec<Ciphertext> = input.into_iter().map(|row| row.assume_well_formed()).collect();
        let budget =
            Budget::new(n, layout.input_count() + 1, layout.input_count() + 2 * layout.reply_count());
        let server =
            Server::new(ring, &self.public_key, layout, &weights, &input, &budget, l1_bound, rng).unwrap();

        let outputs = shape.outputs();
        let (mut s, mut keys) = (vec![Fp::ZERO; outputs], vec![Fp::ZERO; outputs]);
        let (mut values, mut macs) = (vec![], vec![]);
        for group in 0..layout.reply_count() {
            let made = server.respond_authenticated(group, alpha).unwrap();
            layout.scatter(group, &made.share, &mut s);
            layout.scatter(group, &made.mac_keys, &mut keys);
            values.push(sent::<Reply>(reply_shape(layout, group), &made.reply));
            macs.push(sent::<Reply>(reply_shape(layout, group), &made.mac_reply));
        }
        let y = linear::decrypt_output(ring, &self.reply_key, layout, &values).unwrap();
        let m = linear::decrypt_output(ring, &self.reply_key, layout, &macs).unwrap();

        let all: Vec<usize> = (0..n).collect();
        let (mut input_macs, mut input_keys) = (vec![], vec![]);
        for input in &input {
            let made = authenticate_input(ring, &self.public_key, &budget, input, alpha, rng).unwrap();
            let reply: Reply = sent(input_mac_shape(layout), &made.reply);
            input_macs.push(self.reply_key.decrypt(ring, &reply, &all).unwrap());
            input_keys.push(made.keys);
        }
        let (input_macs, input_keys) = (layout.sort(&input_macs), layout.sort(&input_keys));

        let alpha = ct::disclosed(alpha);
        for (m, k, x) in [(&m[..], &keys[..], &y[..]), (&input_macs.elements, &input_keys.elements, &r)] {
            let (m, k, x) = (shown(m), shown(k), shown(x));
            assert!(m.iter().zip(k).zip(x).all(|((&m, &k), &x)| m == k + alpha * x));
        }
        assert_eq!(shown(&input_macs.constraints), shown(&input_keys.constraints));
        budget.output_mac(layout.max_l1(l1_bound), layout.max_taps()).unwrap()
    }
}

/// Rings of the kernels that this processor, or valgrind's, has. Degree 16 is below what the vector transforms take.
fn rings(n: usize) -> Vec<Ring> {
    Ring::of_every_backend(Params::with_degree(n).unwrap()).unwrap()
}

#[test]
fn layers_with_macs_by_scalar_and_by_product() {
    let shape = LinearShape {
        in_channels: 2,
        height: 4,
        width: 4,
        out_channels: 2,
        kernel: 3,
        padding: 0,
        stride: 1,
    };
    let layout = Layout::new(64, shape, Tiling { cw: 2, mw: 2, bh: 4, bw: 4 }).unwrap();
    for ring in rings(64) {
        let mut session = Session::new(ring);
        assert!(matches!(session.layer(&layout, 18 << 9), OutputMac::Scalar(_)));
        assert!(matches!(session.layer(&layout, 1 << 60), OutputMac::Product(_)));
    }
    for ring in rings(16) {
        let dense = Layout::best(16, LinearShape::dense(5, 4), false).unwrap();
        let _ = Session::new(ring).layer(&dense, 5 << 9);
    }
}

#[test]
fn slots() {
    let slots = Slots::new(&Params::with_degree(64).unwrap());
    let values = uniform(64, &mut secret_rng(2));
    let decoded = slots.decode(&slots.encode(&values).unwrap()).unwrap();
    assert_eq!(shown(&decoded), shown(&values));
}

/// Which kernels these tests were about.
#[test]
fn kernels() {
    let names: Vec<&str> = rings(64).iter().map(Ring::backend_name).collect();
    if cfg!(muse_backend = "portable") {
        assert_eq!(names, ["portable"]);
    } else if ct::is_watched() {
        assert_eq!(names, ["avx2", "portable"], "valgrind has no AVX-512");
    }
}

/// What valgrind must report: a jump on a sign, which is what a compiler made of a mask.
#[test]
#[ignore = "the negative control, run under valgrind only"]
fn a_branch_on_a_secret_is_reported() {
    let r = uniform(1, &mut secret_rng(3))[0].to_centred();
    let reported = if black_box(Mask::of_sign(r).to_u64()) == 0 { black_box(1) } else { black_box(2) };
    assert!(black_box(reported) > 0);
}

/// What the disassembly of code for AVX-512 must find: a jump on the lanes of a vector. Never called.
#[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
#[target_feature(enable = "avx512f")]
#[inline(never)]
fn leaky_avx512(words: &[u64; 8]) -> u64 {
    use core::arch::x86_64::{
        _mm512_set1_epi64, _mm512_setzero_si512, _mm512_test_epi64_mask, _mm512_xor_si512,
    };
    let lanes = words.iter().fold(_mm512_setzero_si512(), |lanes, &word| {
        _mm512_xor_si512(lanes, _mm512_set1_epi64(black_box(word) as i64))
    });
    if _mm512_test_epi64_mask(lanes, lanes) == 0 { black_box(1) } else { black_box(2) }
}

/// Likewise, a jump on a bit, which is what a compiler made of a mask. Never called.
#[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
#[target_feature(enable = "avx512f")]
#[inline(never)]
fn leaky_avx512_in_a_loop(words: &[u64; 8]) -> u64 {
    words.iter().fold(0, |sum, &word| if word >> 1 & 1 == 1 { black_box(sum ^ word) } else { sum })
}

/// Keeps them in the program.
#[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
#[used]
static CONTROLS: [unsafe fn(&[u64; 8]) -> u64; 2] = [leaky_avx512, leaky_avx512_in_a_loop];
