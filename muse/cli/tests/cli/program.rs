//! Runs the built `muse` program.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
};

/// The program with these arguments, without colours and without the user's terminal.
pub(crate) fn muse(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_muse"));
    command.args(arguments).stdin(Stdio::null()).env_remove("NO_COLOR");
    command
}

/// Runs it to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    muse(arguments).output().expect("the program starts")
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

/// The one line on standard error of a program that failed with `code`.
pub(crate) fn failure(output: &Output, code: i32) -> String {
    let text = stderr(output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert_eq!(text.lines().count(), 1, "one line, please: {text}");
    assert!(text.starts_with("muse: "), "{text}");
    text.trim_end().to_owned()
}

/// A `muse serve` in the background; killed when dropped.
pub(crate) struct Serving {
    child: Child,
    lines: Option<BufReader<ChildStdout>>,
    pub(crate) address: String,
}

impl Serving {
    /// Serves with these arguments on a free port.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut command = muse(&["serve", "--listen", "127.0.0.1:0", "--json"]);
        let mut child = command
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let lines = Some(BufReader::new(child.stdout.take().expect("piped")));
        let mut serving = Self { child, lines, address: String::new() };
        let listening = serving.event();
        assert_eq!(listening["event"], "listening");
        serving.address = listening["address"].as_str().expect("text").to_owned();
        serving
    }

    /// The system's number of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next event it reports.
    pub(crate) fn event(&mut self) -> serde_json::Value {
        let mut line = String::new();
        self.lines.as_mut().expect("open").read_line(&mut line).expect("readable");
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("no event but {line:?}: {e}"))
    }

    /// Nobody reads its events any more.
    #[cfg(unix)]
    pub(crate) fn close_log(&mut self) {
        self.lines = None;
    }

    /// The next event of this kind.
    pub(crate) fn wait_for(&mut self, kind: &str) -> serde_json::Value {
        loop {
            let event = self.event();
            if event["event"] == kind {
                return event;
            }
        }
    }

    /// Its exit code, once it has ended by itself.
    pub(crate) fn exit_code(mut self) -> Option<i32> {
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder that vanishes with this value.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("muse-cli-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("temporary folder");
        Self(path)
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Writes a grey image.
pub(crate) fn write_png(path: &Path, width: u32, height: u32, pixels: &[u8]) {
    let mut encoder = png::Encoder::new(std::fs::File::create(path).expect("writable"), width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header().expect("header").write_image_data(pixels).expect("data");
}
