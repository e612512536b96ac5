//! Shares as the drivers handle them: with MACs in the client-malicious mode, without in the baseline. One code path serves both.
//!
//! A shared vector is v = v_c + v_s. In the client-malicious mode the client's v_c is authenticated: it holds MACs m, the server
//! keys k, and m = k + alpha * v_c (protocol, section 2). The server's v_s needs no MAC, as the server is honest.

use crate::Error;
use muse_field::{Fp, id::RunId, vector};
use muse_mac::{Authenticated, Keys, OpeningId, Purpose};
use zeroize::Zeroizing;

/// Secret field elements.
pub type Elements = Zeroizing<Vec<Fp>>;

/// The client's share of a vector.
pub enum ClientShare {
    /// Semi-honest mode.
    Plain(Elements),
    /// Client-malicious mode.
    Authenticated(Authenticated),
}

impl ClientShare {
    /// The values, without their MACs.
    pub fn values(&self) -> &[Fp] {
        match self {
            Self::Plain(values) => values,
            Self::Authenticated(share) => share.values(),
        }
    }

    /// The parts of a vector in order. `authenticated` says of which kind they are, as there may be none.
    pub fn concat(parts: &[Self], authenticated: bool) -> Result<Self, Error> {
        let length = parts.iter().map(|part| part.values().len()).sum();
        // With their final capacity: growing would leave copies behind.
        let [mut values, mut macs] = [(); 2].map(|()| Zeroizing::new(Vec::with_capacity(length)));
        for part in parts {
            values.extend_from_slice(part.values());
            if let Self::Authenticated(part) = part {
                macs.extend_from_slice(part.macs());
            }
        }
        Ok(if authenticated {
            Self::Authenticated(Authenticated::new(values, macs)?)
        } else {
            Self::Plain(values)
        })
    }

    /// Values, and their MACs: none in the baseline.
    pub fn into_parts(self) -> (Elements, Elements) {
        match self {
            Self::Plain(values) => (values, Zeroizing::new(Vec::new())),
            Self::Authenticated(share) => share.into_parts(),
        }
    }

    /// The share with its MACs, which must be there.
    pub fn into_authenticated(self) -> Result<Authenticated, Error> {
        match self {
            Self::Authenticated(share) => Ok(share),
            Self::Plain(_) => Err(Error::Internal("a share without MACs".into())),
        }
    }

    /// A public linear map of the share, its MACs included.
    pub fn map(&self, linear: impl Fn(&[Fp]) -> Vec<Fp>) -> Self {
        match self {
            Self::Plain(values) => Self::Plain(Zeroizing::new(linear(values))),
            Self::Authenticated(share) => Self::Authenticated(share.map(linear)),
        }
    }

    /// Subtracts a share of the same kind and length.
    pub fn sub_assign(&mut self, other: &Self) -> Result<(), Error> {
        match (self, other) {
            (Self::Plain(values), Self::Plain(others)) => vector::sub_assign(values, others),
            (Self::Authenticated(share), Self::Authenticated(other)) => share.sub_assign(other),
            (Self::Plain(_), Self::Authenticated(_)) | (Self::Authenticated(_), Self::Plain(_)) => {
                return Err(Error::Internal("shares with and without MACs".into()));
            }
        }
        Ok(())
    }
}

/// The server's share of a vector, with its keys of the client's share if that is authenticated.
pub struct ServerShare {
    pub values: Elements,
    pub keys: Option<Keys>,
}

impl ServerShare {
    /// A public linear map of the share, keys included.
    pub fn map(&self, linear: impl Fn(&[Fp]) -> Vec<Fp>) -> Self {
        Self {
            values: Zeroizing::new(linear(&self.values)),
            keys: self.keys.as_ref().map(|keys| keys.map(linear)),
        }
    }
}

/// What an opening or a proof of zeros is about: it goes into the hash of the MACs.
pub fn opening_id(purpose: Purpose, run: RunId, layer: usize) -> OpeningId {
    let layer = u32::try_from(layer).expect("a network has few layers");
    OpeningId { purpose, run, layer }
}
