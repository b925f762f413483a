//! What a search has found so far.

use std::collections::HashSet;

use super::error::LookupError;
use super::logic::Entry;
use super::question::Wanted;
use crate::sync::CancelToken;

/// Takes the entries that a search finds.
///
/// They belong to the lookup, not to the call of Outlook's that waits for it: one that is left behind writes nowhere else
/// (AB-32).
#[derive(Debug)]
pub struct Found<'a> {
    cancel: &'a CancelToken,
    /// What is kept; the type of an address that names none.
    wanted: (&'a Wanted, &'a str),
    limit: usize,
    entries: Vec<Entry>,
    keys: HashSet<String>,
    is_incomplete: bool,
    /// Somebody was told that it is enough.
    is_full: bool,
}

impl<'a> Found<'a> {
    pub(super) fn new(
        cancel: &'a CancelToken,
        wanted: (&'a Wanted, &'a str),
        limit: usize,
    ) -> Self {
        Self {
            cancel,
            wanted,
            limit,
            entries: Vec::new(),
            keys: HashSet::new(),
            is_incomplete: false,
            is_full: false,
        }
    }

    /// One more entry. One that is not what is looked for, or that was there already, is left out.
    ///
    /// # Errors
    ///
    /// It is enough, or nobody waits any more: return.
    pub fn push(&mut self, entry: Entry) -> Result<(), LookupError> {
        self.check()?;
        let (wanted, kind) = self.wanted;
        if self.keys.contains(&entry.key) || !wanted.means(&entry, kind) {
            return Ok(());
        }
        // AB-22
        if self.entries.len() >= self.limit {
            self.is_incomplete = true;
            self.is_full = true;
            return Err(LookupError::stopped());
        }
        self.keys.insert(entry.key.clone());
        self.entries.push(entry);
        Ok(())
    }

    /// The server has more than it told.
    pub fn incomplete(&mut self) {
        self.is_incomplete = true;
    }

    /// Whether anybody still waits.
    ///
    /// # Errors
    ///
    /// Nobody does: return.
    pub fn check(&self) -> Result<(), LookupError> {
        match self.cancel.is_cancelled() {
            true => Err(LookupError::stopped()),
            false => Ok(()),
        }
    }

    /// What says whether anybody still waits: to wait with, or for another thread.
    pub fn cancel_token(&self) -> &CancelToken {
        self.cancel
    }

    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }

    /// The entries, and whether there are more than these.
    pub(super) fn into_parts(self) -> (Vec<Entry>, bool) {
        (self.entries, self.is_incomplete)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mapi_provider_table::table::NameWords;

    #[test]
    fn ab_22_what_is_enough_is_told_and_what_does_not_match_is_no_part_of_it() {
        let cancel = CancelToken::default();
        let wanted = Wanted::Words(NameWords::new("ann"));
        let mut found = Found::new(&cancel, (&wanted, "SMTP"), 2);
        for (key, name) in [
            ("1", "Bob"),
            ("2", "Ann A"),
            ("2", "Ann again"),
            ("3", "Ann B"),
        ] {
            found.push(Entry::user(key, name)).expect("not enough yet");
        }
        found.push(Entry::user("4", "Ann C")).expect_err("enough");
        let (entries, is_incomplete) = found.into_parts();
        let keys: Vec<&str> = entries.iter().map(Entry::key).collect();
        assert_eq!((keys, is_incomplete), (vec!["2", "3"], true));
    }

    #[test]
    fn ab_32_nobody_takes_anything_after_a_cancellation() {
        let cancel = CancelToken::default();
        let mut found = Found::new(&cancel, (&Wanted::All, "SMTP"), 2);
        found.check().expect("somebody waits");
        cancel.cancel();
        found
            .push(Entry::user("1", "Ann"))
            .expect_err("nobody waits");
        assert!(found.into_parts().0.is_empty());
    }
}
