//! What is odd about an input, or known of a network, stands with the result: in text and in JSON, with `--quiet`, too.

use crate::{
    both::text,
    program::{Folder, Serving, failure, run, stderr, stdout, write_png},
};
use safetensors::{Dtype, tensor::TensorView};
use serde_json::Value;
use std::{fs::File, path::PathBuf};

/// A dense network with real weights, named by what it takes: three outputs, the first and the last of them the same.
fn network(folder: &Folder, shape: [usize; 3], weight: f32) -> PathBuf {
    let inputs: usize = shape.iter().product();
    let json = format!(
        r#"{{ "name": "dense", "input": {{ "shape": {shape:?} }}, "classes": ["ant", "bee", "cow"], "frac_bits": 8,
        "layers": [ {{ "name": "first", "op": "fc", "weight_shape": [4, {inputs}], "relu": true }},
                    {{ "name": "second", "op": "fc", "weight_shape": [3, 4] }} ] }}"#
    );
    let first = vec![0.25f32; 4 * inputs];
    let second = [[weight; 4], [-0.5; 4], [weight; 4]].concat();
    let bytes = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>();
    let tensors = [
        ("first.weight", vec![4, inputs], bytes(&first)),
        ("first.bias", vec![4], bytes(&[0.5; 4])),
        ("second.weight", vec![3, 4], bytes(&second)),
        ("second.bias", vec![3], bytes(&[0.0; 3])),
    ];
    let views = tensors.iter().map(|(name, shape, data)| {
        (*name, TensorView::new(Dtype::F32, shape.clone(), data).expect("of its shape"))
    });
    let tensors = safetensors::serialize(views, None).expect("valid");
    std::fs::write(folder.path("dense.safetensors"), tensors).expect("writable");
    let path = folder.path("dense.json");
    std::fs::write(&path, json).expect("writable");
    path
}

/// Notes of every answer in JSON, after a look that text has the same.
fn notes(server: &Serving, arguments: &[&str]) -> Vec<Vec<String>> {
    let ask =
        |more: &[&str]| run(&[&["infer", "-q", "--connect", &server.address], more, arguments].concat());
    let output = ask(&["--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let object = |line: &str| serde_json::from_str::<Value>(line).expect("JSON");
    let notes = |object: Value| serde_json::from_value(object["notes"].clone()).expect("a list of texts");
    let all: Vec<Vec<String>> = stdout(&output).lines().map(|line| notes(object(line))).collect();
    let output = ask(&[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let shown = stdout(&output);
    let in_text: Vec<&str> = shown.lines().filter_map(|line| line.strip_prefix("  note: ")).collect();
    assert_eq!(in_text, all.concat(), "{shown}");
    all
}

fn has(notes: &[String], part: &str) -> bool {
    notes.iter().any(|note| note.contains(part))
}

/// The header of version 1.0 and values of one byte.
fn write_npy(path: &PathBuf, shape: &str, values: &[u8]) {
    let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}\n");
    let head = [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes()].concat();
    std::fs::write(path, [&head, values].concat()).expect("writable");
}

/// Most of the second layer rounds to zero at four bits: refused, and with `--lossy` said to whoever asks.
#[test]
fn weights_that_were_lost_are_said_with_every_answer() {
    let folder = Folder::new("lossy");
    let model = network(&folder, [1, 6, 6], 0.01);
    let image = folder.path("image.png");
    write_png(&image, 6, 6, &[200; 36]);
    // Two thirds of the weights, but a little of their magnitude: said. At twelve bits nothing is lost.
    for (weights, said) in [(0.03f32, true), (0.0001, false)] {
        let model = network(&folder, [1, 6, 6], weights);
        let server = Serving::start(&[text(&model), "--frac-bits", "4"]);
        assert_eq!(has(&notes(&server, &[text(&image)])[0], "became zero"), said, "{weights}");
    }
    let server = Serving::start(&[text(&model), "--frac-bits", "12"]);
    assert!(!has(&notes(&server, &[text(&image)])[0], "became zero"));
    // A layer that is lost as a whole.
    let path = folder.path("dense.safetensors");
    let whole = std::fs::read(&path).expect("just written");
    let small = (0.01f32).to_le_bytes();
    let changed: Vec<u8> = {
        let mut bytes = whole.clone();
        let minus = (-0.5f32).to_le_bytes();
        let at: Vec<usize> = (0..bytes.len() - 3).filter(|&at| bytes[at..at + 4] == minus).collect();
        assert_eq!(at.len(), 4);
        at.into_iter().for_each(|at| bytes[at..at + 4].copy_from_slice(&small));
        bytes
    };
    std::fs::write(&path, changed).expect("writable");
    let refused = failure(&run(&["inspect", text(&model), "--no-time", "--frac-bits", "4"]), 1);
    assert!(refused.contains("layer \"second\"") && refused.contains("--lossy"), "{refused}");
    let server = Serving::start(&[text(&model), "--frac-bits", "4", "--lossy"]);
    let all = notes(&server, &[text(&image), text(&image)]);
    assert!(all.len() == 2 && all.iter().all(|notes| has(notes, "became zero")), "{all:?}");
    // The owner hears which.
    let inspect = ["inspect", text(&model), "--no-time", "--frac-bits", "4", "--lossy"];
    let shown = stdout(&run(&inspect)).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("Warning: layer \"second\": all of its weights are zero"), "{shown}");
    assert!(!shown.contains("layer \"first\":"), "{shown}");
    let json = stdout(&run(&[&inspect[..], &["--json"]].concat()));
    let report: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(report["report"]["lossy"], true);
    assert!(report["report"]["warnings"].to_string().contains("second"), "{json}");
}

#[test]
fn pictures_that_resize_distorts() {
    let folder = Folder::new("distorted");
    let server = Serving::start(&[text(&network(&folder, [1, 6, 6], 0.75))]);
    let asked = |name: &str| {
        let path = folder.path(name);
        notes(&server, &["--resize", text(&path)]).concat()
    };
    // As tall as wide; so nearly that no pixel moves; half as tall.
    for (name, width, height, said) in
        [("square.png", 12, 12, false), ("nearly.png", 600, 601, false), ("wide.png", 12, 6, true)]
    {
        write_png(&folder.path(name), width, height, &vec![200; (width * height) as usize]);
        assert_eq!(has(&asked(name), "changed its proportions"), said, "{name}");
    }
}

#[test]
fn pictures_of_an_animation() {
    let folder = Folder::new("animated");
    let server = Serving::start(&[text(&network(&folder, [1, 6, 6], 0.75))]);
    // The second picture of the first one is black.
    for (name, frames, said) in [("moving.png", 2, true), ("still.png", 1, false)] {
        let mut encoder = png::Encoder::new(File::create(folder.path(name)).expect("writable"), 6, 6);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_animated(frames, 0).expect("some frames");
        let mut writer = encoder.write_header().expect("header");
        (0..frames).for_each(|frame| {
            writer.write_image_data(&[if frame == 0 { 200 } else { 0 }; 36]).expect("data");
        });
        writer.finish().expect("all frames");
        let path = folder.path(name);
        assert_eq!(has(&notes(&server, &[text(&path)])[0], "animation"), said, "{name}");
    }
}

#[test]
fn pixels_of_a_small_part_of_their_range() {
    let folder = Folder::new("dark");
    let server = Serving::start(&[text(&network(&folder, [1, 6, 6], 0.75))]);
    let asked = |name: &str| {
        let path = folder.path(name);
        notes(&server, &[text(&path)]).concat()
    };
    // Of 12 bits, of 16, and black.
    for (name, most, said) in
        [("twelve.png", 0x0fff_u16, true), ("sixteen.png", 0x1000, false), ("none.png", 0, false)]
    {
        let mut encoder = png::Encoder::new(File::create(folder.path(name)).expect("writable"), 6, 6);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Sixteen);
        let pixels = [&most.to_be_bytes()[..], &[0; 70]].concat();
        encoder.write_header().expect("header").write_image_data(&pixels).expect("data");
        assert_eq!(has(&asked(name), "below 4096"), said, "{name}");
    }
    // A mask, and what is none.
    for (name, pixels, said) in
        [("mask.png", [1, 0], true), ("image.png", [2, 0], false), ("black.png", [0, 0], false)]
    {
        write_png(&folder.path(name), 6, 6, &pixels.repeat(18));
        assert_eq!(has(&asked(name), "all 0 or 1"), said, "{name}");
    }
}

/// The first and the last output of this network are the same, and the greatest unless its weights are negative.
#[test]
fn outputs_that_are_equal_are_said_to_be() {
    let folder = Folder::new("ties");
    let image = folder.path("image.png");
    write_png(&image, 6, 6, &[200; 36]);
    for (weight, said) in [(0.75, true), (-0.75, false)] {
        let server = Serving::start(&[text(&network(&folder, [1, 6, 6], weight))]);
        let all = notes(&server, &[text(&image)]).concat();
        assert_eq!(has(&all, "2 outputs are equal, and the greatest: ant, cow"), said, "{all:?}");
    }
}

/// Whole numbers are pixels to a network that takes a vector, too: whoever meant ages hears of it.
#[test]
fn whole_numbers_of_a_vector_are_said_to_be_pixels() {
    let folder = Folder::new("whole-numbers");
    let server = Serving::start(&[text(&network(&folder, [4, 1, 1], 0.75))]);
    for (name, shape, count, pixels) in [
        ("one.npy", "(4,)", 4, true),
        ("three.npy", "(3, 4)", 12, true),
        // An image that is flattened says so.
        ("square.npy", "(2, 2)", 4, false),
    ] {
        write_npy(&folder.path(name), shape, &vec![34; count]);
        let path = folder.path(name);
        let all = notes(&server, &[text(&path)]);
        assert_eq!(all.len(), count / 4);
        for notes in &all {
            assert_eq!(has(notes, "taken as pixels: 255 stands for 1"), pixels, "{name}: {notes:?}");
            assert_eq!(has(notes, "row by row"), !pixels, "{name}: {notes:?}");
        }
    }
    let picture = folder.path("picture.png");
    write_png(&picture, 2, 2, &[34; 4]);
    assert!(!has(&notes(&server, &[text(&picture)])[0], "whole numbers"));
}

/// One input that is refused takes no other one its answer.
#[test]
fn the_others_get_their_answers() {
    let folder = Folder::new("refused-among-others");
    let server = Serving::start(&[text(&network(&folder, [1, 6, 6], 0.75))]);
    let files: Vec<PathBuf> = ["a.png", "b.png", "c.npy", "d.png"].map(|name| folder.path(name)).into();
    write_png(&files[0], 6, 6, &[200; 36]);
    write_png(&files[1], 6, 5, &[200; 30]);
    // A million in each: more than the network is exact for.
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (6, 6), }\n";
    let head = [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes()].concat();
    std::fs::write(&files[2], [head, 1e9f32.to_le_bytes().repeat(36)].concat()).expect("writable");
    write_png(&files[3], 6, 6, &[100; 36]);
    let names: Vec<&str> = files.iter().map(|path| text(path)).collect();
    let ask = |more: &[&str], files: &[&str]| {
        run(&[&["infer", "-q", "--connect", &server.address], more, files].concat())
    };

    let output = ask(&["--json"], &names);
    assert_eq!(output.status.code(), Some(1));
    let lines = stdout(&output);
    let objects: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(objects.len(), 4, "{lines}");
    for (index, (object, name)) in objects.iter().zip(&names).enumerate() {
        assert_eq!(object["file"], *name);
        let refused = [None, Some("6 x 5 pixels"), Some("--allow-wrapping"), None][index];
        assert_eq!(
            object["refused"].as_str().is_some_and(|reason| reason.contains(refused.unwrap_or("?"))),
            refused.is_some()
        );
        assert_eq!(object["class"].is_string(), refused.is_none(), "{object}");
    }
    let errors = stderr(&output);
    let errors: Vec<&str> = errors.lines().collect();
    assert_eq!(errors.len(), 3, "{errors:?}");
    assert!(errors[0].starts_with("muse: ") && errors[0].contains(names[1]), "{errors:?}");
    assert!(errors[1].starts_with("muse: ") && errors[1].contains(names[2]), "{errors:?}");
    assert_eq!(errors[2], "muse: 2 of 4 inputs were refused");

    // As text the answers alone; one that is alone is the failure itself.
    let output = ask(&[], &names);
    assert_eq!(output.status.code(), Some(1));
    let lines = stdout(&output);
    let answers: Vec<&str> = lines.lines().filter(|line| !line.starts_with("  ")).collect();
    assert!(
        answers.len() == 2 && answers[0].starts_with(names[0]) && answers[1].starts_with(names[3]),
        "{lines}"
    );
    assert!(failure(&ask(&[], &names[1..2]), 1).contains("6 x 5 pixels"));
}
