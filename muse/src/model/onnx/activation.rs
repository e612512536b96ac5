//! What stands between linear layers: ReLU, average pooling, flattening.

use super::proto::Node;
use super::value::{Data, Size, Value};
use super::walk::{Stage, Walk};
use crate::model::{Extent, LayerFault, ModelError};

impl<'a> Walk<'a> {
    pub(super) fn relu(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let data = self.data(node, 0)?;
        match (self.stage, self.layers.last_mut()) {
            (Stage::Linear, Some(layer)) => layer.relu = true,
            (Stage::Relu | Stage::Pool, _) => {
                return Err(node.fault("comes after a ReLU already: leave it out, it changes nothing"));
            }
            _ => {
                return Err(
                    node.fault("must follow a Conv or Gemm layer: pixels are not negative, leave it out")
                );
            }
        }
        self.stage = Stage::Relu;
        self.set(node, Value::Data(data))
    }

    pub(super) fn average_pool(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        node.allow(&[
            "auto_pad",
            "ceil_mode",
            "count_include_pad",
            "dilations",
            "kernel_shape",
            "pads",
            "strides",
        ])?;
        let data = self.data(node, 0)?;
        let advice = "only 2x2 pooling with stride 2 is supported, without padding: use AvgPool2d(2)";
        let unlike = |name, expected: &[i64], default: bool| match node.ints(name) {
            Ok(Some(found)) if found == expected => Ok(()),
            Ok(None) if default => Ok(()),
            Ok(found) => Err(node.fault(format!("{name} is {:?}: {advice}", found.unwrap_or(&[1, 1])))),
            Err(error) => Err(error),
        };
        unlike("kernel_shape", &[2, 2], false)?;
        unlike("strides", &[2, 2], false)?;
        unlike("pads", &[0; 4], true)?;
        unlike("dilations", &[1, 1], true)?;
        node.demand_explicit_padding()?;
        node.demand("ceil_mode", 0, "an odd last row or column is dropped; set it to False")?;
        if self.stage != Stage::Relu {
            return Err(node.fault(
                "pooling must follow a ReLU directly, once: exchange them if the ReLU comes after it, or insert a ReLU, and train again",
            ));
        }
        let Extent { channels, height, width } = data.extent;
        if data.flat || height < 2 || width < 2 {
            return Err(node.fault(LayerFault::Pool.to_string()));
        }
        if let Some(layer) = self.layers.last_mut() {
            layer.pool = true;
        }
        self.stage = Stage::Pool;
        let extent = Extent { channels, height: height / 2, width: width / 2 };
        self.set(node, Value::Data(Data { extent, flat: false }))
    }

    pub(super) fn flatten(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        node.allow(&["axis"])?;
        let data = self.data(node, 0)?;
        // Counted from the end where negative: the batch comes first, and planes have four dimensions.
        let from_end = if data.flat { -1 } else { -3 };
        match node.int("axis", 1)? {
            axis if axis == 1 || axis == from_end => self.set(node, Value::Data(Data { flat: true, ..data })),
            axis => {
                Err(node.fault(format!("axis is {axis}, only 1 is supported: flatten all but the batch")))
            }
        }
    }

    pub(super) fn reshape(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        node.allow(&["allowzero"])?;
        let data = self.data(node, 0)?;
        let zero_copies = node.int("allowzero", 0)? == 0;
        let sizes = self.sizes(node, 1)?;
        let elements = i64::try_from(data.extent.elements()).unwrap_or(i64::MAX);
        // Whether a size is that of the batch, and whether it stands for all elements of an image.
        let is_batch = |size: Size| match size {
            Size::Batch => true,
            Size::Known(0) => zero_copies,
            Size::Known(size) => Some(size) == self.batch,
        };
        let is_all = |size: Size| {
            size == Size::Known(elements) || (data.flat && zero_copies && size == Size::Known(0))
        };
        let open = Size::Known(-1);
        let flattens = match sizes.list[..] {
            [batch, all] if batch == open => is_all(all),
            [batch, all] => is_batch(batch) && (all == open || is_all(all)),
            _ => false,
        };
        if !flattens || sizes.scalar {
            let shown: Vec<String> = sizes
                .list
                .iter()
                .map(|size| match size {
                    Size::Batch => "batch".into(),
                    Size::Known(size) => size.to_string(),
                })
                .collect();
            return Err(node.fault(format!(
                "reshapes {} to [{}]: only flattening all but the batch is supported",
                data.extent,
                shown.join(", ")
            )));
        }
        self.set(node, Value::Data(Data { flat: true, ..data }))
    }
}
