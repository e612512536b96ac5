//! Requests to valgrind, behind [`crate::ct`]; valgrind's manual, "The Client Request mechanism".

/// Of the core: how many valgrinds this runs under, and how many errors they reported.
pub(crate) const RUNNING: u64 = 0x1001;
pub(crate) const COUNT_ERRORS: u64 = 0x1201;
/// Of the memory checker: bytes are undefined, or defined.
pub(crate) const UNDEFINED: u64 = MEMORY_CHECKER + 1;
pub(crate) const DEFINED: u64 = MEMORY_CHECKER + 2;
const MEMORY_CHECKER: u64 = (b'M' as u64) << 24 | (b'C' as u64) << 16;

/// A request about bytes.
///
/// Inlined wherever it is used, so that the compiler sees an address escape into assembly and reads behind it again what may have
/// been changed.
#[inline(always)]
pub(crate) fn mark(request: u64, address: *const u8, length: usize) {
    ask(request, address as u64, length as u64);
}

/// A request, and its answer; 0 without valgrind.
#[cfg(all(target_arch = "x86_64", muse_ct))]
#[inline(always)]
pub(crate) fn ask(request: u64, address: u64, length: u64) -> u64 {
    let arguments = [request, address, length, 0, 0, 0];
    let answer: u64;
    // SAFETY: four rotations by 128 bits in all and an exchange of a register with itself change nothing but flags; valgrind
    // reads the six words that rax points to and writes its answer to rdx.
    unsafe {
        core::arch::asm!(
            "rol rdi, 3", "rol rdi, 13", "rol rdi, 61", "rol rdi, 51", "xchg rbx, rbx",
            in("rax") arguments.as_ptr(), inout("rdx") 0_u64 => answer, inout("rdi") 0_u64 => _,
        );
    }
    answer
}

/// No marks in this build.
#[cfg(not(all(target_arch = "x86_64", muse_ct)))]
#[inline(always)]
pub(crate) fn ask(_: u64, _: u64, _: u64) -> u64 {
    0
}
