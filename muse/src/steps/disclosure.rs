//! Sends and receives the messages of a disclosure of labels (`muse_cds`), for both implementations.

use crate::metered::Connection;
use crate::{
    Error,
    message::{Disclosure, Message},
    transport::{FLOW_BUFFER, recv_flow, send_flow},
};
use muse_cds::{Disclose, Step};

/// Plays one party of a disclosure to its end.
pub(super) fn play<D: Disclose + Send>(mut party: D, link: &mut dyn Connection) -> Result<D::Output, Error>
where
    Error: From<muse_cds::Error>,
{
    let mut buffer = vec![0; FLOW_BUFFER];
    loop {
        match party.step() {
            Step::Send(len) => {
                send_flow(link, Disclosure::TAG, len, &mut buffer, |chunk| {
                    party.fill(chunk);
                    Ok::<_, Error>(())
                })?;
            }
            Step::Receive(len) => {
                recv_flow(link, Disclosure::TAG, len, &mut buffer, |chunk| {
                    Ok::<_, Error>(party.absorb(chunk)?)
                })?;
            }
            Step::Finished => return Ok(party.finish()?),
        }
    }
}
