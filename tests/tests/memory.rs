//! What a peer can make this side allocate: bounds on the heap, counted, whatever the peer claims.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use muse_tests::common;

use common::{server_config, tiny};
use core::time::Duration;
use muse::{
    Client, ClientConfig, Error, Protocol, Server,
    card::{Card, CardError},
    handshake::Hello,
    model::{
        Activation, Architecture, InputSpec, Layer, LayerSpec, ModelError, Network, Normalisation,
        limits as most, shipped,
    },
    plan::Plan,
    server::Stop,
    transport::{Framed, Tag, Transport, TransportError, memory},
};
use muse_field::{prg::Prg, wire::DecodeError};
use muse_he::encode::LinearShape;
use muse_tests::fuzz::server_session;
use peak_alloc::PeakAlloc;
use std::{
    io::Read,
    net::{TcpListener, TcpStream},
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// One test at a time, from its first line to its last: all share the counter.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What `act` allocates at most at one time, beyond what there is.
fn peak<T>(act: impl FnOnce() -> T) -> (T, usize) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let result = act();
    (result, MEMORY.peak_usage().saturating_sub(before))
}

/// A client against a server that answers its hello with a card and says nothing more; what became of it, and its memory.
fn with_card(len: u32, card: &[u8]) -> (Error, usize) {
    let (mine, theirs) = memory::pair();
    let server = thread::scope(|scope| {
        scope.spawn(move || {
            let mut link = theirs;
            link.recv(Tag::ClientHello, Hello::LEN).unwrap();
            let hello = Hello::new(Protocol::default(), &mut Prg::from_seed([1; 32]));
            link.send(Tag::ServerHello, &hello.to_bytes()).unwrap();
            link.begin_send(Tag::Card, 4 + card.len() as u64).unwrap();
            link.write(&len.to_le_bytes()).unwrap();
            link.write(card).unwrap();
            link.flush().unwrap();
        });
        peak(|| Client::over(mine, ClientConfig::default()).map(|_| ()).unwrap_err())
    });
    assert!(!server.0.to_string().contains('\n'));
    server
}

fn architecture(input: InputSpec, layers: Vec<LayerSpec>) -> Architecture {
    Architecture::new("hostile".into(), input, 6, Vec::new(), layers).unwrap()
}

fn with_whole_card(architecture: Architecture) -> (Error, usize) {
    let card = Card::new(architecture).unwrap().to_bytes();
    with_card(card.len() as u32, &card)
}

fn image(channels: usize, side: usize) -> InputSpec {
    InputSpec { channels, height: side, width: side, normalisation: Normalisation::UnitInterval }
}

fn layer(shape: LinearShape, last: bool) -> LayerSpec {
    let activation = (!last).then_some(Activation { shift: 6, sum_pool: None });
    LayerSpec::with_default_bound("l".into(), shape, activation, 6)
}

#[test]
fn a_card_longer_than_any_is_refused_before_memory_is_taken() {
    let _alone = alone();
    for len in [Card::MAX_BYTES as u32 + 1, 1 << 24, u32::MAX] {
        let (error, peak) = with_card(len, &[0; 100]);
        assert!(matches!(error, Error::Card(CardError::Announced(l)) if l == len), "{error}");
        assert!(peak < 300 << 10, "{peak} bytes");
    }
    // As long as allowed, and not there.
    let (error, peak) = with_card(Card::MAX_BYTES as u32, &[0; 100]);
    assert!(matches!(error, Error::Transport(TransportError::Closed { .. })), "{error}");
    assert!(peak < 300 << 10, "{peak} bytes");
}

/// A real card of as many names as fit, whose layers are then none. What is refused is told exactly: a card that is refused earlier
/// shows nothing.
#[test]
fn a_malformed_card_takes_a_few_times_its_length() {
    let _alone = alone();
    let shape = LinearShape::dense(4, most::CLASSES);
    let names = vec!["fourteen bytes".into(); most::CLASSES];
    let architecture =
        Architecture::new("n".into(), image(1, 2), 6, names, vec![layer(shape, true)]).unwrap();
    let card = Card::new(architecture).unwrap().to_bytes();
    // At the end what the network promises of its values, and whether weights were lost; before it the layer: name, kind, outputs, nothing that follows, bound; and
    // before that the number of layers.
    let (card, reach) = card.split_at(card.len() - 3);
    let (head, one) = card.split_at(card.len() - (2 + 1 + 4 + 1 + 8));
    let (&1, head) = head.split_last().unwrap() else { panic!("one layer") };
    let all = most::LAYERS as u8;
    for (count, layers, refusal) in [
        (all + 1, 0, CardError::Refused(ModelError::LayerCount(most::LAYERS + 1))),
        (all, 0, CardError::Malformed(DecodeError::NotCanonical)),
        (all, most::LAYERS - 1, CardError::Malformed(DecodeError::NotCanonical)),
        (all, most::LAYERS, CardError::Malformed(DecodeError::TrailingBytes)),
    ] {
        let end = if layers == most::LAYERS { reach } else { &[] };
        let mut card = [head, &[count], &one.repeat(layers), end].concat();
        assert!(card.len() < Card::MAX_BYTES);
        card.resize(Card::MAX_BYTES, 0xff);
        let (error, peak) = with_card(card.len() as u32, &card);
        assert!(matches!(&error, Error::Card(found) if *found == refusal), "{error}, not {refusal}");
        assert!(peak < 1 << 20, "{peak} bytes");
    }
}

/// Within all limits, and far beyond what a client wants to spend: by ReLUs, or by padding that is encrypted with the rest.
#[test]
fn a_card_that_asks_for_gigabytes_is_refused_before_memory_is_taken() {
    let _alone = alone();
    let side = 1 << 11;
    let relus = LinearShape {
        in_channels: 1,
        height: side,
        width: side,
        out_channels: 1,
        kernel: 1,
        padding: 0,
        stride: 1,
    };
    assert_eq!(relus.outputs(), most::RELUS);
    let many = vec![layer(relus, false), layer(relus, true)];

    // One pixel within 60 x 60 of padding, from 1000 channels to 50 and back.
    let padded = |index: usize| LinearShape {
        in_channels: if index.is_multiple_of(2) { 1000 } else { 50 },
        height: 1,
        width: 1,
        out_channels: if index.is_multiple_of(2) { 50 } else { 1000 },
        kernel: most::KERNEL,
        padding: most::KERNEL - 1,
        stride: most::KERNEL,
    };
    let layers = (0..most::LAYERS).map(|i| layer(padded(i), i + 1 == most::LAYERS)).collect();

    for architecture in [architecture(image(1, side), many), architecture(image(1000, 1), layers)] {
        let (error, peak) = with_whole_card(architecture);
        let Error::TicketTooLarge { needed, allowed } = error else { panic!("{error}") };
        assert!(needed > 3 * allowed, "{needed}");
        assert!(peak < 16 << 20, "{peak} bytes");
    }
}

/// Strangers cost a server a socket and a few bytes each, for as many as wait at once.
#[test]
fn a_flood_of_connections_takes_a_bounded_amount_of_memory() {
    let _alone = alone();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let stop = Stop::new(&listener).unwrap();
    let mut config = server_config(Protocol::default());
    config.hello = Duration::from_millis(500);
    let server = Server::new(tiny(), config).unwrap();
    let ((), peak) = peak(|| {
        let serving = thread::scope(|scope| {
            let serving = scope.spawn(|| server.serve_until(listener, &stop));
            let mut crowd: Vec<_> = (0..200).map(|_| TcpStream::connect(address).unwrap()).collect();
            // All are turned away or sent away, and have heard of it when their stream ends.
            for stranger in &mut crowd {
                stranger.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
                let _ = stranger.read_to_end(&mut Vec::new());
            }
            drop(crowd);
            stop.stop();
            serving.join().unwrap()
        });
        serving.unwrap();
    });
    assert!(peak < 1 << 20, "{peak} bytes");
}

/// The tables of garbled circuits are most of a ticket, and with a spool it holds none of them. What passes through memory meanwhile is
/// bounded in `cifar10.rs`, whose tables are far more than that.
#[test]
fn a_spool_keeps_garbled_circuits_out_of_memory() {
    let _alone = alone();
    let directory = tempfile::tempdir().unwrap();
    let tables = shipped::mnist().architecture().relu_count() * 120 * 32;
    let ticket = |spool: Option<PathBuf>| {
        let (pipe, serving) = common::serve(shipped::mnist());
        let mut config = ClientConfig::default();
        config.spool = spool;
        let mut client = Client::over(Framed::new(pipe, common::limits()), config).unwrap();
        let ticket = client.preprocess().unwrap();
        drop(client);
        serving.join().unwrap().unwrap();
        // Nobody else is left to free anything.
        let with = MEMORY.current_usage();
        drop(ticket);
        with - MEMORY.current_usage()
    };
    let (kept, spooled) = (ticket(None), ticket(Some(directory.path().to_owned())));
    assert!(kept > spooled + tables, "{kept} bytes without, {spooled} with, of {tables}");
    assert!(spooled < tables / 4, "{spooled} bytes");
}

/// A client that stops in the middle of a frame, or sends one of another kind, has cost no more than one that does not.
#[test]
fn a_client_that_stops_costs_no_more_than_an_honest_one() {
    let _alone = alone();
    let ((), honest) = peak(|| server_session(&[0]));
    for tag in [Tag::PublicKey, Tag::Trees, Tag::InputCiphertexts, Tag::ProofResponses, Tag::Disclosure] {
        let number = Tag::ALL.iter().position(|&found| found == tag).unwrap() as u8;
        // The script's acts: cut at byte 77; send an online claim in its place.
        for kind in [14, 12] {
            let ((), stopped) = peak(|| server_session(&[0, number, kind, 77, 0, 0, 0, 0]));
            assert!(stopped <= honest + (2 << 20), "{stopped} bytes up to {tag}, {honest} in all");
        }
    }
}

/// What a client counts of a card, before it takes part, holds for the published disclosure, too, whose triples are most of it.
#[test]
fn the_memory_of_the_published_disclosure_is_counted() {
    let _alone = alone();
    let outputs = 1024;
    let shapes = [LinearShape::dense(6, outputs), LinearShape::dense(outputs, 2)];
    let layers = shapes.iter().enumerate().map(|(index, &shape)| {
        let weights = (0..shape.weights()).map(|i| (i % 7) as i64 - 3).collect();
        Layer::new(layer(shape, index == 1), weights, vec![1; shape.outputs()]).unwrap()
    });
    let network = Network::new("many".into(), image(6, 1), 6, Vec::new(), layers.collect()).unwrap();
    let [counted, before] = [Protocol::ClientMaliciousPublished, Protocol::ClientMalicious].map(|protocol| {
        let plan = Plan::new(protocol, network.architecture().clone()).unwrap();
        plan.ticket_bytes() + plan.preprocessing_bytes()
    });
    let (mut server, mut config) =
        (server_config(Protocol::default()), common::client_config(Protocol::default()));
    (server.protocol, config.protocol) =
        (Protocol::ClientMaliciousPublished, Protocol::ClientMaliciousPublished);
    config.max_ticket_bytes = counted;
    let server = Server::new(network, server).unwrap();
    let (mine, theirs) = memory::pair();
    let (ticket, both) = peak(|| {
        thread::scope(|scope| {
            let serving = scope.spawn(move || server.serve_connection(&mut { theirs }));
            let mut client = Client::over(mine, config).unwrap();
            let ticket = client.preprocess().unwrap();
            drop(client);
            serving.join().unwrap().unwrap();
            ticket
        })
    });
    drop(ticket);
    // Two parties in one process.
    let both = both as u64;
    assert!(both < 2 * counted, "{both} bytes at both, {counted} counted for each");
    assert!(both > counted / 2, "{both} bytes at both, {counted} counted for each: far too many");
    assert!(counted > 4 * before, "{before} bytes with the other disclosure");
}
