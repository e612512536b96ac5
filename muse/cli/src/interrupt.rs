//! Ctrl-C, and the system's request to end: each one runs the next of the program's steps for ending; when no step is left, the process ends at once.

use super::failure::Kind;
use muse::progress::Cancel;
use std::thread;

/// Runs the next of `steps` at each interrupt; when there is none left, the process ends. Nothing is kept that would have to be
/// saved, and sessions die with the process.
///
/// Where the system lets no handler be installed, an interrupt ends the process as it always did.
pub fn on_interrupt(steps: Vec<Box<dyn FnOnce() + Send>>) {
    let mut steps = steps.into_iter();
    // Each in a thread of its own: one that gets stuck must not keep the next from being heard.
    let _ = ctrlc::set_handler(move || {
        let started = steps.next().is_some_and(|step| thread::Builder::new().spawn(step).is_ok());
        if !started {
            std::process::exit(Kind::Interrupted as i32);
        }
    });
}

/// A token that the first interrupt cancels; the second ends the process.
pub fn cancel() -> Cancel {
    let cancel = Cancel::new();
    let token = cancel.clone();
    on_interrupt(vec![Box::new(move || token.cancel())]);
    cancel
}
