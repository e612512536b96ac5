//! Weights in a file beside the ONNX file: read where the standard and a plain name lead, refused everywhere else.

use super::build::*;
use super::exact::folder;
use muse_model::{FloatLayer, Model};
use rten_onnx::onnx::{DataLocation, ModelProto, StringStringEntryProto};
use std::fs;
use std::path::PathBuf;

/// A folder of its own, removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("muse-external-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("writable");
        Self(path)
    }

    fn write(&self, name: &str, content: &[u8]) {
        fs::write(self.0.join(name), content).expect("writable");
    }

    /// The layers of this model, or why there are none, as a file of this folder.
    fn read(&self, model: &ModelProto) -> Result<Vec<FloatLayer>, String> {
        self.read_bytes(&bytes(model))
    }

    fn read_bytes(&self, onnx: &[u8]) -> Result<Vec<FloatLayer>, String> {
        self.write("net.onnx", onnx);
        let error = match Model::from_onnx(self.0.join("net.onnx")) {
            Ok(model) => return Ok(model.layers),
            Err(error) => error.to_string(),
        };
        assert!(error.contains("net.onnx: "), "{error}");
        assert!(!error.chars().any(char::is_control) && error.len() < 700, "{error}");
        Err(error)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Says of a tensor that its data are elsewhere.
fn set(model: &mut ModelProto, name: &str, entries: &[(&str, &str)]) {
    let tensor = tensor(model, name);
    tensor.float_data.clear();
    tensor.data_location = Some(DataLocation::EXTERNAL);
    let entry = |&(key, value): &(&str, &str)| StringStringEntryProto {
        key: Some(key.into()),
        value: Some(value.into()),
    };
    tensor.external_data = entries.iter().map(entry).collect();
}

/// The network of these tests with two tensors in another file, whose content is given too: 96 bytes, then 72 bytes, after 16 of nothing.
fn moved() -> (ModelProto, Vec<u8>) {
    let (mut model, mut data) = (network(), vec![0xff; 16]);
    for (name, offset, length) in [("fc.weight", "16", "96"), ("conv.weight", "112", "72")] {
        let words = tensor(&mut model, name).float_data.clone();
        data.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        set(
            &mut model,
            name,
            &[("location", "weights"), ("offset", offset), ("length", length), ("checksum", "?")],
        );
    }
    (model, data)
}

fn layers(model: &ModelProto) -> Vec<FloatLayer> {
    Model::from_onnx_bytes(&bytes(model)).expect("supported").layers
}

fn same(ours: &[FloatLayer], theirs: &[FloatLayer]) -> bool {
    ours.len() == theirs.len()
        && ours
            .iter()
            .zip(theirs)
            .all(|(a, b)| (&a.name, a.shape, &a.weights, &a.bias) == (&b.name, b.shape, &b.weights, &b.bias))
}

/// What `torch.onnx.export` writes unless it is told otherwise is the network that it writes into one file.
#[test]
fn two_files_give_what_one_gives() {
    let read = |name: &str| Model::from_onnx(folder("tests/onnx").join(name)).unwrap().layers;
    assert!(same(&read("module-default.onnx"), &read("module.onnx")));
    let both = fs::read(folder("tests/onnx/module-default.onnx")).unwrap();
    let error = Model::from_onnx_bytes(&both).unwrap_err().to_string();
    assert!(error.contains("external_data=False"), "{error}");
}

#[test]
fn places_are_as_the_standard_says() {
    let folder = Folder::new("places");
    let (mut model, data) = moved();
    folder.write("weights", &data);
    let expected = layers(&network());
    assert!(same(&folder.read(&model).unwrap(), &expected));
    // Without a length, all that follows; without an offset, from the start.
    set(&mut model, "conv.weight", &[("location", "weights"), ("offset", "112")]);
    assert!(same(&folder.read(&model).unwrap(), &expected));
    folder.write("weights", &data[112..]);
    let mut model = network();
    set(&mut model, "conv.weight", &[("location", "weights")]);
    assert!(same(&folder.read(&model).unwrap(), &expected));
    // A tensor that is the value of a node.
    let mut weights = tensor(&mut model, "conv.weight").clone();
    graph(&mut model).initializer.retain(|tensor| tensor.name.as_deref() != Some("conv.weight"));
    weights.name = None;
    let constant = node("constant", "Constant", &[], "conv.weight", vec![tensor_attribute("value", weights)]);
    graph(&mut model).node.insert(0, constant);
    assert!(same(&folder.read(&model).unwrap(), &expected));
}

#[test]
fn names_lead_nowhere_else() {
    let folder = Folder::new("names");
    let (mut model, data) = moved();
    fs::create_dir(folder.0.join("sub")).unwrap();
    for name in ["weights", "sub/weights"] {
        folder.write(name, &data);
    }
    folder.read(&model).unwrap();
    let absolute = folder.0.join("weights");
    let back = format!("../{}/weights", folder.0.file_name().unwrap().to_str().unwrap());
    for location in [
        absolute.to_str().unwrap(),
        &back,
        "./weights",
        "sub/weights",
        "sub/../weights",
        "..",
        ".",
        "",
        "sub\\weights",
        "weights\n",
        "weights\0",
    ] {
        for name in ["fc.weight", "conv.weight"] {
            set(&mut model, name, &[("location", location), ("offset", "16")]);
        }
        let error = folder.read(&model).unwrap_err();
        assert!(
            error.contains("no plain name in the same folder") && error.contains("_data=False"),
            "{error}"
        );
    }
    // No location at all.
    set(&mut model, "fc.weight", &[]);
    assert!(folder.read(&model).unwrap_err().contains("no plain name"));
    // A tensor nobody uses leads nowhere either.
    let (mut model, _) = moved();
    graph(&mut model).initializer.push(floats("spare", &[2]));
    set(&mut model, "spare", &[("location", "../weights")]);
    assert!(
        folder
            .read(&model)
            .unwrap_err()
            .contains("tensor \"spare\": its data are in the file \"../weights\"")
    );
    set(&mut model, "spare", &[("location", "others")]);
    let error = folder.read(&model).unwrap_err();
    assert!(
        error.contains("\"others\"") && error.contains("\"weights\"") && error.contains("_data=False"),
        "{error}"
    );
}

#[test]
fn numbers_are_checked() {
    let folder = Folder::new("numbers");
    let (good, data) = moved();
    folder.write("weights", &data);
    folder.read(&good).unwrap();
    let max = u64::MAX.to_string();
    let over = "340282366920938463463374607431768211456";
    for (offset, length) in [
        ("88", "97"),
        ("89", "96"),
        ("184", "96"),
        ("185", "0"),
        (&*max, "96"),
        ("16", &max),
        (&max, &max),
        (over, "96"),
        ("16", over),
        ("-1", "96"),
        ("+16", "96"),
        ("16", "96.0"),
        ("", "96"),
        ("0x10", "96"),
    ] {
        let mut model = moved().0;
        set(&mut model, "fc.weight", &[("location", "weights"), ("offset", offset), ("length", length)]);
        let error = folder.read(&model).unwrap_err();
        assert!(
            error.contains("tensor \"fc.weight\": its data, ") && error.contains("has 184 bytes"),
            "{error}"
        );
    }
    for length in ["0", "92", "95", "97", "100"] {
        let mut model = moved().0;
        set(&mut model, "fc.weight", &[("location", "weights"), ("offset", "16"), ("length", length)]);
        let error = folder.read(&model).unwrap_err();
        assert!(error.contains("tensor \"fc.weight\": its data have another length"), "{error}");
    }
    // A claim of 2^60 elements is one of its data too.
    let mut model = moved().0;
    tensor(&mut model, "fc.weight").dims = vec![1 << 30, 1 << 30];
    assert!(folder.read(&model).unwrap_err().contains("more than"));
    // Said twice, in two ways.
    let mut model = moved().0;
    set(&mut model, "fc.weight", &[("location", "weights"), ("offset", "16"), ("offset", "16")]);
    assert!(folder.read(&model).unwrap_err().contains("two values of offset"));
    let mut model = good;
    tensor(&mut model, "fc.weight").float_data = vec![0.5; 24];
    assert!(folder.read(&model).unwrap_err().contains("both here and in another file"));
}

#[test]
fn the_other_file_is_a_regular_one_that_is_there() {
    let folder = Folder::new("files");
    let (model, data) = moved();
    let fails = |expected: &str| {
        let error = folder.read(&model).unwrap_err();
        assert!(
            error.contains("weights: ") && error.contains(expected) && error.contains("keep both"),
            "{error}"
        );
    };
    fails("cannot be read");
    let path = folder.0.join("weights");
    fs::create_dir(&path).unwrap();
    fails("not a regular file");
    fs::remove_dir(&path).unwrap();
    #[cfg(unix)]
    {
        // Nobody ever writes into it.
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        fails("not a regular file");
        fs::remove_file(&path).unwrap();
    }
    fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
    fails("larger than");
    folder.write("weights", &data[..183]);
    assert!(folder.read(&model).unwrap_err().contains("has 183 bytes"));
}

/// A link in the folder is followed in the folder, and nowhere else.
#[cfg(unix)]
#[test]
fn links_lead_nowhere_else() {
    use std::os::unix::fs::symlink;
    let (folder, other) = (Folder::new("links"), Folder::new("links-other"));
    let (model, data) = moved();
    let place = folder.0.join("weights");
    other.write("secret", &data);
    folder.write("inside", &data);
    fs::create_dir(folder.0.join("sub")).unwrap();
    folder.write("sub/weights", &data);
    symlink(&other.0, folder.0.join("away")).unwrap();
    symlink(other.0.join("secret"), folder.0.join("hop")).unwrap();
    let up = format!("../{}/secret", other.0.file_name().unwrap().to_str().unwrap());
    let back = format!("away/../{}/inside", folder.0.file_name().unwrap().to_str().unwrap());
    for (target, inside) in [
        ("inside", true),
        ("./sub/../inside", true),
        (folder.0.join("inside").to_str().unwrap(), true),
        (&back, true),
        (other.0.join("secret").to_str().unwrap(), false),
        (&up, false),
        ("away/secret", false),
        ("hop", false),
        ("sub/weights", false),
    ] {
        let _ = fs::remove_file(&place);
        symlink(target, &place).unwrap();
        match folder.read(&model) {
            Ok(found) => assert!(inside && same(&found, &layers(&network())), "{target}"),
            Err(error) => assert!(
                !inside && error.contains("weights: is a link out of its folder: copy"),
                "{target}: {error}"
            ),
        }
    }
    // As it advises: the file itself, what `cp -L` makes of a link.
    fs::copy(&place, folder.0.join("copy")).unwrap();
    fs::remove_file(&place).unwrap();
    fs::rename(folder.0.join("copy"), &place).unwrap();
    folder.read(&model).unwrap();
    // The folder is that of the name that was given, be it a link itself.
    let link = other.0.join("net.onnx");
    symlink(folder.0.join("net.onnx"), &link).unwrap();
    other.write("weights", &data);
    assert!(same(&Model::from_onnx(&link).unwrap().layers, &layers(&network())));
    symlink("weights", other.0.join("loop")).unwrap();
    fs::remove_file(other.0.join("weights")).unwrap();
    symlink("loop", other.0.join("weights")).unwrap();
    assert!(Model::from_onnx(&link).unwrap_err().to_string().contains("cannot be read"));
}

/// Weights that were not fetched.
#[test]
fn a_pointer_in_the_place_of_the_other_file() {
    let folder = Folder::new("pointer");
    let (model, data) = moved();
    folder.write("weights", &fs::read(super::exact::folder("tests/readers/lfs-pointer")).unwrap());
    let error = folder.read(&model).unwrap_err();
    assert!(error.contains("weights: is a Git LFS pointer, not the file: git lfs pull"), "{error}");
    folder.write("weights", &data);
    folder.read(&model).unwrap();
}

/// Whatever becomes of a file that names another: no panic, and an error of one line.
#[test]
fn every_byte_of_a_file_that_names_another() {
    let folder = Folder::new("bytes");
    let (model, data) = moved();
    folder.write("weights", &data);
    let good = bytes(&model);
    folder.read_bytes(&good).unwrap();
    for at in 0..good.len() {
        // One change of several for each byte: every try is a file.
        let changes = [0, b'/', b'9', 0x80, 0xff, good[at] ^ 1, good[at].wrapping_add(1)];
        let mut bad = good.clone();
        bad[at] = changes[at % changes.len()];
        let _ = folder.read_bytes(&bad);
    }
}
