//! Why a failed check ends the session: what a malicious OT receiver learns from one verdict is a bit of Delta, and a server whose
//! Delta outlives its verdicts gives all of it away; one row of the conversion to shares then reveals the MAC key. Played against a
//! server weakened in just that, and against the real one.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use muse_tests::common;

use common::{limits, tiny};
use core::cell::RefCell;
use muse::{
    Client, ClientConfig, Error, Fault, Server, ServerConfig,
    transport::{Framed, Tag, Transport, memory},
};
use muse_field::{
    Fp,
    id::{RunId, SessionId},
    pack::unpack,
    prg::Prg,
    wire::{self, Decode, Inflow, Outflow},
};
use muse_gc::{
    error::Check,
    hash::{Domain, Tweaks},
    label::{Block, Delta, ZeroLabels},
    ot::softspoken::{Trees, receiver, sender},
    shares::LabelsToAuthenticatedShares,
};
use std::thread;

/// Where message 0 of base OT `c` sits in the receiver's message.
const fn message(c: usize) -> usize {
    32 + 2 * Block::BYTES * c
}

/// One session with a client that alters message 0 of base OT `c`: whether the server noticed, that is whether bit `c` of its offset
/// is 0.
fn noticed(number: u64, delta: Delta, c: usize, rng: &mut Prg) -> bool {
    let mut id = [0; 32];
    id[..8].copy_from_slice(&number.to_le_bytes());
    let id = SessionId::from_bytes(id);
    let (waiting, request) = sender::Setup::start(&id, delta, rng);
    let (client, trees) = receiver::Setup::reply(&id, &request, rng);
    let mut bytes = wire::to_vec(&trees);
    bytes[message(c)] ^= 1;
    let trees: Trees = wire::from_slice((), &bytes).unwrap();
    let server = waiting.on_trees(&trees);

    let (choices, count) = ([0; 16], 128);
    let mut sending = client.extend(&choices, count, rng).unwrap();
    let mut receiving = server.receive(count).unwrap();
    let mut columns = vec![0; sending.remaining() as usize];
    sending.fill(&mut columns);
    receiving.absorb(&columns).unwrap();
    let (waiting, challenge) = receiving.challenge(rng).unwrap();
    let (_, answer, _) = sending.answer(&challenge).unwrap();
    match waiting.on_answer(&answer) {
        Ok(_) => false,
        Err(muse_gc::Error::PeerMisbehaved(Check::CorrelatedOt)) => true,
        Err(error) => panic!("{error}"),
    }
}

/// What the client makes of 127 verdicts: the offset, if it was the same each time. Bit 0 is 1 by definition.
fn harvest(mut session: impl FnMut(usize) -> bool) -> Block {
    (1..128).fold(Block(1), |offset, c| Block(offset.0 | u128::from(!session(c)) << c))
}

/// Garbles one row and gives the client its label; returns the alpha that follows from a guess of the offset.
fn alpha_from(guess: Block, delta: &Delta, alpha: Fp, rng: &mut Prg) -> Fp {
    let (session, weight) = (SessionId::from_bytes([9; 32]), Fp::new(1 << 20));
    let convert = LabelsToAuthenticatedShares::new(vec![weight], &RunId::new(session, 3), 1);
    let zeros = ZeroLabels::random(1, rng);
    let (mut packed, mut rho, mut kappa) = (vec![0; convert.row_len()], [Fp::ZERO], [Fp::ZERO]);
    convert.garble(0, zeros.as_slice(), delta, alpha, &mut packed, &mut rho, &mut kappa);
    let active = zeros.active(&[1], delta).as_slice()[0];

    // The attacker: the row turns the hashes of the label of colour 1 into its share and MAC; those of colour 0 are the hashes.
    let mut row = [Fp::ZERO; 2];
    unpack(&packed, &mut row).unwrap();
    let point = |label: Block| {
        let [share, mac] = [Domain::ShareFirst, Domain::ShareSecond]
            .map(|domain| Tweaks::new(domain, &RunId::new(session, 3), 1).hash_to_field(0, 0, label));
        if label.colour() == 1 { (share + row[0], mac + row[1]) } else { (share, mac) }
    };
    let (one, other) = (point(active), point(active ^ guess));
    (one.1 - other.1) * (one.0 - other.0).invert().unwrap_or(Fp::ZERO)
}

#[test]
fn an_offset_that_outlives_its_verdicts_is_lost_and_the_mac_key_with_it() {
    let mut rng = Prg::from_seed([3; 32]);
    // The weakened server: new sessions, the old offset.
    let old = || Delta::random(&mut Prg::from_seed([77; 32]));
    let sessions = RefCell::new(0);
    let weak = harvest(|c| {
        *sessions.borrow_mut() += 1;
        noticed(c as u64, old(), c, &mut rng)
    });
    assert_eq!(weak, old().block(), "127 verdicts are 127 bits");
    assert_eq!(sessions.into_inner(), 127);
    let alpha = Fp::new(123_456_789_012);
    assert_eq!(alpha_from(weak, &old(), alpha, &mut rng), alpha, "one row, and the MAC key is known");
}

#[test]
fn an_offset_that_dies_with_its_session_is_not() {
    let mut rng = Prg::from_seed([4; 32]);
    let mut offsets = Prg::from_seed([5; 32]);
    let last = RefCell::new(None);
    let strong = harvest(|c| {
        let delta = Delta::random(&mut offsets);
        *last.borrow_mut() = Some(delta.block());
        noticed(c as u64, delta, c, &mut rng)
    });
    let delta = Delta::from_block(last.into_inner().unwrap());
    let wrong = (strong.0 ^ delta.block().0).count_ones();
    assert!((30..98).contains(&wrong), "no better than coins: {wrong} of 127 bits are wrong");
    let alpha = Fp::new(123_456_789_012);
    assert_ne!(alpha_from(strong, &delta, alpha, &mut rng), alpha);
}

/// The real server: whatever it says to an altered message, its session, and with it the offset, is gone.
#[test]
fn the_server_does_not_outlive_a_verdict() {
    let mut verdicts = 0;
    for _ in 0..12 {
        let (mine, theirs) = memory::pipes();
        let server = Server::new(tiny(), ServerConfig::default()).unwrap();
        let serving = thread::spawn(move || server.serve_connection(&mut Framed::new(theirs, limits())));
        let mut link = Framed::new(Altered { pipe: mine, position: 0 }, limits());
        let mut client = Client::over(&mut link, ClientConfig::default()).unwrap();
        let result = client.preprocess();
        let died = result.is_err();
        core::mem::forget(client);
        if died {
            // Nothing answers any more.
            let _ = link.send(Tag::Preprocess, &[]).and_then(|()| link.flush());
            assert!(link.recv(Tag::InferenceId, 8).is_err());
            let error = serving.join().unwrap().unwrap_err();
            assert!(matches!(error, Error::Peer(Fault::Transfer(Check::CorrelatedOt))), "{error}");
            verdicts += 1;
        }
    }
    assert!((1..12).contains(&verdicts), "a fair coin: {verdicts} of 12");
}

/// Alters message 0 of base OT 7 on its way: hello, public key and the message's place before it.
struct Altered {
    pipe: memory::MemoryPipe,
    position: u64,
}

impl Altered {
    fn target() -> u64 {
        let n = muse_he::params::Params::default().n();
        let hello = 2 + muse::handshake::Hello::LEN;
        let key = 2 + muse_he::keys::PublicKeyRow::len_for(n);
        (hello + key + 2 + message(7)) as u64
    }
}

impl muse::transport::Pipe for Altered {
    fn read(&mut self, out: &mut [u8], patience: core::time::Duration) -> std::io::Result<usize> {
        self.pipe.read(out, patience)
    }

    fn write(&mut self, bytes: &[u8], patience: core::time::Duration) -> std::io::Result<usize> {
        let mut bytes = bytes.to_vec();
        let at = Self::target().checked_sub(self.position);
        if let Some(byte) = at.and_then(|i| bytes.get_mut(i as usize)) {
            *byte ^= 1;
        }
        let n = self.pipe.write(&bytes, patience)?;
        self.position += n as u64;
        Ok(n)
    }

    fn close(&mut self) {
        self.pipe.close();
    }
}
