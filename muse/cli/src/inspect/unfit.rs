//! A network that cannot be quantised as it was asked for: which other numbers of fractional bits would work.

use super::{json, room};
use crate::{args::InspectArgs, console::Console, failure::Failure, model_args};
use muse::{
    inspect::Accuracy,
    model::{FixedPoint, LayerFault, Model, ModelError, limits},
};
use serde::Serialize;

/// What is printed before the failure.
#[derive(Serialize)]
struct Unfit {
    /// Why there is no report.
    refused: String,
    /// Numbers of fractional bits at which the network could be served.
    fits: Vec<u32>,
    accuracy: Option<Accuracy>,
}

/// Says at which f the network fits, and with images how it does there, if there are real weights. The caller reports the failure.
pub fn report(args: &InspectArgs, failure: &Failure, console: Console) -> Result<(), Failure> {
    // A file that cannot be read is the failure itself.
    let Ok(Some(model)) = model_args::float(&args.model) else { return Ok(()) };
    let (fits, faults) = precisions(&model);
    let of_layer = |fault: &ModelError| matches!(fault, ModelError::Layer { .. });
    let no_number =
        |fault: &ModelError| matches!(fault, ModelError::Layer { fault: LayerFault::NoNumber(_), .. });
    if (fits.is_empty() && !faults.iter().any(of_layer)) || faults.iter().any(no_number) {
        // Class names, say, or weights that are no numbers: nothing that f decides.
        return Ok(());
    }
    let outputs = model.layers.last().map_or(0, |layer| layer.shape.outputs());
    let accuracy = super::accuracy(args, &model.input, outputs, console).unwrap_or_else(|other| {
        console.remark(&format!("muse: note: {other}"));
        None
    });
    if args.json {
        let unfit = Unfit { refused: failure.to_string(), fits, accuracy };
        return console.result(&json(&unfit)?);
    }
    let mut text = format!("{}: fits at {}", model.name, listed(&fits));
    if let Some(accuracy) = &accuracy {
        text += "\n";
        text += &room::accuracy(accuracy);
    }
    console.result(text.trim_end_matches('\n'))
}

/// Every f at which the model can be quantised, and what is wrong at the others.
fn precisions(model: &Model) -> (Vec<u32>, Vec<ModelError>) {
    let (mut fits, mut faults) = (Vec::new(), Vec::new());
    for frac_bits in limits::MIN_FRAC_BITS..=limits::MAX_FRAC_BITS {
        match FixedPoint::new(frac_bits).and_then(|fixed| model.quantize(fixed)) {
            Ok(_) => fits.push(frac_bits),
            Err(fault) => faults.push(fault),
        }
    }
    (fits, faults)
}

fn listed(fits: &[u32]) -> String {
    match fits {
        [] => format!("no f from {} to {}", limits::MIN_FRAC_BITS, limits::MAX_FRAC_BITS),
        [only] => format!("f = {only}"),
        [first, .., last] if (last - first) as usize == fits.len() - 1 => format!("f = {first} to {last}"),
        _ => format!("f = {}", fits.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn numbers_are_listed() {
        let cases = [
            (&[][..], "no f from 4 to 12"),
            (&[7], "f = 7"),
            (&[4, 5, 6], "f = 4 to 6"),
            (&[4, 6], "f = 4, 6"),
        ];
        for (fits, expected) in cases {
            assert_eq!(listed(fits), expected);
        }
    }
}
