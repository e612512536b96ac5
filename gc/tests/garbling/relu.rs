//! The garbled ReLU, from shares of v to shares of its rectified, truncated value.

use muse_field::{Fp, MODULUS};
use muse_gc::circuit::relu::{output_weights, relu};
use muse_gc::garble::GATE_BYTES;
use muse_gc::shares::{LabelsToAuthenticatedShares, LabelsToShares};

use crate::support::{SESSION, bits, garble, rng};
use muse_field::id::{RunId, SessionId};
use muse_field::sample::uniform;

/// The functionality: floor(v / 2^k) where v >= 0 in the signed reading, else 0.
fn relu_trunc(v: u64, k: u32) -> u64 {
    if v < (MODULUS - 1) / 2 { v >> k } else { 0 }
}

/// Values at every boundary of the circuit, and shares y at theirs: (y, t) with v = y - t, t in [1, p].
fn extremes() -> Vec<(u64, u64)> {
    const HALF: u64 = (MODULUS - 1) / 2;
    const OFFSET: u64 = 15 << 22;
    let mut values = vec![0, 1, 255, 256, 1 << 22, (1 << 22) - 1, 1 << 24, OFFSET - 1, OFFSET, OFFSET + 1];
    values.extend([
        HALF - 1,
        HALF,
        HALF + 1,
        HALF - OFFSET,
        HALF + OFFSET,
        MODULUS - 1,
        MODULUS - (1 << 20),
        MODULUS - OFFSET,
    ]);
    let shares = [0, 1, 125_829_118, 1 << 43, (1 << 43) - 1, HALF, MODULUS - 2, MODULUS - 1];
    let mut rng = rng(99);
    let mut pairs = Vec::new();
    for v in values {
        for y in shares.into_iter().chain([uniform(&mut rng).to_u64()]) {
            let t = (y + MODULUS - v) % MODULUS;
            pairs.push((y, if t == 0 { MODULUS } else { t }));
        }
    }
    pairs
}

#[test]
fn labels_to_shares_gives_the_functionality_exactly() {
    let session = SessionId::from_bytes(SESSION);
    let cases = extremes();
    let inputs: Vec<bool> = cases.iter().flat_map(|&(y, t)| bits(y, 44).chain(bits(t, 44))).collect();
    for k in [0, 4, 8, 10, 12, 14, 22] {
        let circuit = relu(k);
        assert_eq!(circuit.and_count(), 130 - k as usize);
        assert_eq!(circuit.output_count(), 44 - k as usize);
        let garbled = garble(&circuit, cases.len(), u64::from(k));
        assert_eq!(garbled.tables.len(), cases.len() * GATE_BYTES * circuit.and_count());
        let active = garbled.evaluate(&circuit, &garbled.encode(&inputs));
        let expected: Vec<Fp> =
            cases.iter().map(|&(y, t)| Fp::new(relu_trunc((y + MODULUS - t) % MODULUS, k))).collect();

        let conversion = LabelsToShares::new(output_weights(k), &RunId::new(session, 3), 1);
        let mut rows = vec![0; cases.len() * conversion.row_len()];
        let (mut rho, mut w) = (vec![Fp::ZERO; cases.len()], vec![Fp::ZERO; cases.len()]);
        conversion.garble(0, garbled.outputs.as_slice(), &garbled.delta, &mut rows, &mut rho);
        conversion.evaluate(0, active.as_slice(), &rows, &mut w).unwrap();
        let sum: Vec<Fp> = w.iter().zip(&rho).map(|(&w, &rho)| w + rho).collect();
        assert_eq!(sum, expected, "k = {k}");

        let conversion = LabelsToAuthenticatedShares::new(output_weights(k), &RunId::new(session, 3), 1);
        let alpha = uniform(&mut rng(7));
        let mut rows = vec![0; cases.len() * conversion.row_len()];
        let (mut kappa, mut m) = (rho.clone(), w.clone());
        let zeros = garbled.outputs.as_slice();
        conversion.garble(0, zeros, &garbled.delta, alpha, &mut rows, &mut rho, &mut kappa);
        conversion.evaluate(0, active.as_slice(), &rows, &mut w, &mut m).unwrap();
        for i in 0..cases.len() {
            assert_eq!(w[i] + rho[i], expected[i], "k = {k}");
            assert_eq!(m[i], kappa[i] + alpha * w[i], "k = {k}");
        }
    }
}
