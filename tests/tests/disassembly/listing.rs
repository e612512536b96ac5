//! What `nm` and `objdump` say about a program.

use std::path::Path;
use std::process::Command;

/// A place in a source: its path as the compiler knew it, and the line from 1.
pub(crate) type Place = (String, usize);

/// One instruction, in the syntax of Intel.
pub(crate) struct Instruction {
    pub(crate) address: u64,
    pub(crate) mnemonic: String,
    pub(crate) operands: String,
    /// Where it comes from: innermost first, then what that was inlined into.
    pub(crate) places: Vec<Place>,
}

impl Instruction {
    /// Whether what follows depends on flags.
    pub(crate) fn is_conditional_jump(&self) -> bool {
        self.mnemonic.starts_with('j') && self.mnemonic != "jmp"
    }
}

/// A function of a program.
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) instructions: Vec<Instruction>,
}

impl Function {
    /// A listing by `objdump --disassemble --line-numbers --inlines -M intel --no-show-raw-insn`.
    pub(crate) fn parse(name: String, listing: &str) -> Self {
        let (mut instructions, mut places, mut complete) = (Vec::new(), Vec::<Place>::new(), false);
        for line in listing.lines() {
            if let Some((address, code)) = instruction(line) {
                let (mnemonic, operands) = code.split_once(char::is_whitespace).unwrap_or((code, ""));
                // What comes before the mnemonic, as in `bnd jmp`, changes nothing here.
                let (mnemonic, operands) = match mnemonic {
                    "bnd" | "notrack" | "rep" | "lock" => operands.split_once(' ').unwrap_or((operands, "")),
                    _ => (mnemonic, operands),
                };
                instructions.push(Instruction {
                    address,
                    mnemonic: mnemonic.into(),
                    operands: operands.trim().into(),
                    places: places.clone(),
                });
                complete = true;
            } else if let Some(place) = place(line) {
                if complete {
                    places.clear();
                    complete = false;
                }
                places.push(place);
            }
        }
        Self { name, instructions }
    }

    pub(crate) fn jumps(&self) -> usize {
        self.instructions.iter().filter(|one| one.is_conditional_jump()).count()
    }
}

/// The functions of a program whose names are wanted.
pub(crate) fn functions(program: &Path, wanted: impl Fn(&str) -> bool) -> Vec<Function> {
    let symbols = run(Command::new("nm").args(["--demangle", "--defined-only", "--print-size"]).arg(program));
    let mut functions = Vec::new();
    for symbol in symbols.lines() {
        let mut words = symbol.splitn(4, ' ');
        let mut number = || words.next().and_then(|word| u64::from_str_radix(word, 16).ok());
        let (Some(start), Some(size)) = (number(), number()) else { continue };
        let (Some("t" | "T"), Some(name)) = (words.next(), words.next()) else { continue };
        if wanted(name) {
            let mut objdump = Command::new("objdump");
            objdump.args([
                "--disassemble",
                "--demangle",
                "--line-numbers",
                "--inlines",
                "--no-show-raw-insn",
                "-Mintel",
            ]);
            objdump.arg(format!("--start-address={start}")).arg(format!("--stop-address={}", start + size));
            functions.push(Function::parse(name.into(), &run(objdump.arg(program))));
        }
    }
    functions
}

fn run(command: &mut Command) -> String {
    let output = command.output().expect("binutils are installed");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn instruction(line: &str) -> Option<(u64, &str)> {
    let (address, code) = line.split_once(":\t")?;
    Some((u64::from_str_radix(address.trim(), 16).ok()?, code.trim()))
}

/// `/path/file.rs:7` or `inlined by /path/file.rs:7 (function)`.
fn place(line: &str) -> Option<Place> {
    let rest = line.trim().trim_start_matches("inlined by ");
    let (path, rest) = rest.split_once(".rs:")?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    Some((format!("{path}.rs"), rest[..digits].parse().ok()?))
}
