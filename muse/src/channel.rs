//! What a session runs over: a transport that can be cancelled and that knows when a phase ends.

use crate::{
    cancel::Cancel,
    transport::{Framed, Pipe, Transport},
};

/// A [`Transport`] with what a session needs besides bytes. Both methods are about how long its calls may wait.
pub trait Channel: Transport {
    /// From here on every call fails with [`TransportError::Cancelled`](crate::transport::TransportError::Cancelled) once
    /// `cancel` says so, also one that waits.
    fn cancel_with(&mut self, cancel: Cancel);

    /// A phase has ended: the waits of the next one are measured anew ([`Limits::phase`](crate::transport::Limits::phase)).
    fn begin_phase(&mut self);
}

impl<P: Pipe> Channel for Framed<P> {
    fn cancel_with(&mut self, cancel: Cancel) {
        Self::cancel_with(self, cancel);
    }

    fn begin_phase(&mut self) {
        Self::begin_phase(self);
    }
}

impl<T: Channel + ?Sized> Channel for &mut T {
    fn cancel_with(&mut self, cancel: Cancel) {
        (**self).cancel_with(cancel);
    }

    fn begin_phase(&mut self) {
        (**self).begin_phase();
    }
}

impl<T: Channel + ?Sized> Channel for Box<T> {
    fn cancel_with(&mut self, cancel: Cancel) {
        (**self).cancel_with(cancel);
    }

    fn begin_phase(&mut self) {
        (**self).begin_phase();
    }
}
