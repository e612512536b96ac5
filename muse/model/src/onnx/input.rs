//! The graph's input, and which of its sizes are channels, height and width.
//!
//! PyTorch has channels first. Keras has them last, and its exporters put a Transpose, or for grey images a Reshape, before the first
//! convolution. Clients give channels first to either: an element of the image goes where the graph has it.

use super::proto::{Graph, Node, ValueInfo};
use super::value::{Data, FLOAT, Size, Sizes, Value, shortened};
use super::view::View;
use super::wire::malformed;
use crate::{Extent, InputSpec, ModelError, Normalisation, limits};
use std::collections::HashMap;

/// What an input turns out to be.
pub(super) struct Input<'a> {
    pub(super) name: &'a str,
    pub(super) spec: InputSpec,
    pub(super) data: Data,
    /// The number of images a run, if the file fixes it.
    pub(super) batch: Option<i64>,
}

/// What looks at the shape of the input first.
enum First {
    /// Brings channels that are last to the front.
    Moves,
    /// Calls the elements by these sizes, the batch among them.
    Sizes(Vec<i64>),
    /// Makes a vector of them.
    Vector,
    /// A convolution, or anything else.
    Other,
}

impl<'a> Input<'a> {
    /// The only input that is no weight.
    pub(super) fn of(
        graph: &'a Graph<'a>,
        values: &HashMap<&'a str, Value<'a>>,
        keras: bool,
    ) -> Result<Self, ModelError> {
        // Old exporters list the weights among the inputs.
        let inputs: Vec<&ValueInfo<'a>> =
            graph.inputs.iter().filter(|input| !values.contains_key(input.name)).collect();
        let [input] = inputs[..] else {
            return Err(malformed(&format!("it has {} inputs, one is supported", inputs.len())));
        };
        let name = shortened(input.name);
        if input.data_type != FLOAT {
            return Err(malformed(&format!(
                "its input {name:?} is not of 32-bit floats: export the network in them"
            )));
        }
        let shape = || {
            malformed(&format!(
                "its input {name:?} must be of batch x channels x height x width, of batch x height x width, or of batch x elements, all but the batch fixed"
            ))
        };
        let dims = input.dims.as_deref().unwrap_or_default();
        let (&batch, sizes) = dims.split_first().ok_or_else(shape)?;
        let sizes: Option<Vec<usize>> =
            sizes.iter().map(|size| size.and_then(|size| usize::try_from(size).ok())).collect();
        let sizes = sizes.ok_or_else(shape)?;
        let ((channels, height, width), last) =
            layout(&sizes, &first(graph, values, input.name), keras).ok_or_else(shape)?;
        let spec = InputSpec { channels, height, width, normalisation: Normalisation::UnitInterval };
        spec.check()?;
        let view = if last { View::channels_last(channels, height, width) } else { View::in_order(&sizes) };
        let data = Data { extent: Extent::of_input(&spec), view };
        Ok(Self { name: input.name, spec, data, batch })
    }
}

/// Channels, height and width of an input of these sizes, and whether its channels are last.
fn layout(sizes: &[usize], first: &First, keras: bool) -> Option<((usize, usize, usize), bool)> {
    match (sizes, first) {
        (&[height, width, channels], First::Moves) => Some(((channels, height, width), true)),
        // One channel is first and last.
        (&[height, width, 1], First::Sizes(to)) if planes(to) == Some([1, height, width]) => {
            Some(((1, height, width), true))
        }
        // A network of Keras that begins with a dense layer moves nothing before it.
        (&[height, width, channels], First::Vector | First::Sizes(_)) if keras => {
            Some(((channels, height, width), true))
        }
        (&[channels, height, width], _) => Some(((channels, height, width), false)),
        (&[height, width], _) => Some(((1, height, width), false)),
        // A vector that is called planes at once.
        (&[elements], First::Sizes(to)) if planes(to).is_some_and(|to| is_product(elements, to)) => {
            planes(to).map(|[channels, height, width]| ((channels, height, width), false))
        }
        (&[elements], _) if elements <= limits::SIDE => Some(((1, 1, elements), false)),
        (&[elements], _) => Some(((elements, 1, 1), false)),
        _ => None,
    }
}

/// All sizes but that of the batch, if there are three.
fn planes(sizes: &[i64]) -> Option<[usize; 3]> {
    let &[_, channels, height, width] = sizes else { return None };
    let size = |size| usize::try_from(size).ok().filter(|&size| size > 0);
    Some([size(channels)?, size(height)?, size(width)?])
}

fn is_product(elements: usize, sizes: [usize; 3]) -> bool {
    sizes.into_iter().try_fold(1, usize::checked_mul) == Some(elements)
}

/// The first node on the image's way that looks at its shape.
fn first(graph: &Graph<'_>, values: &HashMap<&str, Value<'_>>, input: &str) -> First {
    let mut head = input;
    for node in graph.nodes.iter().filter(|node| node.op != "Shape") {
        if !node.inputs.contains(&head) {
            continue;
        }
        match node.op {
            "Identity" | "Cast" | "Dropout" | "Sub" | "Add" | "Div" | "Mul" => {
                head = node.outputs.first().copied().unwrap_or_default();
            }
            "Transpose" if matches!(node.ints("perm"), Ok(Some([0, 3, 1, 2]))) => {
                return First::Moves;
            }
            "Reshape" => {
                let sizes = node.input(1).and_then(|name| constant(graph, values, name));
                return match sizes {
                    Some(sizes) if sizes.len() > 2 => First::Sizes(sizes),
                    _ => First::Vector,
                };
            }
            "Flatten" => return First::Vector,
            _ => return First::Other,
        }
    }
    First::Other
}

/// Sizes that are written in the file.
fn constant(graph: &Graph<'_>, values: &HashMap<&str, Value<'_>>, name: &str) -> Option<Vec<i64>> {
    let known = |sizes: &Sizes| sizes.list.iter().all(|size| *size != Size::Batch).then(|| sizes.known())?;
    match values.get(name) {
        Some(Value::Sizes(sizes)) => known(sizes),
        Some(_) => None,
        None => {
            let is_it = |node: &&Node<'_>| node.op == "Constant" && node.outputs.first() == Some(&name);
            let node = graph.nodes.iter().find(is_it)?;
            match Value::of_tensor(node.attribute("value")?.tensor.as_deref()?) {
                Ok(Value::Sizes(sizes)) => known(&sizes),
                _ => None,
            }
        }
    }
}
