//! One dishonest client, one server, and what became of them.

use crate::common::{Serving, limits, tiny};
use crate::tap::Tap;
use alloc::sync::Arc;
use muse::{
    ClientConfig, Error, Fault, Protocol, Server, ServerConfig,
    channel::Channel,
    model::Network,
    transport::{
        Framed, Limits, Tag, Transport, TransportError,
        memory::{self, MemoryPipe},
    },
};
use muse_attack::deviate::{self, Deviate, Honest};
use muse_field::Fp;
use muse_test_support::forward;
use std::{sync::Mutex, thread};

/// How both sides ended, and what the server had sent until then.
pub(crate) struct Outcome {
    pub(crate) client: Result<Vec<Fp>, Error>,
    pub(crate) server: Result<(), Error>,
    /// Tags of the server's frames, in order, the abort not among them.
    pub(crate) sent: Vec<Tag>,
}

impl Outcome {
    /// The server named this fault, the client heard that it is over, and the last frame before that was `last`.
    pub(crate) fn refused(&self, expected: impl Fn(&Fault) -> bool, last: Tag) {
        let Err(Error::Peer(fault)) = &self.server else {
            panic!("the server noticed nothing or something else: {:?}", self.server);
        };
        assert!(expected(fault), "the server named another fault: {fault}");
        assert!(!fault.to_string().is_empty() && !fault.to_string().contains('\n'));
        let heard = matches!(self.client, Err(Error::Transport(TransportError::PeerAborted)));
        assert!(heard, "the client heard something else: {:?}", self.client);
        assert_eq!(self.sent.last(), Some(&last), "nothing of a later step was sent: {:?}", self.sent);
    }
}

/// What a client's outgoing frames go through: tag, how many frames with this tag went before, offset of the part in the body, part.
pub(crate) type Tamper = Box<dyn FnMut(Tag, usize, u64, &mut [u8]) + Send>;

/// A client that deviates in its values.
pub(crate) fn deviating(deviation: impl Deviate + 'static) -> Outcome {
    infer(tiny(), deviation, Box::new(|_, _, _, _| {}))
}

/// A client whose frame `nth` of kind `tag` has its byte `at` (from the end if negative) changed.
pub(crate) fn flipping(tag: Tag, nth: usize, at: i64) -> Outcome {
    let mut done = false;
    let length = usize::try_from(if at < 0 { frame_length(tag, nth) } else { 0 }).unwrap();
    let target = if at < 0 { length as u64 - at.unsigned_abs() } else { at.unsigned_abs() };
    tampering(Box::new(move |found, before, offset, part| {
        if (found, before) != (tag, nth) || done {
            return;
        }
        if let Some(byte) = target.checked_sub(offset).and_then(|i| part.get_mut(i as usize)) {
            *byte ^= 1;
            done = true;
        }
    }))
}

/// Bytes of frame `nth` of kind `tag` from an honest client.
fn frame_length(tag: Tag, nth: usize) -> u64 {
    let length = Arc::new(Mutex::new(0));
    let seen = length.clone();
    let outcome = tampering(Box::new(move |found, before, offset, part| {
        if (found, before) == (tag, nth) {
            *seen.lock().unwrap() = offset + part.len() as u64;
        }
    }));
    outcome.server.unwrap();
    *length.lock().unwrap()
}

/// A client whose outgoing frames are tampered with.
pub(crate) fn tampering(tamper: Tamper) -> Outcome {
    infer(tiny(), Honest, tamper)
}

/// Up to `count` inferences of `network` with a disclosure, or as many as the server allows.
pub(crate) fn infer_in(
    protocol: Protocol,
    network: Network,
    deviation: impl Deviate + 'static,
    tamper: Tamper,
    count: usize,
) -> Outcome {
    let inputs = network.architecture().layer(0).inputs();
    let (mine, serving, sent) = recorded_in(protocol, network, limits());
    let link = Tap::new(Framed::new(mine, limits()), tamper);
    let input: Vec<Fp> = (0..inputs as u64).map(|i| Fp::new(i * 13 % 64)).collect();
    let client = run_client(protocol, link, deviation, &input, count);
    let server = serving.join().expect("the server does not panic");
    let sent = sent.lock().unwrap().clone();
    Outcome { client, server, sent }
}

/// One inference of `network`, or as much of it as the server allows.
pub(crate) fn infer(network: Network, deviation: impl Deviate + 'static, tamper: Tamper) -> Outcome {
    infer_often(network, deviation, tamper, 1)
}

/// Up to `count` inferences in one session, or as many as the server allows; the last one's result.
pub(crate) fn infer_often(
    network: Network,
    deviation: impl Deviate + 'static,
    tamper: Tamper,
    count: usize,
) -> Outcome {
    infer_in(Protocol::ClientMalicious, network, deviation, tamper, count)
}

/// A server in a thread, in the default mode, that notes what it sends; the other end is the test's.
pub(crate) fn recorded(network: Network, patience: Limits) -> (MemoryPipe, Serving, Arc<Mutex<Vec<Tag>>>) {
    recorded_in(Protocol::ClientMalicious, network, patience)
}

fn recorded_in(
    protocol: Protocol,
    network: Network,
    patience: Limits,
) -> (MemoryPipe, Serving, Arc<Mutex<Vec<Tag>>>) {
    let (mine, theirs) = memory::pipes();
    let mut config = ServerConfig::default();
    config.protocol = protocol;
    let server = Server::new(network, config).unwrap();
    let sent = Arc::new(Mutex::new(Vec::new()));
    let record = sent.clone();
    let serving = thread::spawn(move || {
        server.serve_connection(&mut Recorded { inner: Framed::new(theirs, patience), sent: record })
    });
    (mine, serving, sent)
}

fn run_client(
    protocol: Protocol,
    link: impl Channel,
    deviation: impl Deviate + 'static,
    input: &[Fp],
    count: usize,
) -> Result<Vec<Fp>, Error> {
    let mut config = ClientConfig::default();
    config.protocol = protocol;
    let mut client = deviate::client(link, config, Arc::new(deviation))?;
    let mut result = Vec::new();
    for _ in 0..count {
        let ticket = client.preprocess()?;
        result = client.infer_elements(ticket, input)?.elements().to_vec();
    }
    Ok(result)
}

/// Guesses alpha: opens a value that is off by one under a MAC that would be right for one alpha.
pub(crate) struct Guess(pub(crate) u64);

impl Deviate for Guess {
    fn opened(&self, _: usize, values: &mut [Fp], macs: &mut [Fp]) {
        values[0] += Fp::ONE;
        macs[0] += Fp::new(self.0);
    }
}

/// A transport that notes what is sent through it.
struct Recorded<T> {
    inner: T,
    sent: Arc<Mutex<Vec<Tag>>>,
}

impl<T: Transport> Transport for Recorded<T> {
    fn begin_send(&mut self, tag: Tag, len: u64) -> Result<(), TransportError> {
        self.sent.lock().unwrap().push(tag);
        self.inner.begin_send(tag, len)
    }

    forward!(write, recv_tag, recv_request, read, flush, abort);
}

impl<T: Channel> Channel for Recorded<T> {
    forward!(begin_phase, cancel_with);
}
