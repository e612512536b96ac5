//! Which jumps are public.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use crate::listing::{Function, Instruction, Place};

/// Lines of our sources whose conditional jumps are on public numbers.
pub(crate) struct Allowed(BTreeSet<(String, String)>);

impl Allowed {
    /// `path: text of the line`, one a line; a line that begins with `#` is a reason for those that follow it.
    pub(crate) fn parse(list: &str) -> Self {
        let mut lines = BTreeSet::new();
        let mut reason = false;
        for line in list.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if line.starts_with('#') {
                reason = true;
            } else {
                assert!(reason, "a reason before the first line");
                let (path, text) = line.split_once(": ").expect("path: text");
                lines.insert((path.into(), text.into()));
            }
        }
        Self(lines)
    }

    fn contains(&self, path: &str, text: &str) -> bool {
        // Paths of other crates begin with the registry's folder.
        self.0.iter().any(|(listed, line)| line == text && path.ends_with(listed.as_str()))
    }
}

/// A jump or call that nothing allows.
pub(crate) struct Finding {
    pub(crate) function: String,
    pub(crate) address: u64,
    pub(crate) reason: &'static str,
    code: String,
    place: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { function, address, reason, code, place } = self;
        write!(f, "{function}, {address:x}: {code}: {reason}\n    {place}")
    }
}

/// All findings in a function. `known` are names of functions that are examined, too.
pub(crate) fn examine(
    function: &Function,
    allowed: &Allowed,
    root: &Path,
    known: impl Fn(&str) -> bool,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, one) in function.instructions.iter().enumerate() {
        let before = &function.instructions[..at];
        let (path, text) = source(&one.places, root);
        let reason = if one.is_conditional_jump() {
            if depends_on_vector(before) {
                "on a vector, a mask or a floating-point number"
            } else if allowed.contains(&path, &text) {
                continue;
            } else {
                "not in the list"
            }
        } else if one.mnemonic == "call"
            && callee(&one.operands).is_some_and(|name| ours(name) && !known(name))
        {
            "call of a function that is not examined"
        } else {
            continue;
        };
        findings.push(Finding {
            function: function.name.clone(),
            address: one.address,
            reason,
            code: format!("{} {}", one.mnemonic, one.operands),
            place: format!("{path}: {text}"),
        });
    }
    findings
}

/// The innermost place outside of the standard library: path below the repository, and the text of the line (its number, where there
/// is no such file).
fn source(places: &[Place], root: &Path) -> (String, String) {
    let ours = places.iter().find(|(path, _)| !path.starts_with("/rustc/") && !path.contains("/library/"));
    let Some((path, line)) = ours else { return ("?".into(), "?".into()) };
    let file = if Path::new(path).is_absolute() { path.into() } else { root.join(path) };
    let text = std::fs::read_to_string(file).ok();
    let text =
        text.and_then(|text| text.lines().nth(line.wrapping_sub(1)).map(|text| text.trim().to_owned()));
    (path.clone(), text.unwrap_or_else(|| format!("line {line}")))
}

/// Whether the flags at the end of these instructions were set by an instruction on vectors or masks, or by one on a register that
/// was last written from one of these.
fn depends_on_vector(before: &[Instruction]) -> bool {
    let Some(at) = before.iter().rposition(|one| sets_flags(&one.mnemonic)) else { return false };
    let setter = &before[at];
    if ["vptest", "ptest", "vtest", "kortest", "ktest"].iter().any(|name| setter.mnemonic.starts_with(name))
        || setter.mnemonic.contains("comis")
    {
        return true;
    }
    let registers = setter.operands.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(register);
    registers.into_iter().any(|register| {
        let written = before[..at].iter().rev().find(|one| {
            let target = one.operands.split(',').next().and_then(|target| self::register(target.trim()));
            target == Some(register) && !["cmp", "test", "push", "bt"].contains(&one.mnemonic.as_str())
        });
        written.is_some_and(from_vector)
    })
}

fn from_vector(one: &Instruction) -> bool {
    let source = one.operands.split_once(',').map_or("", |(_, source)| source);
    source.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
        ["xmm", "ymm", "zmm"].iter().any(|kind| word.starts_with(kind))
            || word
                .strip_prefix('k')
                .is_some_and(|digit| digit.len() == 1 && digit.as_bytes()[0].is_ascii_digit())
    })
}

/// Whether an instruction changes the flags that jumps look at; moves and vector arithmetic do not.
fn sets_flags(mnemonic: &str) -> bool {
    if mnemonic.starts_with('v') || mnemonic.starts_with('k') {
        return ["vptest", "vtest", "kortest", "ktest"].iter().any(|name| mnemonic.starts_with(name))
            || mnemonic.contains("comis");
    }
    const FLAGS: [&str; 24] = [
        "cmp", "test", "add", "adc", "sub", "sbb", "and", "or", "xor", "inc", "dec", "neg", "shl", "shr",
        "sar", "bt", "bts", "btr", "mul", "imul", "popcnt", "lzcnt", "tzcnt", "ptest",
    ];
    FLAGS.contains(&mnemonic) || mnemonic.contains("comis")
}

/// A general register by the name of its 64 bits, of whichever part.
fn register(word: &str) -> Option<&'static str> {
    const NAMES: [(&str, [&str; 4]); 8] = [
        ("rax", ["rax", "eax", "ax", "al"]),
        ("rbx", ["rbx", "ebx", "bx", "bl"]),
        ("rcx", ["rcx", "ecx", "cx", "cl"]),
        ("rdx", ["rdx", "edx", "dx", "dl"]),
        ("rsi", ["rsi", "esi", "si", "sil"]),
        ("rdi", ["rdi", "edi", "di", "dil"]),
        ("rbp", ["rbp", "ebp", "bp", "bpl"]),
        ("rsp", ["rsp", "esp", "sp", "spl"]),
    ];
    const NUMBERED: [&str; 8] = ["r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"];
    let numbered = || {
        let word = word.trim_end_matches(['d', 'w', 'b']);
        NUMBERED.iter().find(|name| **name == word).copied()
    };
    NAMES.iter().find(|(_, names)| names.contains(&word)).map(|(name, _)| *name).or_else(numbered)
}

/// The name in `200 <name>` or `200 <name+0x7>`.
fn callee(operands: &str) -> Option<&str> {
    operands.split_once('<').map(|(_, name)| name.trim_end_matches('>'))
}

fn ours(name: &str) -> bool {
    name.trim_start_matches(['<', '&']).starts_with("muse_")
}
