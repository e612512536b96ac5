//! Labels to additive shares modulo p: the conversion that ends a garbled layer without decoding anything.
//!
//! Every output bit x_i of a circuit has a weight c_i in F; the garbler ends with rho, the evaluator with w_c, and
//! w_c + rho = sum x_i c_i. The evaluator learns nothing about the bits: no decoding information for their wires is sent.
//!
//! Per bit there is one row, for the label of colour 1; the label of colour 0 hashes to its share directly, as in
//! garbled row reduction. With b0 the bit whose label has colour 0, H_p the hash to F under its own tweak domain:
//!
//! - rho_i = b0*c_i - H_p(L^b0), so the share of a label of colour 0 is its hash;
//! - row_i = (1 - b0)*c_i - rho_i - H_p(L^(1-b0)), so the share of the other label is its hash plus the row.
//!
//! The hash is what keeps this safe under free XOR: with raw labels as pads, all rows would differ by one offset, and
//! the evaluator would solve for it.
//!
//! For the ReLU the weights are [`output_weights`](crate::circuit::relu::output_weights).
//!
//! [`LabelsToAuthenticatedShares`] adds to every row the same for an information-theoretic MAC under a key alpha of the
//! garbler: the evaluator's m and the garbler's k satisfy m = k + alpha * w_c.

mod convert;

use alloc::vec::Vec;

use muse_field::Fp;
use muse_field::id::RunId;
use muse_field::pack::packed_len;

use self::convert::Converter;
use crate::error::Error;
use crate::hash::{Domain, Engine, Tweaks};
use crate::label::{Block, Delta};

/// Conversion of output labels to additive shares, without MACs: the semi-honest protocol.
///
/// Both parties construct it alike.
#[derive(Clone, Debug)]
pub struct LabelsToShares {
    converter: Converter,
}

impl LabelsToShares {
    /// A conversion with one weight per output bit of an instance, for one layer of one inference.
    ///
    /// # Panics
    /// If there are no weights.
    #[must_use]
    pub fn new(weights: Vec<Fp>, run: &RunId, layer: u32) -> Self {
        let first = Tweaks::new(Domain::ShareFirst, run, layer);
        Self { converter: Converter::new(weights, first, None) }
    }

    /// The same on another engine: same bytes, other speed. For tests and measurements.
    #[must_use]
    pub fn with_engine(mut self, engine: Engine) -> Self {
        self.converter = self.converter.with_engine(engine);
        self
    }

    /// Bytes of the rows of one instance: one packed element for each output bit, instances byte-aligned.
    #[must_use]
    pub fn row_len(&self) -> usize {
        packed_len(self.converter.outputs())
    }

    /// Garbler: from the outputs' zero labels to rows and shares, instance-major, for instances `first_instance..`.
    ///
    /// `zeros`: as many per instance as there are weights. `rows`: [`row_len`](Self::row_len) bytes per instance. `rho`: one
    /// element per instance. Any split of the instances into calls gives the same bytes; constant time.
    ///
    /// # Panics
    /// If the lengths are not those of the same number of instances, or an instance reaches 2^32.
    pub fn garble(
        &self,
        first_instance: u64,
        zeros: &[Block],
        delta: &Delta,
        rows: &mut [u8],
        rho: &mut [Fp],
    ) {
        self.converter.garble(first_instance, zeros, delta, rows, rho);
    }

    /// Evaluator: from active labels and rows to its shares `w`, in the same layout.
    ///
    /// # Errors
    /// [`Error::Malformed`] if rows are not the canonical encoding of elements; `w` is then without meaning.
    ///
    /// # Panics
    /// If the lengths are not those of the same number of instances, or an instance reaches 2^32.
    pub fn evaluate(
        &self,
        first_instance: u64,
        active: &[Block],
        rows: &[u8],
        w: &mut [Fp],
    ) -> Result<(), Error> {
        self.converter.evaluate(first_instance, active, rows, w)
    }
}

/// Conversion of output labels to authenticated shares, `[w_c]` with w = w_c + rho: the client-malicious protocol.
///
/// The rows hold two elements per bit, the share's and the MAC's. Both parties construct it alike.
#[derive(Clone, Debug)]
pub struct LabelsToAuthenticatedShares {
    converter: Converter,
}

impl LabelsToAuthenticatedShares {
    /// A conversion with one weight per output bit of an instance, for one layer of one inference.
    ///
    /// # Panics
    /// If there are no weights.
    #[must_use]
    pub fn new(weights: Vec<Fp>, run: &RunId, layer: u32) -> Self {
        let [first, second] =
            [Domain::ShareFirst, Domain::ShareSecond].map(|domain| Tweaks::new(domain, run, layer));
        Self { converter: Converter::new(weights, first, Some(second)) }
    }

    /// The same on another engine: same bytes, other speed. For tests and measurements.
    #[must_use]
    pub fn with_engine(mut self, engine: Engine) -> Self {
        self.converter = self.converter.with_engine(engine);
        self
    }

    /// Bytes of the rows of one instance: two packed elements for each output bit, instances byte-aligned.
    #[must_use]
    pub fn row_len(&self) -> usize {
        packed_len(2 * self.converter.outputs())
    }

    /// Garbler: from the outputs' zero labels and the MAC key to rows, shares `rho` and MAC shares `kappa`, in the layout of
    /// [`LabelsToShares::garble`] with one element of `kappa` per instance.
    ///
    /// # Panics
    /// If the lengths are not those of the same number of instances, or an instance reaches 2^32.
    #[expect(clippy::too_many_arguments, reason = "three secrets in, rows and two shares out")]
    pub fn garble(
        &self,
        first_instance: u64,
        zeros: &[Block],
        delta: &Delta,
        alpha: Fp,
        rows: &mut [u8],
        rho: &mut [Fp],
        kappa: &mut [Fp],
    ) {
        self.converter.garble_authenticated(first_instance, zeros, delta, alpha, rows, rho, kappa);
    }

    /// Evaluator: from active labels and rows to its shares `w` and their MACs `m`, one element of each per instance:
    /// m = kappa + alpha * w.
    ///
    /// # Errors
    /// [`Error::Malformed`] if rows are not the canonical encoding of elements; `w` and `m` are then without meaning.
    ///
    /// # Panics
    /// If the lengths are not those of the same number of instances, or an instance reaches 2^32.
    pub fn evaluate(
        &self,
        first_instance: u64,
        active: &[Block],
        rows: &[u8],
        w: &mut [Fp],
        m: &mut [Fp],
    ) -> Result<(), Error> {
        self.converter.evaluate_authenticated(first_instance, active, rows, w, m)
    }
}
