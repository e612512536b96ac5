//! Images of every kind through both programs, against the network in the clear; and files that are refused before anybody is
//! connected to.

use crate::both::{text, write_network};
use crate::program::{Folder, Serving, failure, run, stderr, stdout, write_png};
use muse::Image;
use muse::model::{Architecture, Network, plaintext, shipped};
use png::{BitDepth, ColorType};
use safetensors::{Dtype, tensor::TensorView};
use serde_json::Value;
use std::path::Path;

fn png(path: &Path, (width, height): (u32, u32), color: ColorType, depth: BitDepth, data: &[u8]) {
    let mut encoder = png::Encoder::new(std::fs::File::create(path).expect("writable"), width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    if color == ColorType::Indexed {
        encoder.set_palette((0..=255).flat_map(|v| [v; 3]).collect::<Vec<u8>>());
    }
    encoder.write_header().expect("header").write_image_data(data).expect("data");
}

fn npy(path: &Path, descr: &str, shape: &str, data: &[u8]) {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    let header = format!("{header:<117}\n");
    let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    std::fs::write(path, bytes).expect("writable");
}

/// All outputs of the network in the clear, as integers.
fn expected(network: &Network, image: &Image) -> Vec<i64> {
    let input = network.architecture().encode(image).expect("of its size");
    plaintext::forward(network, &input).into_iter().map(|v| v.to_signed()).collect()
}

fn line(network: &Network, name: &str, image: &Image) -> String {
    let architecture = network.architecture();
    let logits = expected(network, image);
    let best = *logits.iter().max().expect("outputs");
    let index = logits.iter().position(|v| *v == best).expect("it is one of them");
    let class = architecture.classes().get(index).cloned().unwrap_or_else(|| format!("output {index}"));
    format!("{name}: {class} (logit {:.3})", best as f64 / scale(architecture))
}

fn scale(architecture: &Architecture) -> f64 {
    f64::from(architecture.output_scale_bits()).exp2()
}

/// Writes sample after sample, each as another kind of file; the images that they should be read as, in the order of their names.
fn digits(folder: &Folder) -> Vec<(&'static str, usize, Image)> {
    let samples = shipped::mnist_samples();
    let size = (28, 28);
    let image = |pixels: Vec<u8>| Image::new(1, 28, 28, pixels).expect("a digit");
    let words = |pixels: &[u8]| -> Vec<u16> { pixels.iter().map(|&v| u16::from(v) * 200 + 3).collect() };
    let wide = |pixels: &[u8]| Image::new(1, 28, 28, words(pixels)).expect("a digit");

    write_png(&folder.path("0.png"), 28, 28, samples.image(0));
    let rgb: Vec<u8> = samples.image(1).iter().flat_map(|&v| [v; 3]).collect();
    png(&folder.path("1.png"), size, ColorType::Rgb, BitDepth::Eight, &rgb);
    let bytes: Vec<u8> = words(samples.image(2)).iter().flat_map(|v| v.to_be_bytes()).collect();
    png(&folder.path("2.png"), size, ColorType::Grayscale, BitDepth::Sixteen, &bytes);
    png(&folder.path("3.png"), size, ColorType::Indexed, BitDepth::Eight, samples.image(3));
    let black_or_white: Vec<u8> = samples.image(4).iter().map(|&v| if v < 100 { 0 } else { 255 }).collect();
    let bits = |row: &[u8]| -> Vec<u8> {
        let byte = |eight: &[u8]| eight.iter().enumerate().map(|(i, v)| (v >> 7) << (7 - i)).sum();
        row.chunks(8).map(byte).collect()
    };
    let packed: Vec<u8> = black_or_white.chunks(28).flat_map(bits).collect();
    png(&folder.path("4.png"), size, ColorType::Grayscale, BitDepth::One, &packed);

    npy(&folder.path("5.npy"), "|u1", "(28, 28)", samples.image(5));
    let floats: Vec<f32> = samples.image(6).iter().map(|&v| f32::from(v) / 255.0 - 0.1).collect();
    let bytes: Vec<u8> = floats.iter().flat_map(|v| v.to_le_bytes()).collect();
    npy(&folder.path("6.npy"), "<f4", "(1, 28, 28)", &bytes);
    let both = [samples.image(7), samples.image(8)];
    let bytes: Vec<u8> = both.iter().flat_map(|pixels| words(pixels)).flat_map(u16::to_le_bytes).collect();
    npy(&folder.path("7.npy"), "<u2", "(2, 1, 28, 28)", &bytes);
    let view = TensorView::new(Dtype::U8, vec![1, 1, 28, 28], samples.image(9)).expect("valid");
    let bytes = safetensors::serialize([("images", view)], None).expect("valid");
    std::fs::write(folder.path("8.safetensors"), bytes).expect("writable");

    vec![
        ("0.png", 0, image(samples.image(0).to_vec())),
        ("1.png", 0, image(samples.image(1).to_vec())),
        ("2.png", 0, wide(samples.image(2))),
        ("3.png", 0, image(samples.image(3).to_vec())),
        ("4.png", 0, image(black_or_white)),
        ("5.npy", 0, image(samples.image(5).to_vec())),
        ("6.npy", 0, Image::new(1, 28, 28, floats).expect("a digit")),
        ("7.npy", 0, wide(both[0])),
        ("7.npy", 1, wide(both[1])),
        ("8.safetensors", 0, image(samples.image(9).to_vec())),
    ]
}

/// A network for digits that costs little.
const DIGITS: &str = r#"{ "name": "digits", "frac_bits": 10, "input": { "shape": [1, 28, 28] },
    "classes": ["null", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
    "layers": [ { "name": "fc", "op": "fc", "weight_shape": [10, 784] } ] }"#;

#[test]
fn a_folder_of_digits_in_json() {
    let folder = Folder::new("digits");
    let images = digits(&folder);
    let elsewhere = Folder::new("digits-model");
    let model = write_network(&elsewhere, "digits", DIGITS, &[("fc", &[10, 784])]);
    let network = Network::open(&model).expect("just written");
    let server = Serving::start(&[text(&model)]);
    let path = folder.path("");
    let output =
        run(&["infer", "--connect", &server.address, "--json", "--top", "3", text(&path), "--sample", "12"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let objects: Vec<Value> =
        stdout(&output).lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
    assert_eq!(objects.len(), images.len() + 1);
    for (object, (file, item, image)) in objects.iter().zip(&images) {
        assert!(object["file"].as_str().expect("text").ends_with(file), "{object}");
        assert_eq!(object["item"], *item);
        check(object, &network, image);
    }
    let names: Vec<_> = objects.iter().skip(6).map(|o| o["image"].as_str().expect("text")).collect();
    assert!(names[0].ends_with("6.npy") && names[1].ends_with("7.npy[0]") && names[2].ends_with("7.npy[1]"));

    let (last, samples) = (&objects[images.len()], shipped::mnist_samples());
    assert_eq!((&last["sample"], &last["file"]), (&Value::from(12), &Value::Null));
    assert_eq!(last["label"], samples.label(12));
    check(last, &network, &Image::new(1, 28, 28, samples.image(12).to_vec()).expect("a digit"));
    assert!(!stderr(&output).contains("-0.1"), "no pixel is shown: {}", stderr(&output));
    assert!(stderr(&output).contains("11 of 11 images"), "{}", stderr(&output));
    // The floats were made to be outside of what pixels give.
    let said = |object: &Value| object["notes"].as_array().is_some_and(|all| !all.is_empty());
    let six =
        objects.iter().find(|object| object["image"].as_str().is_some_and(|name| name.ends_with("6.npy")));
    assert!(six.is_some_and(said), "{objects:?}");
}

/// Everything an object says about its result.
fn check(object: &Value, network: &Network, image: &Image) {
    let architecture = network.architecture();
    let integers = expected(network, image);
    assert_eq!(object["integers"], Value::from(integers.clone()), "bit for bit");
    assert_eq!(object["scale_bits"], 20);
    let mut ranked: Vec<_> = integers.iter().copied().enumerate().collect();
    ranked.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let top = object["top"].as_array().expect("a list");
    assert_eq!(top.len(), 3);
    for (entry, (index, value)) in top.iter().chain([object]).zip(ranked[..3].iter().chain([&ranked[0]])) {
        assert_eq!(entry["index"], *index);
        assert_eq!(entry["class"], architecture.classes()[*index].as_str());
        // The parser of these tests may be off in the last place.
        let logit = entry["logit"].as_f64().expect("a number");
        assert!((logit - *value as f64 / scale(architecture)).abs() < 1e-12, "{entry}");
    }
    for phase in ["preprocessing", "online"] {
        let cost = &object[phase];
        assert!(cost["seconds"].is_f64() && cost["sent"].as_u64() > Some(1000), "{cost}");
        assert!(cost["received"].as_u64() > Some(0), "{cost}");
    }
}

/// A network for RGB images of 6 x 6 whose input is normalised and whose classes have no names.
const COLOURS: &str = r#"{ "name": "colours", "frac_bits": 8,
    "input": { "shape": [3, 6, 6], "normalisation": { "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225] } },
    "layers": [
    { "name": "conv", "op": "conv", "weight_shape": [2, 3, 3, 3], "pad": 1, "relu": true, "shift": 8, "sum_pool": 2 },
    { "name": "fc", "op": "fc", "weight_shape": [7, 18] } ] }"#;

#[test]
fn pictures_are_converted_as_far_as_the_user_says() {
    let folder = Folder::new("colours");
    let model = write_network(&folder, "colours", COLOURS, &[("conv", &[2, 3, 3, 3]), ("fc", &[7, 18])]);
    let network = Network::open(&model).expect("just written");
    let server = Serving::start(&[text(&model)]);
    let infer = |arguments: &[&str]| run(&[&["infer", "--connect", &server.address], arguments].concat());

    let (clear, large, grey) = (folder.path("clear.png"), folder.path("large.png"), folder.path("grey.png"));
    let rgba: Vec<u8> = (0..36).flat_map(|i| [i * 7, 255 - i, i * 3, i * 6 + 40]).collect();
    png(&clear, (6, 6), ColorType::Rgba, BitDepth::Eight, &rgba);
    png(&large, (13, 9), ColorType::Rgb, BitDepth::Eight, &[10, 200, 30].repeat(13 * 9));
    write_png(&grey, 6, 6, &(0..36).map(|i| i * 7).collect::<Vec<_>>());

    let line_of = |path: &Path, arguments: &[&str]| failure(&infer(&[arguments, &[text(path)]].concat()), 1);
    assert!(line_of(&clear, &[]).ends_with("--background black or --background white"));
    assert!(
        line_of(&large, &[]).ends_with("has 13 x 9 pixels but the network takes 6 x 6; --resize scales it")
    );

    let output = infer(&[
        "--quiet",
        "--resize",
        "--background",
        "black",
        "--top",
        "2",
        "--logits",
        "--show",
        text(&clear),
        text(&large),
        text(&grey),
    ]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    let plane = |channel: usize| -> Vec<u8> {
        let over_black = |p: &[u8]| ((u32::from(p[channel]) * u32::from(p[3]) + 127) / 255) as u8;
        rgba.chunks(4).map(over_black).collect()
    };
    let three = |planes: [Vec<u8>; 3]| Image::new(3, 6, 6, planes.concat()).expect("of its size");
    let greys: Vec<u8> = (0..36).map(|i| i * 7).collect();
    let shown = stdout(&output);
    assert_eq!(
        shown.matches("  note: --resize changed its proportions, from 13 x 9 pixels").count(),
        1,
        "{shown}"
    );
    let lines: Vec<&str> = shown.lines().filter(|line| !line.starts_with("  note: ")).collect();
    for (path, image) in [
        (&clear, three([0, 1, 2].map(plane))),
        (&large, three([10, 200, 30].map(|v| vec![v; 36]))),
        (&grey, three([greys.clone(), greys.clone(), greys])),
    ] {
        let at = lines
            .iter()
            .position(|l| *l == line(&network, text(path), &image))
            .unwrap_or_else(|| panic!("{shown}"));
        // Two of the best, then all seven in their order with exact integers.
        let logits = expected(&network, &image);
        let mut sorted = logits.clone();
        sorted.sort_unstable();
        for (line, value) in lines[at + 1..].iter().zip([sorted[6], sorted[5]]) {
            let real = format!("{:.5}", value as f64 / scale(network.architecture()));
            assert_eq!(line.split_whitespace().last(), Some(real.as_str()), "{shown}");
        }
        for (i, (line, value)) in lines[at + 3..].iter().zip(&logits).enumerate() {
            assert!(
                line.starts_with(&format!("  output {i} ")) && line.ends_with(&format!("({value})")),
                "{line}"
            );
        }
    }
    assert!(lines.iter().take(3).all(|line| line.len() <= 6), "the drawing: {shown}");

    // Floats that look like levels, in a folder with other files: two remarks, and the values are used as they are.
    let mixed = folder.path("mixed");
    std::fs::create_dir(&mixed).expect("writable");
    std::fs::write(mixed.join("b.jpg"), b"no image").expect("writable");
    let levels = mixed.join("a.npy");
    for (value, remark) in [(1.0f32, true), (0.0, true), (-0.5, false)] {
        let values: Vec<f32> = (0..108).map(|i| if i == 7 { value } else { 0.25 }).collect();
        npy(&levels, "<f4", "(3, 6, 6)", &values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<_>>());
        let output = infer(&[text(&mixed)]);
        let image = Image::new(3, 6, 6, values).expect("of its size");
        assert!(stdout(&output).contains(&line(&network, text(&levels), &image)), "{}", stdout(&output));
        let remarks = stderr(&output);
        assert!(remarks.contains("mixed/: 1 file skipped (b.jpg); PNG, .npy and"), "{remarks}");
        let said = stdout(&output);
        assert_eq!(said.contains("floats are taken as normalised already"), remark, "{said}");
    }

    let output = infer(&["--json", text(&grey)]);
    let object: Value = serde_json::from_str(stdout(&output).trim_end()).expect("one object");
    assert!(
        object["class"].is_null() && object["top"].as_array().is_some_and(|top| top.len() == 5),
        "{object}"
    );
}

/// Nobody listens at port 1: whoever gets as far as that ends with 3.
#[test]
fn bad_files_are_refused_before_anybody_is_connected_to() {
    let folder = Folder::new("refused");
    let good = folder.path("good.npy");
    npy(&good, "|u1", "(28, 28)", &[0; 784]);
    let refused = |name: &str, bytes: &[u8]| {
        let path = folder.path(name);
        std::fs::write(&path, bytes).expect("writable");
        failure(&limited(&["infer", "--connect", "127.0.0.1:1", text(&good), text(&path)]), 1)
    };
    let mut huge = Vec::new();
    {
        let mut encoder = png::Encoder::new(&mut huge, 60_000, 60_000);
        encoder.set_color(ColorType::Grayscale);
        let mut writer = encoder.write_header().expect("header");
        writer.write_chunk(png::chunk::IDAT, b"no pixels").expect("data");
    }
    assert!(refused("huge.png", &huge).contains("has 60000 x 60000 pixels, which is too many"));
    assert!(refused("text.png", b"no image").contains("is a text: neither a PNG image nor an array"));
    assert!(refused("short.png", &huge[..20]).contains("is not a readable PNG image"));
    npy(&folder.path("lie.npy"), "<f4", "(60000, 1, 4000, 4000)", &[0; 8]);
    let lie = std::fs::read(folder.path("lie.npy")).expect("just written");
    assert!(refused("lie.npy", &lie).contains("has 8 bytes of data, which are not those of shape"));
    npy(&folder.path("nan.npy"), "<f4", "(1, 1)", &f32::NAN.to_le_bytes());
    let nan = std::fs::read(folder.path("nan.npy")).expect("just written");
    assert!(refused("nan.npy", &nan).contains("is not finite"));
    let claim = [&(1u64 << 19).to_le_bytes()[..], b"{"].concat();
    assert!(refused("claim.safetensors", &claim).contains("is a damaged .safetensors file"));
    failure(&limited(&["infer", "--connect", "127.0.0.1:1", text(&good)]), 3);

    // What is wrong with the arguments is said before anything else.
    let output = run(&["infer", "--connect", "nowhere", "no-such-file.png"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("an address and a port, please"), "{}", stderr(&output));
}

/// Nothing is waited for: whatever is no file is refused by its name.
#[cfg(unix)]
#[test]
fn pipes_are_not_opened() {
    let folder = Folder::new("pipes");
    let inner = folder.path("folder");
    std::fs::create_dir(&inner).expect("writable");
    let paths = [inner.join("pipe.png"), folder.path("pipe.json"), folder.path("pipe.onnx")];
    for path in &paths {
        assert!(std::process::Command::new("mkfifo").arg(path).status().expect("it is there").success());
        // Whoever opens it nevertheless reads nothing at once, and is found out below instead of waiting for ever.
        let path = path.clone();
        std::thread::spawn(move || while std::fs::File::options().write(true).open(&path).is_ok() {});
    }
    let [image, json, onnx] = paths.each_ref().map(|path| text(path));
    let mnist = concat!(env!("CARGO_MANIFEST_DIR"), "/../model/networks/mnist.onnx");
    for arguments in [
        &["infer", "--connect", "127.0.0.1:1", text(&inner)][..],
        &["infer", "--connect", "127.0.0.1:1", image],
        &["infer", "--connect", "127.0.0.1:1", "/dev/null"],
        &["serve", json],
        &["serve", onnx],
        &["serve", mnist, "--classes", json],
        &["inspect", "--shipped", "mnist", "--no-time", "--samples", onnx],
    ] {
        let line = failure(&run(arguments), 1);
        assert!(line.contains("is not a regular file"), "{arguments:?}: {line}");
    }
}

/// Names of files are shown without what would act on a terminal, wherever they are shown.
#[cfg(unix)]
#[test]
fn names_of_files_are_plain() {
    let folder = Folder::new("names");
    let (good, bad) = (folder.path("dot\u{202e}gnp.npy"), folder.path("a\u{202e}\u{200b}\u{7}b.npy"));
    npy(&good, "|u1", "(1, 1, 1)", &[7]);
    npy(&bad, "\u{202e}1f<", "(1, 1, 1)", &[7]);
    let unplain = |c: char| c != '\n' && !muse::model::names::is_plain(c);
    let absent = folder.path("\u{202e}.onnx");
    let classes = folder.path("\u{202e}.txt");
    std::fs::write(&classes, [0xff]).expect("writable");
    let mnist = concat!(env!("CARGO_MANIFEST_DIR"), "/../model/networks/mnist.onnx");
    for (arguments, expected) in [
        (&["infer", "--connect", "127.0.0.1:1", text(&bad)][..], "a???b.npy has elements of type ?1f<;"),
        (&["serve", text(&absent)], "?.onnx: cannot be read"),
        (
            &["serve", mnist, "--classes", text(&classes)],
            "?.txt: is of a kind that is not known, not a text file with one name a line",
        ),
        (&["serve", mnist, "--l1-bound", "\u{202e}=7"], "there is no layer"),
        (&["inspect", "--shipped", "mnist", "--no-time", "--svg", "/no/\u{202e}"], "cannot write /no/?"),
    ] {
        let line = failure(&run(arguments), 1);
        assert!(line.contains(expected) && !line.contains(unplain), "{arguments:?}: {line:?}");
    }

    let json = r#"{ "name": "dot", "frac_bits": 8, "input": { "shape": [1, 1, 1] },
        "layers": [ { "name": "fc", "op": "fc", "weight_shape": [2, 1] } ] }"#;
    let elsewhere = Folder::new("names-model");
    let model = write_network(&elsewhere, "dot", json, &[("fc", &[2, 1])]);
    let server = Serving::start(&[text(&model), "--mode", "semi-honest"]);
    for json in [&[][..], &["--json"]] {
        let arguments = ["infer", "--connect", &server.address, "--mode", "semi-honest", text(&good)];
        let output = run(&[&arguments[..], json].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let shown = stdout(&output);
        assert!(shown.contains("dot?gnp.npy") && !shown.contains(unplain), "{shown:?}");
    }
}

/// The program with little memory, where that can be asked for.
fn limited(arguments: &[&str]) -> std::process::Output {
    if !cfg!(target_os = "linux") {
        return run(arguments);
    }
    let script = "ulimit -v 300000 && exec \"$0\" \"$@\"";
    let mut command = std::process::Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_muse")]).args(arguments);
    command.output().expect("a shell")
}

/// A session has at most 256 inferences: the next one needs another.
#[test]
fn more_images_than_a_session_has_inferences() {
    let folder = Folder::new("many");
    let json = r#"{ "name": "dot", "frac_bits": 8, "input": { "shape": [1, 1, 1] },
        "layers": [ { "name": "fc", "op": "fc", "weight_shape": [2, 1] } ] }"#;
    let model = write_network(&folder, "dot", json, &[("fc", &[2, 1])]);
    let network = Network::open(&model).expect("just written");
    let pixels: Vec<u8> = (0..258u32).map(|i| i as u8).collect();
    let batch = folder.path("batch.npy");
    npy(&batch, "|u1", "(258, 1, 1, 1)", &pixels);
    let mut server = Serving::start(&[text(&model), "--mode", "semi-honest"]);
    let output = run(&[
        "infer",
        "--connect",
        &server.address,
        "--mode",
        "semi-honest",
        "--stats",
        "--quiet",
        text(&batch),
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let shown = stdout(&output);
    let answers = shown.lines().filter(|line| !line.starts_with("  note: "));
    for (i, (shown, &pixel)) in answers.zip(&pixels).enumerate() {
        let image = Image::new(1, 1, 1, vec![pixel]).expect("a pixel");
        assert_eq!(shown, line(&network, &format!("{}[{i}]", text(&batch)), &image));
    }
    assert!(shown.contains("client, 258 inferences"), "{shown}");
    for _ in 0..2 {
        assert!(server.wait_for("ended")["error"].is_null());
    }
}
