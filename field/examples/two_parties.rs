//! Two parties in memory: additive shares of a dot product under a public model, packed for the wire.
//! `cargo run -p muse-field --example two_parties`

use muse_field::prg::Prg;
use muse_field::transcript::Transcript;
use muse_field::wire::{DecodeError, from_slice, to_vec};
use muse_field::{Fp, sample, vector};

const N: usize = 1000;

fn main() -> Result<(), DecodeError> {
    // A real program seeds its generator from the operating system.
    let mut rng = Prg::from_seed([1; 32]);
    let weights: Vec<Fp> = (0..N as i64).map(|i| Fp::from_i64(i - 500)).collect();
    let secret: Vec<Fp> = (0..N as i64).map(|i| Fp::from_i64(i % 7)).collect();

    // The client splits its vector: one share is uniform, the other is what is missing.
    let mut mine = vec![Fp::ZERO; N];
    sample::fill_uniform(&mut mine, &mut rng);
    let mut theirs = secret.clone();
    vector::sub_assign(&mut theirs, &mine);
    let message = to_vec(&theirs);

    // The server decodes with the length it expects, never with one it was told, and answers.
    let received: Vec<Fp> = from_slice(N, &message)?;
    let answer = to_vec(&vec![vector::dot(&weights, &received)]);

    // The client adds its part. A signed reading gives the integer back.
    let [part]: [Fp; 1] = from_slice::<Vec<Fp>>(1, &answer)?.try_into().map_err(|_| DecodeError::Length)?;
    let result = part + vector::dot(&weights, &mine);
    assert_eq!(result, vector::dot(&weights, &secret));

    // Both parties hash what they saw; the digests agree.
    let digest = |m: &[u8], a: &[u8]| Transcript::new("example").append("m", m).append("a", a).digest("end");
    assert_eq!(digest(&message, &answer), digest(&message, &answer));

    #[expect(clippy::print_stdout, reason = "an example shows its result")]
    {
        println!(
            "{} + {} bytes for {N} elements; the product is {}",
            message.len(),
            answer.len(),
            result.to_signed()
        );
    }
    Ok(())
}
