//! Signs of shared values: exact, for every value and every way to share it.

use muse_field::{Fp, MODULUS};
use proptest::prelude::*;

use muse_test_support::triples::engine::{Pair, Shared, element, extremes};

/// The opened signs of values that the client has `shares` of.
fn negative(values: &[Fp], shares: &[Fp]) -> Vec<Fp> {
    let n = values.len();
    let mut pair = Pair::new(125 * n, 47 * n + 1);
    let x = pair.split(values, shares);
    let signs = pair.is_negative(&x).unwrap();
    assert_eq!(pair.left(), [0; 4]);
    pair.open(signs).unwrap()
}

fn expected(values: &[Fp]) -> Vec<Fp> {
    values.iter().map(|x| Fp::new(u64::from(x.to_signed() < 0))).collect()
}

/// All pairs of values and shares for which something wraps, or nearly does.
#[test]
fn extremes_however_they_are_shared() {
    let mut of = extremes();
    // Halves of what is special: the client's bits are those of twice its share.
    let half = Fp::new(2).invert().unwrap();
    of.extend(extremes().into_iter().map(|x| x * half));
    let (values, shares): (Vec<Fp>, Vec<Fp>) =
        of.iter().flat_map(|&x| of.iter().map(move |&c| (x, c))).unzip();
    assert_eq!(negative(&values, &shares), expected(&values));
}

#[test]
fn signs_change_where_the_signed_reading_says() {
    let half = (MODULUS - 1) / 2;
    let values = [0, half - 1, half, half + 1, MODULUS - 1].map(Fp::new);
    for share in [Fp::ZERO, Fp::ONE, Fp::new(half), Fp::NEG_ONE] {
        assert_eq!(negative(&values, &[share; 5]), [0, 0, 1, 1, 1].map(Fp::new));
    }
}

#[test]
fn a_difference_says_which_is_less() {
    // The largest numbers whose differences stay in range.
    let most = (MODULUS as i64 - 3) / 4;
    let values = [-most, -1, 0, 1, most];
    let (x, y): (Vec<i64>, Vec<i64>) = values.iter().flat_map(|&x| values.map(|y| (x, y))).unzip();
    let of = |values: &[i64]| values.iter().map(|&v| Fp::from_i64(v)).collect::<Vec<Fp>>();
    let n = x.len();
    let mut pair = Pair::new(125 * n, 47 * n + 1);
    let mut difference = pair.client_input(&of(&x)).unwrap();
    difference.sub(&pair.server_input(&of(&y)));
    let less = pair.is_negative(&difference).unwrap();
    let wanted: Vec<Fp> = x.iter().zip(&y).map(|(x, y)| Fp::new(u64::from(x < y))).collect();
    assert_eq!(pair.open(less).unwrap(), wanted);
}

/// Three signs compare any two values: if those of x and y differ they say it, else `y - x - 1` is in range.
#[test]
fn three_signs_compare_any_two_values() {
    let of = extremes();
    let (x, y): (Vec<Fp>, Vec<Fp>) = of.iter().flat_map(|&x| of.iter().map(move |&y| (x, y))).unzip();
    let n = x.len();
    let mut pair = Pair::new(125 * 3 * n + 2 * n, 2 * n + 46 * 3 * n + 1);
    let (xs, ys) = (pair.client_input(&x).unwrap(), pair.client_input(&y).unwrap());
    let mut difference = ys.copy();
    difference.sub(&xs);
    difference.server.add_public_assign(&vec![Fp::NEG_ONE; n]);
    let all = pair.is_negative(&Shared::concat([xs, ys, difference])).unwrap();
    let sign = |i: usize| all.map(move |column| column[i * n..(i + 1) * n].to_vec());
    let (of_x, of_y, of_difference) = (sign(0), sign(1), sign(2));
    // both = s_x s_y, same = 1 - s_x - s_y + 2 both, less = s_x - both + same (1 - s_difference)
    let both = pair.multiply(&of_x, &of_y).unwrap();
    let mut same = both.copy();
    same.scale(Fp::new(2));
    same.sub(&of_x);
    same.sub(&of_y);
    same.server.add_public_assign(&vec![Fp::ONE; n]);
    let mut less = same.copy();
    less.sub(&pair.multiply(&same, &of_difference).unwrap());
    less.add(&of_x);
    less.sub(&both);
    let wanted: Vec<Fp> =
        x.iter().zip(&y).map(|(x, y)| Fp::new(u64::from(x.to_signed() < y.to_signed()))).collect();
    assert_eq!(pair.open(less).unwrap(), wanted);
}

#[test]
fn answers_are_computed_with() {
    // max(x, 0) = x - x [x < 0]
    let values: Vec<Fp> = [-5, 7, 0, -(1_i64 << 43) + (15 << 22)].map(Fp::from_i64).to_vec();
    let mut pair = Pair::new(126 * 4, 47 * 4 + 1);
    let mut x = pair.split(&values, &values.iter().map(|&v| v * v).collect::<Vec<Fp>>());
    let negative = pair.is_negative(&x).unwrap();
    let product = pair.multiply(&x, &negative).unwrap();
    x.sub(&product);
    assert_eq!(pair.open_to_client(x).unwrap(), [0, 7, 0, 0].map(Fp::new));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_value_any_sharing(values in proptest::collection::vec((element(), element()), 0..40)) {
        let (values, shares): (Vec<Fp>, Vec<Fp>) = values.into_iter().unzip();
        prop_assert_eq!(negative(&values, &shares), expected(&values));
    }
}
