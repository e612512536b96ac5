//! What the transforms on vectors have in common, whatever is in a vector: the order of passes, blocks and factors.
//!
//! A pass does up to three layers on values held in registers; the last one works within `TAIL` vectors, which hold 16
//! consecutive values. After the first pass each block is finished before the next is touched, so that it stays in the first-level
//! cache. The inverse goes the same way back.
//!
//! All of it is inlined into functions that are compiled for the instructions of their vectors.

/// Parts into which the first pass (the last one of the inverse) divides, so that passes of three layers do the rest.
fn first_radix(tails: usize) -> usize {
    match tails.trailing_zeros() % 3 {
        1 => 2,
        2 => 4,
        _ => 8,
    }
}

/// Forward: `first` gets everything and the number of parts it is to make; `pass` a block of eight parts and `last` 16 values, with
/// the index of the factor of their first layer.
#[inline(always)]
pub(super) fn forward<Row, const TAIL: usize>(
    rows: &mut [Row],
    first: impl FnOnce(&mut [Row], usize),
    mut pass: impl FnMut(&mut [Row], usize),
    mut last: impl FnMut(&mut [Row; TAIL], usize),
) {
    let parts = first_radix(rows.len() / TAIL);
    first(rows, parts);
    let size = rows.len() / parts;
    for (part, block) in rows.chunks_exact_mut(size).enumerate() {
        let (mut length, mut index) = (size, parts + part);
        while length > TAIL {
            for (i, block) in block.chunks_exact_mut(length).enumerate() {
                pass(block, index + i);
            }
            (length, index) = (length / 8, index * 8);
        }
        for (i, block) in block.as_chunks_mut::<TAIL>().0.iter_mut().enumerate() {
            last(block, index + i);
        }
    }
}

/// Back: as [`forward`], `first` with 16 values and `last` with everything.
#[inline(always)]
pub(super) fn inverse<Row, const TAIL: usize>(
    rows: &mut [Row],
    mut first: impl FnMut(&mut [Row; TAIL], usize),
    mut pass: impl FnMut(&mut [Row], usize),
    last: impl FnOnce(&mut [Row], usize),
) {
    let parts = first_radix(rows.len() / TAIL);
    let size = rows.len() / parts;
    for (part, block) in rows.chunks_exact_mut(size).enumerate() {
        let (mut length, mut index) = (TAIL, (parts + part) * (size / TAIL));
        for (i, block) in block.as_chunks_mut::<TAIL>().0.iter_mut().enumerate() {
            first(block, index + i);
        }
        while length < size {
            (length, index) = (length * 8, index / 8);
            for (i, block) in block.chunks_exact_mut(length).enumerate() {
                pass(block, index + i);
            }
        }
    }
    last(rows, parts);
}

/// `compute` on every column of `R` vectors, one from each part of the block. `any` is a vector of whatever value.
#[inline(always)]
pub(super) fn columns<Row, Vector: Copy, const R: usize>(
    block: &mut [Row],
    any: Vector,
    load: impl Fn(&Row) -> Vector,
    compute: impl Fn(&mut [Vector; R]),
    store: impl Fn(&mut Row, Vector),
) {
    let length = block.len() / R;
    let mut parts = block.chunks_exact_mut(length);
    let mut parts: [&mut [Row]; R] = core::array::from_fn(|_| &mut parts.next().expect("R parts")[..length]);
    for j in 0..length {
        let mut v = [any; R];
        for (v, part) in v.iter_mut().zip(&parts) {
            *v = load(&part[j]);
        }
        compute(&mut v);
        for (v, part) in v.iter().zip(&mut parts) {
            store(&mut part[j], *v);
        }
    }
}

/// The factors of log2(R) layers, the first of which has the one at `index`: entry b + i is for block i of the layer with b blocks.
#[inline(always)]
pub(super) fn factors<Factor: Copy, const R: usize>(
    index: usize,
    at: impl Fn(usize) -> Factor,
) -> [Factor; R] {
    let mut w = [at(index); R];
    for (k, w) in w.iter_mut().enumerate().skip(2) {
        // k = b + i with b the power of two at or below k.
        let blocks = 1 << k.ilog2();
        *w = at(index * blocks + k - blocks);
    }
    w
}

/// The layers with 1 to R / 2 blocks.
#[inline(always)]
pub(super) fn forward_layers<Vector: Copy, Factor: Copy, const R: usize>(
    v: &mut [Vector; R],
    w: &[Factor; R],
    butterfly: impl Fn(Vector, Vector, Factor) -> (Vector, Vector),
) {
    let mut blocks = 1;
    while blocks < R {
        layer(v, w, blocks, &butterfly);
        blocks *= 2;
    }
}

/// The layers with R / 2 down to `last` blocks. `butterfly` hears how many layers were before.
#[inline(always)]
pub(super) fn inverse_layers<Vector: Copy, Factor: Copy, const R: usize>(
    v: &mut [Vector; R],
    w: &[Factor; R],
    last: usize,
    butterfly: impl Fn(Vector, Vector, Factor, u32) -> (Vector, Vector),
) {
    let (mut blocks, mut before) = (R / 2, 0);
    while blocks >= last {
        layer(v, w, blocks, &|x, y, w| butterfly(x, y, w, before));
        (blocks, before) = (blocks / 2, before + 1);
    }
}

/// One layer.
#[inline(always)]
fn layer<Vector: Copy, Factor: Copy, const R: usize>(
    v: &mut [Vector; R],
    w: &[Factor; R],
    blocks: usize,
    butterfly: &impl Fn(Vector, Vector, Factor) -> (Vector, Vector),
) {
    let stride = R / (2 * blocks);
    for i in 0..blocks {
        for x in 2 * stride * i..2 * stride * i + stride {
            (v[x], v[x + stride]) = butterfly(v[x], v[x + stride], w[blocks + i]);
        }
    }
}
