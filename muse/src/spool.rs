//! Where the sealed bytes of garbled layers lie until they are used: in memory, or in a file.
//!
//! They are nearly all of a ticket, and they are not needed before the input exists. Each piece is stored once and taken once.
//! Everything above works on pieces and does not know where they are.
//!
//! What is in the file is sealed: under a pad whose key the server keeps until the online phase, and which never gets
//! there. Without that key the bytes are independent of everything. Even with it they are useless without the labels, which stay in
//! memory. A program that can change the file can make the result wrong or a MAC check fail, but it could change this program too.
//! Only this user may open it, and it has no name for longer than it takes to remove it: nothing is left behind, whatever ends the
//! process.

use crate::Error;
use alloc::sync::Arc;
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Where the pieces of one ticket go.
pub enum Spool {
    /// They stay in memory.
    Memory,
    /// Behind each other into a file.
    File {
        /// The file.
        file: Arc<SpoolFile>,
        /// Bytes written.
        end: u64,
    },
}

/// Bytes that were kept. Taking them frees their memory; the file goes with the last piece of it.
pub enum Piece {
    /// These.
    Memory(Vec<u8>),
    /// `len` bytes of the file from `start` on.
    File {
        /// The file.
        file: Arc<SpoolFile>,
        /// Where they start.
        start: u64,
        /// How many.
        len: usize,
    },
}

/// A file without a name.
pub struct SpoolFile {
    file: Mutex<File>,
    directory: PathBuf,
    /// Bytes that it will have in the end.
    needed: u64,
}

impl Spool {
    /// For pieces of `needed` bytes in all: a new file in `directory`, or memory.
    ///
    /// # Errors
    /// [`Error::Spool`] if the directory does not let files be created.
    pub fn new(directory: Option<&Path>, needed: u64) -> Result<Self, Error> {
        let Some(directory) = directory else {
            return Ok(Self::Memory);
        };
        let failed = |source| Error::Spool { directory: directory.to_owned(), needed, source };
        let file = tempfile::tempfile_in(directory).map_err(failed)?;
        only_for_its_owner(&file).map_err(failed)?;
        let file = SpoolFile { file: Mutex::new(file), directory: directory.to_owned(), needed };
        Ok(Self::File { file: Arc::new(file), end: 0 })
    }

    /// Keeps a piece. A file needs no memory for it.
    ///
    /// # Errors
    /// [`Error::Spool`] if the disk is full or fails.
    pub fn keep(&mut self, bytes: Vec<u8>) -> Result<Piece, Error> {
        let Self::File { file, end } = self else {
            return Ok(Piece::Memory(bytes));
        };
        let start = *end;
        file.at(start, |file| file.write_all(&bytes))?;
        *end += bytes.len() as u64;
        Ok(Piece::File { file: file.clone(), start, len: bytes.len() })
    }
}

impl Piece {
    /// The bytes.
    ///
    /// # Errors
    /// [`Error::Spool`] if the disk fails or the file has become shorter.
    pub fn take(self) -> Result<Vec<u8>, Error> {
        match self {
            Self::Memory(bytes) => Ok(bytes),
            Self::File { file, start, len } => {
                let mut bytes = vec![0; len];
                file.at(start, |file| file.read_exact(&mut bytes))?;
                Ok(bytes)
            }
        }
    }
}

impl SpoolFile {
    fn at(&self, start: u64, act: impl FnOnce(&mut File) -> io::Result<()>) -> Result<(), Error> {
        let mut file = self.lock();
        file.seek(SeekFrom::Start(start)).and_then(|_| act(&mut file)).map_err(|source| Error::Spool {
            directory: self.directory.clone(),
            needed: self.needed,
            source,
        })
    }

    /// A panic elsewhere leaves a position in the file, which every use sets anew.
    fn lock(&self) -> MutexGuard<'_, File> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// No other user may open the file, also not by another name of it.
#[cfg(unix)]
fn only_for_its_owner(file: &File) -> io::Result<()> {
    use std::{fs::Permissions, os::unix::fs::PermissionsExt};
    file.set_permissions(Permissions::from_mode(0o600))
}

/// The file is not shared with anybody here while it is open.
#[cfg(not(unix))]
fn only_for_its_owner(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::advice::advice;
    use std::io::ErrorKind;

    fn directory() -> tempfile::TempDir {
        tempfile::tempdir().expect("a directory")
    }

    fn pieces() -> Vec<Vec<u8>> {
        [3, 0, 100_000, 1].map(|len| (0..len).map(|i| (i * 7 + len) as u8).collect()).into()
    }

    fn error(result: Result<impl Sized, Error>) -> String {
        let Err(error @ Error::Spool { .. }) = result.map(|_| ()) else { panic!("no error of the spool") };
        assert!(!error.peer_at_fault() && !error.is_failed_check());
        error.to_string()
    }

    #[test]
    fn pieces_come_back_in_any_order() {
        let directory = directory();
        for place in [None, Some(directory.path())] {
            let mut spool = Spool::new(place, 100_004).expect("a spool");
            let mut kept: Vec<_> =
                pieces().into_iter().map(|bytes| spool.keep(bytes).expect("kept")).enumerate().collect();
            drop(spool);
            kept.rotate_left(1);
            for (index, piece) in kept {
                assert_eq!(matches!(piece, Piece::File { .. }), place.is_some());
                assert!(piece.take().expect("taken") == pieces()[index]);
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_private_and_has_no_name() {
        use std::os::unix::fs::MetadataExt;
        let directory = directory();
        let mut spool = Spool::new(Some(directory.path()), 10).expect("a spool");
        let _piece = spool.keep(vec![1; 10]).expect("kept");
        let Spool::File { file, .. } = &spool else { panic!("a file") };
        let metadata = file.lock().metadata().expect("it is open");
        assert_eq!((metadata.mode() & 0o7777, metadata.nlink(), metadata.len()), (0o600, 0, 10));
        assert_eq!(std::fs::read_dir(directory.path()).expect("a directory").count(), 0);
    }

    #[test]
    fn a_file_cut_short_is_an_error() {
        let directory = directory();
        let mut spool = Spool::new(Some(directory.path()), 20).expect("a spool");
        let [first, second] = [1, 2].map(|byte| spool.keep(vec![byte; 10]).expect("kept"));
        let Spool::File { file, .. } = &spool else { panic!("a file") };
        file.lock().set_len(19).expect("cut");
        assert_eq!(first.take().expect("whole"), [1; 10]);
        let message = error(second.take());
        assert!(
            message.contains("shorter") && message.contains(&*directory.path().to_string_lossy()),
            "{message}"
        );
    }

    #[test]
    fn errors_name_the_directory_and_say_what_to_do() {
        let directory = directory();
        let missing = directory.path().join("missing");
        let message = error(Spool::new(Some(&missing), 1));
        assert!(message.contains("create the directory") && message.contains("missing"), "{message}");
        let file = directory.path().join("file");
        std::fs::write(&file, "").expect("a file");
        let message = error(Spool::new(Some(&file), 1));
        assert!(message.contains("name a directory") && message.contains("file"), "{message}");
        for (kind, needed, clause) in [
            (ErrorKind::StorageFull, 728_000_001, "takes 729 MB there"),
            (ErrorKind::PermissionDenied, 1, "make it writable"),
            (ErrorKind::Other, 1, "see whether the disk is sound"),
        ] {
            assert!(advice(&kind.into(), needed).contains(clause));
        }
    }

    /// A disk that is always full.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error() {
        let full = File::options().write(true).open("/dev/full").expect("Linux has one");
        let file = SpoolFile { file: Mutex::new(full), directory: "/dev".into(), needed: 5_000_000 };
        let mut spool = Spool::File { file: Arc::new(file), end: 0 };
        let message = error(spool.keep(vec![0; 10]));
        assert!(message.contains("takes 5 MB there"), "{message}");
    }
}
