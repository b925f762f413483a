//! What must never be dropped, kept where a leak checker sees that it is meant so.

use std::sync::Mutex;

use crate::locks::lock;

static GRAVES: Mutex<Vec<Box<dyn Send>>> = Mutex::new(Vec::new());

/// Keeps a value for the life of the process: somebody whom nobody can stop may still be using it.
pub(crate) fn keep(value: impl Send + 'static) {
    lock(&GRAVES).push(Box::new(value));
}
