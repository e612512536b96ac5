//! The proof under the coefficients of test vectors: from the project's Python reference model, seed 1.

use alloc::vec::Vec;

use muse_field::Fp;
use muse_mac::{Authenticated, Keys, MacKey};
use serde_json::Value;

use super::{prove_with, verify_with};
use crate::{Check, Error};

fn element(v: &Value) -> Fp {
    Fp::from_canonical(v.as_u64().expect("an integer")).expect("below p")
}

fn elements(v: &Value) -> Vec<Fp> {
    v.as_array().expect("a list").iter().map(element).collect()
}

/// Column `i` of rows.
fn column(rows: &Value, i: usize) -> Vec<Fp> {
    rows.as_array().expect("a list").iter().map(|row| element(&row[i])).collect()
}

#[test]
fn vectors() {
    let parsed: Value = serde_json::from_str(include_str!("../../tests/vectors/product.json")).expect("JSON");
    for case in parsed["product"].as_array().expect("a list") {
        let rows = &case["a_ma_b_mb_e_me"];
        let [a, b, e] =
            [0, 2, 4].map(|i| Authenticated::new(column(rows, i), column(rows, i + 1)).expect("one length"));
        let [ka, kb, ke] = [0, 1, 2].map(|i| Keys::new(column(&case["ka_kb_ke"], i)));
        let [u, mu] = [0, 1].map(|i| Vec::from([element(&case["mask_u_mu"][i])]));
        let mask = Authenticated::new(u, mu).expect("one each");
        let mask_key = Keys::new(Vec::from([element(&case["mask_ku"])]));
        let chi = elements(&case["chi"]);
        let chi = |chunk: usize, out: &mut [Fp]| {
            assert_eq!(chunk, 0);
            out.copy_from_slice(&chi);
        };
        let message = prove_with(&a, &b, &e, &mask, chi);
        assert_eq!(message.0.as_slice(), elements(&case["message"]));

        let alpha = MacKey::new(element(&case["alpha"])).expect("nonzero");
        let verdict = |message| verify_with(&alpha, &ka, &kb, &ke, &mask_key, chi, message);
        let accept = case["accept"].as_bool().expect("a verdict");
        assert_eq!(
            verdict(message),
            if accept { Ok(()) } else { Err(Error::PeerMisbehaved(Check::Product)) }
        );
        for i in 0..2 {
            let mut changed = message;
            changed.0[i] += Fp::ONE;
            assert_eq!(verdict(changed), Err(Error::PeerMisbehaved(Check::Product)));
        }
    }
}
