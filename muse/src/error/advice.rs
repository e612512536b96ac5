//! What to do about a disk that fails.

use std::io::{self, ErrorKind};

/// What to do about a failure of the spool, as a clause; `needed` bytes were to go there.
pub(crate) fn advice(source: &io::Error, needed: u64) -> String {
    let kind = source.kind();
    if [ErrorKind::StorageFull, ErrorKind::QuotaExceeded, ErrorKind::FileTooLarge].contains(&kind) {
        let mega = needed.div_ceil(1_000_000);
        return format!("an inference takes {mega} MB there: free as much, or name another directory");
    }
    let known = ADVICE.iter().find(|(found, _)| *found == kind);
    known.map_or("see whether the disk is sound, or name another directory", |(_, advice)| advice).into()
}

const ADVICE: [(ErrorKind, &str); 5] = [
    (ErrorKind::NotFound, "create the directory, or name another one"),
    (ErrorKind::NotADirectory, "name a directory"),
    (ErrorKind::PermissionDenied, WRITABLE),
    (ErrorKind::ReadOnlyFilesystem, WRITABLE),
    (
        ErrorKind::UnexpectedEof,
        "the file there is shorter than what was written to it; see what else changes files there",
    ),
];

const WRITABLE: &str = "make it writable for this program, or name another directory";
