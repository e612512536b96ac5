//! Programs in every setting, on what a dealer gives them.

use core::future::Future;

use muse_field::id::SessionId;
use muse_field::prg::Prg;
use muse_field::{Fp, ct};
use muse_mac::MacKey;
use muse_mac::spdz::{KeyShare, Party, Shares};
use muse_triples::InputMasks;
use muse_triples::engine::{Client, ClientPreprocessed, Server, ServerPreprocessed};
use muse_triples::onesided::{ClientPlayer, ServerPlayer};
use muse_triples::program::Used;
use muse_triples::program::clear::Clear;
use muse_triples::program::{Engine, Machine, Mailbox, Progress};
use muse_triples::spdz::{Player, Preprocessed};
use muse_triples::{Error, SharedTriples, ideal};

use super::cable::{Hook, Run, connect};

pub const SESSION: SessionId = SessionId::from_bytes([4; 32]);
pub const NUMBER: u64 = 9;
pub const PARTIES: [Party; 2] = [Party::First, Party::Second];

/// A program with the inputs of both parties; an engine looks at those of its own.
pub trait Program {
    type Output;

    fn run<E: Engine>(&self, engine: &mut E) -> impl Future<Output = Result<Self::Output, Error>>;
}

/// What a program may use up: triples, masks of the first party and of the second.
#[derive(Clone, Copy, Debug)]
pub struct Supply(pub usize, pub [usize; 2]);

/// What a dealer gives two malicious parties.
pub struct Deal {
    pub keys: [KeyShare; 2],
    pub triples: [SharedTriples; 2],
    /// By owner, then by holder.
    pub masks: [[Shares; 2]; 2],
    pub names: [(SessionId, u64); 2],
}

fn rng(seed: u8) -> Prg {
    Prg::from_seed(ct::hidden([seed; 32]))
}

impl Deal {
    pub fn new(Supply(triples, masks): Supply) -> Self {
        let rng = &mut rng(1);
        let keys = [(); 2].map(|()| KeyShare::random(rng));
        let masks = [0, 1].map(|owner| ideal::masks(&keys, PARTIES[owner], masks[owner], rng));
        let triples = ideal::shared_triples(&keys, triples, rng);
        Self { keys, triples, masks, names: [(SESSION, NUMBER); 2] }
    }

    /// Both parties' halves.
    fn pools(self) -> [Preprocessed; 2] {
        let [[first_1, first_2], [second_1, second_2]] = self.masks;
        let [triples_1, triples_2] = self.triples;
        let pool = |triples, first, second| {
            let [first, second] = [(Party::First, first), (Party::Second, second)]
                .map(|(owner, shares)| InputMasks::new(owner, shares));
            Preprocessed::new(triples, first, second).unwrap()
        };
        [pool(triples_1, first_1, second_1), pool(triples_2, first_2, second_2)]
    }

    /// Runs a program with this.
    pub fn run<P: Program>(self, program: &P, hook: &mut Hook<'_>) -> Run<P::Output> {
        let mailboxes = [Mailbox::new(), Mailbox::new()];
        let (keys, names) = (self.keys.clone(), self.names);
        let mut party = 0;
        let machines = self.pools().map(|pool| {
            let machine = machine(program, &mailboxes[party], names[party], (party, &keys[party]), pool);
            party += 1;
            machine
        });
        connect(machines, hook)
    }

    /// One party against answers to all that it sends, of the length that it expects. What it sent, and how it ended.
    pub fn against<P: Program>(
        self,
        party: usize,
        program: &P,
        mut answer: impl FnMut(&[u8], usize) -> Vec<u8>,
    ) -> (Vec<Vec<u8>>, Result<P::Output, Error>) {
        let mailbox = Mailbox::new();
        let (keys, names) = (self.keys.clone(), self.names);
        let [first, second] = self.pools();
        let pool = if party == 0 { first } else { second };
        let mut machine = machine(program, &mailbox, names[party], (party, &keys[party]), pool);
        let (mut sent, mut incoming) = (Vec::new(), Vec::new());
        loop {
            match machine.step(&incoming) {
                Ok(Progress::Waiting { send, expect }) => {
                    incoming = answer(&send, expect);
                    sent.push(send);
                }
                Ok(Progress::Done { send, result }) => {
                    sent.push(send);
                    return (sent, Ok(result));
                }
                Err(error) => return (sent, Err(error)),
            }
        }
    }
}

/// One of two malicious parties.
fn machine<'m, P: Program>(
    program: &'m P,
    mailbox: &'m Mailbox,
    (session, number): (SessionId, u64),
    (party, key): (usize, &KeyShare),
    pool: Preprocessed,
) -> Machine<'m, P::Output> {
    let key = (PARTIES[party], key);
    let mut player = Player::new(mailbox, session, number, key, pool, rng(10 + party as u8));
    Machine::new(mailbox, async move { program.run(&mut player).await })
}

/// Shares with another value in one place.
pub fn shifted(shares: &Shares, at: usize, by: Fp) -> Shares {
    let mut values = shares.values().to_vec();
    values[at] += by;
    Shares::new(values, shares.macs().to_vec()).unwrap()
}

/// Both parties malicious.
pub fn two_sided<P: Program>(program: &P, supply: Supply) -> Run<P::Output> {
    Deal::new(supply).run(program, &mut |_, _, _| ())
}

/// The client malicious; it is the first party. Random values are its masks.
pub fn client_malicious<P: Program>(
    program: &P,
    Supply(triples, [randoms, _]): Supply,
    hook: &mut Hook<'_>,
) -> Run<P::Output> {
    let generator = &mut rng(2);
    let key = MacKey::random(generator);
    let (triples_c, triples_s) = ideal::triples(&key, triples, generator);
    let (randoms, keys) = ideal::random(&key, randoms, generator);
    let client = Client::new(SESSION, NUMBER, ClientPreprocessed::new(triples_c, randoms));
    let server = Server::new(SESSION, NUMBER, &key, ServerPreprocessed::new(triples_s, keys));
    let mailboxes = [Mailbox::new(), Mailbox::new()];
    let mut client = ClientPlayer::new(&mailboxes[0], client, rng(20));
    let mut server = ServerPlayer::new(&mailboxes[1], server, rng(21));
    let machines = [
        Machine::new(&mailboxes[0], async { program.run(&mut client).await }),
        Machine::new(&mailboxes[1], async { program.run(&mut server).await }),
    ];
    connect(machines, hook)
}

/// The result, and what the program used up.
pub fn clear<P: Program>(program: &P) -> (P::Output, Used) {
    in_the_clear(Clear::new(rng(3)), async |engine: &mut Clear| program.run(engine).await).unwrap()
}

/// The same for a function and a clear engine of the caller's.
pub fn in_the_clear<T>(
    mut engine: Clear,
    program: impl AsyncFnOnce(&mut Clear) -> Result<T, Error>,
) -> Result<(T, Used), Error> {
    let mailbox = Mailbox::new();
    let mut machine = Machine::new(&mailbox, async {
        let result = program(&mut engine).await?;
        Ok((result, engine.used()))
    });
    match machine.step(&[])? {
        Progress::Done { result, .. } => Ok(result),
        Progress::Waiting { .. } => panic!("a clear engine waits for nothing"),
    }
}
