//! What can't be done with mail.

use std::{error, fmt};

/// How deep messages may be attached to one another.
pub(crate) const DEEPEST: usize = 32;
/// How many octets mail may be.
pub(crate) const LARGEST: usize = 512 << 20;

/// The octets are no message: there is nothing in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotMail;

/// Messages would be attached to one another more than [`Mail::DEEPEST`](crate::Mail::DEEPEST) deep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooDeep;

/// As octets, a message would be longer than [`Mail::LARGEST`](crate::Mail::LARGEST), or there is not enough memory for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge;

impl fmt::Display for NotMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is not a message: it is empty")
    }
}

impl fmt::Display for TooDeep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "messages are attached to one another more than {} deep",
            DEEPEST
        )
    }
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = LARGEST >> 20;
        write!(
            f,
            "as Internet mail the message is larger than {most} MiB, or than memory"
        )
    }
}

impl error::Error for NotMail {}
impl error::Error for TooDeep {}
impl error::Error for TooLarge {}
