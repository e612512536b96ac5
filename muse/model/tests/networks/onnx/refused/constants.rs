//! What is computed from constants, and cannot be.

use super::*;

#[test]
fn constants() {
    refuse(&[
        (
            |m| {
                graph(m).node.insert(0, node("cast", "Cast", &["fc.weight"], "w", vec![int("to", 11)]));
                find(m, "fc").input[1] = "w".into();
            },
            "Cast node \"cast\"",
            "to float64: only 32-bit floats are computed with",
        ),
        (
            |m| insert(m, "flat", "Cast", &[], vec![int("to", 10)]),
            "Cast node \"new\"",
            "casts what is computed from the input to float16",
        ),
        (
            |m| {
                graph(m).node.insert(0, node("mul", "Mul", &["fc.weight", "fc.bias"], "w", vec![]));
                find(m, "fc").input[1] = "w".into();
            },
            "Mul node \"mul\"",
            "constants of sizes [3, 8] and [3], which do not fit",
        ),
        (
            |m| {
                graph(m).initializer.push(sizes("to", &[5, 5]));
                graph(m).node.insert(0, node("to", "Reshape", &["fc.weight", "to"], "w", vec![]));
                find(m, "fc").input[1] = "w".into();
            },
            "Reshape node \"to\"",
            "makes sizes [5, 5] of a constant with sizes [3, 8]",
        ),
        (
            |m| {
                graph(m)
                    .node
                    .insert(0, node("to", "Transpose", &["fc.weight"], "w", vec![ints("perm", &[0, 0])]));
                find(m, "fc").input[1] = "w".into();
            },
            "Transpose node \"to\"",
            "its order has not every axis once",
        ),
    ]);
}
