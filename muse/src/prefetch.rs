//! Reads the stored bytes of garbled layers before they are needed.

use crate::{Error, garbled::CHUNKS, spool::Piece, ticket::GarbledLayer};
use std::{
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread::{Builder, Scope},
};

/// Sealed tables and rows of a chunk of instances.
pub struct Sealed {
    pub tables: Vec<u8>,
    pub rows: Vec<u8>,
}

/// The chunks of all layers in order, `CHUNKS` of a layer at once, or what remains of it. A thread reads them, two batches ahead,
/// so that the disk works while other threads compute or wait for the peer. It ends with this value.
pub struct Prefetch(Receiver<Result<Vec<Sealed>, Error>>);

impl Prefetch {
    /// Starts to read.
    ///
    /// # Errors
    /// The system has no thread for it.
    pub fn start<'scope>(
        garbled: Vec<GarbledLayer>,
        scope: &'scope Scope<'scope, '_>,
    ) -> Result<Self, Error> {
        let (sender, receiver) = sync_channel(1);
        let read = move || read(garbled, &sender);
        match Builder::new().name("tables".into()).spawn_scoped(scope, read) {
            Ok(_) => Ok(Self(receiver)),
            Err(source) => Err(Error::Thread(source)),
        }
    }

    /// The next batch.
    ///
    /// # Errors
    /// [`Error::Spool`].
    pub fn next(&self) -> Result<Vec<Sealed>, Error> {
        self.0.recv().unwrap_or_else(|_| Err(Error::Internal("more chunks used than kept".into())))
    }
}

/// Reads until all is read, an error occurs, or the receiver is dropped.
fn read(garbled: Vec<GarbledLayer>, sender: &SyncSender<Result<Vec<Sealed>, Error>>) {
    for GarbledLayer { sealed_tables, sealed_rows } in garbled {
        let mut pieces = sealed_tables.into_iter().zip(sealed_rows).peekable();
        while pieces.peek().is_some() {
            let take =
                |(tables, rows): (Piece, Piece)| Ok(Sealed { tables: tables.take()?, rows: rows.take()? });
            let batch: Result<Vec<_>, _> = pieces.by_ref().take(CHUNKS).map(take).collect();
            let failed = batch.is_err();
            if sender.send(batch).is_err() || failed {
                return;
            }
        }
    }
}
