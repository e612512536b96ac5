//! Every crate below `muse` in a program without the standard library: it links, runs, and exits with 0.
//!
//! `alloc` is served by the C library's allocator. A dependency on `std` anywhere below would bring a second
//! panic handler, and this program would not link; `--features control-std` shows that it would not.
#![no_std]
#![no_main]

extern crate alloc;
// Linked even where nothing of them is called yet.
extern crate muse_cds as _;
extern crate muse_gc as _;
extern crate muse_he as _;
extern crate muse_mac as _;
extern crate muse_triples as _;
extern crate muse_zk as _;

use alloc::vec;
use core::alloc::{GlobalAlloc, Layout};
use core::ffi::{c_int, c_void};
use muse_field::{Fp, pack};

#[link(name = "c")]
unsafe extern "C" {
    fn aligned_alloc(alignment: usize, size: usize) -> *mut c_void;
    fn free(pointer: *mut c_void);
    fn abort() -> !;
}

struct C;

// SAFETY: `aligned_alloc` returns memory of the size and alignment asked for, or null; `free` takes it back.
unsafe impl GlobalAlloc for C {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let alignment = layout.align().max(size_of::<usize>());
        // SAFETY: the alignment is a power of two and the size a multiple of it.
        unsafe { aligned_alloc(alignment, layout.size().next_multiple_of(alignment)).cast() }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, _: Layout) {
        // SAFETY: the pointer came from `alloc`.
        unsafe { free(pointer.cast()) }
    }
}

#[global_allocator]
static ALLOCATOR: C = C;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    // SAFETY: `abort` has no precondition.
    unsafe { abort() }
}

/// Named by precompiled objects of `core` and `alloc`; never called, as panics abort.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[unsafe(no_mangle)]
extern "C" fn main() -> c_int {
    let values = [Fp::new(3), Fp::new(0) - Fp::new(4)];
    let mut bytes = vec![0; pack::packed_len(values.len())];
    pack::pack(&values, &mut bytes);
    let mut back = [Fp::ZERO; 2];
    let same = pack::unpack(&bytes, &mut back).is_ok() && back == values;
    c_int::from(!(same && back[0] * back[1] + Fp::new(12) == Fp::ZERO))
}
