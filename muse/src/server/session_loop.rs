//! One client, from its hello to its end.

use super::{Event, Shared};
use crate::metered::Connection;
use crate::{
    Error,
    accounts::{Component, Counters, Phase},
    error::Fault,
    message::Tag,
    online, preprocess,
    progress::Cancel,
    session::system_prg,
    steps::{handshake, keys},
    ticket::ServerTicket,
    transport::time_of,
};
use alloc::collections::BTreeMap;
use core::time::Duration;
use std::time::Instant;

/// What a session has to do with its place. If no other client wants the place, nothing has to be done.
pub(super) trait Place {
    /// What ends the session from outside.
    fn cancel(&self) -> Cancel;

    /// The session waits for a request: from here on it may have to give way.
    fn rest(&self) {}

    /// A request came: from here on, other sessions give way before this one. `false` if its place was given away.
    fn work(&self) -> bool {
        true
    }

    /// The client failed a check that only a cheater fails.
    fn caught(&self) {}

    /// For so long the place was held in vain.
    fn held_in_vain(&self, time: Duration) {
        let _ = time;
    }
}

/// The only client of its connection.
pub(super) struct Unlimited(pub(super) Cancel);

impl Place for Unlimited {
    fn cancel(&self) -> Cancel {
        self.0.clone()
    }
}

/// How far a session is, in what it took from others.
#[derive(Default)]
struct Usage {
    /// The account when it last finished anything that takes the client work.
    finished: Option<Counters>,
    /// Time it waited for requests.
    idle: Duration,
}

impl Usage {
    /// Something is finished. The time that the client made others wait for it, beyond what the bytes need at the least rate.
    fn finish(&mut self, account: Counters, min_rate: u64) -> Duration {
        let waited = self.waited_beyond_bytes(&account, min_rate);
        self.finished = Some(account);
        waited
    }

    /// The time for which others waited for nothing: since the beginning, if it has finished nothing, else that of what it has not
    /// finished. What this side computed is no part of it. Who had to give way could not finish, and answers for what its bytes did not need.
    fn in_vain(&self, error: Option<&Error>, account: &Counters, min_rate: u64) -> Duration {
        match error {
            Some(Error::Cancelled | Error::Internal(_) | Error::Thread(_) | Error::Randomness(_)) => {
                Duration::ZERO
            }
            Some(Error::GaveWay) => self.waited_beyond_bytes(account, min_rate) + self.vain_idleness(),
            None if self.finished.is_some() => Duration::ZERO,
            _ => account.waited.saturating_sub(self.before().waited) + self.vain_idleness(),
        }
    }

    fn before(&self) -> Counters {
        self.finished.unwrap_or_default()
    }

    /// Who has not finished anything has waited for requests in vain, too.
    const fn vain_idleness(&self) -> Duration {
        if self.finished.is_none() { self.idle } else { Duration::ZERO }
    }

    fn waited_beyond_bytes(&self, account: &Counters, min_rate: u64) -> Duration {
        let before = self.before();
        let bytes = account.bytes().saturating_sub(before.bytes());
        account.waited.saturating_sub(before.waited).saturating_sub(time_of(bytes, min_rate))
    }
}

impl Shared {
    /// Serves one client. Whatever error ends it, the client hears "aborted" at most, and after its address was charged for it.
    pub(super) fn serve_session(
        &self,
        link: &mut dyn Connection,
        place: &dyn Place,
        report: &mut dyn FnMut(Event<'_>),
    ) -> Result<(), Error> {
        let mut usage = Usage::default();
        // Session and tickets are gone when this returns.
        // Check: a failed check ends the session.
        let result = self.run_session(link, place, report, &mut usage).map_err(|error| {
            // Its place was given away while it worked.
            let gave_way = matches!(error, Error::Cancelled) && !place.work();
            if gave_way { Error::GaveWay } else { error }
        });
        let error = result.as_ref().err();
        // Check: addresses of cheaters are refused.
        if error.is_some_and(Error::is_failed_check) {
            place.caught();
        }
        place.held_in_vain(usage.in_vain(error, &link.stats().total(), self.config.limits.min_rate));
        if error.is_some() {
            link.abort();
        }
        link.pause();
        result
    }

    fn run_session(
        &self,
        link: &mut dyn Connection,
        place: &dyn Place,
        report: &mut dyn FnMut(Event<'_>),
        usage: &mut Usage,
    ) -> Result<(), Error> {
        let Self { network, plan, card, config, .. } = self;
        let observer = &*config.observer;
        let mut rng = system_prg()?;
        link.cancel_with(place.cancel());
        let id = handshake::server(link, config.protocol, card, &mut rng)?;
        let mut session = keys::server(link, id, plan, &mut rng)?;
        report(Event::Started);
        let mut tickets: BTreeMap<u64, ServerTicket> = BTreeMap::new();
        loop {
            let requests = [Tag::Preprocess, Tag::Infer, Tag::Bye];
            let request = next_request(link, &requests, place, usage)?;
            if request == Tag::Preprocess {
                // Check: unused tickets have a limit.
                if tickets.len() >= config.max_tickets {
                    return Err(Error::Peer(Fault::TooManyTickets));
                }
                let (next, ticket) = preprocess::server(session, network, plan, link, observer, &mut rng)?;
                session = next;
                let inference = ticket.inference;
                tickets.insert(inference, ticket);
                report(Event::Preprocessed { inference });
            } else if request == Tag::Infer {
                link.enter(Phase::Online, Component::Openings);
                let mut inference = [0; 8];
                link.read(&mut inference)?;
                let inference = u64::from_le_bytes(inference);
                // Claimed before the first online message is read: no ticket is ever used twice.
                // Check: a ticket exists, and is used once.
                let ticket = tickets.remove(&inference).ok_or(Error::Peer(Fault::Ticket))?;
                online::server(ticket, &session, network, plan, link, observer, &mut rng)?;
                report(Event::Inferred { inference });
            } else {
                return Ok(());
            }
            // A client that is always just in time pays for its session while it lasts.
            place.held_in_vain(usage.finish(link.stats().total(), config.limits.min_rate));
        }
    }
}

/// Waits for a request. Meanwhile the session may have to give way.
fn next_request(
    link: &mut dyn Connection,
    requests: &[Tag],
    place: &dyn Place,
    usage: &mut Usage,
) -> Result<Tag, Error> {
    place.rest();
    let start = Instant::now();
    let request = link.recv_request(requests);
    usage.idle += start.elapsed();
    if !place.work() {
        return Err(Error::GaveWay);
    }
    Ok(request?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u64 = 1000;

    fn account(seconds: u64, bytes: u64) -> Counters {
        Counters {
            sent: bytes / 2,
            received: bytes / 2,
            waited: Duration::from_secs(seconds),
            ..Counters::default()
        }
    }

    #[test]
    fn who_is_slow_and_steady_pays_nothing_and_who_is_just_in_time_does() {
        let seconds = Duration::from_secs;
        let mut steady = Usage { idle: seconds(300), ..Usage::default() };
        let mut patient = Usage { idle: seconds(300), ..Usage::default() };
        for phase in 1..=256 {
            // A hundred seconds for its bytes, or for its bytes and then for nothing.
            assert_eq!(steady.finish(account(100 * phase, 100 * phase * RATE), RATE), Duration::ZERO);
            assert_eq!(patient.finish(account(100 * phase, 10 * phase * RATE), RATE), seconds(90));
        }
        assert_eq!(steady.in_vain(None, &account(100 * 256, 0), RATE), Duration::ZERO);
        // Time not needed is not saved up.
        let mut saving = Usage::default();
        assert_eq!(saving.finish(account(0, 1000 * RATE), RATE), Duration::ZERO);
        assert_eq!(saving.finish(account(50, 1010 * RATE), RATE), seconds(40));
    }

    #[test]
    fn what_is_not_finished_is_paid_whole_unless_it_had_to_give_way() {
        let seconds = Duration::from_secs;
        let lost = Error::Transport(crate::transport::TransportError::TimedOut { during: "a test" });
        let mut usage = Usage { idle: seconds(7), ..Usage::default() };
        let account = account(50, 40 * RATE);
        let vain = |usage: &Usage, error: Option<&Error>| usage.in_vain(error, &account, RATE);
        assert_eq!(vain(&usage, Some(&lost)), seconds(57));
        assert_eq!(vain(&usage, None), seconds(57), "a goodbye before anything");
        assert_eq!(vain(&usage, Some(&Error::GaveWay)), seconds(17));
        assert_eq!(vain(&usage, Some(&Error::Cancelled)), Duration::ZERO, "this side's wish");
        usage.finish(Counters { waited: seconds(20), ..Counters::default() }, RATE);
        assert_eq!(vain(&usage, Some(&lost)), seconds(30));
        assert_eq!(vain(&usage, Some(&Error::GaveWay)), Duration::ZERO);
        assert_eq!(vain(&usage, None), Duration::ZERO);
    }
}
