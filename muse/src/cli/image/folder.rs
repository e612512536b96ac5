//! Folders stand for the images in them.

use crate::cli::failure::Failure;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The paths, with the image files of a folder in its place: those whose names end in `.png`, `.npy` or `.safetensors`, in the
/// order of their names, byte by byte; hidden files and folders in the folder are left out.
///
/// # Errors
/// A folder that cannot be read, has no images, or too many files.
pub(super) fn expand(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(images(path)?);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn images(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let name = super::shown(folder);
    let unreadable = |e: std::io::Error| Failure::general(format!("cannot read the folder {name}: {e}"));
    let mut files = Vec::new();
    for (count, entry) in fs::read_dir(folder).map_err(unreadable)?.enumerate() {
        if count >= MAX_ENTRIES {
            return Err(Failure::general(format!("the folder {name} has more than {MAX_ENTRIES} files")));
        }
        let path = entry.map_err(unreadable)?.path();
        if is_image(&path) {
            files.push(path);
        }
    }
    if files.is_empty() {
        return Err(Failure::general(format!(
            "the folder {name} has no .png, .npy or .safetensors files (folders in it are not searched)"
        )));
    }
    files.sort();
    Ok(files)
}

fn is_image(path: &Path) -> bool {
    let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    let known = |extension: &std::ffi::OsStr| KINDS.iter().any(|kind| extension.eq_ignore_ascii_case(kind));
    !hidden && path.extension().is_some_and(known) && !path.is_dir()
}

const KINDS: [&str; 3] = ["png", "npy", "safetensors"];

const MAX_ENTRIES: usize = 1 << 17;
