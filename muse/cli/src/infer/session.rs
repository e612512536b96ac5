//! As many sessions, one after the other, as the images need.

use super::answer::{Answer, Cost};
use crate::{
    args::{InferArgs, protocol},
    bars::Bars,
    console::Console,
    failure::Failure,
    interrupt,
};
use alloc::sync::Arc;
use muse::{
    Client, ClientConfig, Error, Image,
    accounts::{Phase, Stats},
    model::Architecture,
    transport::Limits,
};

/// A session, and the accounts of those before it.
pub struct Session {
    client: Client,
    address: String,
    config: ClientConfig,
    past: Stats,
}

impl Session {
    /// Connects.
    pub fn open(args: &InferArgs, console: Console) -> Result<Self, Failure> {
        let mut config = ClientConfig::default();
        let protocol = protocol(args.mode, args.cds)?;
        config.protocol = protocol;
        config.limits = Limits::with_message_timeout(args.timeout).of_client();
        config.observer = Arc::new(Bars::new(console.is_quiet()));
        config.cancel = interrupt::cancel();
        config.spool.clone_from(&args.spool);
        config.allow_wrapping = args.allow_wrapping;
        let client = Client::connect(&args.connect, config.clone())?;
        Ok(Self { client, address: args.connect.clone(), config, past: Stats::default() })
    }

    /// What the server computes.
    pub const fn architecture(&self) -> &Architecture {
        self.client.architecture()
    }

    /// One image's answer, and the session for the next one.
    pub fn classify(mut self, image: &Image) -> Result<(Self, Answer), Failure> {
        let mut before = self.client.stats();
        let ticket = match self.client.preprocess() {
            Err(Error::Exhausted) => {
                self = self.again()?;
                before = self.client.stats();
                self.client.preprocess()?
            }
            ticket => ticket?,
        };
        let logits = self.client.infer(ticket, image)?;
        let after = self.client.stats();
        let [preprocessing, online] = [Phase::Preprocessing, Phase::Online]
            .map(|phase| Cost::between(&before.phase(phase), &after.phase(phase)));
        Ok((self, Answer { logits, preprocessing, online }))
    }

    /// Another session with the same server: one has a limited number of inferences.
    fn again(self) -> Result<Self, Failure> {
        let Self { client, address, config, past } = self;
        let mut past = past;
        past.merge(&client.stats());
        let architecture = client.architecture().clone();
        client.close();
        let client = Client::connect(&address, config.clone())?;
        if *client.architecture() != architecture {
            return Err(Failure::peer(format!(
                "the server at {address} has another network than before; start again for the other images"
            )));
        }
        Ok(Self { client, address, config, past })
    }

    /// The accounts of all sessions.
    pub fn stats(&self) -> Stats {
        let mut stats = self.past.clone();
        stats.merge(&self.client.stats());
        stats
    }

    /// Says goodbye.
    pub fn close(self) {
        self.client.close();
    }
}
