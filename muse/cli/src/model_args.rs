//! The network that a command works on.

use super::{args::ModelArgs, failure::Failure};
use muse::model::{
    DeclaredBound, FixedPoint, LayerFault, Model, ModelError, Network, Normalisation, limits,
    load::{self, read_bounded},
    sniff::{self, Kind, Wanted},
};
use std::path::Path;

/// Loads the network that the arguments name, quantised as they say.
pub fn network(args: &ModelArgs) -> Result<Network, Failure> {
    refuse_folder(args)?;
    match (&args.model, args.shipped) {
        (Some(path), _) if args.frac_bits.is_none() && !is_onnx(path) => {
            refuse_options(args, path)?;
            if args.lossy {
                return Err(Failure::general(
                    "--lossy needs --frac-bits F for a network that is no .onnx file",
                ));
            }
            Ok(Network::open(path)?)
        }
        (None, Some(shipped)) if args.frac_bits.is_none() => Ok(shipped.network()),
        (path, _) => {
            let model = float(args)?.ok_or_else(|| {
                Failure::general(
                    "--frac-bits needs float weights: NAME.safetensors beside NAME.json, with 32-bit floats",
                )
            })?;
            let fixed = FixedPoint::new(args.frac_bits.unwrap_or(DEFAULT_FRAC_BITS))?;
            let onnx = path.as_deref().filter(|path| is_onnx(path));
            let network = if args.lossy { model.quantize_lossy(fixed) } else { model.quantize(fixed) };
            network.map_err(|error| Failure::general(advised(&error, path.as_deref(), onnx.is_some())))
        }
    }
}

/// The same network with the weights it was trained to, if they are there.
pub fn float(args: &ModelArgs) -> Result<Option<Model>, Failure> {
    refuse_folder(args)?;
    match (&args.model, args.shipped) {
        (Some(path), _) if is_onnx(path) => onnx(args, path).map(Some),
        (Some(path), _) => {
            refuse_options(args, path)?;
            Ok(Model::open(path)?)
        }
        (None, Some(shipped)) => Ok(Some(shipped.model())),
        (None, None) => Err(Failure::general("name a model's file, or use --shipped mnist")),
    }
}

/// Whether it is an ONNX file, whatever its name says; of what is neither that nor a description, the name decides who says so.
pub fn is_onnx(path: &Path) -> bool {
    match load::kind(path) {
        Ok(Kind::Onnx) => true,
        Ok(Kind::Json) => false,
        _ => path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("onnx")),
    }
}

/// An ONNX file with what the arguments say beyond it.
fn onnx(args: &ModelArgs, path: &Path) -> Result<Model, Failure> {
    let mut model = Model::from_onnx(path)?;
    if let Some(classes) = &args.classes {
        model.classes = lines(classes)?;
    }
    if !args.mean.is_empty() {
        if model.input.normalisation != Normalisation::UnitInterval {
            return Err(Failure::general(format!(
                "{}: the network normalises its images itself: leave out --mean and --std",
                path.display()
            )));
        }
        let channels = model.input.channels;
        if args.mean.len() != channels || args.std.len() != channels {
            return Err(Failure::general(format!(
                "--mean and --std: {channels} of each, please, one for each channel of {}",
                path.display()
            )));
        }
        model.input.normalisation = normalisation(&args.mean, &args.std)?;
    }
    let frac_bits = args.frac_bits.unwrap_or(DEFAULT_FRAC_BITS);
    for (layer, bound) in &args.l1_bound {
        let declared = DeclaredBound { bound: *bound, frac_bits };
        model
            .declare_l1_bound(layer, declared)
            .map_err(|error| Failure::general(format!("--l1-bound {layer}={bound}: {error}")))?;
    }
    Ok(model)
}

/// The normalisation of `--mean` and `--std`: of levels, or of bytes, which are levels times 255. Never a mixture.
fn normalisation(means: &[f64], stds: &[f64]) -> Result<Normalisation, Failure> {
    let given = Normalisation::in_network(means, stds)?;
    let Normalisation::InNetwork { units, .. } = given else { return Ok(given) };
    let scale = units.scale().ok_or_else(|| {
        Failure::general(
            "--mean and --std: these numbers are neither all of pixels from 0 to 1 nor all of pixels from 0 to 255: give both in the same units",
        )
    })?;
    let levels = |numbers: &[f64]| numbers.iter().map(|number| number / scale).collect::<Vec<_>>();
    Ok(Normalisation::mean_std(&levels(means), &levels(stds))?)
}

/// A folder stands for none of the networks in it.
fn refuse_folder(args: &ModelArgs) -> Result<(), Failure> {
    match &args.model {
        Some(path) if path.is_dir() => Err(Failure::general(format!(
            "{}: a folder: name the network's file in it, NAME.onnx or NAME.json",
            path.display()
        ))),
        _ => Ok(()),
    }
}

/// What a description says itself is not said again.
fn refuse_options(args: &ModelArgs, path: &Path) -> Result<(), Failure> {
    let given = [
        (args.classes.is_some(), "--classes is", "\"classes\""),
        (!args.mean.is_empty(), "--mean and --std are", "\"normalisation\""),
        (!args.l1_bound.is_empty(), "--l1-bound is", "\"l1_bound\""),
    ];
    match given.iter().find(|(given, ..)| *given) {
        None => Ok(()),
        Some((_, option, member)) => Err(Failure::general(format!(
            "{option} for NAME.onnx: write {member} into {} instead",
            path.display()
        ))),
    }
}

/// The lines of a small file.
fn lines(path: &Path) -> Result<Vec<String>, Failure> {
    let failed = |reason: String| Failure::general(format!("{}: {reason}", path.display()));
    let bytes = read_bounded(path, (limits::CLASSES * (limits::NAME_BYTES + 2)) as u64)?;
    let kind = Kind::of(&bytes);
    // Not a text that stands in the place of one.
    let text = matches!(kind, Kind::Text | Kind::Json | Kind::Empty).then(|| sniff::text(&bytes)).flatten();
    let text = text.ok_or_else(|| failed(kind.instead_of(Wanted::Names)))?;
    let names: Vec<String> = text.lines().map(|line| line.trim().to_owned()).collect();
    match names.iter().position(String::is_empty) {
        _ if names.is_empty() => Err(failed("no names in it: one a line, please".into())),
        Some(empty) => Err(failed(format!("line {} is empty: one name a line, please", empty + 1))),
        None => Ok(names),
    }
}

/// An error of quantisation with what to type; for an ONNX file, where nothing can be declared in it, that is more.
fn advised(error: &ModelError, path: Option<&Path>, onnx: bool) -> String {
    let Some(path) = path else { return error.to_string() };
    let fault = if let ModelError::Layer { layer, fault } = error { Some((layer, fault)) } else { None };
    let hint = if let Some((_, LayerFault::Vanishes { enough, .. })) = fault {
        enough.map_or(": --lossy serves it nevertheless".to_owned(), |enough| {
            format!(": --frac-bits {enough}, or --lossy to serve it nevertheless")
        })
    } else if let Some((_, LayerFault::TooLarge { most: Some(most), .. })) = fault {
        format!(": --frac-bits {most}")
    } else if !onnx {
        String::new()
    } else if let Some((
        layer,
        LayerFault::L1Norm { needed: bound, .. } | LayerFault::Noise { largest: Some(bound), .. },
    )) = fault
    {
        format!(": --l1-bound {}", quoted(&format!("{layer}={bound}")))
    } else if matches!(error, ModelError::ClassCount { .. } | ModelError::Name { role: "class", .. }) {
        ": see --classes".to_owned()
    } else {
        String::new()
    };
    format!("{}: {error}{hint}", path.display())
}

/// An argument as a shell takes it.
fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/:=".contains(c);
    if argument.chars().all(plain) {
        argument.into()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}

/// For ONNX files, which say nothing about it.
const DEFAULT_FRAC_BITS: u32 = 10;
