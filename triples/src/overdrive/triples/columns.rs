//! What a party holds of a batch: five columns of shares, and their MACs.

use alloc::vec;
use core::ops::Range;

use muse_field::{Fp, vector};
use muse_mac::spdz::Shares;
use zeroize::Zeroizing;

use super::super::Column;
use crate::Error;

/// a, b, b^, c, c^.
pub(super) const COLUMNS: usize = 5;
pub(super) const A: usize = 0;
pub(super) const B: usize = 1;
pub(super) const SECOND_B: usize = 2;
pub(super) const C: usize = 3;
pub(super) const SECOND_C: usize = 4;

/// All shares of a batch, in slots, group by group; sums grow as replies are made and arrive. Wiped on drop.
pub(super) struct Columns {
    n: usize,
    pub(super) values: [Column; COLUMNS],
    macs: [Column; COLUMNS],
}

impl Columns {
    /// Zeros.
    pub(super) fn new(n: usize, groups: usize) -> Self {
        let zeros = || [(); COLUMNS].map(|()| Zeroizing::new(vec![Fp::ZERO; groups * n]));
        Self { n, values: zeros(), macs: zeros() }
    }

    /// Where a group lies.
    const fn range(&self, group: usize) -> Range<usize> {
        group * self.n..(group + 1) * self.n
    }

    /// The shares of a group in a column.
    pub(super) fn group(&self, column: usize, group: usize) -> &[Fp] {
        &self.values[column][self.range(group)]
    }

    pub(super) fn group_mut(&mut self, column: usize, group: usize) -> &mut [Fp] {
        let range = self.range(group);
        &mut self.values[column][range]
    }

    /// Adds to the shares of a group.
    pub(super) fn add(&mut self, column: usize, group: usize, terms: &[Fp]) {
        vector::add_assign(self.group_mut(column, group), terms);
    }

    /// Adds this party's own product of two columns to a third.
    pub(super) fn add_product(&mut self, column: usize, factors: [usize; 2], group: usize) {
        let mut product = Zeroizing::new(self.group(factors[0], group).to_vec());
        vector::mul_assign(&mut product, self.group(factors[1], group));
        self.add(column, group, &product);
    }

    /// Adds to the MACs of a group.
    pub(super) fn add_mac(&mut self, column: usize, group: usize, terms: &[Fp]) {
        let range = self.range(group);
        vector::add_assign(&mut self.macs[column][range], terms);
    }

    /// Adds `key` times the shares of all groups to their MACs, once the shares do not change any more.
    pub(super) fn add_own_macs(&mut self, columns: &[usize], key: Fp) {
        for &column in columns {
            vector::axpy(&mut self.macs[column], key, &self.values[column]);
        }
    }

    /// a, b, b^, c, c^ with their MACs.
    pub(super) fn into_shares(self) -> Result<[Shares; COLUMNS], Error> {
        let [a, b, second_b, c, second_c] = self.values;
        let [mac_a, mac_b, mac_second_b, mac_c, mac_second_c] = self.macs;
        Ok([
            Shares::new(a, mac_a)?,
            Shares::new(b, mac_b)?,
            Shares::new(second_b, mac_second_b)?,
            Shares::new(c, mac_c)?,
            Shares::new(second_c, mac_second_c)?,
        ])
    }
}
