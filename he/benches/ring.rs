//! Kernels of the ring at N = 8192, with every set of kernels. Transforms and pointwise loops are over all
//! five primes: divide by five for one.

use divan::{Bencher, black_box};
use muse_field::Fp;
use muse_field::prg::Prg;
use muse_he::params::Params;
use muse_he::ring::{
    CoeffPoly, Context, FloodBound, NttPoly, SmallPoly, TwoLimbKey, lift_plaintext, switch_and_truncate,
};

fn main() {
    divan::main();
}

/// The kernels of this processor, the fastest first.
fn all() -> Vec<&'static str> {
    contexts().iter().map(Context::backend_name).collect()
}

fn contexts() -> Vec<Context> {
    Context::of_every_backend(Params::default()).expect("N = 8192")
}

fn context(kernels: &str) -> Context {
    contexts().into_iter().find(|ctx| ctx.backend_name() == kernels).expect("one of them")
}

fn fastest() -> Context {
    Context::new(Params::default()).expect("N = 8192")
}

fn poly(ctx: &Context) -> NttPoly {
    NttPoly::uniform(ctx, &mut Prg::from_seed([1; 32]))
}

fn coefficients(ctx: &Context) -> CoeffPoly {
    poly(ctx).into_coeff(ctx)
}

#[divan::bench(args = all())]
fn forward(bencher: Bencher<'_, '_>, kernels: &str) {
    let ctx = context(kernels);
    let start = coefficients(&ctx);
    bencher.with_inputs(|| start.clone()).bench_local_values(|poly| poly.into_ntt(&ctx));
}

#[divan::bench(args = all())]
fn inverse(bencher: Bencher<'_, '_>, kernels: &str) {
    let ctx = context(kernels);
    let start = poly(&ctx);
    bencher.with_inputs(|| start.clone()).bench_local_values(|poly| poly.into_coeff(&ctx));
}

#[divan::bench(args = all())]
fn mul_assign(bencher: Bencher<'_, '_>, kernels: &str) {
    let ctx = context(kernels);
    let (mut a, b) = (poly(&ctx), poly(&ctx));
    bencher.bench_local(|| a.mul_assign(black_box(&b)));
}

#[divan::bench(args = all())]
fn mul_add_assign(bencher: Bencher<'_, '_>, kernels: &str) {
    let ctx = context(kernels);
    let (mut acc, a, b) = (poly(&ctx), poly(&ctx), poly(&ctx));
    bencher.bench_local(|| acc.mul_add_assign(black_box(&a), black_box(&b)));
}

#[divan::bench(args = all())]
fn add_assign(bencher: Bencher<'_, '_>, kernels: &str) {
    let ctx = context(kernels);
    let (mut a, b) = (poly(&ctx), poly(&ctx));
    bencher.bench_local(|| a.add_assign(black_box(&b)));
}

#[divan::bench(args = all())]
fn uniform(bencher: Bencher<'_, '_>, kernels: &str) {
    let ctx = context(kernels);
    let mut prg = Prg::from_seed([2; 32]);
    bencher.bench_local(|| NttPoly::uniform(&ctx, &mut prg));
}

#[divan::bench]
fn ternary(bencher: Bencher<'_, '_>) {
    let ctx = fastest();
    let mut prg = Prg::from_seed([2; 32]);
    bencher.bench_local(|| SmallPoly::ternary(&ctx, &mut prg));
}

#[divan::bench]
fn centred_binomial(bencher: Bencher<'_, '_>) {
    let ctx = fastest();
    let mut prg = Prg::from_seed([2; 32]);
    bencher.bench_local(|| SmallPoly::centred_binomial(&ctx, &mut prg));
}

#[divan::bench(args = all())]
fn add_small(bencher: Bencher<'_, '_>, kernels: &str) {
    let ctx = context(kernels);
    let small = SmallPoly::centred_binomial(&ctx, &mut Prg::from_seed([2; 32]));
    let mut poly = coefficients(&ctx);
    bencher.bench_local(|| poly.add_small_assign(black_box(&small)));
}

#[divan::bench(args = all())]
fn from_signed(bencher: Bencher<'_, '_>, kernels: &str) {
    let ctx = context(kernels);
    let weights: Vec<i64> = (-4096..4096).collect();
    bencher.bench_local(|| CoeffPoly::from_signed(&ctx, black_box(&weights)));
}

#[divan::bench(args = all())]
fn flood_165_bits(bencher: Bencher<'_, '_>, kernels: &str) {
    let ctx = context(kernels);
    let bound = FloodBound::from_bits(165).expect("at most 210");
    let (mut poly, mut prg) = (coefficients(&ctx), Prg::from_seed([2; 32]));
    bencher.bench_local(|| poly.add_uniform_flood(&ctx, &bound, &mut prg));
}

#[divan::bench(args = all())]
fn switch(bencher: Bencher<'_, '_>, kernels: &str) {
    let ctx = context(kernels);
    let (poly, mut words) = (coefficients(&ctx), vec![0; ctx.n()]);
    bencher.bench_local(|| switch_and_truncate(&ctx, black_box(&poly), &mut words));
}

#[divan::bench(args = all())]
fn lift(bencher: Bencher<'_, '_>, kernels: &str) {
    let ctx = context(kernels);
    let plain: Vec<Fp> = (0..ctx.n() as u64).map(|j| Fp::new(j << 30)).collect();
    bencher.bench_local(|| lift_plaintext(&ctx, black_box(&plain)));
}

#[divan::bench(args = all())]
fn decrypt(bencher: Bencher<'_, '_>, kernels: &str) {
    let ctx = context(kernels);
    let key = TwoLimbKey::new(&ctx, &SmallPoly::ternary(&ctx, &mut Prg::from_seed([2; 32]))).expect("a key");
    let words: Vec<u64> = (0..ctx.n() as u64).map(|j| j << 40).collect();
    let wanted: Vec<usize> = (0..ctx.n()).collect();
    bencher.bench_local(|| key.decrypt(&ctx, black_box(&words), &words, &wanted));
}
