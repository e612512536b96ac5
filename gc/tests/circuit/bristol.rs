//! Bristol fashion: reading, writing, and refusing everything else.

use muse_gc::circuit::bristol::{Limits, parse, parse_with, write};
use muse_gc::circuit::{Circuit, library, relu};
use muse_gc::error::CircuitError;
use proptest::prelude::*;

use crate::{invariants, run};

/// `not (a and b) xor a`, the example of the module's documentation.
const SMALL: &str = "3 5\n1 2\n1 1\n\n2 1 0 1 2 AND\n1 1 2 3 INV\n2 1 0 3 4 XOR\n";

#[test]
fn a_small_circuit() {
    let circuit = parse(SMALL).unwrap();
    invariants::check(&circuit);
    assert_eq!(circuit.and_count(), 1);
    let outputs: Vec<u128> = (0..4).map(|x| run(&circuit, &[x])).collect();
    assert_eq!(outputs, [1, 0, 1, 1]);
    // Carriage returns, blank lines and spaces do not matter.
    let spaced = SMALL.replace('\n', " \r\n\r\n").replace(' ', "  ");
    assert_eq!(parse(&spaced).unwrap(), circuit);
}

#[test]
fn every_kind_of_gate() {
    // Inputs 0..4; MAND gives 0&2 and 1&3; EQ a one; EQW a copy of the first product.
    let text = "4 9\n2 2 2\n2 1 4\n\n4 2 0 1 2 3 4 5 MAND\n1 1 1 6 EQ\n1 1 4 7 EQW\n2 1 5 6 8 XOR\n";
    let circuit = parse(text).unwrap();
    invariants::check(&circuit);
    assert_eq!(circuit.and_count(), 2);
    assert_eq!(circuit.outputs().iter().map(|port| port.width()).collect::<Vec<_>>(), [1, 4]);
    for (x, y) in (0..4).flat_map(|x| (0..4).map(move |y| (x, y))) {
        let (low, high) = (x & y & 1, (x & y) >> 1);
        assert_eq!(run(&circuit, &[x, y]), low | high << 1 | 1 << 2 | low << 3 | (1 - high) << 4);
    }
}

#[test]
fn reading_folds() {
    // (a and a) xor (a and 1) = 0.
    let text = "4 6\n2 1 1\n1 1\n\n1 1 1 2 EQ\n2 1 0 0 3 AND\n2 1 0 2 4 AND\n2 1 3 4 5 XOR\n";
    let circuit = parse(text).unwrap();
    invariants::check(&circuit);
    assert_eq!(circuit.and_count(), 0);
    assert_eq!(run(&circuit, &[1, 0]), 0);
}

#[test]
fn outputs_may_be_inputs() {
    let circuit = parse("0 3\n1 3\n1 2\n").unwrap();
    assert_eq!(circuit.output_slots(), [1, 2]);
    let text = write(&circuit);
    assert_eq!(text, "2 5\n1 3\n1 2\n\n1 1 1 3 EQW\n1 1 2 4 EQW\n");
    assert_eq!(parse(&text).unwrap(), circuit);
}

#[test]
fn writing_is_the_inverse_of_reading() {
    let circuits = [
        relu::relu(0),
        relu::relu(22),
        library::aes128(),
        library::sha256_compress(),
        library::argmax(5, 7),
        library::adder(0),
        library::multiplier(3),
        parse("0 0\n0\n0\n").unwrap(),
    ];
    for circuit in circuits {
        let text = write(&circuit);
        let again = parse(&text).unwrap();
        assert_eq!(again.gates(), circuit.gates());
        assert_eq!(again.output_slots(), circuit.output_slots());
        assert_eq!(again.slot_count(), circuit.slot_count());
        assert_eq!(write(&again), text);
    }
}

/// The gates of a circuit decide the bytes of garbled tables: a change here is a change of the wire format.
#[test]
fn the_relu_circuit_does_not_change_by_accident() {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    (0..=22).for_each(|k| hash.update(write(&relu::relu(k))));
    let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "04f74332a142a086514d940e88c65ec5784496833eb311f9ce0c2c8a52442bfe");
}

#[track_caller]
fn refused(text: &str, line: usize, what: &str) {
    let Err(CircuitError { line: at, what: why }) = parse(text) else { panic!("accepted: {text}") };
    assert_eq!(at, line, "{why}");
    assert!(why.contains(what), "{why}");
}

#[test]
fn errors_name_line_and_reason() {
    refused("", 0, "numbers of gates and wires");
    refused("1\n", 1, "missing");
    refused("1 2 3\n", 1, "more on the line");
    refused("1 2\n", 0, "inputs");
    refused("1 x\n", 1, "not a number");
    refused("+1 3\n", 1, "not a number");
    refused("1 -3\n", 1, "not a number");
    refused("1 99999999999999999999999999\n", 1, "too large");
    refused("99999999 3\n", 1, "more gates than the limit");
    refused("0 18446744073709551615\n1 1\n1 1\n", 1, "does not fit");
    refused("1 3\n4 1 1 1\n", 2, "missing");
    refused("1 3\n1 1 1 1\n", 2, "more on the line");
    refused("1 3\n1 4\n", 1, "does not fit");
    refused("1 3\n1 65537\n", 2, "more input wires than the limit");
    refused("1 3\n2 65535 2\n", 2, "more input wires than the limit");
    refused("1 3\n18446744073709551615 2\n", 2, "missing");
    refused("1 3\n1 2\n", 0, "outputs");
    refused("1 3\n1 2\n1 4\n", 3, "more output wires than wires");
    refused("1 3\n1 2\n1 1\n", 0, "fewer gates");
    let gate = |gate: &str| format!("1 3\n1 2\n1 1\n\n{gate}\n");
    refused(&gate("2 1 0 1 2 NAND"), 5, "unknown gate");
    refused(&gate("2 1 0 1 2 and"), 5, "unknown gate");
    refused(&gate("2 1 0 1 2"), 5, "not as many wires");
    refused(&gate("2 1 0 1 AND"), 5, "not as many wires");
    refused(&gate("18446744073709551615 1 0 AND"), 5, "not as many wires");
    refused(&gate("1 1 0 2 AND"), 5, "wrong number of wires");
    refused(&gate("2 1 0 1 2 INV"), 5, "wrong number of wires");
    refused(&gate("2 2 0 1 2 0 MAND"), 5, "wrong number of wires");
    refused(&gate("0 0 MAND"), 5, "wrong number of wires");
    refused(&gate("2 1 0 2 2 AND"), 5, "before it is assigned");
    refused(&gate("2 1 0 3 2 AND"), 5, "beyond the number of wires");
    refused(&gate("2 1 0 1 3 AND"), 5, "beyond the number of wires");
    refused(&gate("2 1 0 1 1 AND"), 5, "assigned twice");
    refused(&gate("1 1 2 2 EQ"), 5, "0 or 1");
    refused(&gate("2"), 5, "missing");
    refused(&gate("2 1"), 5, "name of the gate");
    refused(&gate("2 1 0 1 2 AND\n2 1 0 1 2 AND"), 6, "more gates");
    refused("1 4\n1 2\n1 1\n\n2 1 0 1 2 AND\n", 0, "never assigned");
}

#[test]
fn the_old_format_is_refused() {
    refused("1 3\n1 1 1\n\n2 1 0 1 2 AND\n", 2, "old Bristol format");
    refused("36663 36919\n128 128 128\n\n2 1 128 0 33254 XOR\n", 2, "old Bristol format");
}

#[test]
fn limits_count_every_and_of_a_mand() {
    let text = "1 6\n1 4\n1 2\n\n4 2 0 1 2 3 4 5 MAND\n";
    let mut limits = Limits::default();
    limits.gates = 2;
    assert!(parse_with(text, limits).is_ok());
    limits.gates = 1;
    assert!(matches!(parse_with(text, limits), Err(CircuitError { line: 5, .. })));
}

/// Work is linear in the text: a line of very many empty inputs is read at once.
#[test]
fn many_empty_inputs() {
    let count = 300_000;
    let text = format!("0 0\n{count}{}\n0\n", " 0".repeat(count));
    let circuit = parse(&text).unwrap();
    assert_eq!(circuit.inputs().len(), count);
    assert_eq!(circuit.input_count(), 0);
}

#[test]
fn an_error_names_its_line() {
    let error = parse("1 3\n1 2\n1 1\n\n2 1 0 1 2 NAND\n").unwrap_err();
    assert_eq!(error.to_string(), "invalid circuit, line 5: an unknown gate");
}

/// What was read is a circuit, and reading what it writes changes nothing more.
fn stable(circuit: &Circuit) {
    invariants::check(circuit);
    let text = write(circuit);
    let again = parse(&text).expect("what was written is read again");
    assert_eq!(write(&again), text);
    let zeros = vec![0; circuit.input_count()];
    assert_eq!(circuit.evaluate_plain_x64(&zeros), again.evaluate_plain_x64(&zeros));
}

/// A change to a text: at a position, drop some words and put one in.
#[derive(Clone, Debug)]
struct Mutation {
    at: usize,
    dropped: usize,
    word: String,
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let word = prop_oneof![
        Just(String::new()),
        Just("\n".to_string()),
        (0u64..20).prop_map(|n| n.to_string()),
        any::<u64>().prop_map(|n| n.to_string()),
        prop::sample::select(vec!["AND", "XOR", "INV", "EQ", "EQW", "MAND", "-1", "+1", "\u{663}", "1e9"])
            .prop_map(String::from),
    ];
    (any::<usize>(), 0usize..3, word).prop_map(|(at, dropped, word)| Mutation { at, dropped, word })
}

/// Applies mutations to the words of a text, line ends being words too.
fn mutate(text: &str, mutations: &[Mutation]) -> String {
    let mut words: Vec<String> =
        text.lines().flat_map(|line| line.split(' ').chain(["\n"])).map(String::from).collect();
    for Mutation { at, dropped, word } in mutations {
        let start = at % (words.len() + 1);
        let end = (start + dropped).min(words.len());
        words.splice(start..end, [word.clone()]);
    }
    words.join(" ")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn mutated_texts_never_panic(which in 0usize..3, mutations in prop::collection::vec(mutation(), 1..4)) {
        let text = match which {
            0 => SMALL.to_string(),
            1 => write(&library::adder(2)),
            _ => write(&library::argmax(3, 2)),
        };
        if let Ok(circuit) = parse(&mutate(&text, &mutations)) {
            stable(&circuit);
        }
    }

    #[test]
    fn flipped_bytes_never_panic(flips in prop::collection::vec((any::<usize>(), any::<u8>()), 1..4)) {
        let mut bytes = SMALL.as_bytes().to_vec();
        for (at, byte) in flips {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        if let Ok(circuit) = parse(&String::from_utf8_lossy(&bytes)) {
            stable(&circuit);
        }
    }

    #[test]
    fn random_texts_never_panic(text in "[0-9 \n]{0,40}|\\PC{0,40}") {
        if let Ok(circuit) = parse(&text) {
            stable(&circuit);
        }
    }
}
