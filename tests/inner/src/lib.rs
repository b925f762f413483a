//! An inner provider that does what it is told, and records what it is asked.
//!
//! Orders are words that a test sets (`InnerOrder`), such as `logon=80040111`; the record is lines of text
//! (`InnerRecord`). Both exist once per process, as the library does.

pub mod exports;
mod objects;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mapi_provider::abi::HRESULT;

#[derive(Default)]
struct State {
    orders: BTreeMap<String, String>,
    record: Vec<String>,
}

static STATE: Mutex<State> = Mutex::new(State {
    orders: BTreeMap::new(),
    record: Vec::new(),
});

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes a line down.
fn note(line: impl Into<String>) {
    state().record.push(line.into());
}

/// What was ordered, if anything was.
fn order(name: &str) -> Option<String> {
    state().orders.get(name).cloned()
}

/// A status that was ordered, eight hexadecimal digits.
fn status(name: &str) -> Option<HRESULT> {
    let digits = order(name)?;
    u32::from_str_radix(&digits, 16)
        .ok()
        .map(|code| HRESULT(code as i32))
}
