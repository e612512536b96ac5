//! Elements, packed bits, seeds and what is hashed under valgrind, which reports every jump and address that depends on bytes
//! marked as secret (`muse_field::ct`). `.ci/constant_time` runs it; `tests/README.md` says how to by hand.

use core::hint::black_box;
use muse_field::prg::Prg;
use muse_field::transcript::Transcript;
use muse_field::wire::{Reader, from_slice, to_vec};
use muse_field::{Fp, MODULUS, cpu, ct, pack, sample, vector};
use rand_core::Rng;
use subtle::{Choice, ConditionallyNegatable, ConditionallySelectable, ConstantTimeEq};

fn elements(n: usize, seed: u8) -> Vec<Fp> {
    let mut out = vec![Fp::ZERO; n];
    sample::fill_uniform(&mut out, &mut Prg::from_seed([seed; 32]));
    out
}

/// Computes with secret inputs and returns the result for public eyes.
fn with_secrets<const N: usize, T>(inputs: [Fp; N], f: impl Fn([Fp; N]) -> T) -> T {
    ct::disclosed(f(ct::hidden(inputs)))
}

#[test]
fn elements_are_constant_time() {
    let (a, b) = (Fp::new(5), Fp::NEG_ONE);
    assert_eq!(with_secrets([a, b], |[a, b]| a + b), Fp::new(4));
    assert_eq!(with_secrets([a, b], |[a, b]| a - b), Fp::new(6));
    assert_eq!(with_secrets([a, b], |[a, b]| a * b), -a);
    assert_eq!(with_secrets([a, b], |[a, b]| -a + b.double() + a.square()), Fp::new(18));
    assert_eq!(with_secrets([a], |[a]| a.pow_vartime(3)), Fp::new(125));
    assert_eq!(with_secrets([b], |[b]| b.to_signed()), -1);
    assert_eq!(with_secrets([b], |[b]| b.to_centred()), -1);
    assert_eq!(
        with_secrets([b], |[b]| Fp::from_i64(b.to_signed()) + Fp::new(b.to_u64() << 20)),
        -Fp::new(1 + (1 << 20))
    );
    let wide = with_secrets([b], |[b]| Fp::from_u128(u128::from(b.to_u64()) << 80));
    assert_eq!(wide, -Fp::from_u128(1 << 80));
    for v in [Fp::ZERO, a, b] {
        let inverse = with_secrets([v], |[v]| v.invert());
        assert_eq!(bool::from(inverse.is_some()), v != Fp::ZERO);
    }
    let chosen = with_secrets([a, b], |[a, b]| {
        let choice: Choice = a.ct_eq(&b);
        let mut chosen = Fp::conditional_select(&a, &b, choice);
        chosen.conditional_negate(!choice);
        chosen
    });
    assert_eq!(chosen, -a);
}

#[test]
fn kernels_are_constant_time() {
    type Kernel = fn(&mut [Fp], &[Fp]);
    let kernels: [Kernel; 8] = [
        vector::add_assign,
        vector::sub_assign,
        vector::mul_assign,
        |a, _| vector::neg_assign(a),
        |a, b| vector::scale_assign(a, b[0]),
        |a, b| vector::axpy(a, b[0], b),
        |a, b| a[0] = vector::dot(a, b),
        |a, _| a[0] = vector::sum(a),
    ];
    for n in [1, 4, 7, 64] {
        for kernel in kernels {
            let (mut a, b) = (elements(n, 1), elements(n, 2));
            let mut expected = a.clone();
            kernel(&mut expected, &b);
            ct::secret(&a[..]);
            ct::secret(&b[..]);
            kernel(&mut a, &b);
            ct::public(&a[..]);
            assert_eq!(a, expected);
        }
    }
}

#[test]
fn packing_is_constant_time() {
    let a = elements(7, 3);
    let expected: Vec<u64> = a.iter().map(|v| v.to_u64()).collect();
    let (mut bytes, mut bits) = (vec![0; pack::packed_len(7)], vec![0; pack::bits_len(44, 7)]);
    ct::secret(&a[..]);
    pack::pack(&a, &mut bytes);
    let raw: Vec<u64> = a.iter().map(|v| v.to_u64()).collect();
    ct::secret(&raw[..]);
    pack::pack_bits(44, &raw, &mut bits);
    ct::public(&bits[..]);
    ct::public(&bytes[..]);
    assert_eq!(bytes, bits);

    // Unpacking whole words: no padding, hence no verdict on secret bits.
    let mut fields = vec![0; 2];
    ct::secret(&bytes[..11]);
    pack::unpack_bits(44, &bytes[..11], &mut fields).unwrap();
    ct::public(&fields[..]);
    assert_eq!(fields, expected[..2]);
}

#[test]
fn generators_are_constant_time_in_the_seed() {
    let seed = [7; 32];
    let expected = Prg::from_seed(seed).substream(1).next_u64();
    let word = Prg::from_seed(ct::hidden(seed)).substream(1).next_u64();
    assert_eq!(ct::disclosed(word), expected);
}

/// Canonical encodings: the verdict on all of a vector is public, its elements are not.
#[test]
fn decoding_is_constant_time_but_for_the_verdict() {
    let (n, fields) = (7, [5_u64, 1 << 18, 0]);
    let bytes = to_vec(&ct::hidden([1, MODULUS - 1, 3, 4, 5, 6, 7]).map(Fp::new).to_vec());
    let decoded: Vec<Fp> = from_slice(n, &bytes).unwrap();
    ct::public(&decoded[..]);
    assert_eq!(decoded[1], Fp::NEG_ONE);
    let not_canonical = ct::hidden([0xff; 11]);
    assert!(pack::unpack(&not_canonical, &mut [Fp::ZERO; 2]).is_err());
    let mut bits = vec![0; pack::bits_len(19, 3)];
    pack::pack_bits(19, &ct::hidden(fields), &mut bits);
    let decoded = Reader::new(&bits).bits(19, 3).unwrap();
    ct::public(&decoded[..]);
    assert_eq!(decoded, fields);
}

/// How many words are rejected is public, those that are kept are not.
#[test]
fn sampling_is_constant_time_but_for_rejections() {
    let mut rng = Prg::from_seed(ct::hidden([8; 32]));
    let mut out = [Fp::ZERO; 100];
    sample::fill_uniform(&mut out, &mut rng);
    out[0] = sample::uniform(&mut rng);
    let out = ct::disclosed(out);
    let mut rng = Prg::from_seed([8; 32]);
    let mut expected = [Fp::ZERO; 100];
    sample::fill_uniform(&mut expected, &mut rng);
    expected[0] = sample::uniform(&mut rng);
    assert_eq!(out, expected);
}

#[test]
fn transcripts_are_constant_time_in_what_they_hash() {
    let digest = |data: [u64; 2]| {
        let mut transcript = Transcript::new("muse-field test of constant time");
        transcript.append("bytes", &data[0].to_le_bytes()).append_u64("word", data[1]);
        transcript.append_elements("elements", &data.map(Fp::new));
        (transcript.digest("digest"), transcript.prg("generator").next_u64())
    };
    assert_eq!(ct::disclosed(digest(ct::hidden([3, 4]))), digest([3, 4]));
}

/// Which kernels these tests were about.
#[test]
fn kernels() {
    let has = cpu::features();
    if cfg!(muse_backend = "portable") {
        assert_eq!(has, cpu::Features::default());
    } else if ct::is_watched() {
        assert!(has.avx2 && has.fma && !has.avx512, "valgrind has AVX2, and no AVX-512");
    }
}

/// What valgrind must report: a branch on a secret.
#[test]
#[ignore = "the negative control, run under valgrind only"]
fn a_branch_on_a_secret_is_reported() {
    let v = ct::hidden(Fp::new(MODULUS / 2));
    let reported = if black_box(v.to_u64()) > 3 { black_box(1) } else { black_box(2) };
    assert!(black_box(reported) > 0);
}
