//! Bytes on the wire: a change here is a change of the protocol's version.

use muse_field::Fp;
use muse_field::id::{RunId, SessionId};
use muse_field::transcript::Transcript;
use muse_gc::circuit::relu::{output_weights, relu};
use muse_gc::evaluate::decode::OutputHashes;
use muse_gc::hash::Domain;
use muse_gc::seal::SealKey;
use muse_gc::shares::{LabelsToAuthenticatedShares, LabelsToShares};

use crate::support::{SESSION, garble, rng, tweaks};
use muse_field::wire::to_vec;

#[test]
fn seeded_material_is_pinned() {
    let session = SessionId::from_bytes(SESSION);
    let garbled = garble(&relu(8), 3, 1);
    let zeros = garbled.outputs.as_slice();
    let value = LabelsToShares::new(output_weights(8), &RunId::new(session, 3), 1);
    let both = LabelsToAuthenticatedShares::new(output_weights(8), &RunId::new(session, 3), 1);
    assert_eq!((value.row_len(), both.row_len()), (198, 396));
    let (mut value_rows, mut rows) = (vec![0; 3 * 198], vec![0; 3 * 396]);
    let (mut rho, mut kappa) = ([Fp::ZERO; 3], [Fp::ZERO; 3]);
    value.garble(0, zeros, &garbled.delta, &mut value_rows, &mut rho);
    both.garble(0, zeros, &garbled.delta, Fp::new(77), &mut rows, &mut rho, &mut kappa);
    let hashes = OutputHashes::new(&tweaks(Domain::Output), 0, 36, zeros, &garbled.delta);
    let mut pad = vec![0; 1000];
    SealKey::random(&mut rng(2)).apply(100, &mut pad);

    let mut log = Transcript::new("muse-gc test of garbling");
    log.append("tables", &garbled.tables).append("value rows", &value_rows).append("rows", &rows);
    log.append("hashes", &to_vec(&hashes))
        .append("pad", &pad)
        .append_elements("shares", &[rho, kappa].concat());
    let digest: String = log.digest("everything")[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digest, "2174eb131e0518b7e5afa11e02e09d80");
}
