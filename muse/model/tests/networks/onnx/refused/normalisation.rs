//! Batch normalisation that folds into nothing, and normalisation of the input.

use super::*;

#[test]
fn normalisation() {
    refuse(&[
        (
            |m| {
                graph(m).initializer.push(filled("k", &[], vec![0.0]));
                insert(m, "conv", "Div", &["k"], vec![]);
            },
            "Div node \"new\"",
            "a factor of the normalisation is zero",
        ),
        (
            |m| {
                graph(m).initializer.push(filled("k", &[3], vec![0.5; 3]));
                insert(m, "conv", "Sub", &["k"], vec![]);
            },
            "Sub node \"new\"",
            "sizes [3]",
        ),
        (
            |m| {
                graph(m).initializer.push(filled("k", &[], vec![0.5]));
                insert(m, "conv", "Sub", &["k"], vec![]);
                find(m, "new").input.swap(0, 1);
            },
            "Sub node \"new\"",
            "only (image - mean) / std",
        ),
    ]);
}

/// What is not refused of it becomes the input's normalisation, whatever the arithmetic.
#[test]
fn normalisation_of_the_input() {
    let mean_std = |mean, std| Normalisation::in_network(&[mean], &[std]).unwrap();
    let cases: [(&[(&str, f32)], Normalisation); 5] = [
        (&[], Normalisation::UnitInterval),
        (&[("Sub", 0.5), ("Div", 0.25)], mean_std(0.5, 0.25)),
        (&[("Mul", 2.0), ("Sub", 1.0)], mean_std(0.5, 0.5)),
        (&[("Div", 0.5), ("Add", -1.0), ("Mul", 2.0), ("Add", 0.25)], mean_std(0.4375, 0.25)),
        (&[("Add", 0.125)], mean_std(-0.125, 1.0)),
    ];
    for (steps, expected) in cases {
        let mut model = network();
        for (index, (op, value)) in steps.iter().enumerate().rev() {
            let (before, after) = (format!("n{index}"), format!("n{}", index + 1));
            let last = index + 1 == steps.len();
            let constant = format!("c{index}");
            // One number, one a channel, either way round where the order does not matter.
            let dims: &[i64] = [&[][..], &[1], &[1, 1, 1], &[1, 1, 1, 1]][index % 4];
            graph(&mut model).initializer.push(filled(&constant, dims, vec![*value]));
            let mut inputs = [if index == 0 { "x" } else { &before }, &constant];
            if *op == "Mul" {
                inputs.swap(0, 1);
            }
            if last {
                find(&mut model, "conv").input[0] = after.clone();
            }
            let node = node("", op, &inputs, &after, vec![]);
            graph(&mut model).node.insert(0, node);
        }
        assert_eq!(
            Model::from_onnx_bytes(&bytes(&model)).unwrap().input.normalisation,
            expected,
            "{steps:?}"
        );
    }
}
