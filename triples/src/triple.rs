//! Beaver triples: shared vectors `a`, `b` uniform and `c = a b`, one row for each multiplication (Beaver, CRYPTO 1991).

use alloc::vec::Vec;

use muse_field::{Fp, vector};
use muse_mac::spdz::{KeyShare, Party, Shares};
use muse_mac::{Authenticated, ServerShare};

use crate::Error;

/// The client's halves of triples. A row serves one multiplication: it is [taken](Self::take) out and consumed.
#[derive(Debug)]
pub struct ClientTriples {
    a: Authenticated,
    b: Authenticated,
    c: Authenticated,
}

/// The server's halves of triples, row by row those of the client's.
#[derive(Debug)]
pub struct ServerTriples {
    a: ServerShare,
    b: ServerShare,
    c: ServerShare,
}

/// One party's half of triples of which either party may be malicious: shares of values and of their MACs under a shared key.
#[derive(Debug)]
pub struct SharedTriples {
    a: Shares,
    b: Shares,
    c: Shares,
}

/// One party's half of values that mask inputs and results: uniform and known to their owner, whose shares they are; the other party's are
/// zero. An input masked by values that nobody knows, or that the wrong party knows, is no secret: so they carry their owner.
#[derive(Debug)]
pub struct InputMasks {
    owner: Party,
    shares: Shares,
}

impl InputMasks {
    /// Shares of values that `owner` knows, as they come from [`overdrive`](crate::overdrive) or a dealer.
    #[must_use]
    pub const fn new(owner: Party, shares: Shares) -> Self {
        Self { owner, shares }
    }

    /// Who knows them.
    #[must_use]
    pub const fn owner(&self) -> Party {
        self.owner
    }

    /// This party's shares.
    #[must_use]
    pub fn into_shares(self) -> Shares {
        self.shares
    }

    /// Those of all parts, in order.
    ///
    /// # Errors
    /// [`Error::Misuse`] if they have different owners, or there is no part.
    pub fn concat(parts: Vec<Self>) -> Result<Self, Error> {
        let owner = parts.first().ok_or(Error::Misuse("masks of one owner"))?.owner;
        if parts.iter().any(|part| part.owner != owner) {
            return Err(Error::Misuse("masks of one owner"));
        }
        Ok(Self { owner, shares: Shares::concat(parts.into_iter().map(|part| part.shares).collect()) })
    }
}

/// What all halves have.
macro_rules! triples {
    ($Type:ident of $Vector:ident) => {
        impl $Type {
            /// Triples from their columns.
            ///
            /// # Panics
            /// If the columns differ in length.
            #[must_use]
            pub fn new(a: $Vector, b: $Vector, c: $Vector) -> Self {
                assert!(a.len() == b.len() && a.len() == c.len(), "three columns of one length");
                Self { a, b, c }
            }

            /// Number of triples left. Public.
            #[must_use]
            pub fn len(&self) -> usize {
                self.a.len()
            }

            /// Whether none is left.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// Takes the **last** `count` triples out, so that no row is moved to fill a gap; the peer does the same. `None` if
            /// there are fewer.
            pub fn take(&mut self, count: usize) -> Option<Self> {
                let rest = self.len().checked_sub(count)?;
                Some(Self { a: self.a.split_off(rest), b: self.b.split_off(rest), c: self.c.split_off(rest) })
            }

            /// The first factors.
            #[must_use]
            pub const fn a(&self) -> &$Vector {
                &self.a
            }

            /// The second factors.
            #[must_use]
            pub const fn b(&self) -> &$Vector {
                &self.b
            }

            /// Appends the triples of `other`. Copies both.
            pub fn append(&mut self, other: Self) {
                self.a.append(other.a);
                self.b.append(other.b);
                self.c.append(other.c);
            }

            /// `c + d b + e a`, the part of a product that all halves have.
            fn combine(self, d: &[Fp], e: &[Fp]) -> $Vector {
                let Self { mut a, mut b, mut c } = self;
                b.mul_public_assign(d);
                a.mul_public_assign(e);
                c.add_assign(&a);
                c.add_assign(&b);
                c
            }

            /// The columns a, b and c.
            #[must_use]
            pub fn into_parts(self) -> ($Vector, $Vector, $Vector) {
                (self.a, self.b, self.c)
            }
        }
    };
}

triples!(ClientTriples of Authenticated);
triples!(ServerTriples of ServerShare);
triples!(SharedTriples of Shares);

impl ClientTriples {
    /// The client's half of the products `x[i] * y[i]`, from the opened `d = x - a` and `e = y - b`: `c + d b + e a`.
    ///
    /// # Panics
    /// If there are not as many of both as triples.
    #[must_use]
    pub fn product(self, d: &[Fp], e: &[Fp]) -> Authenticated {
        self.combine(d, e)
    }
}

impl ServerTriples {
    /// The server's half of the products `x[i] * y[i]`, from the opened `d = x - a` and `e = y - b`: `c + d b + e a + d e`.
    ///
    /// # Panics
    /// If there are not as many of both as triples.
    #[must_use]
    pub fn product(self, d: &[Fp], e: &[Fp]) -> ServerShare {
        let mut product = self.combine(d, e);
        product.add_public_assign(&products(d, e));
        product
    }
}

impl SharedTriples {
    /// One party's half of the products `x[i] * y[i]`, from the opened `d = x - a` and `e = y - b`: `c + d b + e a + d e`.
    ///
    /// # Panics
    /// If there are not as many of both as triples.
    #[must_use]
    pub fn product(self, party: Party, key: &KeyShare, d: &[Fp], e: &[Fp]) -> Shares {
        let mut product = self.combine(d, e);
        product.add_public_assign(party, key, &products(d, e));
        product
    }
}

fn products(d: &[Fp], e: &[Fp]) -> Vec<Fp> {
    let mut products = d.to_vec();
    vector::mul_assign(&mut products, e);
    products
}
