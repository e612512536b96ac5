//! Labels for the bits of the client's shares y_i (protocol, section 4.5): conditional disclosure from correlated OT, or in the
//! baseline correlated OT alone.
//!
//! ```text
//! client                                          server
//!   OT columns, choices y_i    ------------>
//!                              <------------      challenge
//!   answer                     ------------>      check: one choice vector
//! *                            <------------      tau, challenge of the range proof
//! * range proof, digest        ------------>      check: the bits of y_i, canonical
//!
//! * in the client-malicious mode; these are the messages of muse_cds::correlated, which has the checks
//! ```
//!
//! All layers at once: one extension, one set of checks.

use super::disclosure::play;
use crate::metered::Connection;
use crate::{
    Error,
    accounts::Component,
    frames::Script,
    message::{Disclosure, Message, OtAnswer, OtChallenge, OtColumns, Party},
    plan::{Plan, ReluPlan},
    progress::Unit,
    run::{self, Run},
    session::{ClientLabels, ClientSession, ServerLabels, ServerSession},
    share::{ClientShare, Elements},
    transport::{FLOW_BUFFER, recv_flow, send_flow},
};
use muse_cds::correlated;
use muse_field::{
    id::Coin,
    pack,
    prg::Prg,
    wire::{Decode, Inflow, Outflow},
};
use muse_gc::{
    label::{ActiveLabels, ZeroLabels},
    ot::softspoken::{Answer, CotReceiver, CotSender, DEFAULT_K, column_bytes},
};
use muse_mac::{Digest, Keys};
use muse_zk::range;
use zeroize::Zeroizing;

/// What goes over the wire.
pub fn frames(plan: &Plan, script: &mut Script) {
    let values = plan.relu_count();
    script.enter(Component::ObliviousTransfer);
    let length = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
    if !plan.is_authenticated() {
        script.bulk::<OtColumns>(length(column_bytes(DEFAULT_K, values * ReluPlan::BITS)));
        script.message::<OtChallenge>(());
        script.message::<OtAnswer>(());
        return;
    }
    script.from::<Disclosure>(Party::Client, length(column_bytes(DEFAULT_K, range::count(values))));
    script.from::<Disclosure>(Party::Server, Coin::len_for(()));
    script.from::<Disclosure>(Party::Client, Answer::len_for(()));
    if values > 0 {
        script.from::<Disclosure>(Party::Server, values * correlated::TAU_BYTES);
    }
    script.from::<Disclosure>(Party::Server, Coin::len_for(()));
    script.from::<Disclosure>(Party::Client, range::Message::BYTES + Digest::BYTES);
}

/// The client: labels for the bits of `choices`, 44 a share, in order. An honest client's choices are the values of `shares`, those of
/// all layers but the last.
pub fn client(
    run: &mut Run<'_>,
    session: ClientSession,
    shares: ClientShare,
    choices: &[u64],
) -> Result<(ClientSession, ActiveLabels), Error> {
    let count = (run.plan.relu_count() * ReluPlan::BITS) as u64;
    let progress = run.step(Component::ObliviousTransfer, Unit::Transfers, count);
    let ClientLabels::Correlated(transfer) = session.labels else { return Err(no_transfers()) };
    let (transfer, labels) = match shares {
        ClientShare::Authenticated(shares) => {
            let id = run.id;
            let party = correlated::client::Client::new_with_choices(id, transfer, shares, choices, run.rng)?;
            play(party, run.link)?
        }
        ClientShare::Plain(_) => receive_plainly(transfer, choices, run.link, run.rng)?,
    };
    progress.advance(count);
    Ok((ClientSession { labels: ClientLabels::Correlated(transfer), ..session }, labels))
}

/// The choices of an honest client: its shares as integers below p.
pub fn choices(shares: &ClientShare) -> Zeroizing<Vec<u64>> {
    Zeroizing::new(shares.values().iter().map(|value| value.to_u64()).collect())
}

/// The baseline: correlated OTs with the bits as choices. The strings received are the labels.
fn receive_plainly(
    transfer: CotReceiver,
    values: &[u64],
    link: &mut dyn Connection,
    rng: &mut Prg,
) -> Result<(CotReceiver, ActiveLabels), Error> {
    // Values packed in 44 bits, least significant first, are the string of choice bits.
    let width = ReluPlan::BITS as u32;
    let mut choices = Zeroizing::new(vec![0; pack::bits_len(width, values.len())]);
    pack::pack_bits(width, values, &mut choices);
    let mut extension = transfer.extend(&choices, values.len() * ReluPlan::BITS, rng)?;
    let total = extension.remaining();
    send_flow(link, OtColumns::TAG, total, &mut vec![0; FLOW_BUFFER], |chunk| {
        extension.fill(chunk);
        Ok::<_, Error>(())
    })?;
    let challenge = run::receive::<OtChallenge>(link, ())?;
    let (transfer, answer, labels) = extension.answer(&challenge)?;
    run::send::<OtAnswer>(link, &answer)?;
    Ok((transfer, labels))
}

/// The server: zero labels for the bits of the client's shares of all layers but the last, 44 a share, in order. `keys` are those
/// of the shares, none in the baseline.
pub fn server(
    run: &mut Run<'_>,
    session: ServerSession,
    keys: Elements,
) -> Result<(ServerSession, ZeroLabels), Error> {
    run.enter(Component::ObliviousTransfer);
    let ServerLabels::Correlated(transfer) = session.labels else { return Err(no_transfers()) };
    let (transfer, labels) = if let Some(authentication) = &session.authentication {
        let id = run.id;
        let key = &authentication.key;
        play(correlated::server::Server::new(id, transfer, key, Keys::new(keys), run.rng)?, run.link)?
    } else {
        send_plainly(transfer, run.plan.relu_count(), run.link, run.rng)?
    };
    Ok((ServerSession { labels: ServerLabels::Correlated(transfer), ..session }, labels))
}

/// The baseline: correlated OTs with Delta; the client's choices are the bits of its shares.
fn send_plainly(
    transfer: CotSender,
    values: usize,
    link: &mut dyn Connection,
    rng: &mut Prg,
) -> Result<(CotSender, ZeroLabels), Error> {
    let mut extension = transfer.receive(values * ReluPlan::BITS)?;
    let total = extension.remaining();
    recv_flow(link, OtColumns::TAG, total, &mut vec![0; FLOW_BUFFER], |chunk| {
        Ok::<_, Error>(extension.absorb(chunk)?)
    })?;
    let (extension, challenge) = extension.challenge(rng)?;
    run::send::<OtChallenge>(link, &challenge)?;
    let answer = run::receive::<OtAnswer>(link, ())?;
    Ok(extension.on_answer(&answer)?)
}

fn no_transfers() -> Error {
    Error::Internal("correlated OTs set up".into())
}
