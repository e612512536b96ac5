//! What a session costs is known in advance, byte for byte: predictions from the public plan against the accounts of real sessions.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

extern crate alloc;

use alloc::sync::Arc;
use muse_test_support::forward;
use muse_tests::common;

use muse::{
    Client, Protocol, Server,
    accounts::Phase,
    channel::Channel,
    model::{Activation, InputSpec, Layer, LayerSpec, Network, Normalisation, shipped},
    plan::{Party, Plan},
    transport::{Framed, Tag, Transport, TransportError, memory},
};
use muse_he::encode::LinearShape;
use std::{sync::Mutex, thread};

/// One inference of a session in each mode, and what both parties make of it.
fn check(network: impl Fn() -> Network) {
    for protocol in [Protocol::SemiHonest, Protocol::ClientMalicious] {
        let (mine, theirs) = memory::pipes();
        let server = Server::new(network(), common::server_config(protocol)).unwrap();
        let serving = thread::spawn(move || {
            let mut link = Framed::new(theirs, common::limits());
            let (ended, stats) = server.serve_counted(&mut link);
            ended.map(|()| stats)
        });
        let link = Framed::new(mine, common::limits());
        let mut client = Client::over(link, common::client_config(protocol)).unwrap();
        let ticket = client.preprocess().unwrap();
        let pixels = vec![200; client.architecture().input().elements()];
        let input = client.architecture().encode_bytes(&pixels).unwrap();
        client.infer_elements(ticket, &input).unwrap();
        common::assert_predicted(client.plan(), &client.stats(), Party::Client);
        let plan = Plan::new(protocol, client.architecture().clone()).unwrap();
        drop(client);
        common::assert_predicted(&plan, &serving.join().unwrap().unwrap(), Party::Server);
    }
}

/// A network of these layers with the same small weight everywhere.
fn network(input: (usize, usize, usize), shapes: &[(LinearShape, Option<Activation>)]) -> Network {
    let layers = shapes.iter().enumerate().map(|(index, &(shape, activation))| {
        let spec = LayerSpec::with_default_bound(format!("layer {index}"), shape, activation, 6);
        Layer::new(spec, vec![-3; shape.weights()], vec![5; shape.out_channels]).unwrap()
    });
    let (channels, height, width) = input;
    let input = InputSpec { channels, height, width, normalisation: Normalisation::UnitInterval };
    Network::new("accounts".into(), input, 6, vec!["a".into(), "b".into()], layers.collect()).unwrap()
}

#[test]
fn the_mnist_network() {
    check(shipped::mnist);
}

#[test]
fn a_single_layer_has_no_relu() {
    check(|| network((1, 1, 3), &[(LinearShape::dense(3, 2), None)]));
}

#[test]
fn strides_padding_and_pools_with_odd_sides() {
    let conv = LinearShape {
        in_channels: 3,
        height: 9,
        width: 7,
        out_channels: 5,
        kernel: 3,
        padding: 2,
        stride: 2,
    };
    let activation = Some(Activation { shift: 6, sum_pool: Some(2) });
    let pooled = 5 * (conv.out_height() / 2) * (conv.out_width() / 2);
    let hidden = (LinearShape::dense(pooled, 33), Some(Activation { shift: 0, sum_pool: None }));
    check(|| network((3, 9, 7), &[(conv, activation), hidden, (LinearShape::dense(33, 2), None)]));
}

#[test]
fn several_ciphertexts_and_replies_for_one_layer() {
    let wide = (LinearShape::dense(10_000, 9), Some(Activation { shift: 22, sum_pool: None }));
    check(|| network((1, 100, 100), &[wide, (LinearShape::dense(9, 2), None)]));
}

/// Every inference of a session costs the same, but for tries; only the setup is paid once.
#[test]
fn a_session_of_several_inferences() {
    let (mut client, serving) = common::session_in(Protocol::SemiHonest, common::tiny());
    let input = client.architecture().encode_bytes(&[7; 6]).unwrap();
    let tickets = [client.preprocess().unwrap(), client.preprocess().unwrap()];
    for ticket in tickets {
        client.infer_elements(ticket, &input).unwrap();
    }
    let (stats, one) = (client.stats(), client.plan().predicted(1, Party::Client).unwrap());
    for (phase, times) in [(Phase::Setup, 1), (Phase::Preprocessing, 2), (Phase::Online, 2)] {
        let (found, want) = (stats.phase(phase), one.phase(phase));
        assert_eq!((found.sent, found.received), (times * want.sent, times * want.received), "{phase:?}");
    }
    drop(client);
    serving.join().unwrap().unwrap();
}

/// The frames that a party sends: which, and the bytes of the body.
type Sent = Arc<Mutex<Vec<(Tag, u64)>>>;

/// A transport that notes what is sent through it.
struct Noted<T> {
    inner: T,
    sent: Sent,
}

impl<T: Transport> Transport for Noted<T> {
    fn begin_send(&mut self, tag: Tag, len: u64) -> Result<(), TransportError> {
        self.sent.lock().unwrap().push((tag, len));
        self.inner.begin_send(tag, len)
    }

    forward!(write, recv_tag, recv_request, read, flush, abort);
}

impl<T: Channel> Channel for Noted<T> {
    forward!(begin_phase, cancel_with);
}

/// Whether the table gives the body of this message no type.
fn is_opaque(tag: Tag) -> bool {
    tag.body_type().ends_with("::message::Bytes")
}

/// Every frame of a session is forecast with its length. So each body that has no type in the table of messages has a length
/// that the plan derives: here it is compared with what the steps send.
#[test]
fn every_frame_is_forecast_and_so_is_the_length_of_every_opaque_body() {
    let mut opaque = Vec::new();
    for protocol in Protocol::ALL {
        let (mine, theirs) = memory::pipes();
        let [from_client, from_server] = [Sent::default(), Sent::default()];
        let server = Server::new(common::tiny(), common::server_config(protocol)).unwrap();
        let sent = from_server.clone();
        let serving = thread::spawn(move || {
            server.serve_connection(&mut Noted { inner: Framed::new(theirs, common::limits()), sent })
        });
        let link = Noted { inner: Framed::new(mine, common::limits()), sent: from_client.clone() };
        let mut client = Client::over(link, common::client_config(protocol)).unwrap();
        let ticket = client.preprocess().unwrap();
        let input = client.architecture().encode_bytes(&[7; 6]).unwrap();
        client.infer_elements(ticket, &input).unwrap();
        let plan = Plan::new(protocol, client.architecture().clone()).unwrap();
        drop(client);
        serving.join().unwrap().unwrap();

        // The tries of the proofs of triples are not forecast; everything else of that protocol is.
        let compared = |tag: Tag| {
            let tries = [Tag::ProofCommitment, Tag::ProofChallenge, Tag::ProofRejected, Tag::ProofResponses];
            tag != Tag::Bye && !(protocol.is_published() && tries.contains(&tag))
        };
        let tries =
            from_client.lock().unwrap().iter().filter(|(tag, _)| *tag == Tag::ProofCommitment).count();
        let mut frames = plan.setup_frames().unwrap();
        frames.extend(plan.preprocessing_frames(u32::try_from(tries.max(1)).unwrap()).unwrap());
        frames.extend(plan.online_frames());
        for (party, sent) in [(Party::Client, from_client), (Party::Server, from_server)] {
            let forecast = frames.iter().filter(|frame| frame.sender == party && compared(frame.tag));
            // A frame has a head of two bytes.
            let forecast: Vec<_> = forecast.map(|frame| (frame.tag, frame.bytes - 2)).collect();
            let sent: Vec<_> =
                sent.lock().unwrap().iter().copied().filter(|(tag, _)| compared(*tag)).collect();
            assert_eq!(sent, forecast, "{protocol:?} {party:?}");
            opaque.extend(sent.iter().map(|(tag, _)| *tag).filter(|tag| is_opaque(*tag)));
        }
    }
    // None of them was left out: who adds one to the table makes it appear in a session here.
    opaque.sort_unstable();
    opaque.dedup();
    let all: Vec<_> = Tag::ALL.iter().copied().filter(|tag| is_opaque(*tag)).collect();
    assert_eq!(opaque, all);
    let known = [Tag::Card, Tag::OtColumns, Tag::GarbledTables, Tag::ShareRows, Tag::Disclosure];
    assert_eq!(all, known);
}
