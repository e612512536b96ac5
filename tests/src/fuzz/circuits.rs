//! Circuits in Bristol fashion.

use super::decoders::one_line;
use muse_gc::circuit::bristol::{Limits, parse, parse_with, write};

/// A text: refused in a line, or a circuit that evaluates and that writing and reading do not change.
pub fn circuits(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut limits = Limits::default();
    (limits.inputs, limits.gates) = (64, 256);
    let small = parse_with(&text, limits);
    let circuit = match parse(&text) {
        Ok(circuit) => circuit,
        Err(error) => {
            assert!(small.is_err(), "what the wider limits refuse");
            one_line(&error.to_string());
            return;
        }
    };
    if circuit.input_count() <= 1 << 12 {
        let bits: Vec<bool> = (0..circuit.input_count()).map(|i| i % 3 == 1).collect();
        let outputs = circuit.evaluate_plain(&bits);
        assert_eq!(outputs.len(), circuit.output_count());
        let written = write(&circuit);
        let again = parse(&written).unwrap();
        assert_eq!(again.evaluate_plain(&bits), outputs);
        assert_eq!((again.gates(), write(&again)), (circuit.gates(), written));
    }
}
