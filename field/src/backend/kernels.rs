//! [`kernels!`](crate::kernels): the one way in which the crates of the workspace choose between kernels.

/// Declares a set of kernels, and which of its implementations runs.
///
/// Write it in a crate's `backend`, where `unsafe` is allowed, beside a module `portable` and one module for each set of
/// instructions. Each of these modules has every kernel of the list, under its name; those of instructions are functions with
/// `#[target_feature]`. The portable ones are always compiled, run wherever no others can, and are the oracle of the others in tests:
/// which implementation runs changes no result.
///
/// ```
/// # #![allow(unexpected_cfgs, unsafe_code)]
/// mod portable {
///     pub fn ones(words: &[u64]) -> u32 {
///         words.iter().map(|word| word.count_ones()).sum()
///     }
/// }
///
/// #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
/// mod avx2 {
///     #[target_feature(enable = "avx2")]
///     pub fn ones(words: &[u64]) -> u32 {
///         words.iter().map(|word| word.count_ones()).sum()
///     }
/// }
///
/// muse_field::kernels! {
///     /// Counts bits.
///     struct Kernels(Choice) {
///         Avx2 = avx2("avx2") if avx2;
///     }
///     /// The number of ones.
///     fn ones(words: &[u64]) -> u32;
/// }
///
/// assert_eq!(Kernels::detect().ones(&[3, 4]), 3);
/// assert_eq!(Kernels::PORTABLE.ones(&[3, 4]), 3);
/// ```
///
/// Implementations are listed the fastest first, each with its name for humans and the fields of
/// [`Features`](crate::cpu::Features) that it needs, which must imply its `#[target_feature]`. Type parameters of a kernel stand
/// in brackets: `fn run[J: Job](job: J);`.
///
/// The type is a **proof**: its field is private, and a value for other kernels than the portable ones is only made after
/// [`features`](crate::cpu::features) has found their instructions. That makes its methods safe.
///
/// ```compile_fail,E0423
/// mod backend {
///     mod portable {
///         pub fn ones(words: &[u64]) -> u32 {
///             words.iter().map(|word| word.count_ones()).sum()
///         }
///     }
///     use portable as other;
///     muse_field::kernels! {
///         pub(crate) struct Kernels(Choice) {
///             Other = other("other") if avx512;
///         }
///         fn ones(words: &[u64]) -> u32;
///     }
/// }
/// let unproven = backend::Kernels(backend::Choice::Other);
/// ```
///
/// Under `--cfg muse_backend="portable"`, and on processors other than x86-64, no other implementation is compiled.
#[macro_export]
macro_rules! kernels {
    (
        $(#[$meta:meta])*
        $vis:vis struct $Name:ident($Choice:ident) {
            $($Variant:ident = $module:ident($name:literal) if $($feature:ident)&&+;)+
        }
        $($(#[$about:meta])* fn $kernel:ident $([$($generics:tt)*])? ($($arg:ident: $Arg:ty),* $(,)?) $(-> $Out:ty)?;)+
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq)]
        $vis struct $Name($Choice);

        #[derive(Clone, Copy, PartialEq, Eq)]
        enum $Choice {
            Portable,
            $(#[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))] $Variant,)+
        }

        #[allow(dead_code, reason = "not every set of kernels is listed, named or forced")]
        impl $Name {
            /// The kernels for any processor.
            $vis const PORTABLE: Self = Self($Choice::Portable);

            /// The fastest kernels that this processor and this build have.
            #[inline]
            #[must_use]
            $vis fn detect() -> Self {
                #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
                {
                    let has = $crate::cpu::features();
                    $(if $(has.$feature)&&+ {
                        return Self($Choice::$Variant);
                    })+
                }
                Self::PORTABLE
            }

            /// All kernels that this processor and this build have, the fastest first and the portable ones last.
            $vis fn available() -> impl Iterator<Item = Self> {
                #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
                let others = {
                    let has = $crate::cpu::features();
                    [$(($(has.$feature)&&+).then_some(Self($Choice::$Variant))),+]
                };
                #[cfg(not(all(target_arch = "x86_64", not(muse_backend = "portable"))))]
                let others: [Option<Self>; 0] = [];
                others.into_iter().flatten().chain([Self::PORTABLE])
            }

            /// `"portable"`, or the name of an instruction set.
            #[must_use]
            $vis const fn name(self) -> &'static str {
                match self.0 {
                    $Choice::Portable => "portable",
                    $(#[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))] $Choice::$Variant => $name,)+
                }
            }
        }

        impl core::fmt::Debug for $Name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.name())
            }
        }

        $crate::kernels! {
            @methods $Name $Choice [$($Variant $module)+]
            $({ ($($arg),*) $(#[$about])* fn $kernel $([$($generics)*])? ($($arg: $Arg),*) $(-> $Out)? })+
        }
    };
    (@methods $Name:ident $Choice:ident $variants:tt $({ $($kernel:tt)+ })+) => {
        $($crate::kernels! { @method $Name $Choice $variants $($kernel)+ })+
    };
    (
        @method $Name:ident $Choice:ident [$($Variant:ident $module:ident)+] $given:tt
        $(#[$about:meta])* fn $kernel:ident $([$($generics:tt)*])? ($($arg:ident: $Arg:ty),*) $(-> $Out:ty)?
    ) => {
        impl $Name {
            $(#[$about])*
            pub(crate) fn $kernel $(<$($generics)*>)? (self, $($arg: $Arg),*) $(-> $Out)? {
                match self.0 {
                    $Choice::Portable => portable::$kernel $given,
                    $(
                        #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
                        // SAFETY: a value with this choice proves that the processor has the instructions that the kernel enables.
                        $Choice::$Variant => unsafe { $module::$kernel $given },
                    )+
                }
            }
        }
    };
}
