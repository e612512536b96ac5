//! Kernels of the ring at N = 8192, with every set of kernels. Transforms and pointwise loops are over all
//! five primes: divide by five for one.

use divan::{Bencher, black_box};
use muse_field::Fp;
use muse_field::prg::Prg;
use muse_he::params::Params;
use muse_he::ring::{
    CoeffPoly, FloodBound, NttPoly, Ring, SmallPoly, TwoLimbKey, lift_plaintext, switch_and_truncate,
};

fn main() {
    divan::main();
}

/// The kernels of this processor, the fastest first.
fn all() -> Vec<&'static str> {
    rings().iter().map(Ring::backend_name).collect()
}

fn rings() -> Vec<Ring> {
    Ring::of_every_backend(Params::default()).expect("N = 8192")
}

fn ring(kernels: &str) -> Ring {
    rings().into_iter().find(|ring| ring.backend_name() == kernels).expect("one of them")
}

fn fastest() -> Ring {
    Ring::new(Params::default()).expect("N = 8192")
}

fn poly(ring: &Ring) -> NttPoly {
    NttPoly::uniform(ring, &mut Prg::from_seed([1; 32]))
}

fn coefficients(ring: &Ring) -> CoeffPoly {
    poly(ring).into_coeff(ring)
}

#[divan::bench(args = all())]
fn forward(bencher: Bencher<'_, '_>, kernels: &str) {
    let ring = ring(kernels);
    let start = coefficients(&ring);
    bencher.with_inputs(|| start.clone()).bench_local_values(|poly| poly.into_ntt(&ring));
}

#[divan::bench(args = all())]
fn inverse(bencher: Bencher<'_, '_>, kernels: &str) {
    let ring = ring(kernels);
    let start = poly(&ring);
    bencher.with_inputs(|| start.clone()).bench_local_values(|poly| poly.into_coeff(&ring));
}

#[divan::bench(args = all())]
fn mul_assign(bencher: Bencher<'_, '_>, kernels: &str) {
    let ring = ring(kernels);
    let (mut a, b) = (poly(&ring), poly(&ring));
    bencher.bench_local(|| a.mul_assign(black_box(&b)));
}

#[divan::bench(args = all())]
fn mul_add_assign(bencher: Bencher<'_, '_>, kernels: &str) {
    let ring = ring(kernels);
    let (mut acc, a, b) = (poly(&ring), poly(&ring), poly(&ring));
    bencher.bench_local(|| acc.mul_add_assign(black_box(&a), black_box(&b)));
}

#[divan::bench(args = all())]
fn add_assign(bencher: Bencher<'_, '_>, kernels: &str) {
    let ring = ring(kernels);
    let (mut a, b) = (poly(&ring), poly(&ring));
    bencher.bench_local(|| a.add_assign(black_box(&b)));
}

#[divan::bench(args = all())]
fn uniform(bencher: Bencher<'_, '_>, kernels: &str) {
    let ring = ring(kernels);
    let mut prg = Prg::from_seed([2; 32]);
    bencher.bench_local(|| NttPoly::uniform(&ring, &mut prg));
}

#[divan::bench]
fn ternary(bencher: Bencher<'_, '_>) {
    let ring = fastest();
    let mut prg = Prg::from_seed([2; 32]);
    bencher.bench_local(|| SmallPoly::ternary(&ring, &mut prg));
}

#[divan::bench]
fn centred_binomial(bencher: Bencher<'_, '_>) {
    let ring = fastest();
    let mut prg = Prg::from_seed([2; 32]);
    bencher.bench_local(|| SmallPoly::centred_binomial(&ring, &mut prg));
}

#[divan::bench(args = all())]
fn add_small(bencher: Bencher<'_, '_>, kernels: &str) {
    let ring = ring(kernels);
    let small = SmallPoly::centred_binomial(&ring, &mut Prg::from_seed([2; 32]));
    let mut poly = coefficients(&ring);
    bencher.bench_local(|| poly.add_small_assign(black_box(&small)));
}

#[divan::bench(args = all())]
fn from_signed(bencher: Bencher<'_, '_>, kernels: &str) {
    let ring = ring(kernels);
    let weights: Vec<i64> = (-4096..4096).collect();
    bencher.bench_local(|| CoeffPoly::from_signed(&ring, black_box(&weights)));
}

#[divan::bench(args = all())]
fn flood_165_bits(bencher: Bencher<'_, '_>, kernels: &str) {
    let ring = ring(kernels);
    let bound = FloodBound::from_bits(165).expect("at most 210");
    let (mut poly, mut prg) = (coefficients(&ring), Prg::from_seed([2; 32]));
    bencher.bench_local(|| poly.add_uniform_flood(&ring, &bound, &mut prg));
}

#[divan::bench(args = all())]
fn switch(bencher: Bencher<'_, '_>, kernels: &str) {
    let ring = ring(kernels);
    let (poly, mut words) = (coefficients(&ring), vec![0; ring.n()]);
    bencher.bench_local(|| switch_and_truncate(&ring, black_box(&poly), &mut words));
}

#[divan::bench(args = all())]
fn lift(bencher: Bencher<'_, '_>, kernels: &str) {
    let ring = ring(kernels);
    let plain: Vec<Fp> = (0..ring.n() as u64).map(|j| Fp::new(j << 30)).collect();
    bencher.bench_local(|| lift_plaintext(&ring, black_box(&plain)));
}

#[divan::bench(args = all())]
fn decrypt(bencher: Bencher<'_, '_>, kernels: &str) {
    let ring = ring(kernels);
    let key =
        TwoLimbKey::new(&ring, &SmallPoly::ternary(&ring, &mut Prg::from_seed([2; 32]))).expect("a key");
    let words: Vec<u64> = (0..ring.n() as u64).map(|j| j << 40).collect();
    let wanted: Vec<usize> = (0..ring.n()).collect();
    bencher.bench_local(|| key.decrypt(&ring, black_box(&words), &words, &wanted));
}
