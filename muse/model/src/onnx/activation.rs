//! What stands between linear layers: ReLU and average pooling.

use super::padding::{Window, automatic};
use super::proto::Node;
use super::value::{Data, Value};
use super::walk::{Stage, Walk};
use crate::{Extent, LayerFault, ModelError};

impl<'a> Walk<'a> {
    pub(super) fn relu(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let data = self.data(node, 0)?;
        match (self.stage, self.layers.last_mut()) {
            (Stage::Linear, Some(layer)) => layer.relu = true,
            // What comes of a ReLU, averages of it too, is not negative: another one changes nothing.
            (Stage::Relu | Stage::Pool, _) => return self.set(node, Value::Data(data)),
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
        let side = |size| Window { size, kernel: 2, stride: 2 };
        match automatic(node, side(data.extent.height), side(data.extent.width))? {
            None | Some([0, 0, 0, 0]) => {}
            Some(pads) => {
                return Err(node.fault(format!(
                    "auto_pad makes the padding {pads:?} here, as a side is odd: {advice}, or padding=\"valid\" in Keras"
                )));
            }
        }
        node.demand("ceil_mode", 0, "an odd last row or column is dropped; set it to False")?;
        if self.stage != Stage::Relu {
            return Err(node.fault(
                "pooling must follow a ReLU directly, once: exchange them if the ReLU comes after it, or insert a ReLU, and train again",
            ));
        }
        let Extent { channels, height, width } = data.extent;
        if !data.is_planes() || height < 2 || width < 2 {
            return Err(node.fault(LayerFault::Pool.to_string()));
        }
        if let Some(layer) = self.layers.last_mut() {
            layer.pool = true;
        }
        self.stage = Stage::Pool;
        let extent = Extent { channels, height: height / 2, width: width / 2 };
        self.set(node, Value::Data(Data::in_order(extent, &[channels, height / 2, width / 2])))
    }
}
