//! An event as a line.

use std::fmt::{self, Write as _};
use std::time::{SystemTime, UNIX_EPOCH};

use tracing::Event;
use tracing::field::{Field, Visit};

/// The maximum length of a line; the rest is left out, and `…` says so.
const LONGEST: usize = 8 * 1024;

/// A line in the making: the message first, then the fields.
pub(super) struct Line(String);

impl Line {
    /// The line of an event, with its end.
    pub(super) fn of(event: &Event<'_>) -> Self {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let mut line = Self(format!(
            "{}.{:03} {:>5}",
            since.as_secs(),
            since.subsec_millis(),
            event.metadata().level()
        ));
        event.record(&mut line);
        if line.is_full() {
            line.0.push('…');
        }
        line.0.push('\n');
        line
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    fn is_full(&self) -> bool {
        self.0.len() >= LONGEST
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // The line accepts everything that is written to it, so this fails only if a value does.
        let _ = match field.name() {
            "message" => write!(self, " {value:?}"),
            name => write!(self, " {name}={value:?}"),
        };
    }
}

/// SYNC-23: whatever a text contains, it neither ends the line nor makes what follows look like something
/// else.
impl fmt::Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            if self.is_full() {
                break;
            }
            if is_plain(c) {
                self.0.push(c);
            } else {
                self.0.extend(c.escape_default());
            }
        }
        Ok(())
    }
}

/// Escaped: control characters, Unicode's own line ends, and characters that change a text's direction or hide
/// in it.
fn is_plain(c: char) -> bool {
    let is_format = matches!(
        c,
        '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
    );
    !c.is_control() && !is_format
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_an_end() {
        let mut line = Line(String::new());
        for _ in 0..3 {
            line.write_str(&"\u{2028}x".repeat(LONGEST))
                .expect("it takes all");
        }
        assert!(line.0.len() < LONGEST + 16);
    }
}
