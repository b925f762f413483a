//! The catalogue compared with Microsoft's Rust bindings, `outlook-mapi-sys`, which only build for Windows.
//!
//! [`FACTS`] says what both sides have for the same thing, and [`EXCEPTIONS`] what is known to differ. The
//! build script writes both; the tests compare.
#![cfg(windows)]

use std::mem::offset_of;

use mapi_provider::abi as ours;
use outlook_mapi_sys::Microsoft::Office::Outlook::MAPI::Win32 as theirs;
use windows_core::{GUID, Interface, PCSTR};

mod shape;

use shape::{of_function, of_slot, size_of_field};

pub use shape::Shape;

include!(concat!(env!("OUT_DIR"), "/facts.rs"));

/// What both sides say of one property of a thing.
#[derive(Debug)]
pub struct Fact {
    /// The thing: `IMsgStore`, `IMsgStore::Advise`, `SPropValue::Value`, `PR_SUBJECT_W`.
    pub item: &'static str,
    /// The property: `IID`, `slot`, `size`, …
    pub what: &'static str,
    /// As the catalogue has it.
    pub ours: Value,
    /// As their bindings have it.
    pub theirs: Value,
}

/// One side of a fact.
#[derive(Debug, PartialEq, Eq)]
pub enum Value {
    /// A size, an offset, a slot or a constant.
    Number(usize),
    /// A GUID.
    Guid(GUID),
    /// A name.
    Text(&'static str),
    /// How a function is called.
    Shape(Shape),
    /// The thing exists.
    Present,
    /// It isn't.
    Absent,
}

/// A difference that is known, and why it is one.
#[derive(Debug)]
pub struct Exception {
    /// The thing.
    pub item: &'static str,
    /// The property.
    pub what: &'static str,
    /// Why it differs.
    pub reason: &'static str,
}

const fn number(value: usize) -> Value {
    Value::Number(value)
}

/// The GUID whose bytes a string begins with.
const fn guid_at(text: PCSTR) -> GUID {
    // SAFETY: a constant of theirs, which has sixteen bytes at least. It may lie anywhere.
    unsafe { text.0.cast::<GUID>().read_unaligned() }
}
