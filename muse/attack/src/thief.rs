//! The client that cheats, over the wire: honest in everything but the values it contributes.

use super::{Oracle, Query};
use crate::deviate::{self, Deviant, Deviate};
use alloc::sync::Arc;
use core::time::Duration;
use muse::{
    Client, ClientConfig, Error, Logits, Protocol, channel::Channel, handshake::Refused, model::Architecture,
    transport::Tcp,
};
use muse_field::{Fp, MODULUS, vector};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Instant,
};

/// A cheating client of a server. Every query is a whole inference, preprocessing included; a session that is used up is
/// followed by another one.
pub struct Thief<T: Channel = Tcp> {
    connect: Connect<T>,
    config: ClientConfig,
    tamper: Arc<Tamper>,
    architecture: Architecture,
    client: Client<T, Deviant>,
    sessions: u64,
}

/// Reaches the server.
type Connect<T> = Box<dyn FnMut() -> Result<T, Error>>;

impl<T: Channel> core::fmt::Debug for Thief<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Thief").field("sessions", &self.sessions).finish_non_exhaustive()
    }
}

impl<T: Channel> Thief<T> {
    /// Starts the first session. `connect` makes the connection of each; the cheating client over it is made here and never leaves.
    ///
    /// # Errors
    /// Those of `connect` and of [`Client::over`].
    pub fn new(
        config: ClientConfig,
        mut connect: impl FnMut() -> Result<T, Error> + 'static,
    ) -> Result<Self, Error> {
        let tamper = Arc::<Tamper>::default();
        let client = deviate::client(connect()?, config.clone(), tamper.clone())?;
        let architecture = client.architecture().clone();
        Ok(Self { connect: Box::new(connect), config, tamper, architecture, client, sessions: 1 })
    }

    /// Sessions so far.
    #[must_use]
    pub const fn sessions(&self) -> u64 {
        self.sessions
    }

    /// Connects again. A server that limits the rate of new sessions is given time.
    fn reconnect(&mut self) -> Result<(), Error> {
        let mut patience = RETRIES;
        self.client = loop {
            let connected = (self.connect)()
                .and_then(|link| deviate::client(link, self.config.clone(), self.tamper.clone()));
            match connected {
                Err(Error::TurnedAway(reason)) if reason != Some(Refused::Penalty) && patience > 0 => {
                    patience -= 1;
                    let until = Instant::now() + PAUSE;
                    while Instant::now() < until {
                        if self.config.cancel.is_cancelled() {
                            return Err(Error::Cancelled);
                        }
                        thread::sleep(Duration::from_millis(100));
                    }
                }
                result => break result?,
            }
        };
        self.sessions += 1;
        Ok(())
    }

    /// The only place where the client is used.
    fn infer(&mut self, input: &[Fp]) -> Result<Logits, Error> {
        let ticket = self.client.preprocess()?;
        self.client.infer_elements(ticket, input)
    }
}

impl<T: Channel> Oracle for Thief<T> {
    fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    fn protocol(&self) -> Protocol {
        self.config.protocol
    }

    fn ask(&mut self, query: &Query) -> Result<Vec<Fp>, Error> {
        self.tamper.set(query);
        let logits = match self.infer(&query.input) {
            Err(Error::Exhausted) => {
                self.reconnect()?;
                self.infer(&query.input)?
            }
            logits => logits?,
        };
        Ok(logits.elements().to_vec())
    }
}

/// Adds the constants of the query at hand.
#[derive(Default)]
struct Tamper(Mutex<Option<Query>>);

impl Tamper {
    fn set(&self, query: &Query) {
        *self.lock() = Some(query.clone());
    }

    /// A panic elsewhere leaves a whole query here.
    fn lock(&self) -> MutexGuard<'_, Option<Query>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Deviate for Tamper {
    fn choices(&self, values: &mut [u64]) {
        if let Some(query) = &*self.lock() {
            let added = query.steps.iter().flat_map(|step| &step.before);
            for (value, added) in values.iter_mut().zip(added) {
                // Canonical, so that nothing but the value is wrong with it.
                *value = (*value + added.to_u64()) % MODULUS;
            }
        }
    }

    fn opened(&self, layer: usize, values: &mut [Fp], _: &mut [Fp]) {
        if let Some(step) = self.lock().as_ref().and_then(|query| query.steps.get(layer)) {
            vector::add_assign(values, &step.after);
        }
    }
}

/// How long to wait when a server takes no new session, and how often.
const PAUSE: Duration = Duration::from_secs(5);
const RETRIES: u32 = 15;
