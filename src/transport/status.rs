//! What MAPI's status table says of a logon (XP-07, XP-08).

use std::cell::Cell;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mapi_provider_abi::mapi::StatusFlags;

/// A column of the row that changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// `PR_STATUS_CODE`
    Code(StatusFlags),
    /// `PR_STATUS_STRING`
    Text(&'static str),
}

/// What is to be told: the columns that are not as MAPI knows them.
pub(crate) type Change = Vec<Column>;

/// The row: how it is, and how MAPI knows it.
#[derive(Debug)]
pub(crate) struct StatusRow(Mutex<State>);

#[derive(Debug, Clone, Copy)]
struct State {
    now: StatusFlags,
    told: StatusFlags,
    /// Somebody is telling MAPI.
    telling: bool,
}

impl StatusRow {
    /// A row that MAPI is about to be told whole.
    pub(crate) fn new(flags: StatusFlags) -> Self {
        Self(Mutex::new(State {
            now: flags,
            told: flags,
            telling: false,
        }))
    }

    /// The code as it is.
    pub(crate) fn code(&self) -> StatusFlags {
        self.lock().now
    }

    /// The text as it is.
    pub(crate) fn text(&self) -> &'static str {
        text(self.code())
    }

    /// Clears bits, then sets others, and tells MAPI by `tell`, without a lock (SYNC-19).
    ///
    /// One thread tells at a time, and goes on until MAPI knows how it is: so the last row is the true one, whoever comes
    /// first. Who comes meanwhile leaves it to that thread, and does not wait: it may be the same one, called back.
    pub(crate) fn change(&self, clear: StatusFlags, set: StatusFlags, tell: impl Fn(Change)) {
        {
            let mut state = self.lock();
            state.now =
                StatusFlags::from_bits_retain(state.now.bits() & !clear.bits() | set.bits());
            if state.telling {
                return;
            }
            state.telling = true;
        }
        let telling = Telling {
            row: self,
            is_released: Cell::new(false),
        };
        while let Some(change) = telling.next() {
            tell(change);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to tell MAPI; it is given back whatever happens.
struct Telling<'a> {
    row: &'a StatusRow,
    /// It was given back when nothing was left to be told: from then on it may be another's.
    is_released: Cell<bool>,
}

impl Telling<'_> {
    /// What MAPI does not know; if it knows all, somebody else may tell from now on.
    fn next(&self) -> Option<Change> {
        let mut state = self.row.lock();
        let (now, told) = (state.now, state.told);
        if now == told {
            state.telling = false;
            self.is_released.set(true);
            return None;
        }
        state.told = now;
        let mut change = vec![Column::Code(now)];
        if text(now) != text(told) {
            change.push(Column::Text(text(now)));
        }
        Some(change)
    }
}

impl Drop for Telling<'_> {
    fn drop(&mut self) {
        if !self.is_released.get() {
            self.row.lock().telling = false;
        }
    }
}

/// What people read.
fn text(flags: StatusFlags) -> &'static str {
    if flags.contains(StatusFlags::FAILURE) {
        "Failed"
    } else if flags.contains(StatusFlags::OFFLINE) {
        "Offline"
    } else {
        "Online"
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    const ON: StatusFlags = StatusFlags::OUTBOUND_ENABLED;
    const NONE: StatusFlags = StatusFlags::empty();

    #[test]
    fn only_what_changes_is_told() {
        let row = StatusRow::new(StatusFlags::AVAILABLE);
        let told = RefCell::new(Vec::new());
        row.change(NONE, ON, |change| told.borrow_mut().push(change));
        row.change(NONE, ON, |change| told.borrow_mut().push(change));
        let both = StatusFlags::AVAILABLE | ON;
        assert_eq!(told.take(), [vec![Column::Code(both)]]);
        let set = StatusFlags::FAILURE;
        row.change(StatusFlags::AVAILABLE, set, |change| {
            told.borrow_mut().push(change);
        });
        let columns = vec![Column::Code(ON | set), Column::Text("Failed")];
        assert_eq!(told.take(), [columns]);
    }

    #[test]
    fn the_last_row_is_the_true_one_when_telling_calls_back() {
        let row = StatusRow::new(StatusFlags::AVAILABLE);
        let told = RefCell::new(Vec::new());
        row.change(NONE, ON, |change| {
            told.borrow_mut().push(change);
            row.change(ON, NONE, |change| told.borrow_mut().push(change));
        });
        let last = told.borrow().last().cloned();
        assert_eq!(last, Some(vec![Column::Code(StatusFlags::AVAILABLE)]));
        assert_eq!(row.code(), StatusFlags::AVAILABLE);
    }

    #[test]
    fn xp_08_who_has_told_all_takes_the_right_from_nobody_else() {
        let row = StatusRow::new(StatusFlags::AVAILABLE);
        let telling = Telling {
            row: &row,
            is_released: Cell::new(false),
        };
        assert_eq!(telling.next(), None);
        // Another thread begins.
        row.lock().telling = true;
        drop(telling);
        assert!(row.lock().telling);
    }
}
