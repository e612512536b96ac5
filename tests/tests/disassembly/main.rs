//! The code for AVX-512 and VAES, which valgrind does not run, has no jump on a secret: every conditional jump of an optimised
//! program in it belongs to a listed loop or check of public numbers.
//!
//! ```text
//! MUSE_PROGRAMS=PATH:PATH cargo test -p muse-tests --test disassembly -- --ignored
//! ```
//!
//! The programs are those of the valgrind tests of `muse-he` and `muse-gc`, or any other with line tables that has this code.
//! Needs `objdump` and `nm` (binutils). `.ci/constant_time` runs it.
//!
//! A jump is known by the line of our sources that it was compiled from, the innermost one where functions were inlined into each
//! other; loops of the standard library stand for the line that loops. `public.txt` lists those lines by their text, so neither
//! moved lines nor another compiler's way to compile a loop make a difference, and a new `if` does. A jump on what comes out of a
//! vector, a mask or a comparison of floating-point numbers is refused wherever it stands.

#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::unwrap_used, reason = "a test")]

mod judge;
mod listing;

use std::collections::BTreeSet;
use std::path::Path;

use judge::{Allowed, Finding};
use listing::Function;

/// What must be in the programs together; generic functions occur several times.
const EXAMINED: [&str; 14] = [
    "muse_he::ring::backend::avx512::widen",
    "muse_he::ring::backend::avx512::mul_assign",
    "muse_he::ring::backend::avx512::mul_add_assign",
    "muse_he::ring::backend::avx512::scale_assign",
    "muse_he::ring::backend::avx512::reduce_signed",
    "muse_he::ring::backend::avx512::combine",
    "muse_he::ring::backend::avx512::ntt::forward",
    "muse_he::ring::backend::avx512::ntt::inverse",
    "muse_gc::backend::aes::x86::vaes256::run",
    "muse_gc::backend::aes::x86::vaes512::run",
    "muse_gc::backend::clmul::lanes::vpclmul::mul_each",
    "muse_gc::backend::clmul::lanes::vpclmul::mul_linear",
    // The `aes` crate chooses by itself, for the portable engine.
    "aes::backends::x86_vaes256::Aes<_>::encrypt",
    "aes::backends::x86_vaes512::Aes<_>::encrypt",
];

/// What those call where it was not inlined: examined like them, and need not be there.
const PARTS: [&str; 2] =
    ["muse_he::ring::backend::avx512::Prime::new", "muse_he::ring::backend::avx512::ntt::inverse_last"];

/// Functions of the test programs with a jump on a vector's lanes, compiled like the others.
const CONTROLS: [&str; 2] = ["constant_time::leaky_avx512", "constant_time::leaky_avx512_in_a_loop"];

fn allowed() -> Allowed {
    Allowed::parse(include_str!("public.txt"))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
#[ignore = "needs optimised programs: `.ci/constant_time`"]
fn no_jump_on_a_secret() {
    let programs = std::env::var("MUSE_PROGRAMS").expect("MUSE_PROGRAMS=path:path");
    let wanted = |name: &str| {
        EXAMINED.contains(&name)
            || CONTROLS.contains(&name)
            || PARTS.iter().any(|part| name.starts_with(part))
    };
    let functions: Vec<Function> =
        programs.split(':').flat_map(|program| listing::functions(Path::new(program), wanted)).collect();
    let found: BTreeSet<&str> = functions.iter().map(|function| function.name.as_str()).collect();
    for name in EXAMINED.iter().chain(&CONTROLS) {
        assert!(
            found.contains(name),
            "{name} is in none of the programs: inlined, renamed or without symbols"
        );
    }
    let known = |name: &str| EXAMINED.contains(&name) || PARTS.iter().any(|part| name.starts_with(part));
    let allowed = allowed();
    let (mut findings, mut caught, mut jumps) = (vec![], BTreeSet::new(), 0);
    for function in &functions {
        let found = judge::examine(function, &allowed, root(), known);
        if CONTROLS.contains(&function.name.as_str()) {
            if !found.is_empty() {
                caught.insert(function.name.as_str());
            }
        } else {
            jumps += function.jumps();
            findings.extend(found);
        }
    }
    let listed: Vec<String> = findings.iter().map(Finding::to_string).collect();
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), listed.join("\n"));
    assert_eq!(caught, BTreeSet::from(CONTROLS), "both controls are caught");
    eprintln!("{} functions, {jumps} conditional jumps, all of them public", functions.len());
}

/// Each rule on a listing by hand: loops of a listed line pass, everything else does not.
#[test]
fn what_is_not_listed_is_found() {
    let listing = include_str!("listing.txt");
    let examine = |list: &str| {
        let function = Function::parse("a::function".into(), listing);
        let found = judge::examine(&function, &Allowed::parse(list), Path::new("/nowhere"), |name| {
            name == "muse_he::known"
        });
        found.iter().map(|finding| (finding.address, finding.reason)).collect::<Vec<_>>()
    };
    let of_vectors = [
        (0x108, "on a vector, a mask or a floating-point number"),
        (0x110, "on a vector, a mask or a floating-point number"),
        (0x120, "on a vector, a mask or a floating-point number"),
    ];
    let call = (0x128, "call of a function that is not examined");
    let whole = "# counts\nhe/src/a.rs: line 7\nhe/src/a.rs: line 9\n";
    assert_eq!(examine(whole), [&of_vectors[..], &[call]].concat());
    let not_listed = |address| (address, "not in the list");
    let without_nine = examine("# counts\nhe/src/a.rs: line 7\n");
    assert_eq!(without_nine, [of_vectors[0], of_vectors[1], not_listed(0x118), of_vectors[2], call]);
}
