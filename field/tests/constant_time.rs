//! Control flow and addresses must not depend on secret values: run under valgrind, whose memory checker reports every
//! branch or address computed from bytes that it was told to treat as undefined.
//!
//! ```text
//! cargo test --release -p muse-field --test constant_time --no-run        # prints the path of the program
//! valgrind -q --error-exitcode=9 PROGRAM --test-threads=1     # must exit with 0
//! valgrind -q --error-exitcode=9 PROGRAM --test-threads=1 --ignored      # the negative control: must exit with 9
//! ```
//!
//! It is the release build that counts: debug assertions branch on the values they check. Without valgrind the marks
//! do nothing and the tests check results only. The portable backend is checked by the
//! same commands with `RUSTFLAGS='--cfg muse_backend="portable"'`.

use core::hint::black_box;
use muse_field::prg::Prg;
use muse_field::{Fp, MODULUS, pack, sample, vector};
use rand_core::Rng;
use subtle::{Choice, ConditionallyNegatable, ConditionallySelectable, ConstantTimeEq};

/// A request of valgrind's memory checker about a value. Elsewhere the instructions do nothing.
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "valgrind is told about memory by a special sequence of instructions")]
fn tell_valgrind<T: ?Sized>(request: u64, value: &mut T) {
    let base = u64::from(u32::from_be_bytes([b'M', b'C', 0, 0]));
    let arguments =
        [base + request, (&raw mut *value).cast::<u8>() as u64, size_of_val(value) as u64, 0, 0, 0];
    // SAFETY: four rotations by 128 bits in all and an exchange of a register with itself change nothing; valgrind
    // reads the six words that rax points to and writes its answer to rdx.
    unsafe {
        core::arch::asm!(
            "rol rdi, 3", "rol rdi, 13", "rol rdi, 61", "rol rdi, 51", "xchg rbx, rbx",
            in("rax") arguments.as_ptr(), inout("rdx") 0u64 => _, inout("rdi") 0u64 => _,
        );
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn tell_valgrind<T: ?Sized>(_: u64, _: &mut T) {}

/// Marks a value as secret.
fn secret<T: ?Sized>(value: &mut T) {
    tell_valgrind(1, value);
    black_box(value);
}

/// Allows looking at a value again.
fn public<T: ?Sized>(value: &mut T) {
    tell_valgrind(2, value);
    black_box(value);
}

fn elements(n: usize, seed: u8) -> Vec<Fp> {
    let mut out = vec![Fp::ZERO; n];
    sample::fill_uniform(&mut out, &mut Prg::from_seed([seed; 32]));
    out
}

/// Computes with secret inputs and returns the result for public eyes.
fn with_secrets<const N: usize, T>(mut inputs: [Fp; N], f: impl Fn([Fp; N]) -> T) -> T {
    let expected_inputs = inputs;
    secret(&mut inputs);
    let mut result = f(inputs);
    public(&mut result);
    public(&mut inputs);
    assert_eq!(inputs, expected_inputs);
    result
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
            let (mut a, mut b) = (elements(n, 1), elements(n, 2));
            let mut expected = a.clone();
            kernel(&mut expected, &b);
            secret(&mut *a);
            secret(&mut *b);
            kernel(&mut a, &b);
            public(&mut *a);
            assert_eq!(a, expected);
        }
    }
}

#[test]
fn packing_is_constant_time() {
    let mut a = elements(7, 3);
    let expected: Vec<u64> = a.iter().map(|v| v.to_u64()).collect();
    let (mut bytes, mut bits) = (vec![0; pack::packed_len(7)], vec![0; pack::bits_len(44, 7)]);
    secret(&mut *a);
    pack::pack(&a, &mut bytes);
    let mut raw: Vec<u64> = a.iter().map(|v| v.to_u64()).collect();
    secret(&mut *raw);
    pack::pack_bits(44, &raw, &mut bits);
    public(&mut *bits);
    public(&mut *bytes);
    assert_eq!(bytes, bits);

    // Unpacking whole words: no padding, hence no verdict on secret bits.
    let mut fields = vec![0; 2];
    secret(&mut bytes[..11]);
    pack::unpack_bits(44, &bytes[..11], &mut fields).unwrap();
    public(&mut *fields);
    assert_eq!(fields, expected[..2]);
}

#[test]
fn generators_are_constant_time_in_the_seed() {
    let mut seed = [7; 32];
    let expected = Prg::from_seed(seed).substream(1).next_u64();
    secret(&mut seed);
    let mut word = Prg::from_seed(seed).substream(1).next_u64();
    public(&mut word);
    assert_eq!(word, expected);
}

/// What valgrind must report: a branch on a secret.
#[test]
#[ignore = "the negative control, run under valgrind only"]
fn a_branch_on_a_secret_is_reported() {
    let mut v = [Fp::new(MODULUS / 2)];
    secret(&mut v);
    let reported = if black_box(v[0].to_u64()) > 3 { black_box(1) } else { black_box(2) };
    assert!(black_box(reported) > 0);
}
