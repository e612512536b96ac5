//! How a test makes a party cheat: it replaces what a reply multiplies by. Without the feature `test-util` nothing is ever replaced.

use muse_field::Fp;

use super::{Column, Session};

/// Which reply: what it multiplies, and by what.
#[cfg_attr(
    not(any(test, feature = "test-util")),
    expect(unreachable_pub, reason = "tests name steps, nobody else does")
)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Step {
    /// Enc(a) by b.
    Product,
    /// Enc(a) by b^.
    SecondProduct,
    /// Enc(alpha) by a.
    MacA,
    /// Enc(alpha) by b.
    MacB,
    /// Enc(alpha) by b^.
    MacSecondB,
    /// Enc(alpha) by c.
    MacC,
    /// Enc(alpha) by c^.
    MacSecondC,
    /// Enc(alpha) by an input, or by a value of the trial.
    Input,
}

#[cfg(not(any(test, feature = "test-util")))]
impl Session {
    /// Nothing else than what it should be.
    #[expect(clippy::unused_self, reason = "as with the feature test-util")]
    pub(super) const fn deviated(&self, _: Step, _: usize, _: &[Fp]) -> Option<Column> {
        None
    }
}

#[cfg(any(test, feature = "test-util"))]
mod cheating {
    use super::{Column, Fp, Session, Step};
    use alloc::boxed::Box;
    use alloc::vec::Vec;
    use zeroize::Zeroizing;

    /// Changes the N values that a reply multiplies by, given the step and the group.
    pub type Deviation = Box<dyn Fn(Step, usize, &mut [Fp]) + Send + Sync>;

    impl Session {
        /// From here on this party cheats.
        #[must_use]
        pub fn deviate(mut self, deviation: impl Fn(Step, usize, &mut [Fp]) + Send + Sync + 'static) -> Self {
            self.deviation = Some(Box::new(deviation));
            self
        }

        /// What a cheater multiplies by.
        pub(in crate::overdrive) fn deviated(
            &self,
            step: Step,
            group: usize,
            values: &[Fp],
        ) -> Option<Column> {
            let deviation = self.deviation.as_ref()?;
            let mut changed: Vec<Fp> = values.to_vec();
            deviation(step, group, &mut changed);
            Some(Zeroizing::new(changed))
        }
    }
}

#[cfg(any(test, feature = "test-util"))]
pub use cheating::Deviation;
