//! Gadgets in both settings: the same results, what they use up, and parties that change a message.

use muse_field::Fp;
use muse_mac::spdz::Party;
use muse_test_support::triples::cable::Run;
use muse_test_support::triples::program::{Deal, Program, Supply, client_malicious, two_sided};
use muse_triples::Error;
use muse_triples::program::compare::{less_than_any, less_than_any_cost, negative, negative_cost};
use muse_triples::program::relu::{relu_floor, relu_floor_cost};
use muse_triples::program::{Engine, Used};

use super::{HALF, extremes};

const SHIFT: u32 = 7;

#[derive(Clone, Copy, Debug)]
enum Gadget {
    Negative,
    Relu,
    /// With the same values in another order.
    Less,
}

/// A gadget on values of which either party has a share.
struct One(Gadget, Vec<u64>);

impl One {
    /// The first party's shares, and the second one's.
    fn shares(&self) -> [Vec<Fp>; 2] {
        let first: Vec<Fp> =
            (1..).zip(&self.1).map(|(i, _)| Fp::new(0x9e37_79b9_7f4a_7c15) * Fp::new(i)).collect();
        let rest = first.iter().zip(&self.1).map(|(&first, &v)| Fp::new(v) - first);
        [first.clone(), rest.collect()]
    }

    fn expected(&self) -> Vec<Fp> {
        let signed = |v: u64| Fp::new(v).to_signed();
        let others = self.1.iter().rev();
        let one = |(&v, &other): (&u64, &u64)| match self.0 {
            Gadget::Negative => u64::from(v >= HALF),
            Gadget::Relu => {
                if v < HALF {
                    v >> SHIFT
                } else {
                    0
                }
            }
            Gadget::Less => u64::from(signed(v) < signed(other)),
        };
        self.1.iter().zip(others).map(one).map(Fp::new).collect()
    }

    fn cost(&self) -> Used {
        let count = self.1.len() as u64;
        match self.0 {
            Gadget::Negative => negative_cost(count),
            Gadget::Relu => relu_floor_cost(count, SHIFT),
            Gadget::Less => less_than_any_cost(count),
        }
    }

    /// Triples; masks of both parties with an input, and of the first one with the result.
    fn malicious(&self) -> Supply {
        let count = self.1.len();
        Supply(self.cost().triples() as usize, [2 * count, count])
    }

    /// Triples; the client's masks of an input, one for each bit, and one for the proof.
    fn one_sided(&self) -> Supply {
        let cost = self.cost();
        Supply(cost.triples() as usize, [self.1.len() + cost.bits as usize + 1, 0])
    }
}

impl Program for One {
    type Output = Vec<Fp>;

    async fn run<E: Engine>(&self, engine: &mut E) -> Result<Vec<Fp>, Error> {
        use muse_triples::program::Linear;
        let [first, second] = self.shares();
        let count = first.len();
        let mut v = engine.input(Party::First, count, &first).await?;
        v.add(&engine.input(Party::Second, count, &second).await?);
        let result = match self.0 {
            Gadget::Negative => negative(engine, &v).await?,
            Gadget::Relu => relu_floor(engine, &v, SHIFT).await?,
            Gadget::Less => {
                let other = v.map(|column| column.iter().rev().copied().collect());
                less_than_any(engine, &v, &other).await?
            }
        };
        engine.output_to(Party::First, result).await
    }
}

const GADGETS: [Gadget; 3] = [Gadget::Negative, Gadget::Relu, Gadget::Less];

#[test]
fn results_are_those_of_plain_integers_in_both_settings() {
    for gadget in GADGETS {
        let program = One(gadget, extremes());
        let [first, second] = two_sided(&program, program.malicious()).unwrap();
        assert_eq!((first, second), (program.expected(), vec![]), "{gadget:?}");
        let [client, server] = client_malicious(&program, program.one_sided(), &mut |_, _, _| ()).unwrap();
        assert_eq!((client, server), (program.expected(), vec![]), "{gadget:?}");
    }
}

/// One of them says so; the other one has no result, and may still wait.
fn exhausted(run: &Run<Vec<Fp>>) -> bool {
    let said = |party| matches!(run.error(party), Some(Error::Exhausted(_)));
    (said(0) || said(1)) && !run.results.iter().any(|result| matches!(result, Some(Ok(_))))
}

#[test]
fn one_triple_or_mask_less_is_too_little() {
    for gadget in GADGETS {
        let program = One(gadget, vec![5, HALF]);
        let Supply(triples, [first, second]) = program.malicious();
        for (triples, masks) in
            [(triples - 1, [first, second]), (triples, [first - 1, second]), (triples, [first, second - 1])]
        {
            assert!(exhausted(&two_sided(&program, Supply(triples, masks))), "{gadget:?}");
        }
        let Supply(triples, [randoms, none]) = program.one_sided();
        for (triples, randoms) in [(triples - 1, randoms), (triples, randoms - 1)] {
            let run = client_malicious(&program, Supply(triples, [randoms, none]), &mut |_, _, _| ());
            assert!(exhausted(&run), "{gadget:?}");
        }
    }
}

/// Whatever is changed ends the program of the other party, without a result.
#[test]
fn no_changed_message_is_accepted() {
    let program = One(Gadget::Relu, vec![1000, HALF]);
    let honest = two_sided(&program, program.malicious());
    for party in [0, 1] {
        for number in 0..honest.sent[party].len() {
            let run = Deal::new(program.malicious()).run(&program, &mut |sender, message, bytes| {
                if (sender, message) == (party, number) {
                    let last = bytes.len() - 5;
                    bytes[last] ^= 1;
                }
            });
            let refused = matches!(run.error(1 - party), Some(Error::PeerMisbehaved(_) | Error::Malformed));
            assert!(refused, "message {number} of party {party}: {:?}", run.results);
        }
    }
    let honest = client_malicious(&program, program.one_sided(), &mut |_, _, _| ());
    for number in 0..honest.sent[0].len() {
        let run = client_malicious(&program, program.one_sided(), &mut |sender, message, bytes| {
            if (sender, message) == (0, number) {
                let last = bytes.len() - 5;
                bytes[last] ^= 1;
            }
        });
        assert!(
            matches!(run.error(1), Some(Error::PeerMisbehaved(_) | Error::Malformed)),
            "message {number}"
        );
    }
}
