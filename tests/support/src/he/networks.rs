//! The public shapes of the networks that the repository ships.

use muse_he::encode::LinearShape;

const fn conv(
    in_channels: usize,
    side: usize,
    out_channels: usize,
    kernel: usize,
    padding: usize,
) -> LinearShape {
    LinearShape { in_channels, height: side, width: side, out_channels, kernel, padding, stride: 1 }
}

/// Layers of the MNIST network, each with bits of the largest weight and a public bound on the l1 norm of one output's weights.
pub const MNIST: [(LinearShape, u32, u64); 4] = [
    (conv(1, 28, 16, 5, 0), 10, 1 << 14),
    (conv(16, 12, 16, 5, 0), 11, 1 << 16),
    (LinearShape::dense(256, 100), 11, 1 << 15),
    (LinearShape::dense(100, 10), 11, 1 << 14),
];

/// Layers of the CIFAR-10 network, as above.
pub const CIFAR10: [(LinearShape, u32, u64); 8] = [
    (conv(3, 32, 64, 3, 1), 13, 1 << 16),
    (conv(64, 32, 64, 3, 1), 11, 1 << 15),
    (conv(64, 16, 64, 3, 1), 11, 1 << 16),
    (conv(64, 16, 64, 3, 1), 11, 1 << 15),
    (conv(64, 8, 64, 3, 1), 11, 1 << 16),
    (conv(64, 8, 64, 1, 0), 11, 1 << 14),
    (conv(64, 8, 16, 1, 0), 11, 1 << 13),
    (LinearShape::dense(1024, 10), 11, 1 << 16),
];

pub fn shapes(network: &[(LinearShape, u32, u64)]) -> Vec<LinearShape> {
    network.iter().map(|(shape, ..)| *shape).collect()
}
