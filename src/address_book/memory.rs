//! What was found before, for as long as `cache` in the manifest says. Only who was answered in time writes here (AB-32).

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::directory::Answer;
use super::logic::Entry;
use super::question::{Question, Wanted};
use super::tree::Tree;

/// The most answers of each kind.
const MOST_ANSWERS: usize = 256;

/// The most entries by themselves, and of all answers of a kind together.
const MOST_ENTRIES: usize = 20_000;

/// What is remembered.
#[derive(Debug)]
pub(super) struct Memory {
    keeps: Duration,
    tree: Mutex<Kept<(), Tree>>,
    answers: Mutex<Kept<(String, String), Answer>>,
    members: Mutex<Kept<String, Answer>>,
    entries: Mutex<Kept<String, Entry>>,
}

/// Values with the time at which each was kept.
#[derive(Debug)]
struct Kept<K, V> {
    most: usize,
    all: HashMap<K, One<V>>,
    /// How many entries are in all of them.
    entries: usize,
}

#[derive(Debug)]
struct One<V> {
    since: Instant,
    value: Arc<V>,
    entries: usize,
}

impl<K: Hash + Eq, V> Kept<K, V> {
    fn new(most: usize) -> Mutex<Self> {
        Mutex::new(Self {
            most,
            all: HashMap::new(),
            entries: 0,
        })
    }

    fn get(&self, key: &K, keeps: Duration) -> Option<Arc<V>> {
        let one = self.all.get(key)?;
        (one.since.elapsed() < keeps).then(|| Arc::clone(&one.value))
    }

    /// Keeps a value with so many entries. What would need more room than there is at all is not kept.
    fn keep(&mut self, key: K, value: Arc<V>, entries: usize, keeps: Duration) {
        if keeps.is_zero() || entries > MOST_ENTRIES {
            return;
        }
        if self.is_full(entries) {
            self.all.retain(|_, one| one.since.elapsed() < keeps);
            self.entries = self.all.values().map(|one| one.entries).sum();
        }
        if self.is_full(entries) {
            self.all.clear();
            self.entries = 0;
        }
        let since = Instant::now();
        let one = One {
            since,
            value,
            entries,
        };
        let old = self.all.insert(key, one);
        self.entries += entries;
        self.entries -= old.map_or(0, |old| old.entries);
    }

    fn is_full(&self, entries: usize) -> bool {
        self.all.len() >= self.most || self.entries + entries > MOST_ENTRIES
    }
}

impl Memory {
    pub(super) fn new(keeps: Duration) -> Self {
        Self {
            keeps,
            tree: Kept::new(1),
            answers: Kept::new(MOST_ANSWERS),
            members: Kept::new(MOST_ANSWERS),
            entries: Kept::new(MOST_ENTRIES),
        }
    }

    pub(super) fn tree(&self) -> Option<Arc<Tree>> {
        lock(&self.tree).get(&(), self.keeps)
    }

    pub(super) fn keep_tree(&self, tree: &Arc<Tree>) {
        lock(&self.tree).keep((), Arc::clone(tree), 0, self.keeps);
    }

    pub(super) fn answer(&self, question: &Question) -> Option<Arc<Answer>> {
        lock(&self.answers).get(&key_of(question), self.keeps)
    }

    pub(super) fn keep_answer(&self, question: &Question, answer: &Arc<Answer>) {
        let (answer, entries) = (Arc::clone(answer), answer.entries.len());
        lock(&self.answers).keep(key_of(question), answer, entries, self.keeps);
    }

    pub(super) fn members(&self, key: &str) -> Option<Arc<Answer>> {
        lock(&self.members).get(&key.to_owned(), self.keeps)
    }

    pub(super) fn keep_members(&self, key: &str, answer: &Arc<Answer>) {
        let (answer, entries) = (Arc::clone(answer), answer.entries.len());
        lock(&self.members).keep(key.to_owned(), answer, entries, self.keeps);
    }

    pub(super) fn entry(&self, key: &str) -> Option<Arc<Entry>> {
        lock(&self.entries).get(&key.to_owned(), self.keeps)
    }

    pub(super) fn keep_entries<'e>(&self, entries: impl Iterator<Item = &'e Arc<Entry>>) {
        if self.keeps.is_zero() {
            return;
        }
        let mut kept = lock(&self.entries);
        for entry in entries {
            kept.keep(entry.key.clone(), Arc::clone(entry), 1, self.keeps);
        }
    }
}

/// What tells a question from others.
fn key_of(question: &Question) -> (String, String) {
    let wanted = match &question.wanted {
        Wanted::All => String::new(),
        Wanted::Words(words) => format!("w{}", words.typed().join(" ")),
        Wanted::Prefix(prefix) => format!("p{prefix}"),
        Wanted::Address(address) => format!("a{}:{}", address.kind, address.value),
    };
    (question.container.clone(), wanted)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
