//! The directory of a logon: what the logic says, in time, and for a while from memory.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::asker::{Asker, Trouble};
use super::error::{Failing, LookupError};
use super::found::Found;
use super::logic::{AddressBook, Entry};
use super::memory::Memory;
use super::question::{Question, Wanted};
use super::tree::Tree;
use super::values::Book;
use crate::log;

/// No list has more members.
const MOST_MEMBERS: usize = 200_000;

/// What a search has found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub(crate) entries: Vec<Arc<Entry>>,
    /// There are more than these.
    pub(crate) is_incomplete: bool,
}

/// A logon's directory. All threads use it at once, and no lock is held while the logic is asked (AB-33).
#[derive(Debug)]
pub(crate) struct Directory<L> {
    pub(crate) book: Book,
    asker: Asker<L>,
    memory: Memory,
    /// Containers of which a browse came to its limit (AB-13).
    large: Mutex<HashSet<String>>,
}

/// When a call of Outlook's has to be over (AB-32): one point in time for all that it looks up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline(Instant);

impl<L: AddressBook> Directory<L> {
    pub(crate) fn new(book: Book, logic: L, is_service: bool) -> Self {
        Self {
            book,
            asker: Asker::new(logic, book.spec.unload, is_service),
            memory: Memory::new(book.spec.cache),
            large: Mutex::default(),
        }
    }

    /// When a call that begins now has to be over.
    pub(crate) fn deadline(&self) -> Deadline {
        let now = Instant::now();
        // A limit that no clock reaches is none.
        Deadline(
            now.checked_add(self.book.spec.lookup_timeout)
                .unwrap_or(now),
        )
    }

    /// The containers.
    ///
    /// # Errors
    ///
    /// The logic does not say in time.
    pub(crate) fn containers(&self, end: Deadline) -> Result<Arc<Tree>, Trouble> {
        if let Some(tree) = self.memory.tree() {
            return Ok(tree);
        }
        let containers = self.asker.ask(end.0, |logic: &L, _| logic.containers())?;
        let tree = Arc::new(Tree::new(containers, self.book.name));
        self.memory.keep_tree(&tree);
        Ok(tree)
    }

    /// The entries of a container that are as the question wants them, at most `browse-limit` (AB-22).
    ///
    /// # Errors
    ///
    /// The logic does not say in time.
    pub(crate) fn search(
        &self,
        question: &Question,
        end: Deadline,
    ) -> Result<Arc<Answer>, Trouble> {
        if let Some(answer) = self.memory.answer(question) {
            return Ok(answer);
        }
        let spec = self.book.spec;
        let limit = usize::try_from(spec.browse_limit).unwrap_or(usize::MAX);
        let asked = question.clone();
        let found = self.asker.ask(end.0, move |logic: &L, cancel| {
            let mut found = Found::new(cancel, (&asked.wanted, spec.address_type), limit);
            // One more, so that a server that keeps to the limit shows that there are more.
            let result = logic.search(&asked.query(limit.saturating_add(1)), &mut found);
            taken(result, found)
        })?;
        let answer = self.keep(found?);
        if answer.is_incomplete && question.wanted == Wanted::All {
            self.large().insert(question.container.clone());
        }
        self.memory.keep_answer(question, &answer);
        Ok(answer)
    }

    /// One entry; none where it is gone.
    ///
    /// # Errors
    ///
    /// The logic does not say in time.
    pub(crate) fn entry(&self, key: &str, end: Deadline) -> Result<Option<Arc<Entry>>, Trouble> {
        if let Some(entry) = self.memory.entry(key) {
            return Ok(Some(entry));
        }
        let asked = key.to_owned();
        let entry = self.asker.ask(end.0, move |logic: &L, _| {
            logic.get(&asked).map_err(|error| failed(&error))
        })??;
        // What has another key would have another entry ID.
        let entry = entry.filter(|entry| entry.key() == key).map(Arc::new);
        self.memory.keep_entries(entry.iter());
        Ok(entry)
    }

    /// Who is on a list (AB-28).
    ///
    /// # Errors
    ///
    /// The logic does not say in time.
    pub(crate) fn members(&self, key: &str, end: Deadline) -> Result<Arc<Answer>, Trouble> {
        if let Some(answer) = self.memory.members(key) {
            return Ok(answer);
        }
        let (asked, spec) = (key.to_owned(), self.book.spec);
        let found = self.asker.ask(end.0, move |logic: &L, cancel| {
            let wanted = (&Wanted::All, spec.address_type);
            let mut found = Found::new(cancel, wanted, MOST_MEMBERS);
            let result = logic.members(&asked, &mut found);
            taken(result, found)
        })?;
        let answer = self.keep(found?);
        self.memory.keep_members(key, &answer);
        Ok(answer)
    }

    /// Whether a browse of a container came to its limit.
    pub(crate) fn is_large(&self, container: &str) -> bool {
        self.large().contains(container)
    }

    /// AB-34: cancels what is being looked up; nothing is from now on.
    pub(crate) fn close(&self) {
        self.asker.close();
    }

    fn keep(&self, (entries, is_incomplete): (Vec<Entry>, bool)) -> Arc<Answer> {
        let entries: Vec<Arc<Entry>> = entries.into_iter().map(Arc::new).collect();
        self.memory.keep_entries(entries.iter());
        Arc::new(Answer {
            entries,
            is_incomplete,
        })
    }

    fn large(&self) -> MutexGuard<'_, HashSet<String>> {
        self.large.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a search has found, unless it failed.
fn taken(result: Result<(), LookupError>, found: Found<'_>) -> Result<(Vec<Entry>, bool), Trouble> {
    match result {
        Ok(()) => Ok(found.into_parts()),
        // Whoever makes another error of it has been told that it is enough all the same.
        Err(error) if error.kind == Failing::Stopped || found.is_full() => Ok(found.into_parts()),
        Err(error) => Err(failed(&error)),
    }
}

fn failed(error: &LookupError) -> Trouble {
    log::warn!(text = error.text(), "the address book could not look");
    Trouble::Network
}

#[cfg(test)]
mod tests;
