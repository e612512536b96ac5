//! What an opset does not have, by its number: it would mean something else, or nothing.

use super::*;

#[test]
fn opsets() {
    refuse(&[
        (
            |m| {
                graph(m).initializer.push(sizes("axes", &[1]));
                m.opset_import[0].version = Some(12);
                insert(m, "flat", "Unsqueeze", &["axes"], vec![]);
            },
            "Unsqueeze node \"new\"",
            "has more than 1 inputs, which it has not in opset 12",
        ),
        (
            |m| insert(m, "flat", "Unsqueeze", &[], vec![ints("axes", &[1])]),
            "Unsqueeze node \"new\"",
            "attribute \"axes\" is of opset 1 to 12, the file is of opset 18",
        ),
        (
            |m| insert(m, "flat", "Dropout", &[], vec![float("ratio", 0.5)]),
            "Dropout node \"new\"",
            "\"ratio\" is of opset 1 to 11",
        ),
        (
            |m| {
                m.opset_import[0].version = Some(9);
                attribute(m, "pool", int("ceil_mode", 0));
            },
            "node \"pool\"",
            "\"ceil_mode\" is of opset 10 and later, the file is of opset 9",
        ),
        (
            |m| {
                m.opset_import[0].version = Some(8);
                normalised(m, "relu");
                find(m, "new").attribute.push(int("spatial", 0));
            },
            "node \"new\"",
            "spatial is 0",
        ),
        (
            |m| {
                m.opset_import[0].version = Some(14);
                insert(m, "conv", "CastLike", &["conv.bias"], vec![]);
            },
            "CastLike node \"new\"",
            "is an operator of opset 15, the file is of opset 14",
        ),
    ]);
}
