//! A whole linear layer on encrypted vectors: protocol section 4.2, without the checks of structure.
//!
//! The client sends Enc(r), the server returns Enc(M r - s) for uniform s, the client decrypts y = M r - s: additive shares of
//! M r. The server's weights are transformed on the fly, one polynomial at a time, so memory does not grow with the layer.
//!
//! Every group has its own stream of randomness, so groups can be made in any order and on any number of threads (feature
//! `parallel`) with the same bytes as in sequence.

mod authenticated;

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use muse_field::mask::Mask;
use muse_field::prg::Prg;
use muse_field::{Fp, ct};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::budget::{Budget, OutputMac};
use crate::encode::Layout;
use crate::encrypt::{Ciphertext, FreshCiphertext, Received, RowId, Witness};
use crate::error::{Error, Misuse};
use crate::keys::{PublicKey, SecretKey};
use crate::reply::{Product, Reply, ReplyKey, ReplyShape};
use crate::ring::{CoeffPoly, FloodBound, Ring};
use muse_field::parallel;

pub use authenticated::{AuthenticatedGroup, InputMac, authenticate_input, input_mac_shape};

/// The client's message for one layer: its input `r`, packed into `layout.input_count()` ciphertexts with consecutive row
/// numbers from `first` on.
///
/// # Errors
/// [`Misuse::Length`] if `r` is not the layer's input, [`Misuse::Shape`] if the layout belongs to another ring,
/// [`Misuse::Index`] if row numbers run out or are the public key's.
pub fn encrypt_input(
    ring: &Ring,
    secret: &SecretKey,
    layout: &Layout,
    first: RowId,
    r: &[Fp],
    rng: &mut impl CryptoRng,
) -> Result<Vec<FreshCiphertext>, Error> {
    let made = encrypt_input_with_witnesses(ring, secret, layout, first, r, rng)?;
    Ok(made.into_iter().map(|(ciphertext, _)| ciphertext).collect())
}

/// [`encrypt_input`], with what the proof of well-formedness needs about every ciphertext.
///
/// # Errors
/// As [`encrypt_input`].
pub fn encrypt_input_with_witnesses(
    ring: &Ring,
    secret: &SecretKey,
    layout: &Layout,
    first: RowId,
    r: &[Fp],
    rng: &mut impl CryptoRng,
) -> Result<Vec<(FreshCiphertext, Witness)>, Error> {
    fits(ring, layout)?;
    if r.len() != layout.shape().inputs() {
        return Err(Misuse::Length.into());
    }
    let randomness = Prg::from_rng(rng);
    parallel::map((0..layout.input_count()).collect(), |tile, _| {
        let packed = Zeroizing::new(layout.pack_input(tile, r));
        secret.encrypt_with_witness(ring, first.nth(tile)?, &packed, &mut randomness.substream(tile as u64))
    })
    .into_iter()
    .collect()
}

/// The client's last step: y = M r - s, row-major, from the replies of all groups in order.
///
/// # Errors
/// [`Misuse::Length`] for another number or shape of replies, [`Misuse::Shape`] if the layout belongs to another ring.
pub fn decrypt_output(
    ring: &Ring,
    key: &ReplyKey,
    layout: &Layout,
    replies: &[Reply],
) -> Result<Zeroizing<Vec<Fp>>, Error> {
    fits(ring, layout)?;
    if replies.len() != layout.reply_count() {
        return Err(Misuse::Length.into());
    }
    let groups = parallel::map(replies.iter().collect(), |group, reply| {
        key.decrypt(ring, reply, &layout.wanted(group))
    });
    let groups: Vec<_> = groups.into_iter().collect::<Result<_, _>>()?;
    let mut outputs = Zeroizing::new(vec![Fp::ZERO; layout.shape().outputs()]);
    groups.iter().enumerate().for_each(|(group, values)| layout.scatter(group, values, &mut outputs));
    Ok(outputs)
}

/// The server's first step: the masks of a layer's ciphertexts, which have the row numbers from `first` on.
///
/// # Errors
/// [`Misuse::Length`] for another number of ciphertexts than the layer's or another N, [`Misuse::Shape`] if the layout belongs to
/// another ring, [`Misuse::Index`] if row numbers run out.
pub fn receive_input(
    ring: &Ring,
    layout: &Layout,
    first: RowId,
    inputs: Vec<FreshCiphertext>,
) -> Result<Vec<Received>, Error> {
    fits(ring, layout)?;
    if inputs.len() != layout.input_count() {
        return Err(Misuse::Length.into());
    }
    parallel::map(inputs, |tile, ciphertext| ciphertext.receive(ring, first.nth(tile)?)).into_iter().collect()
}

/// The shape of the reply of a group.
#[must_use]
pub fn reply_shape(layout: &Layout, group: usize) -> ReplyShape {
    ReplyShape { n: layout.n(), wanted: layout.outputs_of(group).count() }
}

/// The server's side of one layer of one inference.
pub struct Server<'a> {
    ring: &'a Ring,
    key: &'a PublicKey,
    layout: &'a Layout,
    weights: &'a [i64],
    inputs: &'a [Ciphertext],
    flood: FloodBound,
    /// How the MACs of outputs are made, or why they cannot be: only some layers need them.
    output_mac: Result<OutputMac, Error>,
    randomness: Prg,
}

impl<'a> Server<'a> {
    /// Prepares the replies of one layer. `l1_bound` is the card's public bound on the l1 norm of the weights of one output: it
    /// and the public `budget` decide the flooding, never the weights themselves.
    ///
    /// # Errors
    /// [`Misuse::Shape`] if the layout belongs to another ring, [`Misuse::Length`] if weights or inputs are not the layer's,
    /// [`Misuse::Bound`] if the weights of an output exceed the bound, [`Error::Budget`] if the modulus has no room for it.
    #[expect(clippy::too_many_arguments, reason = "one layer's public and secret data, each once")]
    pub fn new(
        ring: &'a Ring,
        key: &'a PublicKey,
        layout: &'a Layout,
        weights: &'a [i64],
        inputs: &'a [Ciphertext],
        budget: &Budget,
        l1_bound: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        fits(ring, layout)?;
        if weights.len() != layout.shape().weights() || inputs.len() != layout.input_count() {
            return Err(Misuse::Length.into());
        }
        // Which output is too large stays unsaid, and all are summed up.
        let l1 = |output: &[i64]| output.iter().map(|w| u128::from(w.unsigned_abs())).sum::<u128>();
        let excess = |output: &[i64]| {
            Mask::of_sign((u128::from(l1_bound).wrapping_sub(l1(output)) >> 64) as i64).to_u64()
        };
        let any = weights.chunks_exact(layout.shape().taps()).fold(0, |any, output| any | excess(output));
        if ct::disclosed(any != 0) {
            return Err(Misuse::Bound.into());
        }
        let flood = budget.flood(layout.max_l1(l1_bound))?;
        let output_mac = budget.output_mac(layout.max_l1(l1_bound), layout.max_taps());
        Ok(Self { ring, key, layout, weights, inputs, flood, output_mac, randomness: Prg::from_rng(rng) })
    }

    /// The product of one group, not yet fit to leave: for replies, and for MACs, which start from the unflooded product.
    ///
    /// # Panics
    /// If there is no such group.
    #[must_use]
    pub fn product(&self, group: usize) -> Product {
        self.product_with(group, |_| ())
    }

    /// The product of one group with a linear `change` of its packed weights.
    fn product_with(&self, group: usize, change: impl Fn(&mut [i64])) -> Product {
        assert!(group < self.layout.reply_count(), "group out of range");
        let mut sum = Product::zero(self.ring);
        for tile in self.layout.tiles_of(group) {
            let mut packed = Zeroizing::new(self.layout.pack_weights(group, tile, self.weights));
            change(&mut packed);
            let multiplier =
                CoeffPoly::from_signed(self.ring, &packed).expect("N coefficients").into_ntt(self.ring);
            sum.add(&multiplier, &self.inputs[tile]);
        }
        sum
    }

    /// The reply of one group and the server's share of its outputs. The same every time it is called.
    ///
    /// # Errors
    /// None that a checked layout can cause.
    ///
    /// # Panics
    /// If there is no such group.
    pub fn respond(&self, group: usize) -> Result<GroupReply, Error> {
        self.respond_to(group, self.product(group))
    }

    /// [`respond`](Self::respond), for the group's product.
    fn respond_to(&self, group: usize, product: Product) -> Result<GroupReply, Error> {
        let mut rng = self.randomness.substream(group as u64);
        let mask = authenticated::uniform(self.ring, &mut rng);
        let wanted = self.layout.wanted(group);
        let reply = product.respond(self.ring, self.key, &mask, &wanted, self.flood, &mut rng)?;
        Ok(GroupReply { reply, share: Zeroizing::new(wanted.iter().map(|&i| mask[i]).collect()) })
    }

    /// All replies in order, and the server's share s of the whole output, row-major. For large layers,
    /// [`respond`](Self::respond) group by group holds one reply at a time.
    ///
    /// # Errors
    /// None that a checked layout can cause.
    pub fn respond_all(&self) -> Result<(Vec<Reply>, Zeroizing<Vec<Fp>>), Error> {
        let groups = parallel::map((0..self.layout.reply_count()).collect(), |group, _| self.respond(group));
        let groups: Vec<_> = groups.into_iter().collect::<Result<_, _>>()?;
        let mut shares = Zeroizing::new(vec![Fp::ZERO; self.layout.shape().outputs()]);
        groups
            .iter()
            .enumerate()
            .for_each(|(group, made)| self.layout.scatter(group, &made.share, &mut shares));
        Ok((groups.into_iter().map(|made| made.reply).collect(), shares))
    }
}

impl fmt::Debug for Server<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("layout", self.layout).finish_non_exhaustive()
    }
}

/// The reply of one group, and what the server keeps.
pub struct GroupReply {
    /// For the client.
    pub reply: Reply,
    /// The server's shares s of the group's outputs, in the order of [`Layout::wanted`]. Secret.
    pub share: Zeroizing<Vec<Fp>>,
}

impl fmt::Debug for GroupReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupReply").field("reply", &self.reply).finish_non_exhaustive()
    }
}

fn fits(ring: &Ring, layout: &Layout) -> Result<(), Error> {
    if layout.n() == ring.n() { Ok(()) } else { Err(Misuse::Shape.into()) }
}
