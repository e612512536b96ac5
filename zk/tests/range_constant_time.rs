//! The client's half of the range proof under valgrind, which reports every branch and address that depends on bytes it was told
//! to treat as undefined: here values, labels and masks.
//!
//! ```text
//! cargo test --release -p muse-zk --test range_constant_time --no-run        # prints the path of the program
//! valgrind -q --error-exitcode=9 PROGRAM --test-threads=1               # must exit with 0
//! valgrind -q --error-exitcode=9 PROGRAM --test-threads=1 --ignored     # the negative control: must exit with 9
//! ```
//!
//! Without valgrind the marks do nothing and the test checks results only. The server's half ends with a branch on its verdict,
//! which is public, and computes with the same kernels.

use core::hint::black_box;

use muse_field::MODULUS;
use muse_field::id::SessionId;
use muse_field::prg::Prg;
use muse_field::wire::to_vec;
use muse_gc::label::{Delta, ZeroLabels};
use muse_zk::range::{BatchId, Choices, Seed, count, prove, verify};

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

#[test]
fn the_proof() {
    let mut rng = Prg::from_seed([1; 32]);
    let mut values = [0, 1, MODULUS - 1, (1 << 44) - (1 << 27), 12345, 1 << 43, 77, 1 << 23, 9];
    let n = values.len();
    secret(&mut values);
    // Secret values make secret helper bits; masks and labels are marked on their own.
    let choices = Choices::new(&values, &mut rng);
    let delta = Delta::random(&mut rng);
    let keys = ZeroLabels::random(count(n), &mut rng);
    let bits: Vec<u8> = (0..count(n)).map(|i| choices.as_bytes()[i / 8] >> (i % 8) & 1).collect();
    let mut labels = keys.active(&bits, &delta);
    secret(labels.as_mut_slice());

    let id = BatchId { session: SessionId::from_bytes([7; 32]), inference: 3 };
    let seed = Seed::random(&mut rng);
    let message = prove(&id, &choices, labels.as_slice(), &seed).expect("a label for each choice");
    let mut bytes = to_vec(&message);
    public(&mut bytes[..]);
    let message = muse_field::wire::from_slice((), &bytes).expect("any 160 bytes are a message");
    assert_eq!(verify(&id, &delta, keys.as_slice(), &seed, &message), Ok(()));
}

#[test]
#[ignore = "the negative control, run under valgrind only"]
fn a_branch_on_a_secret_is_reported() {
    let mut value = [5_u64];
    secret(&mut value);
    let reported = if black_box(value[0]) > 3 { black_box(1) } else { black_box(2) };
    assert!(black_box(reported) > 0);
}
