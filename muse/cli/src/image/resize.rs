//! Scaling: a triangle filter, as wide as needed when shrinking.
//!
//! This is what Pillow's `resize` does with `BILINEAR`, and so the `Resize` with which networks are usually trained, but for
//! rounding once instead of twice.

use zeroize::Zeroizing;

/// A plane of `from.0` x `from.1` samples (width, height; row-major) at the size `to`.
pub fn resize(plane: &[u16], from: (usize, usize), to: (usize, usize)) -> Zeroizing<Vec<u16>> {
    let (across, down) = (taps(from.0, to.0), taps(from.1, to.1));
    let mut rows: Zeroizing<Vec<f32>> = Zeroizing::new(Vec::with_capacity(to.0 * from.1));
    for row in plane.chunks_exact(from.0) {
        rows.extend(across.iter().map(|taps| taps.sum(|at| f64::from(row[at])) as f32));
    }
    let mut out = Zeroizing::new(Vec::with_capacity(to.0 * to.1));
    for taps in &down {
        let samples = (0..to.0).map(|column| taps.sum(|row| f64::from(rows[row * to.0 + column])));
        // Weights are positive and add up to one: this is between the least and the greatest sample.
        out.extend(samples.map(|sample| sample.round() as u16));
    }
    out
}

/// Neighbouring samples and their weights.
struct Taps {
    first: usize,
    weights: Vec<f64>,
}

impl Taps {
    fn sum(&self, sample: impl Fn(usize) -> f64) -> f64 {
        self.weights.iter().enumerate().map(|(i, weight)| weight * sample(self.first + i)).sum()
    }
}

/// For each of `to` samples, what it is made of out of `from`.
fn taps(from: usize, to: usize) -> Vec<Taps> {
    let scale = from as f64 / to as f64;
    let radius = scale.max(1.0);
    let one = |at: usize| {
        let centre = (at as f64 + 0.5) * scale;
        let first = (centre - radius + 0.5).max(0.0) as usize;
        let end = ((centre + radius + 0.5) as usize).min(from);
        let triangle = |i: usize| (1.0 - ((i as f64 + 0.5 - centre) / radius).abs()).max(0.0);
        let mut weights: Vec<f64> = (first..end).map(triangle).collect();
        let sum: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= sum);
        Taps { first, weights }
    };
    (0..to).map(one).collect()
}
