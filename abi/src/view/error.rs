//! What is wrong with a structure that was read, and why one can't be built.

use std::error::Error;
use std::fmt;

use crate::mapi::{
    HRESULT, MAPI_E_BAD_CHARWIDTH, MAPI_E_INVALID_PARAMETER, MAPI_E_INVALID_TYPE,
    MAPI_E_NOT_ENOUGH_MEMORY, MAPI_E_STRING_TOO_LONG, MAPI_E_TOO_BIG, MAPI_E_TOO_COMPLEX,
    MAPI_E_TYPE_NO_SUPPORT, MAPI_E_UNEXPECTED_TYPE, PropTag,
};

/// What is wrong with a structure. `what` is the member's name in MAPI's reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ViewError {
    /// A pointer that must not be NULL is.
    Null {
        /// The pointer.
        what: &'static str,
    },
    /// An array is NULL and has elements.
    NullArray {
        /// The array.
        what: &'static str,
        /// How many elements it should have.
        count: u32,
    },
    /// A count is beyond the limits, or beyond what an address space can hold.
    TooMany {
        /// What is counted.
        what: &'static str,
        /// The count.
        count: u32,
    },
    /// A string does not end within the limits.
    Unterminated {
        /// The string.
        what: &'static str,
        /// How many bytes were read.
        bytes: u32,
    },
    /// In all, there are more bytes in strings, binary values and arrays than the limits allow.
    TooManyBytes,
    /// In all, there are more parts than the limits allow.
    TooManyNodes,
    /// A restriction is nested deeper than the limits allow.
    TooDeep,
    /// A property's type is not one of MAPI's.
    UnknownType(PropTag),
    /// A property's type is one of MAPI's, but not supported: `PT_SRESTRICTION`, `PT_ACTIONS`
    /// and `PT_FILE_HANDLE`, which only Exchange uses.
    UnsupportedType(PropTag),
    /// The number for the kind of a restriction, a notification or a sort order is unknown.
    UnknownKind {
        /// The member with the kind.
        what: &'static str,
        /// Its value.
        value: u32,
    },
    /// Two numbers contradict each other: for example, more categories than columns.
    Contradiction {
        /// The number that is too large, or outside.
        what: &'static str,
    },
}

impl ViewError {
    /// The status code with which a method answers such an argument.
    pub fn status(&self) -> HRESULT {
        match self {
            Self::Null { .. } | Self::NullArray { .. } | Self::Contradiction { .. } => {
                MAPI_E_INVALID_PARAMETER
            }
            Self::TooMany { .. } | Self::TooManyBytes => MAPI_E_TOO_BIG,
            Self::Unterminated { .. } => MAPI_E_STRING_TOO_LONG,
            Self::TooManyNodes | Self::TooDeep | Self::UnknownKind { .. } => MAPI_E_TOO_COMPLEX,
            Self::UnknownType(_) => MAPI_E_INVALID_TYPE,
            Self::UnsupportedType(_) => MAPI_E_TYPE_NO_SUPPORT,
        }
    }
}

impl fmt::Display for ViewError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null { what } => write!(f, "{what} is NULL"),
            Self::NullArray { what, count } => write!(f, "{what} is NULL and has {count} elements"),
            Self::TooMany { what, count } => write!(f, "{count} is too many for {what}"),
            Self::Unterminated { what, bytes } => {
                write!(f, "{what} has no end within {bytes} bytes")
            }
            Self::TooManyBytes => f.write_str("the structure has too many bytes in all"),
            Self::TooManyNodes => f.write_str("the structure has too many parts"),
            Self::TooDeep => f.write_str("the restriction is nested too deeply"),
            Self::UnknownType(tag) => write!(f, "{tag} has a type that MAPI does not have"),
            Self::UnsupportedType(tag) => write!(f, "{tag} has a type that is not supported"),
            Self::UnknownKind { what, value } => {
                write!(f, "{what} is 0x{value:X}, which is not a known kind")
            }
            Self::Contradiction { what } => write!(f, "{what} contradicts the rest"),
        }
    }
}

impl Error for ViewError {}

impl From<ViewError> for HRESULT {
    fn from(error: ViewError) -> Self {
        error.status()
    }
}

/// Why a structure can't be built. Nothing stays allocated then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// MAPI has no memory left.
    NoMemory,
    /// More elements or bytes than a `ULONG` can count.
    TooBig {
        /// What is too much.
        what: &'static str,
    },
    /// A string contains a NUL, where its reader would think that it ends.
    InteriorNul {
        /// The string.
        what: &'static str,
    },
    /// A value does not have the type in its tag.
    TypeMismatch {
        /// The tag.
        tag: PropTag,
        /// The type of the value, a `PT_*`.
        value: u32,
    },
    /// A restriction is nested more than 128 levels deep.
    TooDeep,
    /// A structure has strings of both widths, but only one flag for the width.
    MixedWidths,
    /// Two numbers contradict each other: for example, more categories than columns.
    Contradiction {
        /// The number that is too large.
        what: &'static str,
    },
}

impl BuildError {
    /// The status code that a method returns if it can't make what it was asked for.
    pub fn status(&self) -> HRESULT {
        match self {
            Self::NoMemory => MAPI_E_NOT_ENOUGH_MEMORY,
            Self::TooBig { .. } => MAPI_E_TOO_BIG,
            Self::InteriorNul { .. } | Self::Contradiction { .. } => MAPI_E_INVALID_PARAMETER,
            Self::TypeMismatch { .. } => MAPI_E_UNEXPECTED_TYPE,
            Self::TooDeep => MAPI_E_TOO_COMPLEX,
            Self::MixedWidths => MAPI_E_BAD_CHARWIDTH,
        }
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMemory => f.write_str("MAPI has no memory left"),
            Self::TooBig { what } => write!(f, "{what} has more than can be counted"),
            Self::InteriorNul { what } => write!(f, "{what} has a NUL inside"),
            Self::TypeMismatch { tag, value } => {
                write!(f, "a value of type 0x{value:04X} does not match {tag}")
            }
            Self::TooDeep => f.write_str("the restriction is nested too deeply"),
            Self::MixedWidths => f.write_str("the strings are not all of one width"),
            Self::Contradiction { what } => write!(f, "{what} contradicts the rest"),
        }
    }
}

impl Error for BuildError {}

impl From<BuildError> for HRESULT {
    fn from(error: BuildError) -> Self {
        error.status()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_and_where() {
        let error = ViewError::TooMany {
            what: "SRowSet::cRows",
            count: u32::MAX,
        };
        assert_eq!(
            error.to_string(),
            "4294967295 is too many for SRowSet::cRows"
        );
        assert_eq!(HRESULT::from(error), MAPI_E_TOO_BIG);
        let error = BuildError::TypeMismatch {
            tag: PropTag(0x3001_001F),
            value: 3,
        };
        assert_eq!(
            error.to_string(),
            "a value of type 0x0003 does not match 0x3001001F"
        );
        assert_eq!(HRESULT::from(error), MAPI_E_UNEXPECTED_TYPE);
    }
}
