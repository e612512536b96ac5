//! Coefficient encoding of linear layers (Cheetah, section 3): a convolution or a matrix-vector product is one negacyclic
//! product of polynomials, and the wanted outputs are some of its coefficients.
//!
//! Everything about it in this module is exact arithmetic on public integers: which element of the layer's input sits at which
//! coefficient of which ciphertext ([`Layout::place`]), where a weight goes ([`Layout::pack_weights`]), which coefficients of a
//! product are outputs ([`Layout::outputs_of`]), and how to cut a layer into products so that the fewest bytes travel
//! ([`Tiling::search`]). No ring, no key, no secret-dependent branch.
//!
//! # Positions
//!
//! A product takes $C_w$ input channels of one block of $b_h \times b_w$ pixels of the *padded* image and gives $M_w$ output
//! channels; with $A = b_h b_w$ it needs $C_w M_w A \le N$. Within the tile, and with $k$ the kernel size,
//!
//! * element $(c, y, x)$ of the block is coefficient $cA + y b_w + x$;
//! * weight $(o, c, a, b)$ is coefficient $T_o - cA - a b_w - b$;
//! * output $(o, i, j)$ is coefficient $T_o + i b_w + j$,
//!
//! where $T_o = A(C_w(o + 1) - 1) + b_w(k - 1) + k - 1$. Everything is between 0 and $N - 1$, so no output ever wraps around
//! $X^N = -1$. Neighbouring blocks share $k - 1$ rows or columns: the second occurrence of an element is a
//! [copy]. A dense layer is the case of a $1 \times 1$ image.
//!
//! Triples and inputs use two other encodings: all N values side by side, by slots ([`Slots`]) or as the coefficients ([`lift`]).
//!
//! [`Layout::place`]: crate::encode::Layout::place
//! [`Layout::pack_weights`]: crate::encode::Layout::pack_weights
//! [`Layout::outputs_of`]: crate::encode::Layout::outputs_of
//! [`Tiling::search`]: crate::encode::Tiling::search
//! [copy]: crate::encode::Place::Copy

mod convolution;
mod layout;
mod shape;
pub(crate) mod slots;
mod sort;
pub(crate) mod tiling;

pub use layout::{Layout, Place};
pub use shape::LinearShape;
pub use slots::{Slots, lift};
pub use sort::Sorted;
pub use tiling::{NetworkCost, Tiling};
