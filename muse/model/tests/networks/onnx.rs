//! ONNX files: what PyTorch exports, bit for bit; what is refused, by name; what lies.

mod accepted;
mod build;
mod exact;
mod exports;
mod external;
mod hostile;
mod refused;
