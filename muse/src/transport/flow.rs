//! Long bodies, piece by piece: one piece is computed while another moves.

use super::{Tag, Transport, TransportError};
use core::{iter, mem};

/// Sends one frame of `total` bytes piece by piece: `fill` writes every byte of each slice it is given, which has the length of
/// `buffer`, or what remains of the body at its end. It runs in rayon's pool, a piece ahead of what is written: there is a second
/// buffer.
///
/// # Errors
/// Those of `fill`, upon which the frame stays unfinished and the connection is of no more use; connection lost
/// or write time-out.
///
/// # Panics
/// If `buffer` is empty and `total` is not zero.
pub fn send_flow<E: From<TransportError> + Send>(
    link: &mut (impl Transport + ?Sized),
    tag: Tag,
    total: u64,
    buffer: &mut [u8],
    mut fill: impl FnMut(&mut [u8]) -> Result<(), E> + Send,
) -> Result<(), E> {
    link.begin_send(tag, total)?;
    let mut spare = spare(buffer, total);
    let (mut next, mut ready) = (buffer, &mut spare[..]);
    let mut waiting = 0;
    for len in pieces(total, next.len()).chain([0]) {
        let mut filled = Ok(());
        rayon::in_place_scope(|scope| {
            let piece = &mut next[..len];
            if len > 0 {
                scope.spawn(|_| filled = fill(piece));
            }
            if waiting > 0 { link.write(&ready[..waiting]) } else { Ok(()) }
        })?;
        filled?;
        mem::swap(&mut next, &mut ready);
        waiting = len;
    }
    Ok(())
}

/// Receives one frame of `total` bytes piece by piece: `absorb` gets slices of the length of `buffer`, and what remains
/// of the body at its end. Make `buffer` a multiple of the flow's unit. `absorb` runs in rayon's pool while the next piece is read:
/// there is a second buffer.
///
/// # Errors
/// Those of `absorb`; as [`recv_tag`](Transport::recv_tag) and [`read`](Transport::read).
///
/// # Panics
/// If `buffer` is empty and `total` is not zero.
pub fn recv_flow<E: From<TransportError> + Send>(
    link: &mut (impl Transport + ?Sized),
    tag: Tag,
    total: u64,
    buffer: &mut [u8],
    mut absorb: impl FnMut(&[u8]) -> Result<(), E> + Send,
) -> Result<(), E> {
    link.recv_tag(&[tag])?;
    let mut spare = spare(buffer, total);
    let (mut next, mut arrived) = (buffer, &mut spare[..]);
    let mut waiting = 0;
    for len in pieces(total, next.len()).chain([0]) {
        let mut absorbed = Ok(());
        let read = rayon::in_place_scope(|scope| {
            let piece = &arrived[..waiting];
            if waiting > 0 {
                scope.spawn(|_| absorbed = absorb(piece));
            }
            if len > 0 { link.read(&mut next[..len]) } else { Ok(()) }
        });
        // What came first is blamed first.
        absorbed?;
        read?;
        mem::swap(&mut next, &mut arrived);
        waiting = len;
    }
    Ok(())
}

/// The lengths of the pieces of a flow: `most`, and what remains.
fn pieces(total: u64, most: usize) -> impl Iterator<Item = usize> {
    assert!(total == 0 || most > 0, "a flow needs a buffer");
    let mut left = total;
    iter::from_fn(move || {
        let len = usize::try_from(left).map_or(most, |left| left.min(most));
        left -= len as u64;
        (len > 0).then_some(len)
    })
}

/// A second buffer, if the flow is more than a piece.
fn spare(buffer: &[u8], total: u64) -> Vec<u8> {
    vec![0; if total > buffer.len() as u64 { buffer.len() } else { 0 }]
}
