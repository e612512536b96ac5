//! Labels to shares against an independent transcription of the identities, in plain integers.

use muse_field::id::{RunId, SessionId};
use muse_field::pack::unpack;
use muse_field::{Fp, MODULUS};
use muse_gc::circuit::relu::output_weights;
use muse_gc::hash::{Domain, Tweaks};
use muse_gc::label::{Block, Delta, ZeroLabels};
use muse_gc::shares::{LabelsToAuthenticatedShares, LabelsToShares};

use crate::support::{SESSION, rng, tweaks};

const P: i128 = MODULUS as i128;

/// One output bit: what both sides hold and the row, as the protocol's reference states it.
struct Bit {
    rho: i128,
    kappa: i128,
    row: [i128; 2],
    /// The evaluator's share and MAC if the bit is 0, if it is 1.
    opened: [[i128; 2]; 2],
}

fn h_p(tweaks: &Tweaks, instance: u64, index: usize, label: u128) -> i128 {
    (tweaks.hash(instance, index as u32, Block(label)).0 % u128::from(MODULUS)) as i128
}

fn bit(k0: u128, delta: u128, c: i128, alpha: i128, instance: u64, i: usize) -> Bit {
    let (first, second) = (tweaks(Domain::ShareFirst), tweaks(Domain::ShareSecond));
    let pair = [k0, k0 ^ delta];
    let b0 = (k0 & 1) as usize;
    let o = 1 - b0;
    let (s0, t0) = (h_p(&first, instance, i, pair[b0]), h_p(&second, instance, i, pair[b0]));
    let rho = (b0 as i128 * c - s0).rem_euclid(P);
    let kappa = (t0 - alpha * s0).rem_euclid(P);
    let s1 = (o as i128 * c - rho).rem_euclid(P);
    let row = [
        (s1 - h_p(&first, instance, i, pair[o])).rem_euclid(P),
        (kappa + alpha * s1 - h_p(&second, instance, i, pair[o])).rem_euclid(P),
    ];
    let opened = pair.map(|mine| {
        let colour = (mine & 1) as i128;
        [h_p(&first, instance, i, mine) + colour * row[0], h_p(&second, instance, i, mine) + colour * row[1]]
    });
    Bit { rho, kappa, row, opened }
}

fn fp(v: i128) -> Fp {
    Fp::new(v.rem_euclid(P) as u64)
}

#[test]
fn rows_and_shares_follow_the_identities() {
    const INSTANCES: usize = 11;
    const FIRST: u64 = 1000;
    let session = SessionId::from_bytes(SESSION);
    let weights = output_weights(14);
    let outputs = weights.len();
    for (seed, alpha) in [(1, Fp::new(123_456_789)), (2, Fp::NEG_ONE), (3, Fp::ZERO)] {
        let mut rng = rng(seed);
        let delta = Delta::random(&mut rng);
        let zeros = ZeroLabels::random(INSTANCES * outputs, &mut rng);
        // Bits in every mixture with colours, which are random.
        let bits: Vec<u8> = (0..zeros.len()).map(|i| (i * i / 3 % 2) as u8).collect();
        let active = zeros.active(&bits, &delta);

        let both = LabelsToAuthenticatedShares::new(weights.clone(), &RunId::new(session, 3), 1);
        let value = LabelsToShares::new(weights.clone(), &RunId::new(session, 3), 1);
        let mut rows = vec![0; INSTANCES * both.row_len()];
        let mut value_rows = vec![0; INSTANCES * value.row_len()];
        let mut out = [(); 5].map(|()| vec![Fp::ZERO; INSTANCES]);
        let [rho, kappa, w, m, value_rho] = &mut out;
        both.garble(FIRST, zeros.as_slice(), &delta, alpha, &mut rows, rho, kappa);
        both.evaluate(FIRST, active.as_slice(), &rows, w, m).unwrap();
        value.garble(FIRST, zeros.as_slice(), &delta, &mut value_rows, value_rho);

        for j in 0..INSTANCES {
            let mut expected = [0; 4];
            let (mut row, mut value_row) = (vec![Fp::ZERO; 2 * outputs], vec![Fp::ZERO; outputs]);
            unpack(&rows[j * both.row_len()..][..both.row_len()], &mut row).unwrap();
            unpack(&value_rows[j * value.row_len()..][..value.row_len()], &mut value_row).unwrap();
            for (i, weight) in weights.iter().enumerate() {
                let at = j * outputs + i;
                let (k0, c) = (zeros.as_slice()[at].0, i128::from(weight.to_u64()));
                let bit = bit(k0, delta.block().0, c, i128::from(alpha.to_u64()), FIRST + j as u64, i);
                assert_eq!([row[2 * i], row[2 * i + 1]], bit.row.map(fp));
                assert_eq!(value_row[i], fp(bit.row[0]));
                let [w, m] = bit.opened[usize::from(bits[at])];
                expected = [expected[0] + bit.rho, expected[1] + bit.kappa, expected[2] + w, expected[3] + m];
            }
            assert_eq!([rho[j], kappa[j], w[j], m[j]], expected.map(fp));
            assert_eq!(value_rho[j], rho[j]);
        }
    }
}
