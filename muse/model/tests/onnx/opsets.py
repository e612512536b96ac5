"""Writes opsets.txt: the versions of every operator of ONNX, and the first and the last opset from 7 on that has each attribute.

pip install onnx; python3 opsets.py > opsets.txt
"""

import onnx

FIRST, NEWEST = 7, onnx.defs.onnx_opset_version()
history = {}
for schema in onnx.defs.get_all_schemas_with_history():
    if schema.domain == "":
        history.setdefault(schema.name, []).append(schema)
print("newest", NEWEST)
for name, schemas in sorted(history.items()):
    schemas.sort(key=lambda schema: schema.since_version)
    ends = [schema.since_version - 1 for schema in schemas[1:]] + [NEWEST]
    spans = {}
    for schema, end in zip(schemas, ends):
        if end >= FIRST:
            for attribute in schema.attributes:
                first, _ = spans.get(attribute, (max(schema.since_version, FIRST), end))
                spans[attribute] = (first, end)
    versions = " ".join(str(schema.since_version) for schema in schemas)
    print(name, versions + ";", *(f"{a}:{f}:{l}" for a, (f, l) in sorted(spans.items())))
