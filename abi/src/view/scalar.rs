//! Values with the same form in MAPI's memory: numbers, times, currency.

use std::cmp::Ordering;
use std::fmt;
use std::time::{Duration, SystemTime};

use crate::mapi::{CY, FILETIME, GUID, PropTag};

/// A type that may be read from any bytes: it has no padding, and all bit patterns are
/// values.
pub(super) trait Plain: Copy + 'static {}

impl Plain for u8 {}
impl Plain for u16 {}
impl Plain for i16 {}
impl Plain for u32 {}
impl Plain for i32 {}
impl Plain for i64 {}
impl Plain for f32 {}
impl Plain for f64 {}
impl Plain for GUID {}
impl Plain for PropTag {}
impl Plain for FileTime {}
impl Plain for Currency {}

/// The time between the start of FILETIME, in 1601, and of Unix time.
const UNIX_EPOCH_TICKS: u64 = 116_444_736_000_000_000;
const TICKS_A_SECOND: u64 = 10_000_000;
const NANOSECONDS_A_TICK: u32 = 100;

/// A time in steps of 100 ns since 1601, UTC: a `FILETIME`.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use mapi_provider::view::{FileTime, TimeOutOfRange};
///
/// let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
/// let file_time = FileTime::try_from(time)?;
/// assert_eq!(file_time.ticks(), 126_444_736_000_000_000);
/// assert_eq!(SystemTime::try_from(file_time)?, time);
/// # Ok::<(), TimeOutOfRange>(())
/// ```
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct FileTime {
    low: u32,
    high: u32,
}

const _: () = assert!(
    size_of::<FileTime>() == size_of::<FILETIME>()
        && align_of::<FileTime>() == align_of::<FILETIME>()
        && size_of::<Currency>() == size_of::<CY>()
);

impl FileTime {
    /// The time that many steps after 1601.
    pub const fn from_ticks(ticks: u64) -> Self {
        Self {
            low: ticks as u32,
            high: (ticks >> 32) as u32,
        }
    }

    /// The steps since 1601.
    pub const fn ticks(self) -> u64 {
        (self.high as u64) << 32 | self.low as u64
    }

    pub(super) const fn raw(self) -> FILETIME {
        FILETIME {
            dwLowDateTime: self.low,
            dwHighDateTime: self.high,
        }
    }
}

impl From<FILETIME> for FileTime {
    fn from(raw: FILETIME) -> Self {
        Self {
            low: raw.dwLowDateTime,
            high: raw.dwHighDateTime,
        }
    }
}

impl From<FileTime> for FILETIME {
    fn from(time: FileTime) -> Self {
        time.raw()
    }
}

impl PartialOrd for FileTime {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for FileTime {
    fn cmp(&self, other: &Self) -> Ordering {
        self.ticks().cmp(&other.ticks())
    }
}

impl fmt::Debug for FileTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FileTime").field(&self.ticks()).finish()
    }
}

/// Fractions of a step of 100 ns are cut off, towards the past.
impl TryFrom<SystemTime> for FileTime {
    type Error = TimeOutOfRange;

    fn try_from(time: SystemTime) -> Result<Self, TimeOutOfRange> {
        let ticks = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => ticks_in(after, 0).and_then(|ticks| ticks.checked_add(UNIX_EPOCH_TICKS)),
            Err(before) => ticks_in(before.duration(), NANOSECONDS_A_TICK - 1)
                .and_then(|ticks| UNIX_EPOCH_TICKS.checked_sub(ticks)),
        };
        // Windows accepts no time whose upper bit is set.
        let ticks = ticks.filter(|ticks| i64::try_from(*ticks).is_ok());
        ticks.map(Self::from_ticks).ok_or(TimeOutOfRange)
    }
}

/// The whole steps in a duration, after adding that many nanoseconds.
fn ticks_in(duration: Duration, add: u32) -> Option<u64> {
    let of_seconds = duration.as_secs().checked_mul(TICKS_A_SECOND)?;
    let rest = (duration.subsec_nanos() + add) / NANOSECONDS_A_TICK;
    of_seconds.checked_add(u64::from(rest))
}

impl TryFrom<FileTime> for SystemTime {
    type Error = TimeOutOfRange;

    fn try_from(time: FileTime) -> Result<Self, TimeOutOfRange> {
        let ticks = time.ticks();
        if i64::try_from(ticks).is_err() {
            return Err(TimeOutOfRange);
        }
        let time = match ticks.checked_sub(UNIX_EPOCH_TICKS) {
            Some(after) => SystemTime::UNIX_EPOCH.checked_add(duration_of(after)),
            None => SystemTime::UNIX_EPOCH.checked_sub(duration_of(UNIX_EPOCH_TICKS - ticks)),
        };
        time.ok_or(TimeOutOfRange)
    }
}

fn duration_of(ticks: u64) -> Duration {
    // Fewer than 10,000,000 steps of 100 ns fit into 32 bits.
    let nanoseconds = (ticks % TICKS_A_SECOND) as u32 * NANOSECONDS_A_TICK;
    Duration::new(ticks / TICKS_A_SECOND, nanoseconds)
}

/// A time that a `FILETIME` or a [`SystemTime`] can't hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeOutOfRange;

impl fmt::Display for TimeOutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time is outside the range that can be represented")
    }
}

impl std::error::Error for TimeOutOfRange {}

/// An amount of money, in ten-thousandths: a `CURRENCY`.
///
/// ```
/// use mapi_provider::view::Currency;
///
/// let price = Currency::from_ten_thousandths(-12_500);
/// assert_eq!(price.to_string(), "-1.2500");
/// assert_eq!(Currency::from(3_i32).ten_thousandths(), 30_000);
/// ```
#[repr(transparent)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Currency(i64);

impl Currency {
    /// An amount in ten-thousandths.
    pub const fn from_ten_thousandths(amount: i64) -> Self {
        Self(amount)
    }

    /// The amount in ten-thousandths.
    pub const fn ten_thousandths(self) -> i64 {
        self.0
    }
}

/// A whole amount.
impl From<i32> for Currency {
    fn from(amount: i32) -> Self {
        Self(i64::from(amount) * 10_000)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let amount = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:04}", amount / 10_000, amount % 10_000)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_beyond_the_range_are_errors() {
        // Not every system can represent such a time.
        let before_1601 = Duration::from_secs(11_644_473_601);
        if let Some(time) = SystemTime::UNIX_EPOCH.checked_sub(before_1601) {
            assert_eq!(FileTime::try_from(time), Err(TimeOutOfRange));
        }
        let last = FileTime::from_ticks(u64::MAX);
        assert_eq!(SystemTime::try_from(last), Err(TimeOutOfRange));
        let first = SystemTime::UNIX_EPOCH - Duration::from_secs(11_644_473_600);
        assert_eq!(FileTime::try_from(first), Ok(FileTime::default()));
    }

    #[test]
    fn steps_are_cut_off_towards_the_past() {
        let Ok(before) = SystemTime::try_from(FileTime::from_ticks(UNIX_EPOCH_TICKS - 1)) else {
            panic!("1969 is within the range");
        };
        assert_eq!(
            SystemTime::UNIX_EPOCH.duration_since(before).ok(),
            Some(Duration::from_nanos(100))
        );
        assert_eq!(ticks_in(Duration::from_nanos(150), 0), Some(1));
        assert_eq!(
            ticks_in(Duration::from_nanos(150), NANOSECONDS_A_TICK - 1),
            Some(2)
        );
    }

    #[test]
    fn the_smallest_amount_prints() {
        let least = Currency::from_ten_thousandths(i64::MIN);
        assert_eq!(least.to_string(), "-922337203685477.5808");
    }

    proptest! {
        #[test]
        fn file_times_come_back(ticks in 0..=i64::MAX as u64) {
            let time = FileTime::from_ticks(ticks);
            prop_assert_eq!(time.ticks(), ticks);
            prop_assert_eq!(FileTime::from(FILETIME::from(time)), time);
            let there = SystemTime::try_from(time).expect("within the range");
            prop_assert_eq!(FileTime::try_from(there), Ok(time));
        }

        #[test]
        fn times_are_ordered(a: u64, b: u64) {
            let times = (FileTime::from_ticks(a), FileTime::from_ticks(b));
            prop_assert_eq!(times.0.cmp(&times.1), a.cmp(&b));
        }
    }
}
