//! Transforms of one polynomial modulo five 43-bit primes, N = 8192: ours and those of `tfhe-ntt`. Divide by five for one prime.
//!
//! `cargo bench --bench ring`

#![allow(missing_docs)]

use divan::Bencher;
use muse_he::ring::CoeffPoly;
use muse_peers::{N, residues, ring, tfhe_plans};

fn main() {
    divan::main();
}

mod forward {
    use super::*;

    #[divan::bench]
    fn muse(bencher: Bencher<'_, '_>) {
        let ring = ring();
        let start = CoeffPoly::from_limbs_checked(&ring, residues(1)).expect("residues");
        bencher.with_inputs(|| start.clone()).bench_local_values(|poly| poly.into_ntt(&ring));
    }

    #[divan::bench]
    fn tfhe_ntt(bencher: Bencher<'_, '_>) {
        let (plans, start) = (tfhe_plans(), residues(1));
        bencher.with_inputs(|| start.clone()).bench_local_values(|mut poly| {
            plans.iter().zip(poly.chunks_mut(N)).for_each(|(plan, limb)| plan.fwd(limb));
            poly
        });
    }
}

mod inverse {
    use super::*;

    #[divan::bench]
    fn muse(bencher: Bencher<'_, '_>) {
        let ring = ring();
        let start = CoeffPoly::from_limbs_checked(&ring, residues(1)).expect("residues").into_ntt(&ring);
        bencher.with_inputs(|| start.clone()).bench_local_values(|poly| poly.into_coeff(&ring));
    }

    #[divan::bench]
    fn tfhe_ntt(bencher: Bencher<'_, '_>) {
        let (plans, start) = (tfhe_plans(), residues(1));
        bencher.with_inputs(|| start.clone()).bench_local_values(|mut poly| {
            plans.iter().zip(poly.chunks_mut(N)).for_each(|(plan, limb)| plan.inv(limb));
            poly
        });
    }
}

/// Pointwise products in the transform domain; `tfhe-ntt` divides by N in the same step.
mod pointwise_product {
    use super::*;

    #[divan::bench]
    fn muse(bencher: Bencher<'_, '_>) {
        let ring = ring();
        let read =
            |seed| CoeffPoly::from_limbs_checked(&ring, residues(seed)).expect("residues").into_ntt(&ring);
        let (mut a, b) = (read(1), read(2));
        bencher.bench_local(|| a.mul_assign(divan::black_box(&b)));
    }

    #[divan::bench]
    fn tfhe_ntt(bencher: Bencher<'_, '_>) {
        let (plans, mut a, b) = (tfhe_plans(), residues(1), residues(2));
        bencher.bench_local(|| {
            let limbs = a.chunks_mut(N).zip(divan::black_box(&b).chunks(N));
            plans.iter().zip(limbs).for_each(|(plan, (a, b))| plan.mul_assign_normalize(a, b));
        });
    }
}
