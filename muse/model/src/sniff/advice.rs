//! What is said about a file of another kind than the one that is wanted, and what helps.

use super::Kind;

/// What a reader wants of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wanted {
    /// A network: ONNX, or a description in JSON.
    Network,
    /// Its weights, beside a description: safetensors.
    Weights,
    /// Weights beside an ONNX file: bytes as that file says.
    ExternalData,
    /// Labelled images: safetensors.
    Samples,
    /// An image to classify.
    Image,
    /// Names of classes.
    Names,
}

impl Kind {
    /// What a file of this kind is, and what to do where something else is wanted; to be put behind its name.
    #[must_use]
    pub fn instead_of(self, wanted: Wanted) -> String {
        if let Some(advice) = self.whatever_is_wanted() {
            return advice.to_owned();
        }
        let what = self.what();
        match wanted {
            Wanted::Network => format!("{what}: {}", self.for_network()),
            Wanted::Weights => format!("{what}, not the weights: {SAVE_WEIGHTS}"),
            Wanted::ExternalData => format!("{what}, not the weights: export the network again"),
            Wanted::Samples => format!("{what}, not labelled images: {SAVE_SAMPLES}"),
            Wanted::Image => format!("{what}: {}", self.for_image()),
            Wanted::Names => format!("{what}, not a text file with one name a line"),
        }
    }

    /// Files that are of no use to anybody: something went wrong on their way.
    const fn whatever_is_wanted(self) -> Option<&'static str> {
        match self {
            Self::Empty => Some("is empty: copy or download it again"),
            Self::LfsPointer => Some("is a Git LFS pointer, not the file: git lfs pull"),
            Self::AnnexPointer => Some("is a git-annex pointer, not the file: git annex get"),
            Self::Html => Some("is a web page, not the file: download it by the link to the file itself"),
            Self::Xml => {
                Some("is an XML document, not the file: if it is a server's error, download the file again")
            }
            Self::Gzip => Some("is compressed by gzip: gunzip < THIS > THE-FILE"),
            Self::Compressed => Some("is compressed: unpack it"),
            Self::Tar => Some("is an archive: tar -xf unpacks it; give the file in it"),
            Self::Npz
            | Self::Torch
            | Self::Keras
            | Self::Zip
            | Self::Pickle
            | Self::Hdf5
            | Self::Png
            | Self::Jpeg
            | Self::Picture
            | Self::Pdf
            | Self::Npy
            | Self::Safetensors
            | Self::Onnx
            | Self::TfLite
            | Self::Json
            | Self::Text
            | Self::Unknown => None,
        }
    }

    const fn what(self) -> &'static str {
        match self {
            Self::Empty => "is empty",
            Self::LfsPointer => "is a Git LFS pointer",
            Self::AnnexPointer => "is a git-annex pointer",
            Self::Html => "is a web page",
            Self::Xml => "is an XML document",
            Self::Gzip => "is compressed by gzip",
            Self::Compressed => "is compressed",
            Self::Tar => "is an archive (tar)",
            Self::Npz => "is an archive of NumPy arrays (.npz)",
            Self::Torch => "is a PyTorch checkpoint",
            Self::Keras => "is a Keras network",
            Self::Zip => "is an archive (zip)",
            Self::Pickle => "is a pickle of Python objects",
            Self::Hdf5 => "is an HDF5 file",
            Self::Png => "is a PNG picture",
            Self::Jpeg => "is a JPEG picture",
            Self::Picture => "is a picture of a kind that is not read",
            Self::Pdf => "is a PDF document",
            Self::Npy => "is a NumPy array (.npy)",
            Self::Safetensors => "is a safetensors file",
            Self::Onnx => "is an ONNX network",
            Self::TfLite => "is a TensorFlow Lite network",
            Self::Json => "is a JSON text",
            Self::Text => "is a text",
            Self::Unknown => "is of a kind that is not known",
        }
    }

    const fn for_network(self) -> &'static str {
        match self {
            Self::Torch => "export the network with torch.onnx.export",
            Self::Keras | Self::Hdf5 => {
                "load it in Keras and export it: model.export(\"net.onnx\", format=\"onnx\")"
            }
            Self::Pickle => "export the network as ONNX, with torch.onnx.export or skl2onnx",
            Self::TfLite => "python3 -m tf2onnx.convert --tflite THIS --output net.onnx",
            Self::Safetensors | Self::Npz | Self::Npy => {
                "weights without layers: give the .json beside it, which describes them, or export the network as ONNX"
            }
            Self::Png | Self::Jpeg | Self::Picture => "give the network's file: NAME.onnx or NAME.json",
            Self::Zip => "unpack it, and give the file in it",
            Self::Onnx => "read it as one, with Model::from_onnx",
            Self::Empty
            | Self::LfsPointer
            | Self::AnnexPointer
            | Self::Html
            | Self::Xml
            | Self::Gzip
            | Self::Compressed
            | Self::Tar
            | Self::Pdf
            | Self::Json
            | Self::Text
            | Self::Unknown => "neither an ONNX file nor a description in JSON",
        }
    }

    const fn for_image(self) -> &'static str {
        match self {
            Self::Jpeg | Self::Picture => "convert it, for example with: convert THIS OUT.png",
            Self::Npz | Self::Torch | Self::Pickle | Self::Hdf5 => "save the array with numpy.save",
            Self::Zip => "unpack it",
            Self::Empty
            | Self::LfsPointer
            | Self::AnnexPointer
            | Self::Html
            | Self::Xml
            | Self::Gzip
            | Self::Compressed
            | Self::Tar
            | Self::Keras
            | Self::Png
            | Self::Pdf
            | Self::Npy
            | Self::Safetensors
            | Self::Onnx
            | Self::TfLite
            | Self::Json
            | Self::Text
            | Self::Unknown => "neither a PNG image nor an array of NumPy (.npy) or safetensors",
        }
    }
}

const SAVE_WEIGHTS: &str = "a safetensors file is wanted, as safetensors.numpy.save_file writes it";

const SAVE_SAMPLES: &str = "give a safetensors file with images (uint8, N x C x H x W) and labels (N): \
    safetensors.numpy.save_file({\"images\": images, \"labels\": labels}, \"samples.safetensors\")";
