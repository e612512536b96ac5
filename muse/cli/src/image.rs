//! Images from files: PNG pictures, and arrays of NumPy and safetensors.
//!
//! Files are read, decoded and checked for size before a connection is made. [`Input::fit`] then converts each to the network's input.
//!
//! | module | what it holds |
//! |---|---|
//! | [`folder`] | the files of a folder |
//! | [`picture_file`], [`raster`], [`resize`](mod@resize) | PNG files, and conversions of their pixels |
//! | [`vector`] | images for networks that take a vector |
//! | [`npy`], [`tensors`], [`array`](mod@array) | both kinds of array files, and the images in an array |

mod array;
mod folder;
mod npy;
mod picture_file;
mod raster;
mod resize;
mod tensors;
mod vector;

use super::failure::Failure;
use muse::{
    Image,
    model::{
        InputSpec, Samples,
        load::read_bounded,
        names,
        sniff::{Kind, Wanted},
    },
};
use raster::Raster;
pub use raster::{Background, Fitting};
pub use resize::resize;
use std::path::{Path, PathBuf};

/// One image to classify.
pub struct Input {
    /// For people: the file, and which of its images.
    pub name: String,
    pub origin: Origin,
    content: Content,
}

/// Where an image is from.
#[derive(Clone)]
pub enum Origin {
    /// Image `item`, counted from 0, of this file.
    File { file: String, item: usize },
    /// One of the shipped images, and what it shows.
    Sample { sample: u16, label: u8 },
}

/// An image as the network takes it.
pub struct Fitted {
    pub name: String,
    pub origin: Origin,
    pub image: Image,
    /// Conversions that the user did not ask for explicitly. They are stated with the result.
    pub remarks: Vec<String>,
}

enum Content {
    /// Pixels that may be converted.
    Picture(Raster),
    /// Values that are taken as they are.
    Array(Image),
}

/// The images of these files and folders, in order. `fitting` says how large a picture may be; `remarks` gets what
/// should be said about files that are left out.
///
/// # Errors
/// A file that cannot be read, is none of the kinds known, is damaged, or is larger than anything a network takes.
pub fn load(paths: &[PathBuf], fitting: Fitting, remarks: &mut Vec<String>) -> Result<Vec<Input>, Failure> {
    let mut inputs = Vec::new();
    let mut bytes = 0;
    for path in folder::expand(paths, remarks)? {
        let file = shown(&path);
        let content = read_bounded(&path, FILE_BYTES)?;
        let failed = |reason: String| Failure::general(format!("{file} {reason}"));
        let kind = Kind::of(&content);
        let images = if kind == Kind::Png {
            vec![Content::Picture(picture_file::decode(&content, fitting).map_err(failed)?)]
        } else {
            arrays(images_of(kind, &content).map_err(failed)?)
        };
        let several = images.len() > 1;
        for (item, content) in images.into_iter().enumerate() {
            bytes += content.bytes();
            if inputs.len() >= MAX_IMAGES || bytes > MAX_BYTES {
                return Err(Failure::general(format!(
                    "more than {MAX_IMAGES} images, or {} MB of them, up to {file}; give fewer at once",
                    MAX_BYTES >> 20
                )));
            }
            let name = if several { format!("{file}[{item}]") } else { file.clone() };
            inputs.push(Input { name, origin: Origin::File { file: file.clone(), item }, content });
        }
    }
    Ok(inputs)
}

/// Shipped images.
pub fn samples(samples: &Samples, numbers: &[u16]) -> Result<Vec<Input>, Failure> {
    let one = |&sample: &u16| {
        let (pixels, label) = (samples.image(sample.into()), samples.label(sample.into()));
        let image = Image::new(1, 28, 28, pixels.to_vec())?;
        Ok(Input {
            name: format!("sample {sample} (labelled {label})"),
            origin: Origin::Sample { sample, label },
            content: Content::Array(image),
        })
    };
    numbers.iter().map(one).collect()
}

impl Input {
    /// What the network takes: pictures are converted as far as `fitting` allows, anything else must have its shape. For a network that takes a
    /// vector, an array may be several of them.
    ///
    /// # Errors
    /// An image of another size or kind, with advice.
    pub fn fit(self, input: &InputSpec, fitting: Fitting) -> Result<Vec<Fitted>, Failure> {
        if input.is_vector() {
            return vector::fit(self, input, fitting);
        }
        let Self { name, origin, content } = self;
        let InputSpec { channels, height, width, .. } = *input;
        let failed = |reason: String| Failure::general(reason);
        let mut remarks = Vec::new();
        let image = match content {
            Content::Picture(raster) => {
                remarks.extend(raster.remarks(width, height));
                raster.fit(input, fitting).map_err(|reason| failed(format!("{name} {reason}")))?
            }
            Content::Array(image)
                if (image.channels(), image.height(), image.width()) == (channels, height, width) =>
            {
                image
            }
            Content::Array(_) if matches!(origin, Origin::Sample { .. }) => {
                return Err(failed(format!(
                    "--sample images are 1 x 28 x 28 digits but the server's network takes {channels} x {height} x {width}; \
                     give image files instead"
                )));
            }
            Content::Array(image) => {
                return Err(failed(format!(
                    "{name} has {} x {} x {} values but the network takes {channels} x {height} x {width} (channels x height x width){}",
                    image.channels(),
                    image.height(),
                    image.width(),
                    if (image.channels(), image.height(), image.width()) == (height, width, channels) {
                        "; array.transpose(2, 0, 1) brings its channels to the front"
                    } else if fitting.resize {
                        "; --resize scales PNG images, arrays are taken as they are"
                    } else {
                        ""
                    }
                )));
            }
        };
        Ok(vec![Fitted { name, origin, image, remarks }])
    }
}

impl Content {
    fn bytes(&self) -> u64 {
        match self {
            Self::Picture(raster) => raster.bytes(),
            Self::Array(image) => 4 * image.pixels().len() as u64,
        }
    }
}

/// The images in a file of arrays, or what it is instead.
fn images_of(kind: Kind, content: &[u8]) -> Result<Vec<Image>, String> {
    if kind == Kind::Npy {
        npy::parse(content)?.images()
    } else if kind == Kind::Safetensors {
        tensors::parse(content)?.images()
    } else {
        Err(kind.instead_of(Wanted::Image))
    }
}

fn arrays(images: Vec<Image>) -> Vec<Content> {
    images.into_iter().map(Content::Array).collect()
}

/// A path on one line, safe for a terminal.
fn shown(path: &Path) -> String {
    names::plain(&path.display().to_string())
}

/// Bytes of one file.
const FILE_BYTES: u64 = 1 << 28;

/// Images of one run.
const MAX_IMAGES: usize = 1 << 16;

/// Bytes of all images of one run, decoded.
const MAX_BYTES: u64 = 1 << 30;

#[cfg(test)]
mod tests;
