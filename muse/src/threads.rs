//! The threads that compute. They are started before the first session; if that fails, no session starts.

use crate::Error;
use core::error::Error as _;
use std::{io, panic};

/// Starts rayon's threads, unless they run already. Otherwise they start when first used, during a session, and a failure then lasts for
/// as long as the process lives.
///
/// # Errors
/// The system could not start the threads, now or at an earlier attempt.
pub(crate) fn acquire() -> Result<(), Error> {
    let Err(error) = rayon::ThreadPoolBuilder::new().build_global() else { return Ok(()) };
    if let Some(source) = error.source() {
        return Err(Error::Thread(io::Error::other(source.to_string())));
    }
    // They were requested before. Using them shows whether they started.
    let there = panic::catch_unwind(rayon::current_num_threads);
    there.map(drop).map_err(|_| Error::Thread(io::Error::other("they were refused before")))
}
