//! Bytes, rounds and what is used up: those of the tables.

use muse_field::Fp;
use muse_field::pack::packed_len;
use muse_mac::spdz::Party;
use muse_test_support::triples::program::{Deal, Program, Supply, client_malicious, two_sided};
use muse_triples::Error;
use muse_triples::program::{Engine, Linear};

#[derive(Clone, Copy, Debug)]
enum Step {
    Input(Party),
    Multiply,
    Bits,
    Masked,
    Output,
    OutputTo(Party),
}

/// One step on n values.
struct One(Step, usize);

impl Program for One {
    type Output = ();

    async fn run<E: Engine>(&self, engine: &mut E) -> Result<(), Error> {
        let Self(step, n) = *self;
        let x = engine.constants(&vec![Fp::new(7); n]);
        let own = vec![Fp::new(9); n];
        match step {
            Step::Input(party) => drop(engine.input(party, n, &own).await?),
            Step::Multiply => drop(engine.multiply(&x, &x).await?),
            Step::Bits => drop(engine.random_bits(n).await?),
            Step::Masked => assert_eq!(engine.open_masked(x).await?, vec![Fp::new(7); n]),
            Step::Output => assert_eq!(engine.output(x).await?, vec![Fp::new(7); n]),
            Step::OutputTo(party) => {
                let wanted = if engine.party() == party { vec![Fp::new(7); n] } else { vec![] };
                assert_eq!(engine.output_to(party, x).await?, wanted);
            }
        }
        Ok(())
    }
}

#[test]
fn two_sided_steps_cost_what_the_table_says() {
    use Party::{First, Second};
    for n in [1, 2, 33] {
        let (e, f, check) = (packed_len(n), packed_len(2 * n), 166);
        for (step, supply, bytes, rounds) in [
            (Step::Input(First), Supply(0, [n, 0]), [e, 0], 1),
            (Step::Input(Second), Supply(0, [0, n]), [0, e], 1),
            (Step::Multiply, Supply(n, [0; 2]), [f; 2], 1),
            (Step::Bits, Supply(n, [0; 2]), [2 * e; 2], 2),
            (Step::Masked, Supply(0, [0; 2]), [e; 2], 1),
            (Step::Output, Supply(0, [0; 2]), [e + check; 2], 5),
            (Step::OutputTo(First), Supply(0, [n, 0]), [e + check; 2], 5),
            (Step::OutputTo(Second), Supply(0, [0, n]), [e + check; 2], 5),
        ] {
            let run = two_sided(&One(step, n), supply);
            assert_eq!((run.bytes(), run.rounds), (bytes, rounds), "{step:?} on {n}");
            run.unwrap();
            // One less of each is too little, for both.
            let Supply(triples, masks) = supply;
            for less in 0..3 {
                let fewer = |count: usize, i| if i == less { count.wrapping_sub(1) } else { count };
                let (triples, masks) = (fewer(triples, 0), [fewer(masks[0], 1), fewer(masks[1], 2)]);
                if [triples, masks[0], masks[1]].contains(&usize::MAX) {
                    continue;
                }
                let run = two_sided(&One(step, n), Supply(triples, masks));
                for party in [0, 1] {
                    assert!(matches!(run.error(party), Some(Error::Exhausted(_))), "{step:?} on {n}");
                }
                assert_eq!(run.bytes(), [0; 2], "refused before anything is sent");
            }
        }
    }
}

#[test]
fn client_malicious_steps_cost_what_the_table_says() {
    use Party::{First, Second};
    for n in [1, 2, 33] {
        let (e, f) = (packed_len(n), packed_len(2 * n));
        for (step, supply, bytes, rounds) in [
            (Step::Input(First), Supply(0, [n, 0]), [e, 0], 1),
            (Step::Input(Second), Supply(0, [0; 2]), [0, 0], 0),
            (Step::Multiply, Supply(n, [0; 2]), [f + 32, f], 2),
            (Step::Bits, Supply(n, [n + 1, 0]), [e + f + 43, f + 32], 3),
            (Step::Masked, Supply(0, [0; 2]), [e + 32, e], 2),
            (Step::Output, Supply(0, [0; 2]), [e + 32, e], 2),
            (Step::OutputTo(First), Supply(0, [0; 2]), [0, e], 1),
            (Step::OutputTo(Second), Supply(0, [0; 2]), [e + 32, 0], 1),
        ] {
            let run = client_malicious(&One(step, n), supply, &mut |_, _, _| ());
            assert_eq!((run.bytes(), run.rounds), (bytes, rounds), "{step:?} on {n}");
            run.unwrap();
        }
    }
}

/// Products one after the other, then their sum.
struct Many(usize, usize);

impl Program for Many {
    type Output = Vec<Fp>;

    async fn run<E: Engine>(&self, engine: &mut E) -> Result<Self::Output, Error> {
        let x = engine.constants(&vec![Fp::ONE; self.1]);
        for _ in 0..self.0 {
            drop(engine.multiply(&x, &x).await?);
        }
        engine.output(E::Share::zeros(1)).await
    }
}

#[test]
fn openings_that_wait_have_a_limit() {
    let n = muse_triples::spdz::MAX_WAITING / 4;
    for (products, checks) in [(2, 2), (3, 3)] {
        let run = Deal::new(Supply(products * n, [0; 2])).run(&Many(products, n), &mut |_, _, _| ());
        assert_eq!(run.bytes(), [products * packed_len(2 * n) + checks * 166 + packed_len(1); 2]);
        run.unwrap();
    }
}

/// What one party gets passes under its mask.
struct Secret;

impl Program for Secret {
    type Output = Vec<Fp>;

    async fn run<E: Engine>(&self, engine: &mut E) -> Result<Self::Output, Error> {
        let x = engine.constants(&[Fp::new(5), Fp::new(6)]);
        engine.output_to(Party::Second, x).await
    }
}

#[test]
fn a_result_for_one_party_is_masked_for_the_other() {
    let deal = Deal::new(Supply(0, [0, 2]));
    let masks = deal.masks[1][1].values().to_vec();
    let run = deal.run(&Secret, &mut |_, _, _| ());
    let shares = [0, 1].map(|party: usize| -> Vec<Fp> {
        muse_field::wire::from_slice(2, &run.sent[party].concat()[..11]).unwrap()
    });
    for i in 0..2 {
        assert_eq!(shares[0][i] + shares[1][i], Fp::new(5 + i as u64) + masks[i]);
    }
    assert_eq!(run.unwrap(), [vec![], vec![Fp::new(5), Fp::new(6)]]);
}
