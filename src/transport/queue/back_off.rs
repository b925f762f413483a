//! When a message is tried again.

use std::time::Duration;

use super::Patience;

/// The longest wait between two tries.
const LONGEST: Duration = Duration::from_secs(3600);

/// In how many milliseconds the next try is, after so many.
pub(super) fn wait(patience: Patience, tries: u32, asked: Option<Duration>) -> i64 {
    let doubled = 1_u32.checked_shl(tries.min(20)).unwrap_or(u32::MAX);
    let wait = patience.retry_after.saturating_mul(doubled);
    let wait = asked
        .unwrap_or(wait)
        .clamp(Duration::from_millis(1), LONGEST);
    i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)
}

/// No wait has more milliseconds.
pub(super) fn longest() -> i64 {
    i64::try_from(LONGEST.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour() {
        let patience = Patience {
            retry_after: Duration::from_secs(60),
            give_up_after: Duration::from_secs(1),
        };
        let minutes = |tries| wait(patience, tries, None) / 60_000;
        assert_eq!([0, 1, 2, 5, 6, 99].map(minutes), [1, 2, 4, 32, 60, 60]);
        let asked = Some(Duration::from_secs(5));
        assert_eq!(wait(patience, 3, asked), 5000);
    }
}
