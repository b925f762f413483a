//! Numbers that nobody else has.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Sixteen bytes that nobody has had before: random keys of the process, the time, a count.
pub(crate) fn new_uid() -> [u8; 16] {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let time = SystemTime::now().duration_since(UNIX_EPOCH);
    let time = time.map_or(0, |time| time.as_nanos());
    let half = || {
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u128(time);
        hasher.write_u64(COUNT.fetch_add(1, Ordering::Relaxed));
        hasher.write_u32(std::process::id());
        hasher.finish().to_le_bytes()
    };
    let mut uid = [0; 16];
    uid[..8].copy_from_slice(&half());
    uid[8..].copy_from_slice(&half());
    uid
}

#[cfg(test)]
mod tests {
    use super::new_uid;

    #[test]
    fn no_two_are_the_same() {
        let all: std::collections::HashSet<_> = (0..1000).map(|_| new_uid()).collect();
        assert_eq!(all.len(), 1000);
    }
}
