//! Pixels of a picture, and what may be done to them so that a network takes them.

use super::resize::resize;
use clap::ValueEnum;
use muse::{Image, model::InputSpec};
use zeroize::Zeroizing;

/// The changes that the user allows for a picture. No other change is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fitting {
    /// Scale to the network's size, proportions aside.
    pub resize: bool,
    /// Make colours grey.
    pub grey: bool,
    /// What is behind transparent pixels.
    pub background: Option<Background>,
}

/// What is behind a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Background {
    /// As behind the shipped digits
    Black,
    /// As behind most drawings
    White,
}

/// A picture: grey or red, green and blue, perhaps partly transparent. Wiped on drop.
pub struct Raster {
    width: usize,
    height: usize,
    /// One or three.
    planes: Vec<Zeroizing<Vec<u16>>>,
    alpha: Option<Zeroizing<Vec<u16>>>,
    /// 65,535 or 255.
    white: u16,
    /// Whether others follow it in the file.
    animated: bool,
}

impl Raster {
    /// From pixel after pixel: `colors` samples each, then one of opacity if `alpha`.
    pub fn from_interleaved(
        width: usize,
        height: usize,
        colors: usize,
        alpha: bool,
        wide: bool,
        samples: &[u16],
    ) -> Self {
        let step = colors + usize::from(alpha);
        let plane = |at: usize| Zeroizing::new(samples.iter().skip(at).step_by(step).copied().collect());
        Self {
            width,
            height,
            planes: (0..colors).map(plane).collect(),
            alpha: alpha.then(|| plane(colors)),
            white: if wide { u16::MAX } else { 255 },
            animated: false,
        }
    }

    /// The same, the first of an animation.
    pub fn animated(self, animated: bool) -> Self {
        Self { animated, ..self }
    }

    /// What has to be said with the result of this picture for a network that takes this size.
    pub fn remarks(&self, width: usize, height: usize) -> Vec<String> {
        let mut remarks = Vec::new();
        // By half a pixel of the network or more.
        let skew = 2 * (self.width * height).abs_diff(self.height * width);
        if skew >= self.width.min(self.height) {
            remarks.push(format!(
                "--resize changed its proportions, from {} x {} pixels to {width} x {height}",
                self.width, self.height
            ));
        }
        if self.animated {
            remarks.push("of an animation, its first picture was taken".into());
        }
        remarks
    }

    /// Width and height.
    pub const fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// Memory it takes.
    pub fn bytes(&self) -> u64 {
        let planes = self.planes.len() + usize::from(self.alpha.is_some());
        2 * (planes * self.width * self.height) as u64
    }

    /// The image that a network takes.
    ///
    /// # Errors
    /// What would have to be done but is not allowed, to be put behind the picture's name.
    pub fn fit(mut self, input: &InputSpec, fitting: Fitting) -> Result<Image, String> {
        let &InputSpec { channels, height, width, .. } = input;
        if !matches!(channels, 1 | 3) {
            return Err(format!(
                "is a picture but the network takes {channels} planes; give an array (.npy or .safetensors)"
            ));
        }
        if (self.width, self.height) != (width, height) && !fitting.resize {
            let (w, h) = (self.width, self.height);
            return Err(format!(
                "has {w} x {h} pixels but the network takes {width} x {height}; --resize scales it"
            ));
        }
        self.flatten(fitting.background)?;
        if channels == 1 {
            self.make_grey(fitting.grey)?;
        }
        self.scale(width, height);
        let colors = self.planes.len();
        // Grey stands for three equal colours.
        let samples = (0..channels).flat_map(|channel| self.planes[channel % colors].iter().copied());
        let count = channels * width * height;
        let image = if self.white == u16::MAX {
            let mut pixels = Vec::with_capacity(count);
            pixels.extend(samples);
            Image::new(channels, height, width, pixels)
        } else {
            let mut pixels = Vec::with_capacity(count);
            pixels.extend(samples.map(|sample| sample as u8));
            Image::new(channels, height, width, pixels)
        };
        image.map_err(|e| format!("cannot be used: {e}"))
    }

    /// Removes opacity: nothing to do where everything is opaque, otherwise the background shows through.
    fn flatten(&mut self, background: Option<Background>) -> Result<(), String> {
        let white = u32::from(self.white);
        let Some(alpha) = self.alpha.take() else { return Ok(()) };
        if alpha.iter().all(|&a| a == self.white) {
            return Ok(());
        }
        let behind = match background {
            None => {
                return Err(
                    "is partly transparent; say what is behind it: --background black or --background white"
                        .to_owned(),
                );
            }
            Some(Background::Black) => 0,
            Some(Background::White) => white,
        };
        for plane in &mut self.planes {
            for (sample, &a) in plane.iter_mut().zip(alpha.iter()) {
                let a = u32::from(a);
                // At most 65,535^2 + 32,767, which 32 bits hold.
                *sample = ((u32::from(*sample) * a + behind * (white - a) + white / 2) / white) as u16;
            }
        }
        Ok(())
    }

    /// One plane of luma, as video (ITU-R BT.601) and Pillow's mode `L` define it. Three equal planes are grey without that.
    fn make_grey(&mut self, allowed: bool) -> Result<(), String> {
        let [red, green, blue] = self.planes.as_mut_slice() else { return Ok(()) };
        if *red != *green || *green != *blue {
            if !allowed {
                return Err("is coloured but the network takes grey; --grey converts it".to_owned());
            }
            for ((r, &g), &b) in red.iter_mut().zip(green.iter()).zip(blue.iter()) {
                let sum = u32::from(*r) * 19_595 + u32::from(g) * 38_470 + u32::from(b) * 7_471;
                // The weights add up to 65,536.
                *r = ((u64::from(sum) + 0x8000) >> 16) as u16;
            }
        }
        self.planes.truncate(1);
        Ok(())
    }

    fn scale(&mut self, width: usize, height: usize) {
        if (self.width, self.height) != (width, height) {
            for plane in &mut self.planes {
                *plane = resize(plane, (self.width, self.height), (width, height));
            }
            (self.width, self.height) = (width, height);
        }
    }
}

#[cfg(test)]
mod tests;
