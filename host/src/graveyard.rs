//! Keeps what must never be dropped, so a leak checker sees that this is intended.

use std::sync::Mutex;

use crate::locks::lock;

static GRAVES: Mutex<Vec<Box<dyn Send>>> = Mutex::new(Vec::new());

/// Keeps a value for the life of the process, because somebody who can't be stopped may still be
/// using it.
pub(crate) fn keep(value: impl Send + 'static) {
    lock(&GRAVES).push(Box::new(value));
}
