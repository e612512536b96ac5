//! Moves the messages of a disclosure of labels (`muse_cds`), whichever implementation it is.

use crate::{
    Error,
    message::{Disclosure, Message},
    transport::{FLOW_BUFFER, Transport},
};
use muse_cds::{Disclose, Step};

/// Plays one party of a disclosure to its end.
pub(super) fn play<D: Disclose + Send>(mut party: D, mut link: &mut dyn Transport) -> Result<D::Output, Error>
where
    Error: From<muse_cds::Error>,
{
    let mut buffer = vec![0; FLOW_BUFFER];
    loop {
        match party.step() {
            Step::Send(len) => {
                Transport::send_flow(&mut link, Disclosure::TAG, len, &mut buffer, |chunk| {
                    party.fill(chunk);
                    Ok::<_, Error>(())
                })?;
            }
            Step::Receive(len) => {
                Transport::recv_flow(&mut link, Disclosure::TAG, len, &mut buffer, |chunk| {
                    Ok::<_, Error>(party.absorb(chunk)?)
                })?;
            }
            Step::Finished => return Ok(party.finish()?),
        }
    }
}
