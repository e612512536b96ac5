//! The prover of well-formed rows, with and without interaction; the verifier knows nothing secret.

use muse_field::ct;
use muse_he::budget::Budget;
use muse_he::encrypt::Witness;
use muse_he::params::Params;
use muse_he::ring::Ring;
use muse_zk::wellformed::fiat_shamir::{self, Proof};
use muse_zk::wellformed::{Attempt, Responses, Tries};

use super::wellformed_support::{Client, ID, prg, ring};
use super::{secret_rng, sent};

fn mark_witness(witness: &Witness) {
    ct::secret(witness.error().coefficients());
    ct::secret(witness.plaintext().unwrap_or_default());
}

/// A client whose key, noise and plaintexts are secret from here on.
fn client(ring: Ring) -> Client {
    let client = Client::with_ring(ring, 2, 1);
    ct::secret(client.secret.ternary().coefficients());
    mark_witness(&client.key_witness);
    client.rows.iter().for_each(|(_, witness)| mark_witness(witness));
    client
}

#[test]
fn the_interactive_proof() {
    for ring in Ring::of_every_backend(Params::with_degree(64).unwrap()).unwrap() {
        let client = client(ring);
        let (key, mut rng, mut tries) = (client.received_key(), prg(2), Tries::new());
        let (mut prover, mut verifier) = (client.prover(&key), client.verifier(&key));
        let masks = &mut secret_rng(3);
        loop {
            let (awaiting, commitment) = prover.commit(masks);
            let (expecting, challenge) =
                verifier.challenge(&sent((), &commitment), &mut tries, &mut rng).unwrap();
            match awaiting.respond(&challenge) {
                Attempt::Accepted(responses) => {
                    let responses: Responses = sent(client.shape(), &responses);
                    assert!(expecting.verify(responses).is_ok());
                    break;
                }
                Attempt::Rejected(again) => (prover, verifier) = (again, expecting.rejected()),
            }
        }
    }
}

#[test]
fn the_proof_without_interaction() {
    let client = client(ring(64));
    let (key, budget) = (client.received_key(), client.budget().with_repetitions(Budget::FIAT_SHAMIR));
    let witness = (&key, &client.key_witness);
    let rng = &mut secret_rng(4);
    let proof =
        fiat_shamir::prove(&client.ring, &budget, ID, &client.secret, witness, &client.rows, rng).unwrap();
    let proof: Proof = sent(Proof::shape(&budget).unwrap(), &proof);
    assert!(fiat_shamir::verify(&client.ring, &budget, ID, &key, client.received(), proof).is_ok());
}
