//! Independent pieces of work: on all threads with the feature `parallel`, else one after another. The results are the same.

use alloc::vec::Vec;
use core::ops::{Add, Range};

/// `make` of every index and item, in order.
///
/// ```
/// let squares = muse_field::parallel::map(vec![3, 4], |index, item| (index, item * item));
/// assert_eq!(squares, [(0, 9), (1, 16)]);
/// ```
pub fn map<I: Send, T: Send>(items: Vec<I>, make: impl Fn(usize, I) -> T + Sync + Send) -> Vec<T> {
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        items.into_par_iter().enumerate().map(|(index, item)| make(index, item)).collect()
    }
    #[cfg(not(feature = "parallel"))]
    {
        items.into_iter().enumerate().map(|(index, item)| make(index, item)).collect()
    }
}

/// `work` on every index and item, with scratch space from `init`, which is called at least once for each thread.
pub fn for_each<I: Send, S>(
    items: Vec<I>,
    init: impl Fn() -> S + Sync + Send,
    work: impl Fn(&mut S, usize, I) + Sync + Send,
) {
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        items
            .into_par_iter()
            .enumerate()
            .for_each_init(init, |scratch, (index, item)| work(scratch, index, item));
    }
    #[cfg(not(feature = "parallel"))]
    {
        let mut scratch = init();
        items.into_iter().enumerate().for_each(|(index, item)| work(&mut scratch, index, item));
    }
}

/// The sum, element by element, of `work(number of the chunk, its values)` over all chunks of at most `size` of `0..values`.
///
/// # Panics
/// If `size` is 0.
pub fn sum_over_chunks<T: Copy + Default + Add<Output = T> + Send, const N: usize>(
    values: usize,
    size: usize,
    work: impl Fn(usize, Range<usize>) -> [T; N] + Sync,
) -> [T; N] {
    let zero = || [T::default(); N];
    let chunk = |i: usize| work(i, i * size..values.min((i + 1) * size));
    let add = |a: [T; N], b: [T; N]| core::array::from_fn(|i| a[i] + b[i]);
    let chunks = 0..values.div_ceil(size);
    #[cfg(feature = "parallel")]
    if chunks.len() > 1 {
        use rayon::prelude::*;
        return chunks.into_par_iter().map(chunk).reduce(zero, add);
    }
    chunks.map(chunk).fold(zero(), add)
}

#[cfg(feature = "parallel")]
mod slices {
    use rayon::slice::{Chunks, ChunksMut, ParallelSlice, ParallelSliceMut};

    /// What iterates over [`chunks`] and [`chunks_mut`]: rayon's traits with the feature `parallel`, else nothing.
    pub mod prelude {
        pub use rayon::prelude::*;
    }

    /// Chunks of at most `size`, for all threads.
    ///
    /// # Panics
    /// If `size` is 0.
    pub fn chunks<T: Sync>(slice: &[T], size: usize) -> Chunks<'_, T> {
        slice.par_chunks(size)
    }

    /// Chunks of at most `size` that can be changed, for all threads.
    ///
    /// # Panics
    /// If `size` is 0.
    pub fn chunks_mut<T: Send>(slice: &mut [T], size: usize) -> ChunksMut<'_, T> {
        slice.par_chunks_mut(size)
    }
}

#[cfg(not(feature = "parallel"))]
mod slices {
    use core::slice::{Chunks, ChunksMut};

    /// What iterates over [`chunks`] and [`chunks_mut`]: rayon's traits with the feature `parallel`, else nothing.
    pub mod prelude {}

    /// Chunks of at most `size`, one after another.
    ///
    /// # Panics
    /// If `size` is 0.
    pub fn chunks<T>(slice: &[T], size: usize) -> Chunks<'_, T> {
        slice.chunks(size)
    }

    /// Chunks of at most `size` that can be changed, one after another.
    ///
    /// # Panics
    /// If `size` is 0.
    pub fn chunks_mut<T>(slice: &mut [T], size: usize) -> ChunksMut<'_, T> {
        slice.chunks_mut(size)
    }
}

pub use slices::{chunks, chunks_mut, prelude};

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use core::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn every_item_once_and_in_order() {
        let items: Vec<usize> = (0..1000).map(|i| 2 * i).collect();
        assert_eq!(
            map(items.clone(), |index, item| 3 * index + item),
            (0..1000).map(|i| 5 * i).collect::<Vec<_>>()
        );
        let sum = AtomicUsize::new(0);
        let work = |calls: &mut usize, index: usize, item: usize| {
            *calls += 1;
            assert_eq!(item, 2 * index);
            sum.fetch_add(item, Ordering::Relaxed);
        };
        for_each(items, || 0, work);
        assert_eq!(sum.into_inner(), 999 * 1000);
    }

    #[test]
    fn chunks_are_cut_alike_at_every_length() {
        for values in [0, 1, 6, 7, 8, 13, 14, 15, 700] {
            let sums = sum_over_chunks(values, 7, |index, chunk| {
                assert_eq!((chunk.start, chunk.len()), (7 * index, 7.min(values - 7 * index)));
                [chunk.sum::<usize>(), 1]
            });
            assert_eq!(sums, [(0..values).sum(), values.div_ceil(7)]);
        }
        assert_eq!(map(vec![(); 0], |index, ()| index), []);
    }
}
