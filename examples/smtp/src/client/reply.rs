//! What a server says.

/// Server texts go into reports that people read.
const LONGEST_TEXT: usize = 500;

/// A reply: three digits, and what people may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    /// Line by line, without the code.
    pub(super) lines: Vec<String>,
}

/// What a reply means, whatever it is an answer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It is done.
    Done,
    /// The server wants to hear more.
    GoOn,
    /// Not now.
    Later,
    /// The server is about to close the connection.
    Goodbye,
    /// Never.
    Never,
}

impl Reply {
    pub(super) fn meaning(&self) -> Meaning {
        match self.code {
            421 => Meaning::Goodbye,
            200..=299 => Meaning::Done,
            300..=399 => Meaning::GoOn,
            400..=499 => Meaning::Later,
            _ => Meaning::Never,
        }
    }

    /// The whole reply in one line, for people. Nothing in it could be taken for a line of its own.
    pub(super) fn text(&self) -> String {
        let text = format!("{} {}", self.code, self.lines.join(" "));
        let text = text.replace(char::is_control, " ");
        let end = text.floor_char_boundary(LONGEST_TEXT);
        text[..end].trim_end().to_owned()
    }
}

/// A line of a reply.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) code: u16,
    pub(super) is_last: bool,
    pub(super) text: String,
}

impl Line {
    /// Reads a line without its end. None if it is no line of SMTP's.
    pub(super) fn read(line: &[u8]) -> Option<Self> {
        let (digits, rest) = line.split_at_checked(3)?;
        let is_code = matches!(digits[0], b'2'..=b'5') && digits.iter().all(u8::is_ascii_digit);
        let code = std::str::from_utf8(digits).ok()?.parse().ok();
        let code = code.filter(|_| is_code)?;
        let (is_last, text) = match rest.split_first() {
            None => (true, &rest[..0]),
            Some((b' ', text)) => (true, text),
            Some((b'-', text)) => (false, text),
            Some(_) => return None,
        };
        let text = String::from_utf8_lossy(text).into_owned();
        Some(Self {
            code,
            is_last,
            text,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let line = |line: &[u8]| Line::read(line).map(|one| (one.code, one.is_last, one.text));
        assert_eq!(line(b"250 ok"), Some((250, true, "ok".to_owned())));
        assert_eq!(line(b"250-a b"), Some((250, false, "a b".to_owned())));
        assert_eq!(line(b"354"), Some((354, true, String::new())));
        for bad in [
            &b""[..],
            b"25",
            b"hello",
            b"250ok",
            b"199 x",
            b"600 x",
            b"2x0 y",
            b"+50 x",
            b"\xff\xff\xff x",
        ] {
            assert_eq!(line(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_text_is_one_line_and_short() {
        let reply = Reply {
            code: 550,
            lines: vec!["no\r\nBcc: x".to_owned(), "ä".repeat(1000)],
        };
        let text = reply.text();
        assert!(text.starts_with("550 no  Bcc: x ä") && text.len() <= LONGEST_TEXT);
    }
}
