//! Speed of base OT, of correlated OT per side, and of GF(2^128). `items` are OTs or products.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use muse_field::id::SessionId;
use muse_field::prg::Prg;
use muse_field::wire::{Inflow, Outflow};
use muse_gc::gf128::Gf128;
use muse_gc::label::{Block, Delta};
use muse_gc::ot::base;
use muse_gc::ot::softspoken::{CotReceiver, CotSender, column_bytes, receiver, sender};

fn main() {
    divan::main();
}

const COUNT: usize = 1 << 20;

fn session() -> SessionId {
    SessionId::from_bytes([1; 32])
}

fn parties<const K: usize>() -> (CotSender<K>, CotReceiver<K>, Prg) {
    let mut rng = Prg::from_seed([1; 32]);
    let (wait, request) = sender::SetupWith::<K>::start(&session(), Delta::random(&mut rng), &mut rng);
    let (receiver, trees) = receiver::SetupWith::<K>::reply(&session(), &request, &mut rng);
    (wait.on_trees(&trees), receiver, rng)
}

/// From choice bits to labels: columns, transposition, the answer (to a fixed challenge).
#[divan::bench(consts = [1, 2, 4, 8], sample_count = 10, sample_size = 1)]
fn cot_receiver<const K: usize>(bencher: Bencher<'_, '_>) {
    // Any challenge will do: one for an extension without OTs, which has one piece.
    let mut receiving = parties::<K>().0.receive(0).expect("rows left");
    receiving.absorb(&vec![0; 2048 / K]).expect("one piece");
    let (_, challenge) = receiving.challenge(&mut Prg::from_seed([2; 32])).expect("complete");
    let mut columns = vec![0; usize::try_from(column_bytes(K, COUNT)).expect("fits")];
    bencher
        .counter(ItemsCount::new(COUNT))
        .with_inputs(|| {
            let (_, receiver, rng) = parties::<K>();
            (receiver, rng, vec![0x5a; COUNT / 8])
        })
        .bench_local_values(|(receiver, mut rng, choices)| {
            let mut extending = receiver.extend(&choices, COUNT, &mut rng).expect("rows left");
            assert_eq!(extending.fill(&mut columns), columns.len());
            extending.answer(&challenge).expect("complete")
        });
}

/// From columns to labels: columns, the check, transposition.
#[divan::bench(consts = [1, 2, 4, 8], sample_count = 10, sample_size = 1)]
fn cot_sender<const K: usize>(bencher: Bencher<'_, '_>) {
    // The same seeds give the same columns, challenge and answer every time.
    let (sender, receiver, mut rng) = parties::<K>();
    let mut columns = vec![0; usize::try_from(column_bytes(K, COUNT)).expect("fits")];
    let mut extending = receiver.extend(&vec![0x5a; COUNT / 8], COUNT, &mut rng).expect("rows left");
    extending.fill(&mut columns);
    let mut receiving = sender.receive(COUNT).expect("rows left");
    receiving.absorb(&columns).expect("whole pieces");
    let (_, challenge) = receiving.challenge(&mut Prg::from_seed([2; 32])).expect("complete");
    let (_, answer, _) = extending.answer(&challenge).expect("complete");
    bencher.counter(ItemsCount::new(COUNT)).with_inputs(parties::<K>).bench_local_values(|(sender, _, _)| {
        let mut receiving = sender.receive(COUNT).expect("rows left");
        receiving.absorb(&columns).expect("whole pieces");
        let (wait, _) = receiving.challenge(&mut Prg::from_seed([2; 32])).expect("complete");
        wait.on_answer(&answer).expect("an honest receiver")
    });
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn base_ot_receiver_request(bencher: Bencher<'_, '_>) {
    let mut rng = Prg::from_seed([1; 32]);
    bencher.bench_local(|| base::Receiver::request(&session(), black_box(u128::MAX / 3), &mut rng));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn base_ot_sender_reply(bencher: Bencher<'_, '_>) {
    let mut rng = Prg::from_seed([1; 32]);
    let (_, request) = base::Receiver::request(&session(), u128::MAX / 3, &mut rng);
    bencher.bench_local(|| base::Sender::reply(&session(), &request, &mut rng));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn base_ot_receiver_pads(bencher: Bencher<'_, '_>) {
    let mut rng = Prg::from_seed([1; 32]);
    let (_, request) = base::Receiver::request(&session(), 0, &mut rng);
    let (_, reply) = base::Sender::reply(&session(), &request, &mut rng);
    bencher
        .with_inputs(|| base::Receiver::request(&session(), 77, &mut Prg::from_seed([1; 32])).0)
        .bench_local_values(|wait| wait.on_reply(&reply));
}

#[divan::bench(consts = [1, 2, 4, 8], sample_count = 10, sample_size = 1)]
fn setup_both_sides<const K: usize>() -> (CotSender<K>, CotReceiver<K>, Prg) {
    parties::<K>()
}

#[divan::bench]
fn gf128_products(bencher: Bencher<'_, '_>) {
    let mut rng = Prg::from_seed([1; 32]);
    let factors: Vec<Gf128> = (0..1024).map(|_| Gf128::random(&mut rng)).collect();
    bencher
        .counter(ItemsCount::new(factors.len()))
        .bench_local(|| factors.iter().fold(Gf128::ONE, |product, &x| product * x));
}

#[divan::bench]
fn gf128_dot(bencher: Bencher<'_, '_>) {
    let mut rng = Prg::from_seed([1; 32]);
    let [a, b]: [Vec<Block>; 2] = [0, 0].map(|_| (0..1024).map(|_| Block::random(&mut rng)).collect());
    bencher.counter(ItemsCount::new(a.len())).bench_local(|| Gf128::dot(black_box(&a), &b));
}
