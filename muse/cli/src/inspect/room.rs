//! Noise, range, accuracy.

use super::tables::{section, short, wrapped};
use crate::table::{Table, count};
use muse::inspect::{Accuracy, Report, Results};

/// How much room each layer leaves.
pub fn render(report: &Report) -> String {
    let mut table = Table::new(&[
        "layer",
        "l1 bound",
        "largest l1",
        "values",
        "input MACs",
        "output MACs",
        "left",
        "worst |v|",
        "left/bits",
    ]);
    for layer in &report.layers {
        let noise = &layer.noise;
        let owner =
            |text: &dyn Fn(&muse::inspect::Owner) -> String| layer.owner.as_ref().map_or("?".into(), text);
        table.row(vec![
            short(&layer.name),
            compact(layer.l1_bound),
            owner(&|owner| compact(owner.largest_l1)),
            noise.values.needed_bits.to_string(),
            noise.input_macs.needed_bits.to_string(),
            noise.output_macs.map_or("-".into(), |room| room.needed_bits.to_string()),
            noise.headroom_bits.to_string(),
            owner(&|owner| format!("2^{:.1}", owner.worst_case_bits)),
            owner(&|owner| format!("{:.1}", owner.range_headroom_bits)),
        ]);
    }
    let available = report.layers.first().map_or(0, |layer| layer.noise.values.available_bits);
    let mut text = section(
        "Room",
        &format!(
            "replies carry noise that hides the weights: bits of the modulus they need, of {available} there are\n\
             (output MACs take the quicker of two ways that fit; left: with the way that leaves more);\n\
             values |v| before a ReLU must stay below 2^43: the worst for {}; {}",
            report.worst_case_of,
            match report.in_range_below {
                Some(limit) => format!(
                    "floats\nstay in it if they are below {limit} once normalised, larger ones clients refuse"
                ),
                None => "other floats\nare not known to stay in it, clients refuse them".into(),
            }
        ),
        &table,
    );
    for warning in &report.warnings {
        text += &wrapped(&format!("Warning: {warning}"));
    }
    text
}

/// What each number of fractional bits does.
pub fn accuracy(accuracy: &Accuracy) -> String {
    let mut table = Table::new(&[
        "f",
        "correct",
        "as real weights",
        "largest error",
        "largest |v|",
        "worst case",
        "fits",
    ]);
    for precision in &accuracy.precisions {
        let mark = if accuracy.least_that_agrees == Some(precision.frac_bits) { " <" } else { "" };
        let name = format!("{}{mark}", precision.frac_bits);
        let Some(results) = &precision.results else {
            let none = || "-".to_owned();
            table.row(vec![name, none(), none(), none(), none(), none(), "no".into()]);
            continue;
        };
        let Results { correct, agree, largest_error, largest_value_bits, range_warning, .. } = results;
        table.row(vec![
            name,
            correct.to_string(),
            agree.to_string(),
            format!("{largest_error:.5}"),
            format!("2^{largest_value_bits:.1}"),
            if range_warning.is_some() { "may wrap".into() } else { "in range".into() },
            "yes".into(),
        ]);
    }
    let mut text = section(
        "Accuracy",
        &format!(
            "f fractional bits against real weights, which get {} of {} images right\n\
             (fits: bounds on weights and noise; < the least f that gives every image the label of real weights)",
            accuracy.float_correct, accuracy.images
        ),
        &table,
    );
    for precision in &accuracy.precisions {
        if let Some(reason) = &precision.refused {
            text += &wrapped(&format!("f = {}: {reason}", precision.frac_bits));
        }
    }
    text
}

/// A number in digits, or as a power of two where they are many.
fn compact(number: u64) -> String {
    if number < 10_000_000 { count(number) } else { format!("2^{:.1}", (number as f64).log2()) }
}
