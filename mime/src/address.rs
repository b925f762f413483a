//! Addresses of all ages (RFC 5322, 3.4 and 4.4): names, comments, groups, routes, quoted local parts.

use crate::mail::Who;
use crate::words;

/// The people whom a field names, in order. Groups are their members.
pub(crate) fn parse(value: &[u8], hint: Option<&str>) -> Vec<Who> {
    let mut list = List::new(hint);
    let line = words::unfolded(value);
    let mut rest = &line[..];
    while let [first, tail @ ..] = rest {
        rest = list.read(*first, tail);
    }
    list.end_of_one();
    list.people
}

/// A list that is being read. Everything is read once, from left to right.
struct List<'h> {
    hint: Option<&'h str>,
    people: Vec<Who>,
    one: One,
}

/// Somebody who is being read.
#[derive(Default)]
struct One {
    /// What stands outside of angle brackets, quotes taken off.
    words: Vec<u8>,
    /// The same as an address: quotes kept, white space left out where it means nothing.
    bare: Vec<u8>,
    /// What stands within angle brackets.
    angle: Option<Vec<u8>>,
    comment: Vec<u8>,
    /// White space has been left out of `bare`.
    gap: bool,
}

impl<'h> List<'h> {
    fn new(hint: Option<&'h str>) -> Self {
        Self {
            hint,
            people: Vec::new(),
            one: One::default(),
        }
    }

    /// Reads what begins with an octet, and returns what follows.
    fn read<'o>(&mut self, first: u8, tail: &'o [u8]) -> &'o [u8] {
        match first {
            b'"' => {
                let (inner, next) = quoted(tail);
                self.one.words.extend_from_slice(&inner);
                self.one.add_bare(&quote(&inner));
                return next;
            }
            b'(' => {
                let (inner, next) = comment(tail);
                if !self.one.comment.is_empty() {
                    self.one.comment.push(b' ');
                }
                self.one.comment.extend_from_slice(&inner);
                return next;
            }
            b'<' => {
                let (inner, next) = angle(tail);
                // The last one counts: what stands before it is part of a name that nobody quoted.
                self.one.angle = Some(inner);
                return next;
            }
            b',' | b';' => self.end_of_one(),
            // The name of a group; but a domain may be a literal with colons.
            b':' if !self.one.bare.contains(&b'[')
                && self.one.angle.is_none()
                && !is_scheme(&self.one.bare) =>
            {
                self.one = One::default();
            }
            _ => {
                self.one.words.push(first);
                if first.is_ascii_whitespace() {
                    self.one.gap = true;
                } else {
                    self.one.add_bare(&[first]);
                }
            }
        }
        tail
    }

    fn end_of_one(&mut self) {
        let One {
            words,
            bare,
            angle,
            comment,
            ..
        } = std::mem::take(&mut self.one);
        let say = |octets: &[u8]| one_line(&words::decode(octets.trim_ascii(), self.hint));
        let comment = say(&comment);
        let who = match angle {
            Some(address) => {
                let name = say(&words);
                Who {
                    name: if name.is_empty() { comment } else { name },
                    address: say(&address),
                }
            }
            None if bare.contains(&b'@') => Who {
                name: comment,
                address: say(without_scheme(&bare)),
            },
            // Without an address there is a name at least.
            None => {
                let name = say(&words);
                Who {
                    name: if name.is_empty() { comment } else { name },
                    address: String::new(),
                }
            }
        };
        if !(who.name.is_empty() && who.address.is_empty()) {
            self.people.push(who);
        }
    }
}

impl One {
    /// Adds to the address; words that no dot and no `@` joins stay apart.
    fn add_bare(&mut self, octets: &[u8]) {
        let joins = |octet: Option<&u8>| matches!(octet, Some(b'.' | b'@') | None);
        if self.gap && !joins(self.bare.last()) && !joins(octets.first()) {
            self.bare.push(b' ');
        }
        self.gap = false;
        self.bare.extend_from_slice(octets);
    }
}

fn is_scheme(word: &[u8]) -> bool {
    word.eq_ignore_ascii_case(b"mailto") || word.eq_ignore_ascii_case(b"smtp")
}

fn without_scheme(address: &[u8]) -> &[u8] {
    match address.iter().position(|octet| *octet == b':') {
        Some(place) if is_scheme(&address[..place]) => &address[place + 1..],
        _ => address,
    }
}

/// A text that a list of others could contain.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ").trim().to_owned()
}

/// The inside of a quoted string, and what follows it. One that is never closed ends where the field does.
fn quoted(text: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut inner = Vec::new();
    let mut rest = text;
    loop {
        rest = match rest {
            [] => return (inner, rest),
            [b'"', tail @ ..] => return (inner, tail),
            [b'\\', letter, tail @ ..] => {
                inner.push(*letter);
                tail
            }
            [letter, tail @ ..] => {
                inner.push(*letter);
                tail
            }
        };
    }
}

/// A quoted string again.
fn quote(inner: &[u8]) -> Vec<u8> {
    let mut text = vec![b'"'];
    for letter in inner {
        if matches!(letter, b'"' | b'\\') {
            text.push(b'\\');
        }
        text.push(*letter);
    }
    text.push(b'"');
    text
}

/// The inside of a comment, and what follows it. Comments in it are part of it.
fn comment(text: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut inner = Vec::new();
    let mut depth = 0_usize;
    let mut rest = text;
    loop {
        rest = match rest {
            [] => return (inner, rest),
            [b')', tail @ ..] if depth == 0 => return (inner, tail),
            [b'\\', letter, tail @ ..] => {
                inner.push(*letter);
                tail
            }
            [letter, tail @ ..] => {
                match letter {
                    b'(' => depth += 1,
                    b')' => depth -= 1,
                    _ => {}
                }
                inner.push(*letter);
                tail
            }
        };
    }
}

/// The address within angle brackets, and what follows them: without comments, needless white space, and the route that
/// it once took (RFC 5322, 4.4).
fn angle(text: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut one = One::default();
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        rest = match first {
            b'>' => {
                rest = tail;
                break;
            }
            // A bracket that is never closed.
            b'<' => tail,
            b'"' => {
                let (inner, next) = quoted(tail);
                one.add_bare(&quote(&inner));
                next
            }
            b'(' => comment(tail).1,
            b':' if one.bare.starts_with(b"@") || is_scheme(&one.bare) => {
                one.bare.clear();
                tail
            }
            octet if octet.is_ascii_whitespace() => {
                one.gap = true;
                tail
            }
            octet => {
                one.add_bare(&[*octet]);
                tail
            }
        };
    }
    (one.bare, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(value: &str) -> Vec<(String, String)> {
        let people = parse(value.as_bytes(), None).into_iter();
        people.map(|who| (who.name, who.address)).collect()
    }

    #[test]
    fn somebody_is_found_whatever_age_the_address_has() {
        for (value, name, address) in [
            ("ann@example.org", "", "ann@example.org"),
            ("Ann <ann@example.org>", "Ann", "ann@example.org"),
            (
                "\"Other, Ann\" <ann@example.org>",
                "Other, Ann",
                "ann@example.org",
            ),
            (
                "\"Ann \\\"A\\\" Other\" <ann@example.org>",
                "Ann \"A\" Other",
                "ann@example.org",
            ),
            (
                "ann@example.org (Ann Other)",
                "Ann Other",
                "ann@example.org",
            ),
            (
                "ann@example.org (Ann (the first))",
                "Ann (the first)",
                "ann@example.org",
            ),
            (
                "Ann . Other <ann @ example . org>",
                "Ann . Other",
                "ann@example.org",
            ),
            ("ann @ example . org", "", "ann@example.org"),
            ("\"Ann Other\"@example.org", "", "\"Ann Other\"@example.org"),
            (
                "Ann <\"Ann Other\"@example.org>",
                "Ann",
                "\"Ann Other\"@example.org",
            ),
            (
                "Ann <@a.example,@b.example:ann@example.org>",
                "Ann",
                "ann@example.org",
            ),
            ("Ann <ann@example.org(comment)>", "Ann", "ann@example.org"),
            (
                "=?utf-8?Q?=C3=84nn?= <ann@example.org>",
                "Änn",
                "ann@example.org",
            ),
            (
                "\"=?utf-8?Q?=C3=84nn?=\" <ann@example.org>",
                "Änn",
                "ann@example.org",
            ),
            (
                "=?utf-8?B?5Lya?=\r\n =?utf-8?B?6K4=?= =?utf-8?B?rg==?= <a@b>",
                "会议",
                "a@b",
            ),
            ("Änn <änn@exämple.org>", "Änn", "änn@exämple.org"),
            (
                "ann@example.org <ann@example.org>",
                "ann@example.org",
                "ann@example.org",
            ),
            ("<ann@example.org>", "", "ann@example.org"),
            ("Ann <ann@example.org", "Ann", "ann@example.org"),
            ("Ann <mailto:ann@example.org>", "Ann", "ann@example.org"),
            ("mailto:ann@example.org", "", "ann@example.org"),
            ("ann@[IPv6:::1]", "", "ann@[IPv6:::1]"),
            ("Ann", "Ann", ""),
            ("Ann <>", "Ann", ""),
        ] {
            assert_eq!(
                people(value),
                [(name.to_owned(), address.to_owned())],
                "{value}"
            );
        }
    }

    #[test]
    fn lists_and_groups_are_all_their_people() {
        let addresses = |value: &str| {
            people(value)
                .into_iter()
                .map(|(_, address)| address)
                .collect::<Vec<_>>()
        };
        assert_eq!(addresses("a@b, C <c@d>,, e@f"), ["a@b", "c@d", "e@f"]);
        assert_eq!(addresses("Team: a@b, c@d; e@f"), ["a@b", "c@d", "e@f"]);
        assert_eq!(addresses("a@b; c@d"), ["a@b", "c@d"]);
        assert!(people("undisclosed-recipients:;").is_empty());
        assert!(people("").is_empty() && people(" , ;:").is_empty());
    }

    #[test]
    fn brackets_by_the_hundred_thousand_are_read_once() {
        for bracket in ["(", "<", "\"", "\\", ",", ":", "((\\", "<\"", "(<"] {
            let _ = people(&bracket.repeat(200_000));
        }
    }
}
