//! The same arithmetic: negacyclic products by `tfhe-ntt` are those of this project's ring, residue by residue.

use muse_he::params::PRIMES;
use muse_he::ring::CoeffPoly;
use muse_peers::{N, residues, ring, tfhe_plans};

#[test]
fn products_in_the_ring_agree() {
    let ring = ring();
    let (a, b) = (residues(1), residues(2));
    let ours = {
        let transform =
            |r: &[u64]| CoeffPoly::from_limbs_checked(&ring, r.to_vec()).expect("residues").into_ntt(&ring);
        let mut product = transform(&a);
        product.mul_assign(&transform(&b));
        product.into_coeff(&ring)
    };
    for (i, plan) in tfhe_plans().iter().enumerate() {
        let mut left = a[i * N..][..N].to_vec();
        let mut right = b[i * N..][..N].to_vec();
        plan.fwd(&mut left);
        plan.fwd(&mut right);
        plan.mul_assign_normalize(&mut left, &right);
        plan.inv(&mut left);
        assert_eq!(left, ours.limb(i), "modulo {}", PRIMES[i]);
    }
}
