//! Structural zeros (protocol, section 4.2): in every layer, the first and the last included, what is not an element of r_i
//! must be zero or equal to the element it repeats.
//!
//! One digest a layer of the MACs of what must be zero, before any label is bound to a MAC. A forger must guess alpha: 2^-44.

use crate::{
    Error,
    error::Fault,
    frames::Script,
    message::StructureDigests,
    plan::Plan,
    run::Run,
    share::{Elements, opening_id},
};
use muse_mac::{Digest, Keys, Purpose, zero_digest};

/// What goes over the wire. Nothing in the baseline.
pub fn frames(plan: &Plan, script: &mut Script) {
    if plan.is_authenticated() {
        script.bulk::<StructureDigests>(plan.layers().len() * Digest::BYTES);
    }
}

/// The client: proves that the constrained coefficients satisfy their constraints. `constraints` are their MACs, for every layer. The baseline sends nothing.
pub fn client(run: &mut Run<'_>, constraints: &[Elements]) -> Result<(), Error> {
    if !run.plan.is_authenticated() {
        return Ok(());
    }
    run.begin::<StructureDigests>(constraints.len() * Digest::BYTES)?;
    for (index, macs) in constraints.iter().enumerate() {
        let id = opening_id(Purpose::Structure, run.id, index);
        run.write::<StructureDigests>(&zero_digest(macs, &id))?;
    }
    Ok(())
}

/// The server: checks the client's digests. `constraints` are the keys, for every layer.
pub fn server(run: &mut Run<'_>, constraints: Vec<Keys>) -> Result<(), Error> {
    if !run.plan.is_authenticated() {
        return Ok(());
    }
    run.expect::<StructureDigests>()?;
    let digests = run.read_all::<StructureDigests>((), constraints.len())?;
    for (index, (keys, digest)) in constraints.into_iter().zip(digests).enumerate() {
        let id = opening_id(Purpose::Structure, run.id, index);
        // Check: padding is zero, in every layer.
        // Check: copies are equal.
        keys.verify_zero(&id, &digest).map_err(|_| Error::Peer(Fault::Structure { layer: index }))?;
    }
    Ok(())
}
