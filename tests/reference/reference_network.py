#!/usr/bin/env python3
"""Plaintext evaluation of a shipped network in the exact semantics of docs/protocol.md section 3 (mod p), standard library only.

    reference_network.py mnist 3        evaluates the first 3 sample images and compares with logits_fixed (only MNIST samples are shipped)
"""
import array
import json
import struct
import sys
from pathlib import Path

P = 2**44 - 15 * 2**23 + 1
HALF = (P - 1) // 2
DATA = Path(__file__).resolve().parents[2] / "muse" / "networks"
CODES = {"I32": "i", "I64": "q", "U8": "B", "F32": "f"}


def tensors(path):
    raw = path.read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    out = {}
    for name, info in json.loads(raw[8:8 + size]).items():
        if name != "__metadata__":
            values = array.array(CODES[info["dtype"]])
            values.frombytes(raw[8 + size + info["data_offsets"][0]:8 + size + info["data_offsets"][1]])
            out[name] = (info["shape"], values)
    return out


def conv(x, shape, weight, wshape, bias, pad):
    channels, height, width = shape
    out_c, in_c, k, _ = wshape
    assert in_c == channels
    oh, ow = height + 2 * pad - k + 1, width + 2 * pad - k + 1
    out = []
    for o in range(out_c):
        for i in range(oh):
            for j in range(ow):
                acc = bias[o]
                for c in range(in_c):
                    for a in range(k):
                        row = i + a - pad
                        if 0 <= row < height:
                            for b in range(k):
                                col = j + b - pad
                                if 0 <= col < width:
                                    acc += x[(c * height + row) * width + col] * weight[((o * in_c + c) * k + a) * k + b]
                out.append(acc % P)
    return out, (out_c, oh, ow)


def evaluate(net, weights, image):
    f = net["frac_bits"]
    x = [((pixel << f) + 127) // 255 for pixel in image]
    shape = tuple(net["input"]["shape"])
    for layer in net["layers"]:
        wshape, w = weights[layer["name"] + ".weight"]
        bias = weights[layer["name"] + ".bias"][1]
        if layer["op"] == "conv":
            x, shape = conv(x, shape, w, wshape, bias, layer["pad"])
        else:
            rows, cols = wshape
            x = [(bias[r] + sum(w[r * cols + c] * x[c] for c in range(cols))) % P for r in range(rows)]
            shape = (rows, 1, 1)
        if layer.get("relu"):
            x = [v >> layer["shift"] if v < HALF else 0 for v in x]
        if layer.get("sum_pool"):
            c, h, wd = shape
            x = [sum(x[(k * h + 2 * i + a) * wd + 2 * j + b] for a in (0, 1) for b in (0, 1))
                 for k in range(c) for i in range(h // 2) for j in range(wd // 2)]
            shape = (c, h // 2, wd // 2)
    return [v - P if v >= HALF else v for v in x]


if __name__ == "__main__":
    name, count = sys.argv[1], int(sys.argv[2])
    network = json.loads((DATA / f"{name}.json").read_text())
    fixed = tensors(DATA / f"{name}-fixed.safetensors")
    samples = tensors(DATA / f"{name}-samples.safetensors")
    (n, *dims), images = samples["images"]
    step = dims[0] * dims[1] * dims[2]
    for index in range(min(count, n)):
        got = evaluate(network, fixed, images[index * step:(index + 1) * step])
        want = list(samples["logits_fixed"][1][index * 10:index * 10 + 10])
        print(index, "label", samples["labels"][1][index], "predicted", got.index(max(got)), "equal" if got == want else "DIFFERENT")
        assert got == want
