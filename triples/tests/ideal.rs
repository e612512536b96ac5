//! The dealer's triples multiply, and taking them out keeps rows together.

use muse_field::{Fp, prg::Prg, vector};
use muse_mac::{Authenticated, MacKey, ServerShare};
use muse_triples::ideal;

/// The shared values, if every MAC fits.
fn opened(key: &MacKey, client: &Authenticated, server: &ServerShare) -> Vec<Fp> {
    muse_mac::ideal::open(key, client, server).expect("every MAC fits").to_vec()
}

#[test]
fn rows_multiply_however_they_are_taken() {
    let rng = &mut Prg::from_seed([7; 32]);
    let key = MacKey::random(rng);
    let (mut client, mut server) = ideal::triples(&key, 10, rng);
    let (more, server_more) = ideal::triples(&key, 2, rng);
    client.append(more);
    server.append(server_more);
    for count in [0, 3, 1, 8] {
        let (a, b, c) = client.take(count).expect("enough").into_parts();
        let (a_s, b_s, c_s) = server.take(count).expect("enough").into_parts();
        let mut product = opened(&key, &a, &a_s);
        vector::mul_assign(&mut product, &opened(&key, &b, &b_s));
        assert_eq!(product.len(), count);
        assert_eq!(product, opened(&key, &c, &c_s));
    }
    assert!(client.is_empty() && client.take(1).is_none() && server.take(1).is_none());
}

/// Beaver's identity: the halves add up to the products, and keep their MACs.
#[test]
fn opened_differences_give_products() {
    let rng = &mut Prg::from_seed([8; 32]);
    let key = MacKey::random(rng);
    let x: Vec<Fp> = (0..7).map(|i| Fp::from_i64(i - 3)).collect();
    let y: Vec<Fp> = (0..7).map(|i| Fp::new(1 << (6 * i))).collect();
    let (client, server) = ideal::triples(&key, 7, rng);
    let difference = |x: &[Fp], ours: &Authenticated, theirs: &ServerShare| {
        let mut x = x.to_vec();
        vector::sub_assign(&mut x, &opened(&key, ours, theirs));
        x
    };
    let d = difference(&x, client.a(), server.a());
    let e = difference(&y, client.b(), server.b());
    let mut want = x;
    vector::mul_assign(&mut want, &y);
    assert_eq!(opened(&key, &client.product(&d, &e), &server.product(&d, &e)), want);
}
