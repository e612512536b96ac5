"""Writes expected.json: what onnxruntime gives for the networks here, for one image each.

pip install onnx onnxruntime numpy; python3 expected.py > expected.json

The image has channels, rows and columns in this order, and value (37 i + 11) mod 256 over 128, minus 1, at place i. Networks of
Keras are given its transpose. A network that ends with a Softmax is left out.
"""

import glob
import json
import sys

import numpy as np
import onnx
import onnxruntime

expected = {}
for path in sorted(glob.glob("*.onnx")):
    model = onnx.load(path)
    # opset 28 is newer than the runtime, and nothing in these operators changed
    imports = [entry for entry in model.opset_import if entry.domain == ""]
    imports[0].version = min(imports[0].version, 22)
    if model.graph.node[-1].op_type == "Softmax":
        continue
    sizes = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim][1:]
    keras_last = path.startswith("keras") and len(sizes) == 3 and sizes[2] in (1, 3)
    chw = [sizes[2], sizes[0], sizes[1]] if keras_last else sizes
    count = int(np.prod(sizes))
    image = (((np.arange(count) * 37 + 11) % 256) / 128 - 1).astype(np.float32).reshape(chw)
    given = image.transpose(1, 2, 0) if keras_last else image
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (output,) = session.run(None, {session.get_inputs()[0].name: given[None]})
    expected[path] = [float(x) for x in output.ravel()]
json.dump(expected, sys.stdout, indent=1)
