//! The MACs of a linear layer: protocol section 4.2, what the malicious mode returns beside the values.
//!
//! The server holds a key $\alpha$. For every value $x$ that the client holds, the client gets $m$ and the server $k$ with
//! $m = k + \alpha x$. The MAC of an input is its ciphertext times $\alpha$; the MAC of an output comes from the unflooded product.
//! Each reply has its own mask, encryption of zero and flooding, so what it shows is $m$, uniform, and nothing about $\alpha$.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use muse_field::{Fp, sample};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::Server;
use crate::budget::{Budget, OutputMac};
use crate::encode::Layout;
use crate::encrypt::Ciphertext;
use crate::error::Error;
use crate::keys::PublicKey;
use crate::reply::{Product, Reply, ReplyShape};
use crate::ring::Ring;

/// The replies of one group with the MAC of its outputs, and what the server keeps.
pub struct AuthenticatedGroup {
    /// For the client: the values $y$, byte for byte the reply of [`Server::respond`].
    pub reply: Reply,
    /// The server's shares $s$ of the group's outputs, in the order of [`Layout::wanted`]. Secret.
    pub share: Zeroizing<Vec<Fp>>,
    /// For the client: the MACs $m$ of the values, at the same coefficients and of the same shape.
    pub mac_reply: Reply,
    /// The server's keys $k = m - \alpha y$, in the same order. Secret.
    pub mac_keys: Zeroizing<Vec<Fp>>,
}

impl fmt::Debug for AuthenticatedGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthenticatedGroup")
            .field("reply", &self.reply)
            .field("mac_reply", &self.mac_reply)
            .finish_non_exhaustive()
    }
}

/// The MAC of one input ciphertext, and what the server keeps.
pub struct InputMac {
    /// For the client: the MACs $m$ of all N packed coefficients; its wanted coefficients are `0..N`.
    pub reply: Reply,
    /// The server's N keys $k = m - \alpha r$. Secret.
    pub keys: Zeroizing<Vec<Fp>>,
}

impl fmt::Debug for InputMac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InputMac").field("reply", &self.reply).finish_non_exhaustive()
    }
}

impl Server<'_> {
    /// The reply of one group, as [`respond`](Self::respond), and the reply that carries the MACs of its values under `alpha`.
    ///
    /// The product is computed once. Its MAC is the product times the scalar, or a second product with $\alpha W$ modulo p where the
    /// scalar leaves no room for flooding: a function of public numbers ([`Budget::output_mac`]), the same for every group. The same
    /// result every time it is called, so one server uses one `alpha`. Constant time.
    ///
    /// # Errors
    /// [`Error::Budget`] if neither way to the MAC decrypts.
    ///
    /// # Panics
    /// If there is no such group.
    pub fn respond_authenticated(&self, group: usize, alpha: Fp) -> Result<AuthenticatedGroup, Error> {
        let output_mac = self.output_mac?;
        let product = self.product(group);
        let (mac_product, flood) = match output_mac {
            OutputMac::Scalar(flood) => (scaled(product.clone(), alpha), flood),
            OutputMac::Product(flood) => (self.product_with(group, |packed| multiply(packed, alpha)), flood),
        };
        let made = self.respond_to(group, product)?;
        let wanted = self.layout.wanted(group);
        let mut rng = self.randomness.substream(MAC_STREAMS | group as u64);
        let mask = uniform(self.ring, &mut rng);
        let mac_reply = mac_product.respond(self.ring, self.key, &mask, &wanted, flood, &mut rng)?;
        // m = alpha (y + s) - z.
        let keys = wanted.iter().zip(made.share.iter()).map(|(&i, &s)| alpha * s - mask[i]).collect();
        Ok(AuthenticatedGroup {
            reply: made.reply,
            share: made.share,
            mac_reply,
            mac_keys: Zeroizing::new(keys),
        })
    }
}

/// The MAC of an input under `alpha`: of all N coefficients of the packed plaintext, the structural ones included.
///
/// `ciphertext` is doubled and proven, so what is authenticated is $r$ itself. [`Layout::sort`] tells elements from constraints,
/// on both sides.
///
/// # Errors
/// [`Error::Budget`] if a scalar modulo p leaves no room for flooding.
pub fn authenticate_input(
    ring: &Ring,
    key: &PublicKey,
    budget: &Budget,
    ciphertext: &Ciphertext,
    alpha: Fp,
    rng: &mut impl CryptoRng,
) -> Result<InputMac, Error> {
    let flood = budget.scalar_flood()?;
    let mask = uniform(ring, rng);
    let all: Vec<usize> = (0..ring.n()).collect();
    let reply = scaled(Product::of(ciphertext), alpha).respond(ring, key, &mask, &all, flood, rng)?;
    Ok(InputMac { reply, keys: Zeroizing::new(mask.iter().map(|&z| -z).collect()) })
}

/// The shape of the MAC of an input ciphertext: all N coefficients are wanted.
#[must_use]
pub const fn input_mac_shape(layout: &Layout) -> ReplyShape {
    ReplyShape { n: layout.n(), wanted: layout.n() }
}

fn scaled(mut product: Product, alpha: Fp) -> Product {
    product.scale(alpha);
    product
}

/// The centred representatives of `alpha` times the weights.
fn multiply(packed: &mut [i64], alpha: Fp) {
    packed.iter_mut().for_each(|weight| *weight = (alpha * Fp::from_i64(*weight)).to_centred());
}

/// N uniform elements, the mask of one reply.
pub(super) fn uniform(ring: &Ring, rng: &mut impl CryptoRng) -> Zeroizing<Vec<Fp>> {
    let mut mask = Zeroizing::new(vec![Fp::ZERO; ring.n()]);
    sample::fill_uniform(&mut mask, rng);
    mask
}

/// Streams of randomness of the MACs of groups; those of the values are numbered from 0.
const MAC_STREAMS: u64 = 1 << 63;
