//! Who answers the sheets of a host.

use std::fmt;
use std::sync::{Arc, Mutex};

use mapi_provider::abi::MAPI_E_NO_SUPPORT;

use super::{Sheet, SheetAnswer};
use crate::locks::lock;

type Answer = dyn Fn(&Sheet) -> SheetAnswer + Send + Sync;

/// Plays the user; until somebody does, there is none.
#[derive(Default)]
pub(crate) struct Player(Mutex<Option<Arc<Answer>>>);

impl Player {
    /// From now on this answers.
    pub(crate) fn set(&self, answer: impl Fn(&Sheet) -> SheetAnswer + Send + Sync + 'static) {
        let old = lock(&self.0).replace(Arc::new(answer));
        // Dropped without the lock: what is in it is the caller's.
        drop(old);
    }

    pub(crate) fn answer(&self, sheet: &Sheet) -> SheetAnswer {
        let answer = lock(&self.0).clone();
        match answer {
            Some(answer) => answer(sheet),
            None => SheetAnswer::Fail(MAPI_E_NO_SUPPORT),
        }
    }
}

impl fmt::Debug for Player {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Player(…)")
    }
}
