//! Text that others wrote, as it may be shown.

use std::fmt::{self, Write};

/// A text on one line: what a server says must not forge lines of a log.
pub(crate) struct OneLine<'a>(pub(crate) &'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') {
                write!(f, "{}", letter.escape_debug())?;
            } else {
                f.write_char(letter)?;
            }
        }
        Ok(())
    }
}
