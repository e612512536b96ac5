//! How long a connection may keep this side waiting, by the bytes that move. This module has no clock: callers report how long they waited.

use super::Limits;
use core::time::Duration;

/// What is left of the time that a message may block this side.
#[derive(Debug)]
pub(super) struct Allowance {
    quiet: Duration,
    left: Duration,
    min_rate: u64,
}

impl Allowance {
    /// For one message: `quiet` without progress, plus time for each byte.
    pub(super) const fn new(quiet: Duration, min_rate: u64) -> Self {
        Self { quiet, left: quiet, min_rate }
    }

    /// More time, for `bytes` more.
    pub(super) fn extend(&mut self, bytes: usize) {
        self.left = self.left.saturating_add(time_of(bytes as u64, self.min_rate));
    }

    /// How long the next call may block, beyond what the pace allows; none when the time is used up.
    fn patience(&self) -> Duration {
        self.left.min(self.quiet)
    }

    fn spend(&mut self, time: Duration) {
        self.left = self.left.saturating_sub(time);
    }
}

/// What is left of the time that a whole phase may block this side: a bucket that waits empty and bytes fill, up to [`Limits::phase`].
///
/// Who moves bytes at the least rate or faster never empties it; who moves none empties it once, however many messages it has time
/// for.
#[derive(Debug)]
pub(super) struct Pace {
    /// Time that the bytes sent may still be on their way. It passes before any other.
    travel: Duration,
    left: Duration,
    phase: Duration,
    min_rate: u64,
}

impl Pace {
    pub(super) const fn new(limits: &Limits) -> Self {
        Self { travel: Duration::ZERO, left: limits.phase, phase: limits.phase, min_rate: limits.min_rate }
    }

    /// A phase begins.
    pub(super) const fn begin(&mut self) {
        self.left = self.phase;
    }

    /// Until [`begin`](Self::begin) this side waits for a request, which is no part of a phase.
    pub(super) const fn rest(&mut self) {
        self.left = Duration::MAX;
    }

    /// The last message is sent now. Time used before it and bytes on their way no longer count.
    pub(super) const fn last_words(&mut self) {
        (self.travel, self.left) = (Duration::ZERO, Duration::MAX);
    }

    /// The system has taken `bytes`.
    pub(super) fn sent(&mut self, bytes: usize) {
        let travel = self.travel.saturating_add(time_of(bytes as u64, self.min_rate));
        self.travel = travel.min(time_of(ON_THEIR_WAY as u64, self.min_rate));
    }

    /// `bytes` came.
    pub(super) fn received(&mut self, bytes: usize) {
        if self.left < self.phase {
            self.left = self.left.saturating_add(time_of(bytes as u64, self.min_rate)).min(self.phase);
        }
    }

    /// How long the next call for a message may block; none when the time is used up.
    pub(super) fn patience(&self, message: &Allowance) -> Duration {
        self.travel.saturating_add(message.patience().min(self.left))
    }

    /// Takes off what a call for a message used.
    pub(super) fn spend(&mut self, time: Duration, message: &mut Allowance) {
        let travelled = time.min(self.travel);
        self.travel -= travelled;
        // Check: waits of a phase are limited together.
        self.left = self.left.saturating_sub(time - travelled);
        message.spend(time - travelled);
    }
}

/// What a connection of the least rate takes for `bytes`.
pub(crate) fn time_of(bytes: u64, min_rate: u64) -> Duration {
    Duration::from_nanos(bytes.saturating_mul(1_000_000_000) / min_rate.max(1))
}

/// Bytes that may be on their way at most: what systems keep of a connection in their buffers.
const ON_THEIR_WAY: usize = 4 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const RATE: u64 = 1000;
    const LIMITS: Limits = Limits {
        connect: SECOND,
        read: Duration::from_secs(30),
        write: Duration::from_secs(30),
        idle: Duration::from_secs(300),
        phase: Duration::from_secs(120),
        min_rate: RATE,
    };

    fn message() -> Allowance {
        Allowance::new(LIMITS.read, RATE)
    }

    #[test]
    fn silence_has_a_limit_in_a_message_and_in_a_phase() {
        let mut pace = Pace::new(&LIMITS);
        let mut waited = Duration::ZERO;
        // Sixty-four messages, each as late as it may be: the tries of a proof that is never made.
        for _ in 0..64 {
            let mut message = message();
            let late = pace.patience(&message).min(29 * SECOND);
            pace.spend(late, &mut message);
            pace.received(34);
            waited += late;
        }
        assert!(waited < LIMITS.phase + 5 * SECOND, "{waited:?} of waiting");
        assert!(pace.patience(&message()) <= SECOND);
        pace.begin();
        assert_eq!(pace.patience(&message()), LIMITS.read);
    }

    #[test]
    fn a_slow_transfer_has_all_the_time_it_needs() {
        let mut pace = Pace::new(&LIMITS);
        // A hundred megabytes at the least rate: more than a day.
        let mut message = message();
        for _ in 0..100 {
            message.extend(1_000_000);
            for _ in 0..1000 {
                assert!(pace.patience(&message) > SECOND);
                pace.spend(SECOND, &mut message);
                pace.received(1000);
            }
        }
        assert_eq!(pace.patience(&message), LIMITS.read);
    }

    #[test]
    fn a_drip_has_not() {
        let mut pace = Pace::new(&LIMITS);
        let mut message = message();
        message.extend(1000);
        let mut bytes = 0;
        while !pace.patience(&message).is_zero() {
            pace.spend(SECOND.min(pace.patience(&message)), &mut message);
            pace.received(1);
            bytes += 1;
        }
        assert!((30..=32).contains(&bytes), "{bytes} bytes of a thousand");
    }

    #[test]
    fn an_answer_may_be_as_late_as_what_is_on_its_way() {
        let mut pace = Pace::new(&LIMITS);
        assert_eq!(pace.patience(&message()), LIMITS.read);
        pace.sent(500_000);
        let mut late = message();
        assert_eq!(pace.patience(&late), LIMITS.read + 500 * SECOND);
        pace.spend(510 * SECOND, &mut late);
        assert_eq!(pace.patience(&late), LIMITS.read - 10 * SECOND, "it waits for the peer now");
        // However much is sent, no more is on its way than buffers hold.
        for _ in 0..1000 {
            pace.sent(1 << 20);
        }
        assert_eq!(pace.patience(&message()), LIMITS.read + time_of(ON_THEIR_WAY as u64, RATE));
    }

    #[test]
    fn time_is_not_saved_up() {
        let mut pace = Pace::new(&LIMITS);
        pace.received(100_000_000);
        let mut waiting = Allowance::new(Duration::MAX, RATE);
        assert_eq!(pace.patience(&waiting), LIMITS.phase);
        pace.spend(LIMITS.phase, &mut waiting);
        assert!(pace.patience(&waiting).is_zero());
        pace.rest();
        assert_eq!(pace.patience(&waiting), waiting.patience());
    }

    #[test]
    fn no_rate_and_no_limit_are_numbers_too() {
        let limits = Limits { min_rate: 0, ..LIMITS.of_client() };
        let mut pace = Pace::new(&limits);
        pace.sent(usize::MAX);
        pace.received(usize::MAX);
        let mut message = Allowance::new(LIMITS.read, 0);
        message.extend(usize::MAX);
        assert!(pace.patience(&message) > LIMITS.read);
        pace.spend(Duration::MAX, &mut message);
        assert!(pace.patience(&message).is_zero());
    }
}
