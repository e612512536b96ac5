//! Independent pieces of work. Also for the crates that build on this one.

use alloc::vec::Vec;

/// `make` of every index and item, in order; on all threads with the feature `parallel`.
pub fn each<I: Send, T: Send>(items: Vec<I>, make: impl Fn(usize, I) -> T + Sync + Send) -> Vec<T> {
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
