//! PNG files.

use super::raster::{Fitting, Raster};
use core::cmp::max;
use muse::model::limits;
use png::{BitDepth, ColorType, Decoder, Transformations};
use std::io::Cursor;
use zeroize::Zeroizing;

/// The pixels of a PNG file of any kind: palettes looked up, 1, 2 and 4 bits widened to 8, 16 bits kept. The first image of an
/// animation.
///
/// # Errors
/// What is wrong, to be put behind the file's name.
pub fn decode(bytes: &[u8], fitting: Fitting) -> Result<Raster, String> {
    let broken = |e: png::DecodingError| format!("is not a readable PNG image: {e}");
    let mut decoder = Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(Transformations::EXPAND);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let mut reader = decoder.read_info().map_err(broken)?;

    // Everything is checked on the header, before anything of the size it claims is allocated.
    let (width, height) = reader.info().size();
    let (width, height) = (width as usize, height as usize);
    let (side, pixels, advice) = if fitting.resize {
        (SIDE, PIXELS, "")
    } else {
        (limits::SIDE, limits::ELEMENTS, "; --resize scales it")
    };
    if max(width, height) > side || width.saturating_mul(height) > pixels {
        return Err(format!("has {width} x {height} pixels, which is too many{advice}"));
    }
    let (color, depth) = reader.output_color_type();
    let (colors, alpha) = match color {
        ColorType::Grayscale => (1, false),
        ColorType::GrayscaleAlpha => (1, true),
        ColorType::Rgb => (3, false),
        ColorType::Rgba => (3, true),
        ColorType::Indexed => return Err("has a palette that cannot be looked up".to_owned()),
    };
    let animated = reader.info().animation_control().is_some_and(|control| control.num_frames > 1);
    let wide = depth == BitDepth::Sixteen;
    let samples = width * height * (colors + usize::from(alpha));
    let mut data = Zeroizing::new(vec![0; samples * if wide { 2 } else { 1 }]);
    if reader.output_buffer_size() != Some(data.len()) {
        return Err("is of a kind that is not supported".to_owned());
    }
    reader.next_frame(&mut data).map_err(broken)?;
    // Checks what follows the pixels, up to the end of the file.
    reader.finish().map_err(broken)?;
    let interleaved: Zeroizing<Vec<u16>> = Zeroizing::new(if wide {
        data.as_chunks().0.iter().copied().map(u16::from_be_bytes).collect()
    } else {
        data.iter().copied().map(u16::from).collect()
    });
    // Before the planes take as much again.
    drop(data);
    Ok(Raster::from_interleaved(width, height, colors, alpha, wide, &interleaved).animated(animated))
}

/// Sides of a picture that is to be scaled.
const SIDE: usize = 1 << 14;

/// Pixels of a picture that is to be scaled.
const PIXELS: usize = 1 << 24;
