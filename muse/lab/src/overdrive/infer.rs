//! One inference as a program, in either setting: preprocessing that is made for it, then the program itself.

use super::{
    client_malicious::{Client, Server},
    party::{Peer, failed},
    wire::Wire,
};
use crate::inference::{Cost, infer};
use muse::model::{Network, plaintext};
use muse_cli::failure::Failure;
use muse_field::{Fp, prg::Prg};
use muse_mac::{
    Authenticated, Keys,
    spdz::{Party, Shares},
};
use muse_triples::{
    ClientTriples, InputMasks, ServerTriples, SharedTriples,
    beaver::Batch,
    engine::{self, ClientPreprocessed, ServerPreprocessed},
    onesided::{ClientPlayer, ServerPlayer},
    overdrive::{self, Inputs},
    program::{Engine, Machine, Mailbox, Progress},
    random,
    spdz::{Player, Preprocessed},
};

/// Batches that an inference of a network takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Needs {
    /// Triples.
    pub(crate) triples: usize,
    /// Values that the client knows, in the malicious setting.
    pub(crate) client: usize,
    /// Values that the server knows, in the malicious setting.
    pub(crate) server: usize,
    /// Values that the client knows, in the client-malicious setting.
    pub(crate) randoms: usize,
}

impl Needs {
    /// What is exact is so but for masks that are drawn again, for which there is room: each takes its bits once more.
    pub(crate) fn of(network: &Network) -> Self {
        let cost = Cost::of(network.architecture());
        let used = cost.total();
        let spare = SPARE + (cost.drawn_again() * 10.0) as usize * Fp::BITS;
        Self {
            triples: used.triples() as usize + spare,
            client: (used.inputs[0] + used.outputs) as usize,
            server: used.inputs[1] as usize,
            // One more for each step of random bits.
            randoms: (used.inputs[0] + used.bits + used.steps) as usize + spare,
        }
    }

    /// Batches of triples of Overdrive.
    pub(crate) const fn overdrive_batches(&self, n: usize) -> usize {
        self.triples.div_ceil(overdrive::groups(n) * n)
    }
}

/// The malicious setting: triples and masks for one inference.
pub(super) fn preprocess<'a>(mut peer: Peer<'a>, needs: &Needs) -> Result<(Peer<'a>, Preprocessed), Failure> {
    let n = muse_he::params::MAX_DEGREE;
    let mut parts: Vec<SharedTriples> = Vec::new();
    for _ in 0..needs.overdrive_batches(n) {
        let part;
        (peer, part) = peer.triples()?;
        parts.push(part);
    }
    let triples = joined(parts, SharedTriples::into_parts, SharedTriples::new, Shares::concat);
    let mut masks = [Party::First, Party::Second].map(|owner| (owner, Vec::new()));
    for ((owner, parts), count) in masks.iter_mut().zip([needs.client, needs.server]) {
        for groups in groups(count, n, overdrive::MAX_GROUPS, Inputs::count) {
            let part;
            (peer, part) = peer.inputs(*owner, groups)?;
            parts.push(part);
        }
    }
    let [first, second] = masks.map(|(_, parts)| InputMasks::concat(parts));
    let made = Preprocessed::new(triples, first.map_err(failed)?, second.map_err(failed)?).map_err(failed)?;
    Ok((peer, made))
}

/// The malicious setting: the program.
pub(super) fn run(
    peer: &mut Peer<'_>,
    made: Preprocessed,
    network: &Network,
    input: &[Fp],
    number: u64,
) -> Result<(), Failure> {
    let (party, mailbox) = (peer.party(), Mailbox::new());
    let rng = Prg::from_rng(peer.rng);
    let player = Player::new(&mailbox, peer.id, number, (party, peer.key()), made, rng);
    play(peer.wire(), &mailbox, party, player, network, input)
}

/// The client: triples and random values for one inference.
pub(super) fn preprocess_client(
    client: &mut Client<'_>,
    needs: &Needs,
) -> Result<ClientPreprocessed, Failure> {
    let n = muse_he::params::MAX_DEGREE;
    let batches = needs.triples.div_ceil(Batch::MAX_GROUPS * n);
    let mut values = Vec::new();
    for groups in groups(needs.randoms + batches, n, random::MAX_GROUPS, random::values) {
        values.push(client.randoms(groups)?);
    }
    let mut randoms = Authenticated::concat(values);
    let mut parts: Vec<ClientTriples> = Vec::new();
    for _ in 0..batches {
        let mask = randoms.split_off(randoms.len() - 1);
        parts.push(client.triples(mask)?);
    }
    let triples = joined(parts, ClientTriples::into_parts, ClientTriples::new, Authenticated::concat);
    Ok(ClientPreprocessed::new(triples, randoms))
}

/// The server: the other halves.
pub(super) fn preprocess_server<'a>(
    mut server: Server<'a>,
    needs: &Needs,
) -> Result<(Server<'a>, ServerPreprocessed), Failure> {
    let n = muse_he::params::MAX_DEGREE;
    let batches = needs.triples.div_ceil(Batch::MAX_GROUPS * n);
    let mut values = Vec::new();
    for groups in groups(needs.randoms + batches, n, random::MAX_GROUPS, random::values) {
        let part;
        (server, part) = server.randoms(groups)?;
        values.push(part);
    }
    let mut keys = Keys::concat(values);
    let mut parts: Vec<ServerTriples> = Vec::new();
    for _ in 0..batches {
        let mask = keys.split_off(keys.len() - 1);
        let part;
        (server, part) = server.triples(mask)?;
        parts.push(part);
    }
    let triples = joined(parts, ServerTriples::into_parts, ServerTriples::new, muse_mac::ServerShare::concat);
    Ok((server, ServerPreprocessed::new(triples, keys)))
}

/// The client's program.
pub(super) fn run_client(
    client: Client<'_>,
    made: ClientPreprocessed,
    network: &Network,
    input: &[Fp],
) -> Result<(), Failure> {
    let mailbox = Mailbox::new();
    let player =
        ClientPlayer::new(&mailbox, engine::Client::new(client.id, PROGRAM, made), Prg::from_rng(client.rng));
    play(client.wire, &mailbox, Party::First, player, network, input)
}

/// The server's program.
pub(super) fn run_server(
    server: Server<'_>,
    made: ServerPreprocessed,
    network: &Network,
    input: &[Fp],
) -> Result<(), Failure> {
    let mailbox = Mailbox::new();
    let inner = engine::Server::new(server.id, PROGRAM, &server.key, made);
    let player = ServerPlayer::new(&mailbox, inner, Prg::from_rng(server.rng));
    play(server.wire, &mailbox, Party::Second, player, network, input)
}

/// The program to its end; the client compares its result with the plaintext network's.
fn play(
    wire: &mut Wire,
    mailbox: &Mailbox,
    party: Party,
    mut engine: impl Engine,
    network: &Network,
    input: &[Fp],
) -> Result<(), Failure> {
    let weights = (party == Party::Second).then_some(network);
    let own = if party == Party::First { input } else { &[] };
    let program = async { infer(&mut engine, network.architecture(), weights, own).await };
    let mut machine: Machine<'_, Vec<Fp>> = Machine::new(mailbox, program);
    let mut incoming = Vec::new();
    let result = loop {
        match machine.step(&incoming).map_err(failed)? {
            Progress::Waiting { send, expect } => {
                if !send.is_empty() {
                    wire.send_bytes(send)?;
                }
                incoming = wire.receive_bytes(expect)?;
            }
            Progress::Done { send, result } => {
                if !send.is_empty() {
                    wire.send_bytes(send)?;
                }
                break result;
            }
        }
    };
    if party == Party::First && result != plaintext::forward(network, input) {
        return Err(Failure::mismatch(
            "a secure result differs from the plaintext network's; this is a bug, please report it",
        ));
    }
    Ok(())
}

/// Columns of parts, each joined.
fn joined<T, C>(
    parts: Vec<T>,
    columns: impl Fn(T) -> (C, C, C),
    new: impl Fn(C, C, C) -> T,
    concat: impl Fn(Vec<C>) -> C,
) -> T {
    let (mut a, mut b, mut c) = (Vec::new(), Vec::new(), Vec::new());
    for part in parts {
        let (x, y, z) = columns(part);
        a.push(x);
        b.push(y);
        c.push(z);
    }
    new(concat(a), concat(b), concat(c))
}

/// Groups of each batch that makes at least `count` values.
fn groups(mut count: usize, n: usize, most: usize, values: impl Fn(usize, usize) -> usize) -> Vec<usize> {
    let mut batches = Vec::new();
    while count > 0 {
        let groups = (count + 1).div_ceil(n).min(most);
        batches.push(groups);
        count = count.saturating_sub(values(n, groups));
    }
    batches
}

/// Triples and values beyond what is expected.
const SPARE: usize = 1 << 12;
/// The number of the program in its session, above those of batches.
const PROGRAM: u64 = 1 << 32;
const _: () = assert!(PROGRAM > muse_field::id::RunId::MAX_RUNS);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_hold_what_is_needed() {
        let values = |n: usize, groups: usize| n * groups - 1;
        assert!(groups(0, 8, 4, values).is_empty());
        assert_eq!(groups(7, 8, 4, values), [1]);
        assert_eq!(groups(8, 8, 4, values), [2]);
        assert_eq!(groups(70, 8, 4, values), [4, 4, 2]);
    }
}
