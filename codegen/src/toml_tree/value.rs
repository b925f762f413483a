//! Values with their places.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::de::DeValue;

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its bytes in the source.
    pub span: Range<usize>,
}

impl<T> Spanned<T> {
    /// A value at a place.
    pub fn new(value: T, span: Range<usize>) -> Self {
        Spanned { value, span }
    }

    /// Another value at the same place.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned {
            value: f(self.value),
            span: self.span,
        }
    }

    /// The value by reference, at the same place.
    pub fn as_ref(&self) -> Spanned<&T> {
        Spanned {
            value: &self.value,
            span: self.span.clone(),
        }
    }
}

/// A type that a key can ask for.
pub trait TomlValue: DeserializeOwned {
    /// What to call it in "expected …, found …".
    const EXPECTED: &'static str;
}

macro_rules! values {
    ($($ty:ty: $expected:literal,)*) => {
        $(impl TomlValue for $ty {
            const EXPECTED: &'static str = $expected;
        })*
    };
}

values! {
    String: "a string",
    bool: "a boolean",
    u8: "an integer from 0 to 255",
    u16: "an integer from 0 to 0xFFFF",
    u32: "an integer from 0 to 0xFFFFFFFF",
    u64: "an integer that is not negative",
    i32: "an integer of 32 bits",
    i64: "an integer",
}

/// A plain value of any type, for keys whose type depends on another key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    /// A string.
    String(String),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Boolean(bool),
}

impl Scalar {
    /// The type, with its article.
    pub fn kind(&self) -> &'static str {
        match self {
            Scalar::String(_) => "a string",
            Scalar::Integer(_) => "an integer",
            Scalar::Boolean(_) => "a boolean",
        }
    }
}

/// The type of a value that was found, with its article.
pub(super) fn found(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a floating-point number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
