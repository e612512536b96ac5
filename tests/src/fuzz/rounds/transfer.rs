//! Base OT and correlated OT.

use super::{SESSION, altered, prg};
use crate::fuzz::input::Input;
use muse_field::wire::{Inflow, Outflow};
use muse_gc::{
    Error,
    error::Check,
    label::Delta,
    ot::{
        base,
        softspoken::{Answer, Trees, receiver, sender},
    },
};

/// The client answers whatever points the server sends.
pub(super) fn base_request(input: &mut Input<'_>) {
    let (_, request) = sender::Setup::start(&SESSION, Delta::random(&mut prg(1)), &mut prg(2));
    if let Some((request, _)) = altered::<_, base::Request>(&request, (), input) {
        let _ = receiver::Setup::reply(&SESSION, &request, &mut prg(3));
    }
}

/// The server takes trees, columns and answer, one of them changed. A change of trees or columns is a guess at bits of Delta and may
/// be right; a changed answer never is.
pub(super) fn extension(number: u8, input: &mut Input<'_>) {
    let (mut server, mut client) = (prg(1), prg(2));
    let (wait, request) = sender::Setup::start(&SESSION, Delta::random(&mut server), &mut server);
    let (receiver, trees) = receiver::Setup::reply(&SESSION, &request, &mut client);
    let message = number % 3;
    let sender = if message == 0 {
        let Some((trees, _)) = altered::<_, Trees>(&trees, (), input) else { return };
        wait.on_trees(&trees)
    } else {
        wait.on_trees(&trees)
    };
    let mut receiving = sender.receive(COUNT).unwrap();
    let mut extending = receiver.extend(&[0xa5; COUNT / 8], COUNT, &mut client).unwrap();
    let mut columns = vec![0; usize::try_from(receiving.remaining()).unwrap()];
    assert_eq!(extending.fill(&mut columns), columns.len());
    if message == 1 {
        columns = input.mutated(&columns);
    }
    // In pieces, the last of which is what it is.
    for piece in columns.chunks(512 * (1 + usize::from(number >> 6))) {
        match receiving.absorb(piece) {
            Ok(()) => {}
            Err(error) => return assert_eq!(error, Error::Malformed),
        }
    }
    let Ok((wait, challenge)) = receiving.challenge(&mut server) else {
        return assert_eq!(message, 1, "columns are missing");
    };
    let (_, answer, active) = extending.answer(&challenge).unwrap();
    let (answer, honest) = if message == 2 {
        let Some(changed) = altered::<_, Answer>(&answer, (), input) else { return };
        changed
    } else {
        (answer, false)
    };
    match wait.on_answer(&answer) {
        Ok((_, zeros)) => {
            assert!(message != 2 || honest, "another answer than the honest one");
            assert_eq!(zeros.len(), active.len());
        }
        Err(error) => {
            assert_eq!(error, Error::PeerMisbehaved(Check::CorrelatedOt));
            assert!(!honest);
        }
    }
}

const COUNT: usize = 200;
