//! The prover of keyed ciphertexts; the verifier knows nothing secret.

use muse_field::{Fp, ct};
use muse_he::budget::{Amortised, Budget};
use muse_he::keyed::FreshKeyed;
use muse_he::params::Params;
use muse_he::ring::Ring;
use muse_zk::topgear::{Proof, ProofShape, prove, verify};

use super::wellformed_support::topgear::NAME;
use super::{secret_rng, sent};

#[test]
fn the_amortised_proof() {
    let n = 64;
    for ring in Ring::of_every_backend(Params::with_degree(n).unwrap()).unwrap() {
        let (budget, masks, rng) =
            (Budget::amortised(n, 1), || NAME.masks(&ring).unwrap(), &mut secret_rng(5));
        let made = |_| {
            let plaintext = ct::hidden([Fp::new(77); 64]);
            let (row, witness) = FreshKeyed::encrypt(&ring, &masks(), &plaintext, rng).unwrap();
            (sent::<FreshKeyed>(n, &row).receive(&ring).unwrap(), witness)
        };
        let rows: Vec<_> = (0..Amortised::new(n).ciphertexts).map(made).collect();
        let proof = prove(&ring, &budget, &NAME, &masks(), &rows, rng).unwrap();
        let proof: Proof = sent(ProofShape::new(&budget).unwrap(), &proof);
        let received = rows.iter().map(|(row, _)| row.clone()).collect();
        assert!(verify(&ring, &budget, &NAME, masks(), received, proof).is_ok());
    }
}
