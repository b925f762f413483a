//! What a server says, as a tree.

use super::wire::Done;

/// Lists in lists go no deeper than this. What is asked for has four levels.
const DEEPEST: usize = 16;

/// A part of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// An atom, a number, `NIL`, a flag.
    Atom(Vec<u8>),
    /// A quoted string or a literal.
    Octets(Vec<u8>),
    List(Vec<Value>),
}

impl Value {
    /// An atom or a string as text.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Atom(octets) | Self::Octets(octets) => std::str::from_utf8(octets).ok(),
            Self::List(_) => None,
        }
    }

    pub(crate) fn number<N: std::str::FromStr>(&self) -> Option<N> {
        self.text()?.parse().ok()
    }

    pub(crate) fn list(&self) -> Option<&[Self]> {
        match self {
            Self::List(values) => Some(values),
            _ => None,
        }
    }

    /// The texts of a list.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.list()
            .unwrap_or_default()
            .iter()
            .filter_map(Self::text)
    }
}

/// One response.
#[derive(Debug, Clone)]
pub(crate) enum Response {
    /// `+`: the server waits for more.
    Continue,
    /// The end of a command.
    Tagged { tag: String, done: Done },
    /// `* OK`, `* NO`, `* BYE` and so on.
    Status {
        status: String,
        code: String,
        text: String,
    },
    /// `* 5 EXISTS`, `* 5 FETCH (…)`.
    Numbered {
        number: u32,
        word: String,
        values: Vec<Value>,
    },
    /// `* LIST …`, `* SEARCH …`.
    Data { word: String, values: Vec<Value> },
    /// What nobody understands.
    Odd,
}

impl Response {
    /// The values of `* WORD …`.
    pub(crate) fn data(&self, wanted: &str) -> Option<&[Value]> {
        match self {
            Self::Data { word, values } if word == wanted => Some(values),
            _ => None,
        }
    }

    /// What `* OK [CODE …]` says, if it is that code.
    pub(crate) fn code(&self, wanted: &str) -> Option<&str> {
        match self {
            Self::Status { code, .. } => argument(code, wanted),
            _ => None,
        }
    }
}

/// What comes after a code: that of `UIDNEXT 5` is `5`.
pub(crate) fn argument<'c>(code: &'c str, wanted: &str) -> Option<&'c str> {
    let (word, argument) = code.split_once(' ').unwrap_or((code, ""));
    word.eq_ignore_ascii_case(wanted).then_some(argument)
}

/// Whether a response may have literals: in a text for people, `{5}` is none.
pub(crate) fn has_literals(raw: &[u8]) -> bool {
    let rest = raw.strip_prefix(b"* ");
    rest.is_some_and(|rest| !is_status(&first_word(rest)))
}

fn is_status(word: &str) -> bool {
    ["OK", "NO", "BAD", "BYE", "PREAUTH"].contains(&word)
}

fn first_word(octets: &[u8]) -> String {
    let word = octets
        .split(|byte| matches!(byte, b' ' | b'\r' | b'\n'))
        .next();
    String::from_utf8_lossy(word.unwrap_or_default()).to_ascii_uppercase()
}

/// The length of the literal that follows a line.
pub(crate) fn literal_after(line: &[u8]) -> Option<u64> {
    let line = line.strip_suffix(b"\n")?;
    let line = line
        .strip_suffix(b"\r")
        .unwrap_or(line)
        .strip_suffix(b"}")?;
    let open = line.iter().rposition(|byte| *byte == b'{')?;
    let digits = std::str::from_utf8(&line[open + 1..]).ok()?;
    let digits = digits.strip_suffix('+').unwrap_or(digits);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // More than fits is certainly too much.
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

/// Understands a response.
pub(crate) fn parse(raw: &[u8]) -> Response {
    let line = raw.strip_suffix(b"\n").unwrap_or(raw);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line == b"+" || line.starts_with(b"+ ") {
        return Response::Continue;
    }
    let Some(space) = line.iter().position(|byte| *byte == b' ') else {
        return Response::Odd;
    };
    let (tag, rest) = (&line[..space], &line[space + 1..]);
    let word = first_word(rest);
    let after = rest.get(word.len() + 1..).unwrap_or_default();
    if is_status(&word) {
        let (code, text) = code_and_text(after);
        let status = word;
        return match tag {
            b"*" => Response::Status { status, code, text },
            tag => Response::Tagged {
                tag: String::from_utf8_lossy(tag).into_owned(),
                done: Done { status, code, text },
            },
        };
    }
    if tag != b"*" {
        return Response::Odd;
    }
    let Ok(number) = word.parse() else {
        let values = Reader(after).all(0, true);
        return values.map_or(Response::Odd, |values| Response::Data { word, values });
    };
    let word = first_word(after);
    let after = after.get(word.len() + 1..).unwrap_or_default();
    let values = Reader(after).all(0, true);
    values.map_or(Response::Odd, |values| Response::Numbered {
        number,
        word,
        values,
    })
}

/// `[CODE …] text`. A code with a bracket within is cut there: only lists of flags have some, and who reads one sees its end.
fn code_and_text(after: &[u8]) -> (String, String) {
    let after = String::from_utf8_lossy(after);
    let both = after
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'));
    let (code, text) = both.unwrap_or(("", &after));
    // People read it, and nobody reads a megabyte.
    let text = text.trim().chars().take(300).collect();
    (code.to_owned(), text)
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    /// All values up to the end of the list, or of the response if this is no list.
    fn all(&mut self, depth: usize, is_top: bool) -> Option<Vec<Value>> {
        // TWOWAY-27: nobody asks for lists that deep, and the stack has an end.
        if depth > DEEPEST {
            return None;
        }
        let mut values = Vec::new();
        loop {
            match self.0.first() {
                None => return is_top.then_some(values),
                Some(b' ') => self.skip(1),
                Some(b')') if is_top => return None,
                Some(b')') => {
                    self.skip(1);
                    return Some(values);
                }
                Some(b'(') => {
                    self.skip(1);
                    values.push(Value::List(self.all(depth + 1, false)?));
                }
                Some(b'"') => values.push(self.quoted()?),
                Some(b'{') => values.push(self.literal()?),
                Some(_) => values.push(self.atom()),
            }
        }
    }

    fn skip(&mut self, count: usize) {
        self.0 = self.0.get(count..).unwrap_or_default();
    }

    fn quoted(&mut self) -> Option<Value> {
        let mut octets = Vec::new();
        let mut bytes = self.0.iter().enumerate().skip(1);
        while let Some((at, byte)) = bytes.next() {
            match byte {
                b'"' => {
                    self.skip(at + 1);
                    return Some(Value::Octets(octets));
                }
                b'\\' => octets.push(*bytes.next()?.1),
                byte => octets.push(*byte),
            }
        }
        None
    }

    fn literal(&mut self) -> Option<Value> {
        let end = self.0.iter().position(|byte| *byte == b'\n')? + 1;
        let count = usize::try_from(literal_after(&self.0[..end])?).ok()?;
        let octets = self.0.get(end..end.checked_add(count)?)?.to_vec();
        self.skip(end + count);
        Some(Value::Octets(octets))
    }

    fn atom(&mut self) -> Value {
        let mut end = 0;
        while let Some(byte) = self.0.get(end) {
            match byte {
                b' ' | b'(' | b')' | b'"' => break,
                // `BODY[HEADER.FIELDS (SUBJECT)]` is one name, whatever is within. No flag begins so.
                b'[' if self.0[..end].eq_ignore_ascii_case(b"BODY") => {
                    let close = self.0[end..].iter().position(|byte| *byte == b']');
                    end += close.map_or(1, |close| close + 1);
                }
                _ => end += 1,
            }
        }
        let atom = self.0[..end].to_vec();
        self.skip(end);
        Value::Atom(atom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetch(raw: &str) -> Option<Vec<Value>> {
        match parse(raw.as_bytes()) {
            Response::Numbered { word, values, .. } if word == "FETCH" => Some(values),
            _ => None,
        }
    }

    fn atom(text: &str) -> Value {
        Value::Atom(text.as_bytes().to_vec())
    }

    #[test]
    fn what_odd_servers_say_is_read() {
        let values = fetch(
            "* 1 FETCH (UID 2 X-GM-LABELS (\"a b\" \\Inbox) FLAGS (a]b \\* ) BODY[HEADER.FIELDS (A B)] {3}\r\n)\r\n)\r\n",
        );
        let values = values.expect("read");
        let list = values[0].list().expect("a list");
        assert_eq!(list[..2], [atom("UID"), atom("2")]);
        assert_eq!(list[5].texts().collect::<Vec<_>>(), ["a]b", "\\*"]);
        assert_eq!(list[6], atom("BODY[HEADER.FIELDS (A B)]"));
        assert_eq!(list[7], Value::Octets(b")\r\n".to_vec()));
    }

    #[test]
    fn strings_are_what_they_say() {
        let response = parse(b"* LIST (\\Noselect) \"/\" \"a\\\"\\\\b\"\r\n");
        let values = response.data("LIST").expect("a list");
        assert_eq!(values[2].text(), Some("a\"\\b"));
    }

    #[test]
    fn twoway_27_what_is_not_understood_is_odd() {
        let deep = format!("* 1 FETCH {}\r\n", "(".repeat(200_000));
        let literal = "* 1 FETCH (BODY[] {9}\r\nabc)\r\n";
        for raw in [
            deep.as_str(),
            literal,
            "* 1 FETCH (UID 1\r\n",
            "* 1 FETCH (A \"x\r\n",
            "junk\r\n",
            "* LIST )\r\n",
            "\r\n",
        ] {
            assert!(
                matches!(parse(raw.as_bytes()), Response::Odd),
                "{}",
                &raw[..raw.len().min(40)]
            );
        }
    }

    #[test]
    fn a_text_for_people_has_no_literal() {
        assert!(!has_literals(b"* OK it costs {5}\r\n"));
        assert!(!has_literals(b"m1 NO {5}\r\n"));
        assert!(has_literals(b"* 1 FETCH (BODY[] {5}\r\n"));
        assert_eq!(literal_after(b"x {5}\r\n"), Some(5));
        assert_eq!(
            literal_after(b"x {99999999999999999999}\r\n"),
            Some(u64::MAX)
        );
        assert_eq!(literal_after(b"x {}\r\n"), None);
    }

    #[test]
    fn a_code_is_taken_from_its_text() {
        let Response::Tagged { tag, done } = parse(b"m7 OK [APPENDUID 1 2] Append completed.\r\n")
        else {
            panic!("tagged");
        };
        assert_eq!((tag.as_str(), done.code.as_str()), ("m7", "APPENDUID 1 2"));
        assert_eq!(argument(&done.code, "appenduid"), Some("1 2"));
    }
}
