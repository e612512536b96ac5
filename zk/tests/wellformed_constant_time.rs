//! The prover's answer to a challenge under valgrind, which reports every branch and address that depends on bytes it was told
//! to treat as undefined: here `s`, `e` and `mu`. One report a try is allowed, and expected: whether the try is rejected.
//!
//! ```text
//! cargo test --release -p muse-zk --test wellformed_constant_time --no-run       # prints the path of the program
//! valgrind PROGRAM --test-threads=1                                          # the test counts the reports itself
//! ```
//!
//! Without valgrind the marks do nothing, and the test checks that the proof is accepted. Masks are sampled by rejection, which
//! is not constant time and does not depend on those that are kept; they are not marked.

#![allow(clippy::unwrap_used, reason = "a test")]

mod wellformed_support;

use core::hint::black_box;

use muse_field::wire::{from_slice, to_vec};
use muse_he::encrypt::Witness;
use muse_zk::wellformed::{Attempt, Responses, Tries};
use wellformed_support::{Client, prg};

/// A request to valgrind. Elsewhere the instructions do nothing, and the answer is 0.
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "valgrind is asked by a special sequence of instructions")]
fn ask_valgrind(request: u64, address: u64, length: u64) -> u64 {
    let arguments = [request, address, length, 0, 0, 0];
    let answer: u64;
    // SAFETY: four rotations by 128 bits in all and an exchange of a register with itself change nothing; valgrind
    // reads the six words that rax points to and writes its answer to rdx.
    unsafe {
        core::arch::asm!(
            "rol rdi, 3", "rol rdi, 13", "rol rdi, 61", "rol rdi, 51", "xchg rbx, rbx",
            in("rax") arguments.as_ptr(), inout("rdx") 0u64 => answer, inout("rdi") 0u64 => _,
        );
    }
    answer
}

#[cfg(not(target_arch = "x86_64"))]
fn ask_valgrind(_: u64, _: u64, _: u64) -> u64 {
    0
}

/// Requests of the core, and those of the memory checker.
const RUNNING: u64 = 0x1001;
const COUNT_ERRORS: u64 = 0x1201;
const MEMORY: u64 = (b'M' as u64) << 24 | (b'C' as u64) << 16;

fn mark<T>(request: u64, values: &[T]) {
    ask_valgrind(MEMORY + request, values.as_ptr() as u64, size_of_val(values) as u64);
    black_box(values);
}

fn secret<T>(values: &[T]) {
    mark(1, values);
}

fn public<T>(values: &[T]) {
    mark(2, values);
}

fn mark_witness(witness: &Witness) {
    secret(witness.error().coefficients());
    secret(witness.plaintext().unwrap_or_default());
}

#[test]
fn only_the_verdict_is_reported() {
    let client = Client::new(64, 2, 1);
    let (key, mut rng, mut tries) = (client.received_key(), prg(2), Tries::new());
    let (mut prover, mut verifier) = (client.prover(&key), client.verifier(&key));
    secret(client.secret.ternary().coefficients());
    mark_witness(&client.key_witness);
    client.rows.iter().for_each(|(_, witness)| mark_witness(witness));
    let one = u64::from(ask_valgrind(RUNNING, 0, 0) > 0);
    loop {
        let before = ask_valgrind(COUNT_ERRORS, 0, 0);
        let (awaiting, commitment) = prover.commit(&mut rng);
        assert_eq!(ask_valgrind(COUNT_ERRORS, 0, 0), before);
        let (expecting, challenge) = verifier.challenge(&commitment, &mut tries, &mut rng).unwrap();
        let attempt = awaiting.respond(&challenge);
        assert_eq!(ask_valgrind(COUNT_ERRORS, 0, 0) - before, one, "the verdict, and nothing else");
        match attempt {
            Attempt::Accepted(responses) => {
                let bytes = to_vec(&responses);
                public(&bytes);
                let responses: Responses = from_slice(client.shape(), &bytes).unwrap();
                assert!(expecting.verify(responses).is_ok());
                return;
            }
            Attempt::Rejected(again) => (prover, verifier) = (again, expecting.rejected()),
        }
    }
}
