//! Both parties of a garbled circuit in memory.

use muse_field::id::{RunId, SessionId};
use muse_field::prg::Prg;
use muse_gc::circuit::Circuit;
use muse_gc::evaluate::Evaluator;
use muse_gc::evaluate::decode::{OutputHashes, colours, decode_colours, open};
use muse_gc::garble::Garbler;
use muse_gc::hash::{Domain, Engine, Tweaks};
use muse_gc::label::{ActiveLabels, Block, Delta, ZeroLabels};

pub(crate) const SESSION: [u8; 32] = [0x5e; 32];

/// The engines of this CPU.
pub(crate) fn engines() -> impl Iterator<Item = Engine> {
    Engine::available()
}

pub(crate) fn tweaks(domain: Domain) -> Tweaks {
    Tweaks::new(domain, &RunId::new(SessionId::from_bytes(SESSION), 3), 1)
}

pub(crate) fn rng(seed: u64) -> Prg {
    Prg::from_seed([0x11; 32]).substream(seed)
}

/// Garbled instances of a circuit, with the garbler's view.
pub(crate) struct Garbled {
    pub(crate) delta: Delta,
    pub(crate) inputs: ZeroLabels,
    pub(crate) tables: Vec<u8>,
    pub(crate) outputs: ZeroLabels,
}

pub(crate) fn garble(circuit: &Circuit, instances: usize, seed: u64) -> Garbled {
    let mut rng = rng(seed);
    let delta = Delta::random(&mut rng);
    let inputs = ZeroLabels::random(instances * circuit.input_count(), &mut rng);
    let tweaks = tweaks(Domain::Gate);
    let garbler = Garbler::new(circuit, &delta, &tweaks);
    let mut tables = vec![0; instances * garbler.table_len()];
    let mut outputs = vec![Block::ZERO; instances * circuit.output_count()];
    garbler.garble(0, inputs.as_slice(), &mut tables, &mut outputs);
    Garbled { delta, inputs, tables, outputs: ZeroLabels::new(outputs) }
}

impl Garbled {
    /// The evaluator's input labels for known bits.
    pub(crate) fn encode(&self, bits: &[bool]) -> ActiveLabels {
        let bits: Vec<u8> = bits.iter().map(|&bit| u8::from(bit)).collect();
        self.inputs.active(&bits, &self.delta)
    }

    /// The evaluator's output labels.
    pub(crate) fn evaluate(&self, circuit: &Circuit, active: &ActiveLabels) -> ActiveLabels {
        let mut outputs = vec![Block::ZERO; self.outputs.len()];
        Evaluator::new(circuit, &tweaks(Domain::Gate)).evaluate(
            0,
            active.as_slice(),
            &self.tables,
            &mut outputs,
        );
        ActiveLabels::new(outputs)
    }
}

/// Garbles and evaluates on `bits`, instance-major, and decodes in all three ways.
pub(crate) fn run(circuit: &Circuit, bits: &[bool], seed: u64) -> Vec<bool> {
    let instances = bits.len() / circuit.input_count();
    let garbled = garble(circuit, instances, seed);
    let active = garbled.evaluate(circuit, &garbled.encode(bits));

    let opened = open(garbled.outputs.as_slice(), &garbled.delta, active.as_slice()).expect("honest labels");
    let by_colour = decode_colours(active.as_slice(), &colours(garbled.outputs.as_slice()));
    assert_eq!(by_colour, opened);
    let tweaks = tweaks(Domain::Output);
    let per_instance = circuit.output_count();
    let hashes = OutputHashes::new(&tweaks, 0, per_instance, garbled.outputs.as_slice(), &garbled.delta);
    assert_eq!(hashes.decode(&tweaks, 0, per_instance, active.as_slice()), Ok(opened.clone()));
    opened
}

/// Bits of an integer, least significant first.
pub(crate) fn bits(value: u64, width: usize) -> impl Iterator<Item = bool> {
    (0..width).map(move |i| value >> i & 1 == 1)
}
