//! The experiments. To add one: a file with a function like the others', a line in [`ALL`], a value of `What`.

mod links;
mod online;
mod overdrive;
mod scaling;
mod table3;
mod table4;
mod triples;

use super::{
    chart::Panel,
    lab::{Job, Lab, Part, Setting, Subject},
    published::{self, Published},
    row::{Comparison, Findings, Origin, Row},
};
use crate::args::What;
use crate::{overdrive::Work, rehearsal::Rehearsal};
use muse::{Protocol, transport::Link};
use muse_cli::{child::Source, connect::describe, failure::Failure};

/// One experiment.
pub(crate) struct Experiment {
    /// In file names and data.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// How it is asked for.
    pub(crate) what: What,
    pub(crate) run: fn(&mut Lab, &Scope) -> Result<Findings, Failure>,
    /// What of it is drawn.
    pub(crate) panels: fn(&Findings) -> Vec<Panel>,
}

/// All of them, in the order in which they run and appear.
pub(crate) const ALL: [Experiment; 8] = [
    table3::EXPERIMENT,
    online::EXPERIMENT,
    links::EXPERIMENT,
    scaling::EXPERIMENT,
    table4::EXPERIMENT,
    triples::EXPERIMENT,
    overdrive::FIGURE8,
    overdrive::FIGURE9,
];

/// What the user wants measured.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    pub(crate) subjects: Vec<Subject>,
    /// The connection to measure besides loopback.
    pub(crate) link: Link,
    /// Of each party.
    pub(crate) threads: usize,
    /// The processor's.
    pub(crate) cores: usize,
    pub(crate) quick: bool,
}

impl Scope {
    /// Both protocols, baseline first.
    const PROTOCOLS: [Protocol; 2] = [Protocol::SemiHonest, Protocol::ClientMalicious];

    fn setting(&self, subject: &Subject, protocol: impl Into<Protocol>, link: Link) -> Setting {
        Setting {
            subject: subject.clone(),
            protocol: protocol.into(),
            job: Job::Inference,
            link,
            threads: self.threads,
        }
    }

    /// Triples or inputs between the parties of a session, over loopback.
    fn rehearsal(&self, rehearsal: Rehearsal, threads: usize) -> Setting {
        let subject = Subject { name: "-".into(), source: Source::Shipped(published::MNIST) };
        let protocol = Protocol::ClientMaliciousPublished;
        Setting { subject, protocol, job: Job::Rehearsal(rehearsal), link: Link::default(), threads }
    }

    /// Triples or inputs of Overdrive, over loopback.
    fn overdrive(&self, work: Work, threads: usize) -> Setting {
        Setting { job: Job::Overdrive(work), ..self.rehearsal(Rehearsal::Inputs(1), threads) }
    }

    /// An inference of the subject over an engine, over loopback.
    fn inference(&self, subject: &Subject, work: Work) -> Setting {
        Setting { subject: subject.clone(), ..self.overdrive(work, self.threads) }
    }

    /// Loopback, and the other connection if it is another one.
    fn links(&self) -> Vec<Link> {
        let mut links = vec![Link::default()];
        links.extend((!self.link.is_free()).then_some(self.link));
        links
    }
}

/// The published system that a protocol corresponds to.
const fn counterpart(protocol: Protocol) -> &'static str {
    if protocol.is_client_malicious() { published::MUSE } else { published::DELPHI }
}

/// A row of what was measured.
fn row(
    experiment: &'static str,
    setting: &Setting,
    item: &str,
    part: Part,
    published: Option<Published>,
) -> Row {
    Row {
        experiment,
        network: setting.subject.name.clone(),
        system: match setting.job {
            Job::Overdrive(Work::InferClientMalicious) => CLIENT_MALICIOUS_OVERDRIVE.into(),
            Job::Overdrive(_) => OVERDRIVE.into(),
            Job::Inference | Job::Rehearsal(_) => setting.protocol.name().into(),
        },
        item: item.into(),
        link: describe(setting.link),
        threads: Some(setting.threads),
        origin: Origin::Measured,
        seconds: part.seconds,
        cpu_seconds: part.cpu_seconds,
        bytes: part.bytes,
        round_trips: part.round_trips,
        predicted_seconds: None,
        published,
    }
}

/// The name of the setting in which either party may be malicious.
const OVERDRIVE: &str = "Overdrive, malicious on both sides";
/// Overdrive's engine over triples of a malicious client and a semi-honest server.
const CLIENT_MALICIOUS_OVERDRIVE: &str = "Overdrive, client-malicious";

/// A row of what was published and has no counterpart here.
fn only_published(experiment: &'static str, published: Published) -> Row {
    Row {
        experiment,
        network: published.network.into(),
        system: published.system.into(),
        item: published.part.into(),
        link: String::new(),
        threads: None,
        origin: Origin::Published,
        seconds: None,
        cpu_seconds: None,
        bytes: None,
        round_trips: None,
        predicted_seconds: None,
        published: Some(published),
    }
}

/// The rows of each network, in the order of their first.
pub(super) fn by_network(rows: &[Row]) -> Vec<(&str, Vec<&Row>)> {
    let mut groups: Vec<(&str, Vec<&Row>)> = Vec::new();
    for row in rows {
        match groups.iter_mut().find(|(network, _)| *network == row.network) {
            Some((_, group)) => group.push(row),
            None => groups.push((&row.network, vec![row])),
        }
    }
    groups
}
