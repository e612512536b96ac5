//! Images from PNG files, of exactly the size and kind that a network takes.

use super::failure::Failure;
use muse::model::InputSpec;
use png::{BitDepth, ColorType};
use std::{fs::File, io::BufReader, path::Path};

/// The pixels of the PNG file at `path`, plane after plane, row-major, one byte each.
///
/// # Errors
/// A file that cannot be read or is no PNG; another size, colour type or depth than `input` asks for.
pub(crate) fn load(path: &Path, input: &InputSpec) -> Result<Vec<u8>, Failure> {
    let name = path.display();
    let file = File::open(path).map_err(|e| Failure::general(format!("cannot open {name}: {e}")))?;
    let broken = |e: png::DecodingError| Failure::general(format!("{name} is not a readable PNG image: {e}"));
    let mut reader = png::Decoder::new(BufReader::new(file)).read_info().map_err(broken)?;

    // Everything is checked on the header, before anything of the size it claims is allocated.
    let info = reader.info();
    let (color, depth) = (info.color_type, info.bit_depth);
    let size = (info.width as usize, info.height as usize);
    if size != (input.width, input.height) {
        let (w, h) = (input.width, input.height);
        return Err(Failure::general(format!(
            "{name} has {} x {} pixels but the network takes {w} x {h}; scale it, for example with: magick IN.png -resize {w}x{h}! OUT.png",
            size.0, size.1
        )));
    }
    let (wanted, words, flags) = match input.channels {
        1 => {
            (ColorType::Grayscale, "8-bit grey without transparency", "-colorspace Gray -alpha off -depth 8")
        }
        3 => (ColorType::Rgb, "8-bit RGB without transparency", "-alpha off -depth 8 PNG24:"),
        other => {
            return Err(Failure::general(format!(
                "the network takes {other} planes, which a PNG image does not have; use --sample"
            )));
        }
    };
    if color != wanted || depth != BitDepth::Eight {
        return Err(Failure::general(format!(
            "{name} is {} with {} bits but the network takes {words}; convert it, for example with: magick IN.png {flags}{}OUT.png",
            color_name(color),
            depth as u8,
            if flags.ends_with(':') { "" } else { " " }
        )));
    }
    let mut bytes = vec![0; input.elements()];
    reader.next_frame(&mut bytes).map_err(broken)?;
    Ok(planar(&bytes, input.channels))
}

/// Pixel after pixel to plane after plane.
fn planar(interleaved: &[u8], channels: usize) -> Vec<u8> {
    (0..channels).flat_map(|channel| interleaved.iter().skip(channel).step_by(channels).copied()).collect()
}

const fn color_name(color: ColorType) -> &'static str {
    match color {
        ColorType::Grayscale => "grey",
        ColorType::GrayscaleAlpha => "grey with transparency",
        ColorType::Rgb => "RGB",
        ColorType::Rgba => "RGB with transparency",
        ColorType::Indexed => "palette",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use muse::model::Normalisation;

    const GREY: InputSpec =
        InputSpec { channels: 1, height: 2, width: 3, normalisation: Normalisation::UnitInterval };

    fn file(
        name: &str,
        width: u32,
        height: u32,
        color: ColorType,
        depth: BitDepth,
        data: &[u8],
    ) -> std::path::PathBuf {
        let path = std::env::temp_dir().join(format!("muse-image-{}-{name}.png", std::process::id()));
        let mut encoder = png::Encoder::new(File::create(&path).expect("temporary folder"), width, height);
        encoder.set_color(color);
        encoder.set_depth(depth);
        encoder.write_header().expect("header").write_image_data(data).expect("data");
        path
    }

    fn error(path: &Path, input: &InputSpec) -> String {
        let message = load(path, input).expect_err("refused").to_string();
        let _ = std::fs::remove_file(path);
        message
    }

    #[test]
    fn exact_images_load() {
        let path = file("grey", 3, 2, ColorType::Grayscale, BitDepth::Eight, &[0, 1, 2, 253, 254, 255]);
        assert_eq!(load(&path, &GREY).expect("as asked for"), [0, 1, 2, 253, 254, 255]);
        std::fs::remove_file(path).expect("it was there");
        let path = file("rgb", 2, 1, ColorType::Rgb, BitDepth::Eight, &[1, 2, 3, 4, 5, 6]);
        let input = InputSpec { channels: 3, height: 1, width: 2, ..GREY };
        assert_eq!(load(&path, &input).expect("as asked for"), [1, 4, 2, 5, 3, 6]);
        std::fs::remove_file(path).expect("it was there");
    }

    #[test]
    fn others_are_refused_with_advice() {
        let message = error(&file("size", 4, 2, ColorType::Grayscale, BitDepth::Eight, &[0; 8]), &GREY);
        assert!(message.contains("has 4 x 2 pixels but the network takes 3 x 2; scale it"), "{message}");
        let message = error(&file("color", 3, 2, ColorType::Rgba, BitDepth::Eight, &[0; 24]), &GREY);
        assert!(
            message.contains("is RGB with transparency with 8 bits but the network takes 8-bit grey"),
            "{message}"
        );
        assert!(message.ends_with("-depth 8 OUT.png"), "{message}");
        let message = error(&file("depth", 3, 2, ColorType::Grayscale, BitDepth::Sixteen, &[0; 12]), &GREY);
        assert!(message.contains("is grey with 16 bits"), "{message}");
        let path = std::env::temp_dir().join(format!("muse-image-{}-text.png", std::process::id()));
        std::fs::write(&path, "no image").expect("temporary folder");
        let message = error(&path, &GREY);
        assert!(message.contains("is not a readable PNG image"), "{message}");
        assert!(error(&path, &GREY).starts_with("cannot open "));
    }

    #[test]
    fn a_truncated_image_is_an_error() {
        let path = file("short", 3, 2, ColorType::Grayscale, BitDepth::Eight, &[9; 6]);
        let bytes = std::fs::read(&path).expect("written");
        std::fs::write(&path, &bytes[..bytes.len() - 20]).expect("writable");
        assert!(error(&path, &GREY).contains("is not a readable PNG image"));
    }
}
