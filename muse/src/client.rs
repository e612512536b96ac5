//! The client: connects, preprocesses, infers.

mod config;
mod logits;

pub use self::{config::ClientConfig, logits::Logits};

use crate::{
    Error,
    accounts::Stats,
    channel::Channel,
    conduct::{Conduct, Honest},
    message::Tag,
    metered::{Connection as _, Metered},
    model::{Architecture, Image, Outlook},
    plan::Plan,
    session::{ClientSession, system_prg},
    steps::{handshake, keys},
    threads,
    ticket::ClientTicket,
    transport::{Tcp, Transport as _},
};
use muse_field::{Fp, prg::Prg};
use zeroize::Zeroizing;

/// A session with a server. Any error ends it: later calls return [`Error::SessionOver`].
#[derive(Debug)]
pub struct Client<T: Channel = Tcp, C: Conduct = Honest> {
    link: Metered<T>,
    conduct: C,
    plan: Plan,
    /// `None` once an error has ended it.
    session: Option<ClientSession>,
    /// Tickets of this session whose input was refused before anything was sent.
    kept: Vec<Ticket>,
    config: ClientConfig,
    rng: Prg,
}

/// One preprocessed inference: bound to its session, good for one input.
///
/// It is large (about 4.7 KB a ReLU, of which with a [spool](ClientConfig::spool) 0.7 KB are in memory) and secret; it is wiped when
/// dropped, and `Debug` shows nothing of it.
#[must_use = "a ticket that is dropped has been preprocessed for nothing"]
pub struct Ticket(ClientTicket);

impl core::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Ticket(..)")
    }
}

impl Client<Tcp> {
    /// Connects, shakes hands, and sets up keys and base OTs. One round trip and about 0.25 MB.
    ///
    /// # Errors
    /// The [spool](ClientConfig::spool) cannot hold files, no server listens there, the peer is not a server of this release and protocol, its
    /// card is refused, or a message is wrong.
    pub fn connect(address: &str, config: ClientConfig) -> Result<Self, Error> {
        config.new_spool(0)?;
        let link = Tcp::connect(address, config.limits)?;
        Self::over(link, config)
    }
}

impl<T: Channel> Client<T> {
    /// A session over a transport that is already connected.
    ///
    /// # Errors
    /// As [`connect`](Client::connect), except the errors of connecting.
    pub fn over(link: T, config: ClientConfig) -> Result<Self, Error> {
        Self::start(link, config, Honest)
    }
}

impl<T: Channel, C: Conduct> Client<T, C> {
    /// A session of a client that plays the protocol in its own way.
    ///
    /// # Errors
    /// As [`over`](Client::over).
    #[cfg(feature = "hazmat")]
    pub fn with_conduct(link: T, config: ClientConfig, conduct: C) -> Result<Self, Error> {
        Self::start(link, config, conduct)
    }

    fn start(link: T, config: ClientConfig, conduct: C) -> Result<Self, Error> {
        threads::acquire()?;
        let mut rng = system_prg()?;
        let mut link = Metered::new(link, config.observer.clone());
        link.cancel_with(config.cancel.clone());
        let mut start = || {
            let (id, plan) = handshake::client(&mut link, config.protocol, &mut rng)?;
            let needed = plan.ticket_bytes().saturating_add(plan.preprocessing_bytes());
            let allowed = config.max_ticket_bytes;
            if needed > allowed {
                return Err(Error::TicketTooLarge { needed, allowed });
            }
            config.new_spool(plan.spool_bytes())?;
            let session = keys::client(&mut link, id, &plan, &mut rng)?;
            Ok((plan, session))
        };
        match start() {
            Ok((plan, session)) => {
                link.pause();
                Ok(Self { link, conduct, plan, session: Some(session), kept: Vec::new(), config, rng })
            }
            Err(error) => {
                link.abort();
                Err(error)
            }
        }
    }

    /// What the server tells about its network: shapes, input format, class names.
    pub const fn architecture(&self) -> &Architecture {
        self.plan.architecture()
    }

    /// Everything both parties derive from it.
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Prepares one inference, before its input needs to exist: four round trips in the baseline, about eight with proofs, and the bulk
    /// of bytes and time. A ticket whose input was refused comes back first, and costs nothing.
    ///
    /// A server keeps few unused tickets (16 unless configured otherwise, dropped ones included) and waits [`Limits::idle`](crate::transport::Limits::idle) (5
    /// minutes by default) for the next request, less when it is full and other clients wait; beyond either it ends the session with all its
    /// tickets.
    ///
    /// # Errors
    /// [`Error::Exhausted`] after [`MAX_INFERENCES`](crate::MAX_INFERENCES), [`Error::Spool`] if no file can be created:
    /// nothing is sent then and tickets stay good. Otherwise the connection or the peer fails, or the disk is full, and the session
    /// is over with all its tickets.
    pub fn preprocess(&mut self) -> Result<Ticket, Error> {
        if let Some(ticket) = self.kept.pop() {
            return Ok(ticket);
        }
        if self.session.as_ref().is_some_and(|session| session.is_exhausted(self.plan.ids())) {
            return Err(Error::Exhausted);
        }
        let spool = self.config.new_spool(self.plan.spool_bytes())?;
        let session = self.session.take().ok_or(Error::SessionOver)?;
        let (link, rng) = (&mut self.link, &mut self.rng);
        match self.conduct.preprocess(session, &self.plan, spool, link, &*self.config.observer, rng) {
            Ok((session, ticket)) => {
                self.session = Some(session);
                self.link.pause();
                Ok(Ticket(ticket))
            }
            Err(error) => Err(self.end(error)),
        }
    }

    /// Evaluates the network on an image: one round trip per layer. Consumes the ticket, unless the image is refused.
    ///
    /// # Errors
    /// [`Error::Model`] for an image that [`Architecture::encode`] refuses, [`Error::InputRange`] for one that the network may not be exact for,
    /// before anything is sent: the session goes on, and the next [`preprocess`](Self::preprocess) gives the ticket back. So it goes on after
    /// [`Error::ForeignTicket`], without that ticket. Otherwise the connection or the peer fails and the session is over.
    pub fn infer(&mut self, ticket: Ticket, image: &Image) -> Result<Logits, Error> {
        match self.architecture().encode(image).map(Zeroizing::new) {
            Ok(input) => self.infer_elements(ticket, &input),
            Err(error) => {
                self.own(&ticket)?;
                self.kept.push(ticket);
                Err(error.into())
            }
        }
    }

    /// [`infer`](Self::infer) for the network's input in fixed point, channel by channel, as [`Architecture::encode`] makes it.
    ///
    /// # Errors
    /// [`Error::InputLength`] and [`Error::InputRange`] before anything is sent, after which [`preprocess`](Self::preprocess) gives the ticket
    /// back, and [`Error::ForeignTicket`]; otherwise the connection or the peer fails and the session is over.
    pub fn infer_elements(&mut self, ticket: Ticket, input: &[Fp]) -> Result<Logits, Error> {
        self.own(&ticket)?;
        let outlook = match self.outlook(input) {
            Ok(outlook) => outlook,
            Err(refused) => {
                self.kept.push(ticket);
                return Err(refused);
            }
        };
        let (link, rng) = (&mut self.link, &mut self.rng);
        match self.conduct.infer(ticket.0, input, &self.plan, link, &*self.config.observer, rng) {
            Ok(values) => {
                self.link.pause();
                Ok(Logits { values, scale_bits: self.architecture().output_scale_bits(), outlook })
            }
            Err(error) => Err(self.end(error)),
        }
    }

    /// Whether the ticket is of this session, and that goes on.
    fn own(&self, ticket: &Ticket) -> Result<(), Error> {
        let session = self.session.as_ref().ok_or(Error::SessionOver)?;
        if ticket.0.session == session.id { Ok(()) } else { Err(Error::ForeignTicket) }
    }

    /// What is known of this input, unless it is refused for that.
    fn outlook(&self, input: &[Fp]) -> Result<Outlook, Error> {
        let architecture = self.architecture();
        let expected = architecture.layer(0).inputs();
        if input.len() != expected {
            return Err(Error::InputLength { expected, found: input.len() });
        }
        let outlook = architecture.outlook(input);
        if outlook == Outlook::InputMayWrap && !self.config.allow_wrapping {
            return Err(Error::InputRange { limit: architecture.reach().limit(architecture.frac_bits()) });
        }
        Ok(outlook)
    }

    /// This side's accounts: bytes, flights and time per phase and component.
    pub fn stats(&self) -> Stats {
        self.link.stats()
    }

    /// Ends the session in good order. Dropping the client does the same.
    pub fn close(self) {}

    fn end(&mut self, error: Error) -> Error {
        self.session = None;
        self.kept.clear();
        self.link.abort();
        error
    }
}

impl<T: Channel, C: Conduct> Drop for Client<T, C> {
    fn drop(&mut self) {
        if self.session.take().is_some() && self.link.send(Tag::Bye, &[]).is_ok() {
            // The server may be gone; it needs no farewell then.
            let _ = self.link.flush();
        }
    }
}
