//! Conditional disclosure of labels, both parties.

use super::{SESSION, prg, values};
use crate::fuzz::input::Input;
use muse_cds::{
    Disclose, Step,
    correlated::{Client, Server},
};
use muse_field::id::RunId;
use muse_gc::{
    label::Delta,
    ot::softspoken::{receiver, sender},
};
use muse_mac::{MacKey, ideal};

const ID: RunId = RunId::new(SESSION, 7);

/// One of the six messages is changed. Whoever receives it goes on or fails with an error that blames the peer, after which it says
/// nothing more.
pub(super) fn disclosure(number: u8, input: &mut Input<'_>) {
    let rng = &mut prg(1);
    let (wait, request) = sender::Setup::start(&SESSION, Delta::random(rng), rng);
    let (receiver, trees) = receiver::Setup::reply(&SESSION, &request, rng);
    let key = MacKey::random(rng);
    let (shares, keys) = ideal::authenticate(&key, &values(2), rng);
    let mut client = Client::new(ID, receiver, shares, rng).unwrap();
    let mut server = Server::new(ID, wait.on_trees(&trees), &key, keys, rng).unwrap();
    let (target, piece) = (usize::from(number % 6), 1 + usize::from(number / 6) * 37);
    let mut honest = true;
    for message in 0.. {
        let changed = (message == target).then_some(&mut *input);
        let alive = match (client.step(), server.step()) {
            (Step::Send(_), Step::Receive(_)) => pass(&mut client, &mut server, changed, piece, &mut honest),
            (Step::Receive(_), Step::Send(_)) => pass(&mut server, &mut client, changed, piece, &mut honest),
            (Step::Finished, Step::Finished) => {
                assert_eq!(message, 6);
                let ((_, active), (sender, zeros)) = (client.finish().unwrap(), server.finish().unwrap());
                assert_eq!(active.len(), zeros.len());
                assert_eq!(sender.delta().block().colour(), 1);
                return;
            }
            // A message was cut or filled up: one side waits, or has heard too much.
            _ => return,
        };
        if !alive {
            return;
        }
    }
}

/// One message, changed if there is an `input`; whether it was accepted.
fn pass(
    from: &mut impl Disclose,
    to: &mut impl Disclose,
    input: Option<&mut Input<'_>>,
    piece: usize,
    honest: &mut bool,
) -> bool {
    let Step::Send(len) = from.step() else { return false };
    let mut sent = vec![0; usize::try_from(len).unwrap()];
    from.fill(&mut sent);
    let bytes = input.map_or_else(|| sent.clone(), |input| input.mutated(&sent));
    *honest &= bytes == sent;
    for part in bytes.chunks(piece) {
        if let Err(error) = to.absorb(part) {
            assert!(!*honest, "{error}");
            // Only a caller can absorb more than was announced.
            assert!(error.peer_at_fault() || bytes.len() > sent.len(), "{error}");
            assert_eq!(to.step(), Step::Finished, "dead");
            return false;
        }
    }
    bytes.len() == sent.len()
}
