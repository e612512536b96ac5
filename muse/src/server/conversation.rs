//! One client, from its hello to its end.

use super::{Event, Shared};
use crate::{
    Error,
    accounts::{Component, Phase, Stats},
    error::Fault,
    message::Tag,
    online, preprocess,
    progress::Cancel,
    session::system_prg,
    steps::{handshake, keys},
    ticket::ServerTicket,
    transport::Transport,
};
use alloc::collections::BTreeMap;
use core::time::Duration;
use std::time::Instant;

/// What a session has to do with its place. A place that nobody else wants has nothing to say.
pub(super) trait Seat {
    /// What ends the session from outside.
    fn cancel(&self) -> Cancel;

    /// The session waits for a request: from here on it may have to give way.
    fn rest(&self) {}

    /// A request came: it need not give way any more. `false` if it had to.
    fn work(&self) -> bool {
        true
    }

    /// The client failed a check that only a cheater fails.
    fn caught(&self) {}

    /// For so long the place was held and nothing came of it.
    fn held_in_vain(&self, time: Duration) {
        let _ = time;
    }
}

/// The only client of its connection.
pub(super) struct Alone(pub(super) Cancel);

impl Seat for Alone {
    fn cancel(&self) -> Cancel {
        self.0.clone()
    }
}

/// How far a session is, in what it took from others.
#[derive(Default)]
struct Course {
    /// Whether it has finished anything that takes the client work.
    useful: bool,
    /// Time it waited for requests.
    idle: Duration,
    /// Unless it waits for a request: the time it had waited for messages when it began what it does.
    working: Option<Duration>,
}

impl Course {
    /// The time for which others waited for nothing: since the beginning, if it has finished nothing, else that of what it has not
    /// finished. What this side computed is no part of it.
    fn in_vain(&self, error: Option<&Error>, stats: &Stats) -> Duration {
        let at_fault = |error: &Error| {
            !matches!(error, Error::Cancelled | Error::Internal(_) | Error::Thread(_) | Error::Randomness(_))
        };
        if error.is_some_and(|error| !at_fault(error)) {
            return Duration::ZERO;
        }
        let waited = stats.total().waited;
        if !self.useful {
            return waited + self.idle;
        }
        match (error, self.working) {
            (Some(_), Some(before)) => waited.saturating_sub(before),
            _ => Duration::ZERO,
        }
    }
}

impl Shared {
    /// Serves one client. Whatever error ends it, the client hears "aborted" at most, and after its address was charged for it.
    pub(super) fn converse(
        &self,
        link: &mut dyn Transport,
        seat: &dyn Seat,
        report: &mut dyn FnMut(Event<'_>),
    ) -> Result<(), Error> {
        let mut course = Course { working: Some(Duration::ZERO), ..Course::default() };
        // Session and tickets are gone when this returns.
        let result = self.run_session(link, seat, report, &mut course);
        let error = result.as_ref().err();
        if error.is_some_and(Error::is_failed_check) {
            seat.caught();
        }
        seat.held_in_vain(course.in_vain(error, &link.stats()));
        if error.is_some() {
            link.abort();
        }
        link.pause();
        result
    }

    fn run_session(
        &self,
        link: &mut dyn Transport,
        seat: &dyn Seat,
        report: &mut dyn FnMut(Event<'_>),
        course: &mut Course,
    ) -> Result<(), Error> {
        let Self { network, plan, card, config, .. } = self;
        let observer = &*config.observer;
        let mut rng = system_prg()?;
        link.cancel_with(seat.cancel());
        let id = handshake::server(link, config.protocol, card, &mut rng)?;
        let mut session = keys::server(link, id, plan, &mut rng)?;
        report(Event::Started);
        let mut tickets: BTreeMap<u64, ServerTicket> = BTreeMap::new();
        loop {
            let requests = [Tag::Preprocess, Tag::Infer, Tag::Bye];
            let request = next_request(link, &requests, seat, course)?;
            if request == Tag::Preprocess {
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
                let ticket = tickets.remove(&inference).ok_or(Error::Peer(Fault::Ticket))?;
                online::server(ticket, &session, network, plan, link, observer, &mut rng)?;
                report(Event::Inferred { inference });
            } else {
                return Ok(());
            }
            course.useful = true;
        }
    }
}

/// Waits for a request. Meanwhile the session may have to give way.
fn next_request(
    link: &mut dyn Transport,
    requests: &[Tag],
    seat: &dyn Seat,
    course: &mut Course,
) -> Result<Tag, Error> {
    course.working = None;
    seat.rest();
    let start = Instant::now();
    let request = link.recv_request(requests);
    course.idle += start.elapsed();
    if !seat.work() {
        return Err(Error::GaveWay);
    }
    course.working = Some(link.stats().total().waited);
    Ok(request?)
}
