//! Kernels on 8192 elements: the dispatched backend, scalar code (what the portable backend does) and arkworks'
//! Montgomery field of the same modulus, in one run. `cargo bench -p muse-field`.

use ark_ff::{Fp64, MontBackend, MontConfig};
use divan::{Bencher, black_box, counter::ItemsCount};
use muse_field::prg::Prg;
use muse_field::{Fp, pack, sample, vector};

#[derive(MontConfig)]
#[modulus = "17592060215297"]
#[generator = "3"]
struct OracleConfig;
type Montgomery = Fp64<MontBackend<OracleConfig, 1>>;

const N: usize = 8192;

fn main() {
    divan::main();
}

fn elements(seed: u8) -> Vec<Fp> {
    let mut out = vec![Fp::ZERO; N];
    sample::fill_uniform(&mut out, &mut Prg::from_seed([seed; 32]));
    out
}

/// Runs a kernel that updates its first slice in place.
fn in_place(bencher: Bencher<'_, '_>, kernel: impl Fn(&mut [Fp], &[Fp]) + Sync) {
    let (mut a, b) = (elements(1), elements(2));
    bencher.counter(ItemsCount::new(N)).bench_local(|| kernel(black_box(&mut a), black_box(&b)));
}

mod mul {
    use super::*;

    #[divan::bench]
    fn dispatched(bencher: Bencher<'_, '_>) {
        in_place(bencher, vector::mul_assign);
    }

    #[divan::bench]
    fn portable(bencher: Bencher<'_, '_>) {
        in_place(bencher, |a, b| a.iter_mut().zip(b).for_each(|(a, b)| *a *= b));
    }

    #[divan::bench]
    fn arkworks_montgomery(bencher: Bencher<'_, '_>) {
        let convert = |v: Vec<Fp>| v.iter().map(|v| Montgomery::from(v.to_u64())).collect::<Vec<_>>();
        let (mut a, b) = (convert(elements(1)), convert(elements(2)));
        bencher.counter(ItemsCount::new(N)).bench_local(|| {
            black_box(&mut a).iter_mut().zip(black_box(&b)).for_each(|(a, b)| *a *= b);
        });
    }
}

mod axpy {
    use super::*;

    #[divan::bench]
    fn dispatched(bencher: Bencher<'_, '_>) {
        in_place(bencher, |a, b| vector::axpy(a, black_box(Fp::NEG_ONE), b));
    }

    #[divan::bench]
    fn portable(bencher: Bencher<'_, '_>) {
        in_place(bencher, |a, b| {
            let k = black_box(Fp::NEG_ONE);
            a.iter_mut().zip(b).for_each(|(a, b)| *a += k * b);
        });
    }
}

mod dot {
    use super::*;

    #[divan::bench]
    fn dispatched(bencher: Bencher<'_, '_>) {
        let (a, b) = (elements(1), elements(2));
        bencher.counter(ItemsCount::new(N)).bench(|| vector::dot(black_box(&a), black_box(&b)));
    }

    #[divan::bench]
    fn portable(bencher: Bencher<'_, '_>) {
        let (a, b) = (elements(1), elements(2));
        let product = |(a, b): (&Fp, &Fp)| u128::from(a.to_u64()) * u128::from(b.to_u64());
        bencher
            .counter(ItemsCount::new(N))
            .bench(|| Fp::from_u128(black_box(&a).iter().zip(black_box(&b)).map(product).sum()));
    }
}

mod add {
    use super::*;

    #[divan::bench]
    fn dispatched(bencher: Bencher<'_, '_>) {
        in_place(bencher, vector::add_assign);
    }

    #[divan::bench]
    fn portable(bencher: Bencher<'_, '_>) {
        in_place(bencher, |a, b| a.iter_mut().zip(b).for_each(|(a, b)| *a += b));
    }
}

mod codec {
    use super::*;

    #[divan::bench]
    fn pack(bencher: Bencher<'_, '_>) {
        let (a, mut bytes) = (elements(1), vec![0; pack::packed_len(N)]);
        bencher.counter(ItemsCount::new(N)).bench_local(|| pack::pack(black_box(&a), black_box(&mut bytes)));
    }

    #[divan::bench]
    fn unpack(bencher: Bencher<'_, '_>) {
        let (mut a, mut bytes) = (elements(1), vec![0; pack::packed_len(N)]);
        pack::pack(&a, &mut bytes);
        bencher
            .counter(ItemsCount::new(N))
            .bench_local(|| pack::unpack(black_box(&bytes), black_box(&mut a)));
    }

    #[divan::bench(args = [43, 58])]
    fn pack_bits(bencher: Bencher<'_, '_>, width: u32) {
        let a: Vec<u64> = elements(1).iter().map(|v| v.to_u64() >> 1).collect();
        let mut bytes = vec![0; pack::bits_len(width, N)];
        bencher
            .counter(ItemsCount::new(N))
            .bench_local(|| pack::pack_bits(width, black_box(&a), black_box(&mut bytes)));
    }

    #[divan::bench(args = [43, 58])]
    fn unpack_bits(bencher: Bencher<'_, '_>, width: u32) {
        let (mut a, bytes) = (vec![0; N], vec![0; pack::bits_len(width, N)]);
        bencher
            .counter(ItemsCount::new(N))
            .bench_local(|| pack::unpack_bits(width, black_box(&bytes), black_box(&mut a)));
    }

    #[divan::bench]
    fn fill_uniform(bencher: Bencher<'_, '_>) {
        let (mut a, mut prg) = (elements(1), Prg::from_seed([3; 32]));
        bencher.counter(ItemsCount::new(N)).bench_local(|| sample::fill_uniform(black_box(&mut a), &mut prg));
    }
}

#[divan::bench]
fn invert(bencher: Bencher<'_, '_>) {
    bencher.bench(|| black_box(Fp::NEG_ONE).invert());
}
