//! The proof over the real extension, in one piece with the OTs' own check.

use muse_field::MODULUS;
use muse_field::id::{Coin, SessionId};
use muse_field::wire::{Inflow, Outflow};
use muse_gc::label::Delta;
use muse_gc::ot::softspoken::{DEFAULT_K, column_bytes, receiver, sender};
use muse_zk::range::{Choices, count, prove, verify};

use super::{REFUSED, id, prg};

#[test]
fn over_the_extension() {
    let mut rng = prg(60);
    let session = SessionId::from_bytes([7; 32]);
    let delta = Delta::random(&mut rng);
    let (wait, request) = sender::Setup::start(&session, delta.clone(), &mut rng);
    let (mut client, trees) = receiver::Setup::reply(&session, &request, &mut rng);
    let mut server = wait.on_trees(&trees);
    for (values, expected) in [([MODULUS - 1, 12345], Ok(())), ([MODULUS - 1, 12345 + MODULUS], REFUSED)] {
        let choices = Choices::new(&values, &mut rng);
        let mut sending = client.extend(choices.as_bytes(), count(2), &mut rng).expect("rows left");
        let mut receiving = server.receive(count(2)).expect("rows left");
        let mut columns = vec![0; usize::try_from(column_bytes(DEFAULT_K, count(2))).expect("fits")];
        assert_eq!(sending.fill(&mut columns), columns.len());
        receiving.absorb(&columns).expect("whole pieces");
        let (wait, challenge) = receiving.challenge(&mut rng).expect("complete");
        let (next_client, answer, labels) = sending.answer(&challenge).expect("complete");
        let (next_server, keys) = wait.on_answer(&answer).expect("consistent choices");
        (client, server) = (next_client, next_server);

        let seed = Coin::random(&mut rng);
        let message = prove(&id(), &choices, labels.as_slice(), &seed).expect("a label for each choice");
        assert_eq!(verify(&id(), &delta, keys.as_slice(), &seed, &message), expected);
    }
}
