//! Passwords that a server has refused (TWOWAY-23).
//!
//! A server that is asked again and again with a wrong password locks the account. So this process keeps in mind what was
//! refused: a number made of account and password, by a key that no other process has. The password itself is kept nowhere.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{LazyLock, Mutex, PoisonError};

use mapi_provider_twoway::Remote;

/// More than any program has accounts. Then the oldest are as good as forgotten: all.
const MOST: usize = 1000;

static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
static REFUSED: Mutex<Option<HashSet<u64>>> = Mutex::new(None);

/// What one account is logged on with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Logon(u64);

impl Logon {
    pub(super) fn of(remote: &dyn Remote) -> Self {
        let mut hasher = KEY.build_hasher();
        hasher.write(remote.account().as_bytes());
        hasher.write_u8(0xff);
        remote.hash_logon(&mut hasher);
        Self(hasher.finish())
    }

    pub(super) fn is_refused(self) -> bool {
        with(|refused| refused.contains(&self.0))
    }

    pub(super) fn refuse(self) {
        with(|refused| {
            if refused.len() >= MOST {
                refused.clear();
            }
            refused.insert(self.0);
        });
    }

    pub(super) fn forget(self) {
        with(|refused| {
            refused.remove(&self.0);
        });
    }
}

fn with<T>(act: impl FnOnce(&mut HashSet<u64>) -> T) -> T {
    let mut refused = REFUSED.lock().unwrap_or_else(PoisonError::into_inner);
    act(refused.get_or_insert_default())
}
