//! Files whose sizes are lies cost no memory: what is allocated follows what a file holds.
//!
//! One test, as the allocator counts for the whole program.

use muse_model::Network;
use muse_model::test_util::varint;
use muse_model::{Model, ModelError};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const JSON: &str = include_str!("../networks/mnist.json");
const FIXED: &[u8] = include_bytes!("../networks/mnist-fixed.safetensors");

/// Bytes allocated at once beyond those before, at most; and what `work` gave.
fn peak<T>(work: impl FnOnce() -> T) -> (usize, T) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let result = work();
    (MEMORY.peak_usage().saturating_sub(before), result)
}

/// Refused within a few megabytes: lists of 4,096 nodes and tensors are the most that a small file can ask for.
fn check<T>(what: &str, work: impl FnOnce() -> Result<T, ModelError>) {
    let (peak, result) = peak(work);
    assert!(result.is_err(), "{what}");
    assert!(peak < 4 << 20, "{what}: {peak} bytes");
}

/// A field of bytes whose length may be a lie.
fn field(tag: u8, length: u64, content: &[u8]) -> Vec<u8> {
    [&[tag][..], &varint(length), content].concat()
}

fn message(tag: u8, content: &[u8]) -> Vec<u8> {
    field(tag, content.len() as u64, content)
}

#[test]
fn memory_follows_the_file() {
    // The counter counts: a good file takes its weights as 32-bit floats, once.
    let onnx = include_bytes!("../networks/cifar10.onnx");
    let (good, model) = peak(|| Model::from_onnx_bytes(onnx).map(|model| model.layers.len()));
    assert_eq!(model, Ok(8));
    assert!((onnx.len() / 2..2 * onnx.len()).contains(&good), "{good} bytes");

    for length in [1 << 24, 1 << 30, 1 << 40, u64::MAX] {
        // Lengths in a protocol buffer: of the graph, of a tensor, of its data, packed or raw, of a name.
        check("graph", || Model::from_onnx_bytes(&field(0x3a, length, &[0; 64])));
        check("tensor", || Model::from_onnx_bytes(&message(0x3a, &field(0x2a, length, &[0; 64]))));
        for tag in [0x22, 0x3a, 0x4a, 0x42] {
            let tensor = message(0x2a, &field(tag, length, &[0; 64]));
            check("data", || Model::from_onnx_bytes(&message(0x3a, &tensor)));
        }
        // Sizes of a tensor, against 64 bytes of data.
        for dims in [vec![length], vec![length; 2], vec![1 << 24, 1 << 24, 1 << 16], vec![1 << 13, 1 << 13]] {
            let sizes: Vec<u8> =
                dims.iter().flat_map(|&size| [&[0x08][..], &varint(size)].concat()).collect();
            let tensor = [&sizes[..], &[0x10, 1], &message(0x4a, &[0; 64])].concat();
            check("sizes", || Model::from_onnx_bytes(&message(0x3a, &message(0x2a, &tensor))));
        }
        // Sizes in a description, which the tensors do not have.
        let json = JSON.replacen("16", &length.to_string(), 1);
        assert_ne!(json, JSON);
        check("description", || Network::from_bytes(json.as_bytes(), FIXED));
        // The header of a safetensors file: its length, and the places and shapes in it.
        let header =
            |length: u64, header: &str| [&length.to_le_bytes()[..], header.as_bytes(), &[0; 64]].concat();
        check("header", || Network::from_bytes(JSON.as_bytes(), &header(length, "{}")));
        for (shape, end) in [(length, 64), (16, length), (length, length)] {
            let text =
                format!(r#"{{"conv1.weight":{{"dtype":"I32","shape":[{shape}],"data_offsets":[0,{end}]}}}}"#);
            let bytes = header(text.len() as u64, &text);
            check("places", || Network::from_bytes(JSON.as_bytes(), &bytes));
            check("places", || Model::from_bytes(JSON.as_bytes(), &bytes));
        }
    }
    // The longest lists in every node: of attributes, with a number or a tensor each, of inputs, of sizes.
    let attribute = |content: &[u8]| message(0x2a, content);
    let sizes = [&[0x42, 32][..], &[1; 32]].concat();
    for list in [
        attribute(&[]).repeat(32),
        attribute(&[0x40, 1]).repeat(32),
        attribute(&message(0x2a, &[])).repeat(32),
        attribute(&message(0x2a, &[0x08, 1])),
        attribute(&sizes).repeat(32),
        attribute(&[]),
        [message(0x0a, &[]).repeat(32), message(0x12, &[]).repeat(32)].concat(),
        [message(0x0a, &[]), message(0x12, &[]), attribute(&[0x40, 1])].concat(),
    ] {
        let bytes = message(0x3a, &message(0x0a, &list).repeat(4096));
        check("nodes", || Model::from_onnx_bytes(&bytes));
    }
    for tensor in [message(0x2a, &[0x0a, 8, 1, 1, 1, 1, 1, 1, 1, 1]), message(0x2a, &[0x08, 1])] {
        let bytes = message(0x3a, &tensor.repeat(4096));
        check("sizes of many", || Model::from_onnx_bytes(&bytes));
    }
    let input = message(0x12, &message(0x0a, &message(0x12, &message(0x0a, &[]).repeat(8))));
    check("inputs", || Model::from_onnx_bytes(&message(0x3a, &message(0x5a, &input).repeat(4096))));
    // Data in another file: where they are, and how many.
    let folder = std::env::temp_dir().join(format!("muse-lying-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("writable");
    let path = folder.join("net.onnx");
    std::fs::write(folder.join("data"), [0; 64]).expect("writable");
    let entry = |key: &str, value: &str| {
        message(0x6a, &[message(0x0a, key.as_bytes()), message(0x12, value.as_bytes())].concat())
    };
    for (offset, length) in [(0u64, 1u64 << 40), (1 << 40, 1 << 40), (0, 64)] {
        let place = [
            entry("location", "data"),
            entry("offset", &offset.to_string()),
            entry("length", &length.to_string()),
        ];
        let sizes = [&[0x08][..], &varint(length / 4), &[0x10, 1, 0x70, 1]].concat();
        let bytes = message(0x3a, &message(0x2a, &[sizes, place.concat()].concat()));
        std::fs::write(&path, bytes).expect("writable");
        check("data elsewhere", || Model::from_onnx(&path));
    }
    // The most tensors with the most places.
    let places = message(0x2a, &entry("location", "data"));
    std::fs::write(&path, message(0x3a, &places.repeat(4096))).expect("writable");
    check("many elsewhere", || Model::from_onnx(&path));
    std::fs::remove_dir_all(&folder).expect("it was there");
    // A graph in pieces: all of them share the budget.
    let piece = message(0x3a, &message(0x0a, &attribute(&[0x40, 1]).repeat(32)));
    check("pieces", || Model::from_onnx_bytes(&piece.repeat(1 << 14)));
    // Numbers one by one: they are put together in the memory they took in the file.
    let floats = message(0x3a, &message(0x2a, &[0x25, 0, 0, 0, 0].repeat(1 << 18)));
    check("floats", || Model::from_onnx_bytes(&floats));
    // Groups in groups.
    check("groups", || Model::from_onnx_bytes(&[0x1b; 1 << 20]));
    // Many empty things: the smallest file for the longest lists, then one more.
    for (tag, count) in [(0x0a, 4096), (0x0a, 4097), (0x2a, 4096), (0x2a, 1 << 20), (0x5a, 4096)] {
        let bytes = message(0x3a, &message(tag, &[]).repeat(count));
        check("lists", || Model::from_onnx_bytes(&bytes));
    }
}
