//! The time of day, if the system's clock is set.

use core::time::Duration;
use std::time::SystemTime;

/// UTC as in RFC 3339. `None` before 1970, as on a board without a battery, and after 9999.
pub fn rfc3339(time: SystemTime) -> Option<String> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    (since < END).then(|| humantime::format_rfc3339_seconds(time).to_string())
}

/// The last second of the year 9999 and one more.
const END: Duration = Duration::from_secs(253_402_300_800);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_cannot_be_told_are_none() {
        let epoch = SystemTime::UNIX_EPOCH;
        assert_eq!(rfc3339(epoch).as_deref(), Some("1970-01-01T00:00:00Z"));
        assert_eq!(rfc3339(epoch - Duration::from_nanos(1)), None);
        assert_eq!(rfc3339(epoch - Duration::from_secs(129_600)), None);
        assert_eq!(rfc3339(epoch + END - Duration::from_secs(1)).as_deref(), Some("9999-12-31T23:59:59Z"));
        assert_eq!(rfc3339(epoch + END), None);
    }
}
