//! Folders stand for the images in them.

use crate::failure::Failure;
use crate::table::counted;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The paths, with the image files of a folder in its place: those whose names end in `.png`, `.npy` or `.safetensors`, in the
/// order of their names, byte by byte. Hidden files and folders in the folder are left out, other files too with a remark.
///
/// # Errors
/// A folder that cannot be read, has no images, or too many files.
pub fn expand(paths: &[PathBuf], remarks: &mut Vec<String>) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(images(path, remarks)?);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn images(folder: &Path, remarks: &mut Vec<String>) -> Result<Vec<PathBuf>, Failure> {
    let name = super::shown(folder);
    let unreadable = |e: std::io::Error| Failure::general(format!("cannot read the folder {name}: {e}"));
    let (mut files, mut others) = (Vec::new(), Vec::new());
    for (count, entry) in fs::read_dir(folder).map_err(unreadable)?.enumerate() {
        if count >= MAX_ENTRIES {
            return Err(Failure::general(format!("the folder {name} has more than {MAX_ENTRIES} files")));
        }
        let path = entry.map_err(unreadable)?.path();
        if is_image(&path) {
            files.push(path);
        } else if !is_hidden(&path) && !path.is_dir() {
            others.push(path);
        }
    }
    if files.is_empty() {
        return Err(Failure::general(format!(
            "the folder {name} has no .png, .npy or .safetensors files (folders in it are not searched)"
        )));
    }
    if !others.is_empty() {
        others.sort();
        remarks.push(skipped(&name, &others));
    }
    files.sort();
    Ok(files)
}

/// That these files of a folder are not images, with the first names.
fn skipped(folder: &str, files: &[PathBuf]) -> String {
    let name = |path: &PathBuf| super::shown(Path::new(path.file_name().unwrap_or_default()));
    let names: Vec<String> = files.iter().take(SHOWN).map(name).collect();
    let (count, folder) = (files.len(), folder.trim_end_matches('/'));
    format!(
        "{folder}/: {} skipped ({}{}); PNG, .npy and .safetensors are read",
        counted(count, "file"),
        names.join(", "),
        if count > SHOWN { ", ..." } else { "" }
    )
}

fn is_image(path: &Path) -> bool {
    let known = |extension: &std::ffi::OsStr| KINDS.iter().any(|kind| extension.eq_ignore_ascii_case(kind));
    !is_hidden(path) && path.extension().is_some_and(known) && !path.is_dir()
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

const KINDS: [&str; 3] = ["png", "npy", "safetensors"];

/// Names in a remark.
const SHOWN: usize = 3;

const MAX_ENTRIES: usize = 1 << 17;
