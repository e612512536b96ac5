#!/usr/bin/env python3
"""Exports small networks with PyTorch and computes what they must give, for muse/tests/model/onnx/exact.rs.

    pip install torch onnx onnxscript safetensors numpy        (made with torch 2.15, onnx 1.23; the CPU build does)
    python muse/tests/onnx/export.py

Writes NAME.onnx, one of them with NAME.onnx.data, and NAME.safetensors beside itself: images (bytes), labels (the largest output), PyTorch's float outputs, the quantised
weights and biases, and the exact outputs of the quantised network, by a plain implementation of docs/protocol.md, section 3, that takes its
weights from PyTorch's modules and not from the exported file.
"""
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from safetensors.numpy import save_file
from torch import nn

HERE = Path(__file__).resolve().parent
P = 2**44 - 15 * 2**23 + 1
FRAC_BITS = 10
IMAGES = 8


class Strided(nn.Module):
    """Everything with batch normalisation; strides, padding, layers without biases, view(x.size(0), -1)."""

    shape = (3, 11, 12)

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 4, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(4)
        self.conv2, self.bn2 = nn.Conv2d(4, 5, 3, padding=1), nn.BatchNorm2d(5)
        self.pool, self.drop = nn.AvgPool2d(2), nn.Dropout(0.5)
        self.fc1, self.bn3 = nn.Linear(45, 12, bias=False), nn.BatchNorm1d(12)
        self.fc2 = nn.Linear(12, 5)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = self.pool(torch.relu(self.bn2(self.conv2(x))))
        x = x.view(x.size(0), -1)
        x = torch.relu(self.bn3(self.fc1(self.drop(x))))
        return self.fc2(x)

    def layers(self):
        return [("conv1", self.conv1, self.bn1, False), ("conv2", self.conv2, self.bn2, True),
                ("fc1", self.fc1, self.bn3, False), ("fc2", self.fc2, None, False)]


class Module(nn.Module):
    """Modules in a Sequential, as most people write it."""

    shape = (1, 9, 9)

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(1, 6, 4), nn.ReLU(), nn.AvgPool2d(2), nn.Conv2d(6, 4, 2, bias=False), nn.ReLU(),
                                 nn.Dropout(0.2), nn.Flatten(), nn.Linear(16, 7), nn.ReLU(), nn.Linear(7, 3, bias=False))

    def forward(self, x):
        return self.net(x)

    def layers(self):
        return [(f"net.{i}", self.net[i], None, i == 0) for i in (0, 3, 7, 9)]


class Matrices(nn.Module):
    """No modules: matrices, biases added, a reshape with numbers, a fixed batch."""

    shape = (1, 6, 7)

    def __init__(self):
        super().__init__()
        self.m1, self.b1 = nn.Parameter(torch.randn(42, 9) * 0.2), nn.Parameter(torch.randn(9) * 0.1)
        self.fc = nn.Linear(9, 4)

    def forward(self, x):
        x = torch.relu(x.reshape(-1, 42) @ self.m1 + self.b1)
        return self.fc.bias + torch.matmul(x, self.fc.weight.t())

    def layers(self):
        first = nn.Linear(42, 9)
        first.weight, first.bias = nn.Parameter(self.m1.t()), self.b1
        return [("dense1", first, None, False), ("fc", self.fc, None, False)]


class Normalised(nn.Module):
    """Mean and standard deviation of each channel inside the network, zeros around the image after that."""

    shape = (3, 8, 6)

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))
        self.conv, self.fc = nn.Conv2d(3, 4, 3, padding=1), nn.Linear(48, 3)

    def forward(self, x):
        x = torch.relu(self.conv((x - self.mean) / self.std))
        return self.fc(torch.flatten(nn.functional.avg_pool2d(x, 2), 1))

    def layers(self):
        return [("conv", self.conv, None, True), ("fc", self.fc, None, False)]


def legacy(net, x, path):
    """TorchScript exporter, opset 11, nothing folded, a batch with a name."""
    torch.onnx.export(net, (x,), path, dynamo=False, opset_version=11, do_constant_folding=False, input_names=["image"],
                      training=torch.onnx.TrainingMode.PRESERVE, dynamic_axes={"image": {0: "N"}})


def dynamo(net, x, path):
    """The exporter that is the default today, with its optimisations."""
    torch.onnx.export(net, (x,), path, dynamo=True, opset_version=20, external_data=False, verbose=False,
                      dynamic_shapes=({0: torch.export.Dim("batch")},))


def default(net, x, path):
    """As most people call it, but for one file instead of two."""
    torch.onnx.export(net, (x[:1],), path, external_data=False, verbose=False)


def two_files(net, x, path):
    """As most people call it: large weights are in NAME.onnx.data."""
    torch.onnx.export(net, (x[:1],), path, verbose=False)


def dynamo_plain(net, x, path):
    """The same without them: biases of zero are computed, matrices transposed by nodes."""
    torch.onnx.export(net, (x,), path, dynamo=True, opset_version=18, optimize=False, external_data=False, verbose=False)


NETWORKS = {"strided": (Strided, legacy), "module": (Module, dynamo), "matrices": (Matrices, legacy),
            "normalised": (Normalised, default),
            # The same networks by another exporter: they must give the same.
            "strided-dynamo": (Strided, dynamo_plain), "matrices-dynamo": (Matrices, dynamo_plain),
            "module-default": (Module, two_files)}


def without_origin(path):
    """The exporter notes the lines of this script beside every node: not for the repository."""
    model = onnx.load(path, load_external_data=False)
    for message in (*model.graph.node, *model.graph.input, *model.graph.output, *model.graph.value_info, *model.graph.initializer,
                    model.graph, model):
        message.ClearField("metadata_props")
        message.ClearField("doc_string")
    onnx.save(model, path)
    onnx.checker.check_model(path)


def folded(module, norm):
    """Weights and biases with batch normalisation folded in: in double precision, rounded once to single."""
    weight = module.weight.detach().numpy().astype(np.float64)
    bias = np.zeros(len(weight)) if module.bias is None else module.bias.detach().numpy().astype(np.float64)
    if norm is not None:
        gamma, beta, mean, var = (t.detach().numpy().astype(np.float64)
                                  for t in (norm.weight, norm.bias, norm.running_mean, norm.running_var))
        factor = gamma / np.sqrt(var + np.float64(np.float32(norm.eps)))  # ONNX keeps eps in single precision
        weight = weight * factor.reshape(-1, *[1] * (weight.ndim - 1))
        bias = (bias - mean) * factor + beta
    return weight.astype(np.float32), bias.astype(np.float32)


def quantised(net):
    """Name, module, integer weights and biases, bits of the input, whether it pools: of every layer."""
    bits = FRAC_BITS
    for name, module, norm, pools in net.layers():
        weight, bias = folded(module, norm)
        yield (name, module, np.rint(weight.astype(np.float64) * 2.0**FRAC_BITS).astype(np.int64),
               np.rint(bias.astype(np.float64) * 2.0**(FRAC_BITS + bits)).astype(np.int64), bits, pools)
        bits = FRAC_BITS + (2 if pools else 0)


def evaluate(net, image):
    """docs/protocol.md, section 3, in Python's integers."""
    x = [[[first(net, channel, int(v)) for v in row] for row in plane] for channel, plane in enumerate(image)]
    layers = list(quantised(net))
    for index, (_, module, weight, bias, bits, pools) in enumerate(layers):
        if isinstance(module, nn.Conv2d):
            x = convolution(x, weight, bias, module.stride[0], module.padding[0])
        else:
            flat = [v for plane in x for row in plane for v in row]
            assert len(flat) == weight.shape[1]
            x = [[[(sum(int(w) * v for w, v in zip(row, flat)) + int(b)) % P]] for row, b in zip(weight, bias)]
        if index + 1 < len(layers):
            x = [[[v >> bits if v < (P - 1) // 2 else 0 for v in row] for row in plane] for plane in x]
        if pools:
            x = [[[p[2 * i][2 * j] + p[2 * i][2 * j + 1] + p[2 * i + 1][2 * j] + p[2 * i + 1][2 * j + 1]
                   for j in range(len(p[0]) // 2)] for i in range(len(p) // 2)] for p in x]
    return [v - P if v >= (P - 1) // 2 else v for plane in x for row in plane for v in row]


def first(net, channel, pixel):
    """The network's input for a pixel."""
    if not hasattr(net, "mean"):
        return ((pixel << FRAC_BITS) + 127) // 255
    mean, std = (float(t.flatten()[channel]) for t in (net.mean, net.std))
    return int(np.rint((pixel / 255 - mean) / std * 2.0**FRAC_BITS)) % P


def convolution(x, weight, bias, stride, pad):
    height, width, k = len(x[0]), len(x[0][0]), weight.shape[2]
    at = lambda c, i, j: x[c][i][j] if 0 <= i < height and 0 <= j < width else 0
    rows, columns = ((size + 2 * pad - k) // stride + 1 for size in (height, width))
    return [[[(int(bias[o]) + sum(int(weight[o, c, a, b]) * at(c, i * stride + a - pad, j * stride + b - pad)
                                  for c in range(len(x)) for a in range(k) for b in range(k))) % P
              for j in range(columns)] for i in range(rows)] for o in range(len(weight))]


def randomised(net):
    """Statistics of batch normalisation as training would leave them: not those of an untrained one."""
    for module in net.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            nn.init.uniform_(module.weight, 0.5, 2.0)
            nn.init.uniform_(module.bias, -0.5, 0.5)
            module.running_mean.uniform_(-0.5, 0.5)
            module.running_var.uniform_(0.05, 2.0)
    return net.eval()


def main():
    warnings.filterwarnings("ignore")
    for name, (kind, export) in NETWORKS.items():
        torch.manual_seed(20)
        net = randomised(kind())
        images = np.random.default_rng(7).integers(0, 256, (IMAGES, *kind.shape), dtype=np.uint8)
        images[0], images[1] = 0, 255
        x = torch.from_numpy(images.astype(np.float32) / 255)
        export(net, x[:2].clone(), HERE / f"{name}.onnx")
        without_origin(HERE / f"{name}.onnx")
        with torch.no_grad():
            floats = net(x).numpy()
        exact = np.array([evaluate(net, image) for image in images], dtype=np.int64)
        *_, bits, _ = list(quantised(net))[-1]
        error = np.abs(exact / 2.0**(FRAC_BITS + bits) - floats).max()
        print(f"{name}: {(HERE / f'{name}.onnx').stat().st_size} bytes, largest difference to PyTorch {error:.4f}")
        assert error < 0.05
        if "-" in name:
            continue
        tensors = {"images": images, "labels": exact.argmax(1).astype(np.uint8), "logits_fixed": exact, "logits_float": floats}
        for layer, _, weight, bias, _, _ in quantised(net):
            tensors |= {f"{layer}.weight": weight.reshape(-1), f"{layer}.bias": bias}
        save_file(tensors, HERE / f"{name}.safetensors")
        (HERE / f"{name}.safetensors").chmod(0o644)


main()
