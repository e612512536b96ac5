//! Both sides in memory: `cargo run --release -p muse-mac --example authenticated_opening`.

use muse_field::id::{RunId, SessionId};
use muse_field::prg::Prg;
use muse_field::wire::{from_slice, to_vec};
use muse_field::{Fp, sample, vector};
use muse_mac::{Authenticated, Claimed, Keys, MacKey, OpeningId, Purpose};

#[expect(clippy::print_stdout, reason = "an example reports")]
fn main() -> Result<(), Box<dyn core::error::Error>> {
    // A program seeds its generators from the operating system and hashes its handshake to the session id.
    let rng = &mut Prg::from_seed([1; 32]);
    let id = OpeningId::new(Purpose::Input, RunId::new(SessionId::from_bytes([2; 32]), 0), 0);

    // In the protocol m = k + alpha * x comes out of an encrypted multiplication; here a dealer makes it.
    let alpha = MacKey::random(rng);
    let x: Vec<Fp> = (0..1000).map(Fp::new).collect();
    let mut k = vec![Fp::ZERO; x.len()];
    sample::fill_uniform(&mut k, rng);
    let mut m = k.clone();
    vector::axpy(&mut m, alpha.expose(), &x);
    let (mut client, mut server) = (Authenticated::new(x, m)?, Keys::new(k));

    // Linear maps are local: sums of neighbours, on both sides alike.
    let pool = |v: &[Fp]| v.chunks(2).map(vector::sum).collect();
    (client, server) = (client.map(pool), server.map(pool));

    // The client opens: 500 values and 32 bytes.
    let mut message = to_vec(&client.open(&id));
    let claimed: Claimed = from_slice(server.len(), &message)?;
    let copy = Keys::new(server.expose().to_vec());
    let values = copy.verify(&alpha, &id, claimed)?;
    println!("{} bytes open {} values, the last one {}", message.len(), values.len(), values[499]);

    // Another value with the same MAC is refused; a real server ends the session, keys and all.
    message[0] ^= 1;
    let error = server.verify(&alpha, &id, from_slice(500, &message)?).expect_err("a changed value");
    println!("changed: {error}");
    Ok(())
}
