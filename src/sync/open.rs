//! What is open in this process: the engines, one for each section of a profile, and the lines, one for each store
//! (SYNC-15). Neither is kept alive by being in the list.

use std::any::Any;
use std::sync::{Arc, Weak};

use super::line::Line;
use super::world::{Mutex, lock};

/// The lists, and which key an engine and a line have.
pub(super) struct Open<E, S>(Mutex<Lists<E, S>>);

struct Lists<E, S> {
    engines: Vec<(E, Weak<dyn Any + Send + Sync>)>,
    lines: Vec<(S, Weak<Line>)>,
}

/// An engine, as far as logons come to it.
pub(super) trait Joinable: Send + Sync + Sized + 'static {
    /// What a logon brings.
    type Part;
    /// A logon to the engine.
    type Logon;

    /// One logon more. If the last one has left already, what it brings is given back: such an engine is closed.
    fn join(self: &Arc<Self>, part: Self::Part) -> Result<Self::Logon, Self::Part>;
}

impl<E: PartialEq, S: PartialEq + Clone> Open<E, S> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Lists {
            engines: Vec::new(),
            lines: Vec::new(),
        }))
    }

    /// One logon more to the engine of a key, where there is one. Else what the logon brings is given back.
    pub(super) fn find<J: Joinable>(&self, key: &E, part: J::Part) -> Result<J::Logon, J::Part> {
        let known = lock(&self.0).engine::<J>(key);
        match known {
            Some(known) => known.join(part),
            None => Err(part),
        }
    }

    /// A logon to the engine of a key: to a new one, which is opened on the line of its store, or to one that another
    /// thread has opened meanwhile. Opening only puts the engine together: it calls nothing foreign (SYNC-19). What it
    /// was to be made of is dropped after the lock where it is not needed, for that is user code.
    pub(super) fn claim<J: Joinable>(
        &self,
        key: E,
        store: &S,
        new_line: impl FnOnce() -> Line,
        part: J::Part,
        open: impl FnOnce(Arc<Line>, J::Part) -> (Arc<J>, J::Logon),
    ) -> J::Logon {
        // Both are dropped after the lock: each may be the last reference to an engine, and its logic is user code.
        let known;
        let opened;
        let mut lists = lock(&self.0);
        known = lists.engine::<J>(&key);
        let part = match &known {
            None => part,
            Some(known) => match known.join(part) {
                Ok(logon) => return logon,
                Err(part) => part,
            },
        };
        let line = lists.line(store, new_line);
        let (engine, logon) = open(line, part);
        opened = engine;
        let shared: Arc<dyn Any + Send + Sync> = opened.clone();
        lists.engines.push((key, Arc::downgrade(&shared)));
        drop(lists);
        logon
    }
}

impl<E: PartialEq, S: PartialEq + Clone> Lists<E, S> {
    fn engine<J: Joinable>(&mut self, key: &E) -> Option<Arc<J>> {
        self.engines.retain(|(_, engine)| engine.strong_count() > 0);
        // A closed engine is there as long as its last worker: the newest comes first.
        let mut known = self.engines.iter().rev().filter(|(known, _)| known == key);
        known.next()?.1.upgrade()?.downcast().ok()
    }

    fn line(&mut self, key: &S, new: impl FnOnce() -> Line) -> Arc<Line> {
        self.lines.retain(|(_, line)| line.strong_count() > 0);
        let known = self.lines.iter().find(|(known, _)| known == key);
        if let Some(line) = known.and_then(|(_, line)| line.upgrade()) {
            return line;
        }
        let line = Arc::new(new());
        self.lines.push((key.clone(), Arc::downgrade(&line)));
        line
    }
}
