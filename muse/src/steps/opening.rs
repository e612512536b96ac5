//! What is opened with the input (protocol, section 5): `x - r_1`, after every non-linear layer `w_c - r_(i+1)`, and the
//! server's share of the result.
//!
//! ```text
//! client                                          server
//!   claim of a ticket; x - r_1 ------------>
//!                                 for every layer but the last, after its labels:
//!   w_c - r_(i+1)              ------------>
//! * one hash of its MACs, in the same message      check: nothing else was opened
//!                              <------------      S of the last layer
//!
//! * in the client-malicious mode
//! ```
//!
//! A forger of an opening must guess alpha: 2^-44 (`muse_mac::opening`).

use crate::{
    Error,
    accounts::Component,
    frames::Script,
    message::{Infer, LastShare, MaskedActivations, MaskedInput},
    plan::{Plan, ReluPlan},
    run::{Run, receive_as, send_as},
    session::ServerSession,
    share::{ClientShare, Elements, opening_id},
};
use muse_field::{Fp, pack, vector};
use muse_mac::{Keys, Purpose};
use zeroize::Zeroizing;

/// What goes over the wire first.
pub fn input_frames(plan: &Plan, script: &mut Script) {
    script.enter(Component::Openings);
    script.message::<Infer>(());
    script.of_layer(0).message::<MaskedInput>(inputs(plan, 0));
}

/// What goes over the wire after the labels of layer `index`.
pub fn activation_frames(plan: &Plan, index: usize, relu: &ReluPlan, script: &mut Script) {
    script.enter(Component::Openings);
    let next = inputs(plan, index + 1);
    if relu.is_authenticated() {
        script.of_layer(index).message::<MaskedActivations>(next);
    } else {
        // In the baseline only the values are sent, without a digest.
        script.of_layer(index).bulk::<MaskedActivations>(pack::packed_len(next));
    }
}

/// What goes over the wire last.
pub fn result_frames(plan: &Plan, script: &mut Script) {
    let last = plan.layers().len() - 1;
    script.of_layer(last).message::<LastShare>(plan.architecture().outputs());
}

fn inputs(plan: &Plan, index: usize) -> usize {
    plan.architecture().layer(index).inputs()
}

/// The client: claims its ticket and sends x - r_1. That needs no MAC: whatever the client sends, it defines its own input.
pub fn client_input(run: &mut Run<'_>, input: &[Fp], mask: &ClientShare) -> Result<(), Error> {
    run.enter(Component::Openings);
    let claim = run.id.number;
    run.send::<Infer>(&claim)?;
    let mut masked = input.to_vec();
    vector::sub_assign(&mut masked, mask.values());
    run.send::<MaskedInput>(&masked)?;
    Ok(run.link.flush()?)
}

/// The server, after the claim: receives x - r_1.
pub fn server_input(run: &mut Run<'_>) -> Result<Vec<Fp>, Error> {
    run.receive::<MaskedInput>(inputs(run.plan, 0))
}

/// The client: the difference of layer `index`'s result and the next mask, as it is opened.
pub fn masked(
    plan: &Plan,
    index: usize,
    share: &ClientShare,
    next_mask: &ClientShare,
) -> Result<ClientShare, Error> {
    let mut share = share.map(|values| plan.architecture().apply_public_map(index, values));
    share.sub_assign(next_mask)?;
    Ok(share)
}

/// The client: sends the masked activations, with a digest of their MACs unless in the baseline.
pub fn client(run: &mut Run<'_>, index: usize, masked: ClientShare) -> Result<(), Error> {
    run.enter(Component::Openings);
    let id = opening_id(Purpose::Activations, run.id, index);
    match masked {
        ClientShare::Plain(values) => send_as::<MaskedActivations>(run.link, &*values)?,
        ClientShare::Authenticated(share) => send_as::<MaskedActivations>(run.link, &share.open(&id))?,
    }
    Ok(run.link.flush()?)
}

/// The server: receives what is opened after layer `index`, in the client-malicious mode only if its MACs are right.
/// `expected` are the keys of `w_c`, `mask` those of `r_(i+1)`.
pub fn server(
    run: &mut Run<'_>,
    session: &ServerSession,
    index: usize,
    expected: Option<Keys>,
    mask: Option<Keys>,
) -> Result<Vec<Fp>, Error> {
    run.enter(Component::Openings);
    let next = inputs(run.plan, index + 1);
    let Some(key) = session.mac_key() else {
        return receive_as::<MaskedActivations, _>(run.link, next);
    };
    let (Some(mut keys), Some(mask)) = (expected, mask) else {
        return Err(Error::Internal("keys for every share and every mask".into()));
    };
    keys.sub_assign(&mask);
    let id = opening_id(Purpose::Activations, run.id, index);
    let claimed = run.receive::<MaskedActivations>(next)?;
    // Check: opened values fit their MACs.
    Ok(keys.verify(key, &id, claimed)?)
}

/// The client: the server's share of the result, and with it the result.
pub fn client_result(run: &mut Run<'_>, share: &Elements) -> Result<Elements, Error> {
    let mut result = Zeroizing::new(run.receive::<LastShare>(share.len())?);
    vector::add_assign(&mut result, share);
    Ok(result)
}

/// The server: the last layer's share is the client's to have.
pub fn server_result(run: &mut Run<'_>, share: &Elements) -> Result<(), Error> {
    run.send::<LastShare>(share)?;
    Ok(run.link.flush()?)
}
