//! Keys of new messages.

use std::hash::{BuildHasher, RandomState};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// The unique part of a new message's name, as Maildirs have it: seconds, then microseconds, process and
/// number of the message, then, instead of the machine's name, a random number.
pub(crate) fn new() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let chance = RandomState::new().hash_one(count) as u32;
    format!(
        "{}.M{:06}P{}Q{count}.{chance:08x}",
        now.as_secs(),
        now.subsec_micros(),
        process::id()
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn no_two_keys_are_the_same() {
        let keys: BTreeSet<String> = (0..1000).map(|_| super::new()).collect();
        assert_eq!(keys.len(), 1000);
        let plain = |key: &String| key.chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
        assert!(keys.iter().all(plain));
    }
}
