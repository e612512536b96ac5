//! Which triples and random values the published disclosure of an inference consumes, and when they are made.

use muse_cds::published::{GROUP, needs};
use muse_triples::{beaver::Batch, random};

/// Values that are disclosed in one run. What they consume is made right before it, so that memory is bounded: some 9 KB a value.
pub(crate) const RUN: usize = 2 * GROUP;

/// Bytes of a group that is being disclosed: 178 products a value, for each a triple with its MACs, and copies of both factors with theirs.
pub(super) const OPEN: u64 = (GROUP * 178 * 12 * size_of::<u64>()) as u64;

/// A run of the published disclosure: some of an inference's shares, and what is made for it. What the run before has left over
/// serves, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Index of its first value.
    pub first: usize,
    /// Its values.
    pub values: usize,
    /// Groups of N random values: one batch, before the triples; each batch of those takes one value. There may be none.
    pub random_groups: usize,
    /// Groups of N Beaver triples that are made, in batches.
    pub triple_groups: usize,
}

impl Run {
    /// Groups of each batch of triples.
    pub fn triple_batches(&self) -> impl Iterator<Item = usize> + use<> {
        let groups = self.triple_groups;
        (0..groups).step_by(Batch::MAX_GROUPS).map(move |first| Batch::MAX_GROUPS.min(groups - first))
    }
}

/// The runs for `values` values, in order, in a ring of dimension `n`.
pub(super) fn runs(values: usize, n: usize) -> Vec<Run> {
    let (mut triples, mut randoms) = (0, 0);
    (0..values)
        .step_by(RUN)
        .map(|first| {
            let count = RUN.min(values - first);
            let needs = needs(count);
            let triple_groups = needs.triples.saturating_sub(triples).div_ceil(n);
            let mut run = Run { first, values: count, random_groups: 0, triple_groups };
            let wanted = needs.randoms + run.triple_batches().count();
            // A batch gives one value less than its groups have.
            run.random_groups = wanted.checked_sub(randoms).map_or(0, |missing| (missing + 1).div_ceil(n));
            triples += triple_groups * n;
            triples -= needs.triples;
            randoms += random::values(n, run.random_groups);
            randoms -= wanted;
            run
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_run_is_short_and_little_is_left() {
        for values in [0, 1, 2047, 2048, 2049, 10_340] {
            let (mut triples, mut randoms, mut next, mut masks) = (0, 0, 0, 0);
            for run in runs(values, 8192) {
                assert_eq!(run.first, next);
                assert!(run.random_groups <= random::MAX_GROUPS);
                next += run.values;
                triples += 8192 * run.triple_batches().sum::<usize>();
                masks += run.triple_batches().count();
                randoms += random::values(8192, run.random_groups);
                assert!(triples >= needs(next).triples && randoms >= needs(next).randoms + masks);
            }
            assert_eq!(next, values);
            assert!(triples < needs(values).triples + 8192);
            assert!(randoms < needs(values).randoms + masks + 8192);
        }
    }

    #[test]
    fn batches_of_the_mnist_network() {
        let runs = runs(10_340, 8192);
        assert_eq!(runs.iter().flat_map(Run::triple_batches).sum::<usize>(), 225);
        assert_eq!(runs.iter().flat_map(Run::triple_batches).count(), 31);
        assert_eq!(runs.iter().map(|run| run.random_groups).sum::<usize>(), 57);
    }
}
