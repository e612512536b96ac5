//! Both sides in memory: `cargo run --release -p muse-cds --example disclosure`.

use muse_cds::correlated::{BITS, Client, Server};
use muse_cds::{Disclose, Step};
use muse_field::id::{RunId, SessionId};
use muse_field::prg::Prg;
use muse_field::{Fp, sample, vector};
use muse_gc::label::Delta;
use muse_gc::ot::softspoken::{receiver, sender};
use muse_mac::{Authenticated, Keys, MacKey};

/// Moves everything that `from` has to say now.
fn pump(from: &mut impl Disclose, to: &mut impl Disclose) -> Result<u64, muse_cds::Error> {
    let (mut buffer, mut moved) = ([0; 4096], 0);
    while let Step::Send(n) = from.step() {
        let chunk = &mut buffer[..usize::try_from(n).unwrap_or(usize::MAX).min(4096)];
        from.fill(chunk);
        to.absorb(chunk)?;
        moved += chunk.len() as u64;
    }
    Ok(moved)
}

#[expect(clippy::print_stdout, reason = "an example reports")]
fn main() -> Result<(), Box<dyn core::error::Error>> {
    // A program seeds its generators from the operating system and hashes its handshake to the session id.
    let rng = &mut Prg::from_seed([1; 32]);
    let session = SessionId::from_bytes([2; 32]);

    // Once per session: the offset, base OTs, the MAC key.
    let (wait, request) = sender::Setup::start(&session, Delta::random(rng), rng);
    let (receiver, trees) = receiver::Setup::reply(&session, &request, rng);
    let (sender, alpha) = (wait.on_trees(&trees), MacKey::random(rng));

    // Per inference: the client's shares y with m = k + alpha * y, here from a dealer.
    let (mut y, mut k) = (vec![Fp::ZERO; 1000], vec![Fp::ZERO; 1000]);
    sample::fill_uniform(&mut y, rng);
    sample::fill_uniform(&mut k, rng);
    let mut m = k.clone();
    vector::axpy(&mut m, alpha.expose(), &y);

    let id = RunId::new(session, 0);
    let mut client = Client::new(id, receiver, Authenticated::new(y.clone(), m)?, rng)?;
    let mut server = Server::new(id, sender, &alpha, Keys::new(k), rng)?;
    let (mut up, mut down) = (0, 0);
    while server.step() != Step::Finished {
        up += pump(&mut client, &mut server)?;
        down += pump(&mut server, &mut client)?;
    }
    let ((_, active), (sender, zero)) = (client.finish()?, server.finish()?);

    // The client has the labels of the bits of its shares.
    let bits: Vec<u64> = y.iter().map(|y| y.to_u64()).collect();
    assert_eq!(active.as_slice(), zero.active_integers(&bits, BITS, sender.delta()).as_slice());
    println!("{} labels for {} values, {up} bytes up and {down} down", active.len(), y.len());
    Ok(())
}
