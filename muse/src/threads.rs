//! The threads that compute: there from the start, or nobody starts.

use crate::Error;
use core::error::Error as _;
use std::{io, panic};

/// Starts rayon's threads, unless somebody has. They would start when first used, in the middle of a session, and a failure then is one for
/// as long as the process lives.
///
/// # Errors
/// The system has no threads, now or when they were asked for first.
pub(crate) fn acquire() -> Result<(), Error> {
    let Err(error) = rayon::ThreadPoolBuilder::new().build_global() else { return Ok(()) };
    if let Some(source) = error.source() {
        return Err(Error::Thread(io::Error::other(source.to_string())));
    }
    // They were asked for before. Whether they came shows when they are used.
    let there = panic::catch_unwind(rayon::current_num_threads);
    there.map(drop).map_err(|_| Error::Thread(io::Error::other("they were refused before")))
}
