//! AES-128 encryption, key schedule included (FIPS 197).

use alloc::vec::Vec;

use crate::circuit::{Builder, Bundle, Circuit, Wire};

/// Rounds of AES-128.
const ROUNDS: usize = 10;

/// AES-128 encryption of one block, with the key schedule: 200 S-boxes of 32 AND, 6,400 AND.
///
/// Inputs: `key`, then `block`; output: the ciphertext; 128 bits each. Byte `i` of FIPS 197 is bits `8i..8i + 8`, least
/// significant first.
#[must_use]
pub fn aes128() -> Circuit {
    let mut b = Builder::new();
    let mut key = bytes(&b.input("key", 128));
    let block = bytes(&b.input("block", 128));

    let mut state = add_round_key(&mut b, &block, &key);
    let mut round_constant = 1;
    for round in 1..=ROUNDS {
        key = next_round_key(&mut b, &key, round_constant);
        round_constant = double_constant(round_constant);

        let substituted: Vec<Bundle> = state.iter().map(|byte| sub_byte(&mut b, byte)).collect();
        state = shift_rows(&substituted);
        if round < ROUNDS {
            state = state.chunks(4).flat_map(|column| mix_column(&mut b, column)).collect();
        }
        state = add_round_key(&mut b, &state, &key);
    }

    b.output("ciphertext", &state.iter().flat_map(Bundle::iter).collect());
    b.finish()
}

fn bytes(bits: &Bundle) -> Vec<Bundle> {
    (0..bits.width() / 8).map(|i| bits.slice(8 * i..8 * i + 8)).collect()
}

fn add_round_key(b: &mut Builder, state: &[Bundle], key: &[Bundle]) -> Vec<Bundle> {
    state.iter().zip(key).map(|(s, k)| b.xor_bundles(s, k)).collect()
}

/// Byte `r + 4c` is row r of column c; row r moves r columns to the left.
fn shift_rows(state: &[Bundle]) -> Vec<Bundle> {
    (0..16).map(|i| state[(i + 4 * (i % 4)) % 16].clone()).collect()
}

/// Row r of the result is `2 a_r + 3 a_(r+1) + a_(r+2) + a_(r+3) = a_r + sum + 2 (a_r + a_(r+1))`.
fn mix_column(b: &mut Builder, column: &[Bundle]) -> Vec<Bundle> {
    let pairs: Vec<Bundle> = (0..4).map(|r| b.xor_bundles(&column[r], &column[(r + 1) % 4])).collect();
    let sum = b.xor_bundles(&pairs[0], &pairs[2]);
    let mut mixed = Vec::with_capacity(4);
    for (byte, pair) in column.iter().zip(&pairs) {
        let rest = b.xor_bundles(byte, &sum);
        let doubled = double(b, pair);
        mixed.push(b.xor_bundles(&rest, &doubled));
    }
    mixed
}

/// Times X modulo X^8 + X^4 + X^3 + X + 1.
fn double(b: &mut Builder, byte: &Bundle) -> Bundle {
    let top = byte.top();
    let reduction: Bundle = (0..8).map(|i| if 0x1b >> i & 1 == 1 { top } else { Wire::ZERO }).collect();
    b.xor_bundles(&byte.shift_left(1), &reduction)
}

/// As [`double`], of a known byte.
const fn double_constant(byte: u8) -> u8 {
    (byte << 1) ^ (if byte >> 7 == 1 { 0x1b } else { 0 })
}

/// Words of four bytes: the first is changed by the rotated, substituted last one, the others each by the one before.
fn next_round_key(b: &mut Builder, key: &[Bundle], round_constant: u8) -> Vec<Bundle> {
    let constant = b.constant(u128::from(round_constant), 8);
    let mut change: Vec<Bundle> = [13, 14, 15, 12].iter().map(|&i| sub_byte(b, &key[i])).collect();
    change[0] = b.xor_bundles(&change[0], &constant);
    let mut next = Vec::with_capacity(16);
    for word in key.chunks(4) {
        change = add_round_key(b, word, &change);
        next.extend_from_slice(&change);
    }
    next
}

/// Gates in the notation of the S-box papers, one `let` each.
macro_rules! straight_line {
    ($b:ident: $($out:ident = $x:ident $op:tt $y:ident)*) => { $(let $out = straight_line!(@ $b $x $op $y);)* };
    (@ $b:ident $x:ident ^ $y:ident) => { $b.xor($x, $y) };
    (@ $b:ident $x:ident & $y:ident) => { $b.and($x, $y) };
}

/// The S-box in 32 AND: the straight-line program of Boyar and Peralta, "A small depth-16 circuit for the AES S-box" (2011),
/// in their names. Bit `x0` is the most significant, as there.
fn sub_byte(b: &mut Builder, byte: &Bundle) -> Bundle {
    let [x7, x6, x5, x4, x3, x2, x1, x0] = core::array::from_fn(|i| byte[i]);
    // To a basis of the tower GF(((2^2)^2)^2), with the sums that the multiplications need.
    straight_line! { b:
        y14 = x3 ^ x5    y13 = x0 ^ x6    y9 = x0 ^ x3     y8 = x0 ^ x5     t0 = x1 ^ x2
        y1 = t0 ^ x7     y4 = y1 ^ x3     y12 = y13 ^ y14  y2 = y1 ^ x0     y5 = y1 ^ x6
        y3 = y5 ^ y8     t1 = x4 ^ y12    y15 = t1 ^ x5    y20 = t1 ^ x1    y6 = y15 ^ x7
        y10 = y15 ^ t0   y11 = y20 ^ y9   y7 = x7 ^ y11    y17 = y10 ^ y11  y19 = y10 ^ y8
        y16 = t0 ^ y11   y21 = y13 ^ y16  y18 = x0 ^ y16
    }
    // The norm to GF(2^4): one product, 9 AND.
    straight_line! { b:
        t2 = y12 & y15   t3 = y3 & y6     t4 = t3 ^ t2     t5 = y4 & x7     t6 = t5 ^ t2
        t7 = y13 & y16   t8 = y5 & y1     t9 = t8 ^ t7     t10 = y2 & y7    t11 = t10 ^ t7
        t12 = y9 & y11   t13 = y14 & y17  t14 = t13 ^ t12  t15 = y8 & y10   t16 = t15 ^ t12
        t17 = t4 ^ t14   t18 = t6 ^ t16   t19 = t9 ^ t14   t20 = t11 ^ t16
        t21 = t17 ^ y20  t22 = t18 ^ y19  t23 = t19 ^ y21  t24 = t20 ^ y18
    }
    // Its inverse in GF(2^4): 5 AND.
    straight_line! { b:
        t25 = t21 ^ t22  t26 = t21 & t23  t27 = t24 ^ t26  t28 = t25 & t27  t29 = t28 ^ t22
        t30 = t23 ^ t24  t31 = t22 ^ t26  t32 = t31 & t30  t33 = t32 ^ t24  t34 = t23 ^ t33
        t35 = t27 ^ t33  t36 = t24 & t35  t37 = t36 ^ t34  t38 = t27 ^ t36  t39 = t29 & t38
        t40 = t25 ^ t39
    }
    // Times both halves of the conjugate: two products, 18 AND.
    straight_line! { b:
        t41 = t40 ^ t37  t42 = t29 ^ t33  t43 = t29 ^ t40  t44 = t33 ^ t37  t45 = t42 ^ t41
        z0 = t44 & y15   z1 = t37 & y6    z2 = t33 & x7    z3 = t43 & y16   z4 = t40 & y1
        z5 = t29 & y7    z6 = t42 & y11   z7 = t45 & y17   z8 = t41 & y10   z9 = t44 & y12
        z10 = t37 & y3   z11 = t33 & y4   z12 = t43 & y13  z13 = t40 & y5   z14 = t29 & y2
        z15 = t42 & y9   z16 = t45 & y14  z17 = t41 & y8
    }
    // Back to the basis of AES, and the linear part of its affine map.
    straight_line! { b:
        t46 = z15 ^ z16  t47 = z10 ^ z11  t48 = z5 ^ z13   t49 = z9 ^ z10   t50 = z2 ^ z12
        t51 = z2 ^ z5    t52 = z7 ^ z8    t53 = z0 ^ z3    t54 = z6 ^ z7    t55 = z16 ^ z17
        t56 = z12 ^ t48  t57 = t50 ^ t53  t58 = z4 ^ t46   t59 = z3 ^ t54   t60 = t46 ^ t57
        t61 = z14 ^ t57  t62 = t52 ^ t58  t63 = t49 ^ t58  t64 = z4 ^ t59   t65 = t61 ^ t62
        t66 = z1 ^ t63   s0 = t59 ^ t63   s6 = t56 ^ t62   s7 = t48 ^ t60   t67 = t64 ^ t65
        s3 = t53 ^ t66   s4 = t51 ^ t66   s5 = t47 ^ t65   s1 = t64 ^ s3    s2 = t55 ^ t67
    }
    let linear: Bundle = [s7, s6, s5, s4, s3, s2, s1, s0].into_iter().collect();
    let constant = b.constant(0x63, 8);
    b.xor_bundles(&linear, &constant)
}
