//! Writes the seeds of the fuzz targets that are honest messages: `cargo run -p muse-tests --example fuzz_seeds`, after any change of
//! what a hello or a card looks like. The other seeds are small enough to have been written by hand, or were found by a fuzzer.

use muse::{
    Protocol,
    card::Card,
    handshake::{Hello, Refused},
    model::{Architecture, InputSpec, Normalisation, shipped},
};
use muse_field::prg::Prg;
use muse_tests::network::tiny;
use std::{fs, io, path::PathBuf};

fn main() -> Result<(), Box<dyn core::error::Error>> {
    for (mode, name) in
        [(Protocol::ClientMalicious, "hello-malicious"), (Protocol::SemiHonest, "hello-baseline")]
    {
        let hello = Hello::new(mode, &mut Prg::from_seed([1; 32])).to_bytes();
        let shape = u64::from(mode == Protocol::SemiHonest);
        write(name, &[&[OWN], &shape.to_le_bytes()[..], &[0], &hello].concat())?;
    }
    let refused = Refused::Rate { seconds: 40 }.to_bytes();
    write("refused-rate", &[&[OWN], &4_u64.to_le_bytes()[..], &[0], &refused].concat())?;
    let digits = shipped::mnist();
    let digits = digits.architecture();
    let normalised = Architecture::new(
        "normalised".into(),
        InputSpec { normalisation: Normalisation::mean_std(&[0.1307], &[0.3081])?, ..digits.input().clone() },
        digits.frac_bits(),
        digits.classes().to_vec(),
        digits.layers().to_vec(),
    )?;
    let cards: [(&str, Architecture); 4] = [
        ("card-tiny", tiny().architecture().clone()),
        ("card-normalised", normalised),
        ("card-mnist", shipped::mnist().architecture().clone()),
        ("card-cifar10", shipped::cifar10().architecture().clone()),
    ];
    for (name, architecture) in cards {
        let card = Card::new(architecture)?.to_bytes();
        write(name, &[&[OWN], &2_u64.to_le_bytes()[..], &card].concat())?;
    }
    Ok(())
}

fn write(name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::write(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/decoders").join(name), bytes)
}

/// The kind of muse's own messages in the target `decoders`.
const OWN: u8 = 35;
