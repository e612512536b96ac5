//! What an experiment finds: rows of measured quantities, each beside what was published for the same.

use super::published::Published;
use serde::Serialize;

/// Several runs of the same.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// Of at least one value; the median of an even number is the mean of the middle two.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let (&min, &max) = (values.first()?, values.last()?);
        let middle = values.len() / 2;
        let median = match values.len() % 2 {
            0 => f64::midpoint(values[middle - 1], values[middle]),
            _ => values[middle],
        };
        Some(Self { median, min, max })
    }

    /// Of a number that is the same in every run.
    pub(crate) const fn exactly(value: f64) -> Self {
        Self { median: value, min: value, max: value }
    }
}

/// Where the numbers of a row come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Origin {
    /// Both parties ran.
    Measured,
    /// Nothing had to run to know it.
    Computed,
    /// There is nothing of ours: a published part without a counterpart, or another system.
    Published,
}

/// One line of an experiment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Row {
    /// The experiment's name.
    pub(crate) experiment: &'static str,
    pub(crate) network: String,
    /// The protocol, or the name of another system.
    pub(crate) system: String,
    /// What of it: a part, or a phase.
    pub(crate) item: String,
    /// The connection: `loopback`, or what was added to it.
    pub(crate) link: String,
    /// Of each party; none where nothing ran.
    pub(crate) threads: Option<usize>,
    pub(crate) origin: Origin,
    /// Wall time.
    pub(crate) seconds: Option<Spread>,
    /// Processor time of both parties.
    pub(crate) cpu_seconds: Option<Spread>,
    /// Both directions.
    pub(crate) bytes: Option<Spread>,
    pub(crate) round_trips: Option<Spread>,
    /// Wall time as computed from the accounts of the same over loopback.
    pub(crate) predicted_seconds: Option<f64>,
    pub(crate) published: Option<Published>,
}

impl Row {
    /// How many times less time this takes than what was published.
    pub(crate) fn faster(&self) -> Option<f64> {
        ratio(self.published?.seconds?, self.seconds?.median)
    }

    /// How many times fewer bytes.
    pub(crate) fn smaller(&self) -> Option<f64> {
        ratio(self.published?.gigabytes? * 1e9, self.bytes?.median)
    }

    /// Measured time over the predicted one.
    pub(crate) fn over_prediction(&self) -> Option<f64> {
        ratio(self.seconds?.median, self.predicted_seconds?)
    }
}

/// A ratio, unless it says nothing.
fn ratio(over: f64, under: f64) -> Option<f64> {
    (over > 0.0 && under > 0.0).then(|| over / under)
}

/// A ratio of two measured quantities, beside the published range of the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Comparison {
    pub(crate) experiment: &'static str,
    pub(crate) network: String,
    /// What is divided by what.
    pub(crate) what: String,
    /// None where we have only one of the two.
    pub(crate) measured: Option<f64>,
    /// From, to.
    pub(crate) published: (f64, f64),
    pub(crate) source: &'static str,
}

/// All that an experiment found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Findings {
    pub(crate) rows: Vec<Row>,
    pub(crate) comparisons: Vec<Comparison>,
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A row with something in every field.
    pub(crate) fn example() -> Row {
        Row {
            experiment: "table3",
            network: "mnist".into(),
            system: "client-malicious".into(),
            item: "linear, \"ACG\"".into(),
            link: "21 ms, 100 Mbit/s".into(),
            threads: Some(2),
            origin: Origin::Measured,
            seconds: Spread::of([0.5, 0.25, 1.0]),
            cpu_seconds: Spread::of([0.75]),
            bytes: Some(Spread::exactly(2e7)),
            round_trips: Spread::of([4.5, 6.5]),
            predicted_seconds: Some(0.4),
            published: Some(Published {
                source: "Table 3",
                system: "MUSE",
                network: "mnist",
                part: "linear: ACG",
                threads: Some(1),
                seconds: Some(4.0),
                gigabytes: Some(0.04),
                computed: false,
            }),
        }
    }

    #[test]
    fn spreads_are_of_sorted_values() {
        assert_eq!(Spread::of([]), None);
        assert_eq!(Spread::of([3.0, 1.0, 2.0]), Some(Spread { median: 2.0, min: 1.0, max: 3.0 }));
        assert_eq!(Spread::of([4.0, 1.0, 2.0, 3.0]).map(|spread| spread.median), Some(2.5));
        assert_eq!(Spread::of([7.0]), Some(Spread::exactly(7.0)));
    }

    #[test]
    fn ratios_say_how_much_less_is_needed() {
        let row = example();
        assert_eq!((row.faster(), row.smaller(), row.over_prediction()), (Some(8.0), Some(2.0), Some(1.25)));
        let nothing = Row { seconds: None, published: None, ..row };
        assert_eq!((nothing.faster(), nothing.smaller(), nothing.over_prediction()), (None, None, None));
    }
}
