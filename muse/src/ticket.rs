//! Both halves of a ticket: what a preprocessed inference is at each party. Each half serves one input.

use crate::{
    garbled::ServerLabels,
    share::{ClientShare, Elements, ServerShare},
    spool::Piece,
};
use muse_field::id::SessionId;
use muse_gc::{label::ActiveLabels, seal::SealKey};
use muse_mac::Keys;

/// The client's half. Deliberately without `Debug`.
pub struct ClientTicket {
    /// The session it was made in.
    pub session: SessionId,
    /// Its number there.
    pub inference: u64,
    /// r_i of every linear layer: masks its input.
    pub masks: Vec<ClientShare>,
    /// Labels of the bits of y of all layers but the last, in order, 44 an element.
    pub labels: ActiveLabels,
    /// The garbled layers, in order.
    pub garbled: Vec<GarbledLayer>,
    /// y of the last linear layer.
    pub last_share: Elements,
}

/// One non-linear layer as the client holds it: it can be evaluated once the server reveals the key of the seal and the
/// labels of its own input. A piece for every chunk of instances.
pub struct GarbledLayer {
    pub sealed_tables: Vec<Piece>,
    pub sealed_rows: Vec<Piece>,
}

/// The server's half. Deliberately without `Debug`.
pub struct ServerTicket {
    /// Its number in the session.
    pub inference: u64,
    /// s_i of every linear layer: the server's share of its output.
    pub shares: Vec<Elements>,
    /// Keys of the client's r_i of every linear layer; empty in the baseline.
    pub mask_keys: Vec<Keys>,
    /// What opens the garbled layers, in order.
    pub garbled: Vec<LayerSecrets>,
}

/// The server's secrets about one garbled layer. Deliberately without `Debug`.
pub struct LayerSecrets {
    /// Zero labels of the bits of T.
    pub labels: ServerLabels,
    /// Opens tables and rows; revealed with the labels.
    pub seal: SealKey,
    /// rho: the server's share of every ReLU's result, with its keys of the client's.
    pub share: ServerShare,
}
