//! What a `mapisvc.inf` must be before anybody writes to it.

use std::fmt;

use super::lines::{self, Line, Span};
use super::registration::{DLL_KEYS, OwnSection, Registration, SERVICES, UID_KEYS};
use mapi_provider_abi::internal::ansi_to_string;

/// Why a file is not edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What can be wrong with a `mapisvc.inf`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The file is UTF-16.
    Utf16,
    /// The file begins with the mark of UTF-8, which hides its first line from Windows.
    Utf8Mark,
    /// There is a NUL.
    Nul,
    /// A section is there twice, and Windows reads only the first.
    Repeated {
        /// Its name.
        section: String,
        /// The line of the first.
        first: usize,
    },
    /// A section that is to be written is another provider's.
    Foreign {
        /// Its name.
        section: String,
        /// The key that says so.
        key: String,
        /// The value that it has.
        value: String,
        /// The value that it would have.
        wanted: String,
    },
    /// Nothing in a section that is to be written says that this provider has made it.
    Unmarked {
        /// Its name.
        section: String,
        /// The key that would say so.
        key: String,
    },
    /// `[Services]` has the provider's key, and there is no section of its.
    Taken {
        /// The key.
        key: String,
        /// The value that it has.
        value: String,
    },
}

impl Problem {
    /// Is the problem that something in the file may be another provider's?
    pub(super) fn is_foreign(&self) -> bool {
        use Problem::{Foreign, Taken, Unmarked};
        matches!(self, Foreign { .. } | Unmarked { .. } | Taken { .. })
    }

    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Problem::Utf16 | Problem::Utf8Mark => {
                "save it in the ANSI code page, in which MAPI reads it (`ANSI` in Notepad's Save As)"
            }
            Problem::Nul => {
                "the file is damaged, or UTF-16 without a mark: restore it, or save it in the ANSI code page"
            }
            Problem::Foreign { .. } | Problem::Unmarked { .. } | Problem::Taken { .. } => {
                "give this provider another id, remove the other one, or take its sections over by force"
            }
            Problem::Repeated { .. } => {
                "make one section of the two: Windows reads the first, and never the other"
            }
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Utf16 => f.write_str("the file is UTF-16"),
            Problem::Utf8Mark => f.write_str("the file begins with the byte order mark of UTF-8"),
            Problem::Nul => f.write_str("there is a NUL in the file"),
            Problem::Repeated { section, first } => {
                write!(
                    f,
                    "section [{section}] is here again; the first is in line {first}"
                )
            }
            Problem::Foreign {
                section,
                key,
                value,
                wanted,
            } => write!(
                f,
                "section [{section}] belongs to another provider: its {key} is `{value}`, not `{wanted}`"
            ),
            Problem::Unmarked { section, key } => write!(
                f,
                "section [{section}] may be another provider's: it has no {key} that says whose it is"
            ),
            Problem::Taken { key, value } => write!(
                f,
                "key {key} of [{SERVICES}] may be another provider's: it is `{value}`, and no section here is this \
                 provider's"
            ),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}: {}; {}",
            self.line,
            self.problem,
            self.problem.help()
        )
    }
}

impl std::error::Error for Refusal {}

/// Whether the file can be edited for a provider.
///
/// A removal removes whatever an installation took over. So only what says that it is the
/// provider's is taken as its own: only then does the removal restore what the installation found.
pub(super) fn check(text: &[u8], provider: &Registration) -> Result<(), Refusal> {
    encoding(text)?;
    let lines = lines::parse(text);
    let services = once(&lines, SERVICES)?;
    let mut is_there = false;
    for section in &provider.sections {
        if let Some(span) = once(&lines, &section.name)? {
            is_there = true;
            if !provider.is_forced {
                ours(&lines, span, section)?;
            }
        }
    }
    match services {
        Some(span) if !is_there && !provider.is_forced => free(&lines, span, provider),
        _ => Ok(()),
    }
}

fn encoding(text: &[u8]) -> Result<(), Refusal> {
    let problem = match text {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Problem::Utf16,
        [0xEF, 0xBB, 0xBF, ..] => Problem::Utf8Mark,
        _ => {
            let Some(at) = text.iter().position(|byte| *byte == 0) else {
                return Ok(());
            };
            return Err(Refusal {
                line: lines::parse(&text[..=at]).len(),
                problem: Problem::Nul,
            });
        }
    };
    Err(Refusal { line: 1, problem })
}

/// The section of a name, which must not be there twice.
fn once(lines: &[Line<'_>], name: &str) -> Result<Option<Span>, Refusal> {
    match lines::sections(lines, name)[..] {
        [first, second, ..] => Err(Refusal {
            line: second.header + 1,
            problem: Problem::Repeated {
                section: name.to_owned(),
                first: first.header + 1,
            },
        }),
        ref spans => Ok(spans.first().copied()),
    }
}

/// Whether a section says that it is this provider's, and nothing in it says that it is another's.
fn ours(lines: &[Line<'_>], span: Span, own: &OwnSection) -> Result<(), Refusal> {
    let refusal = |at: usize, problem| {
        Err(Refusal {
            line: at + 1,
            problem,
        })
    };
    let mut is_marked = false;
    for (at, key, value) in span.entries(lines) {
        let is_same: fn(&[u8], &[u8]) -> bool = match key {
            _ if any_is(key, &DLL_KEYS) => is_same_dll,
            _ if any_is(key, &UID_KEYS) => <[u8]>::eq_ignore_ascii_case,
            _ => continue,
        };
        let wanted = own.value(key).unwrap_or_default();
        if !is_same(value, wanted) {
            let problem = Problem::Foreign {
                section: own.name.clone(),
                key: shown(key),
                value: shown(value),
                wanted: shown(wanted),
            };
            return refusal(at, problem);
        }
        is_marked |= own.marks().any(|mark| lines::is_name(key, mark));
    }
    match own.marks().next() {
        Some(key) if !is_marked => {
            let (section, key) = (own.name.clone(), key.to_owned());
            refusal(span.header, Problem::Unmarked { section, key })
        }
        _ => Ok(()),
    }
}

/// Whether nobody has the provider's key in `[Services]`, where the provider has no section.
fn free(lines: &[Line<'_>], services: Span, provider: &Registration) -> Result<(), Refusal> {
    let mut entries = services.entries(lines);
    match entries.find(|(_, key, _)| lines::is_name(key, &provider.id)) {
        Some((at, key, value)) => Err(Refusal {
            line: at + 1,
            problem: Problem::Taken {
                key: shown(key),
                value: shown(value),
            },
        }),
        None => Ok(()),
    }
}

/// What is shown of somebody's text: its beginning.
fn shown(text: &[u8]) -> String {
    const SHOWN: usize = 100;
    match text.get(..SHOWN) {
        Some(beginning) => ansi_to_string(beginning) + "…",
        None => ansi_to_string(text),
    }
}

fn any_is(key: &[u8], names: &[&str]) -> bool {
    names.iter().any(|name| lines::is_name(key, name))
}

/// The same DLL, wherever it lies.
fn is_same_dll(one: &[u8], other: &[u8]) -> bool {
    file_name(one).eq_ignore_ascii_case(file_name(other))
}

fn file_name(path: &[u8]) -> &[u8] {
    let parts = path.rsplit(|byte| matches!(byte, b'\\' | b'/' | b':'));
    parts.map(<[u8]>::trim_ascii).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{provider, wrapped};
    use super::*;

    fn problem(text: &[u8]) -> (usize, Problem) {
        let refusal = provider().merge(text).expect_err("it is refused");
        assert_eq!(provider().remove(text), Err(refusal.clone()));
        (refusal.line, refusal.problem)
    }

    #[test]
    fn what_is_not_ansi_is_refused() {
        assert_eq!(problem(b"\xFF\xFE[\0S\0"), (1, Problem::Utf16));
        assert_eq!(problem(b"\xFE\xFF\0["), (1, Problem::Utf16));
        assert_eq!(
            problem(b"\xEF\xBB\xBF[Services]\r\n"),
            (1, Problem::Utf8Mark)
        );
        assert_eq!(problem(b"[\0S\0"), (1, Problem::Nul));
        assert_eq!(problem(b"a\r\nb\n\0"), (3, Problem::Nul));
        assert_eq!(problem(b"a\r\nb\0\n"), (2, Problem::Nul));
    }

    #[test]
    fn sections_that_are_there_twice_are_refused_by_force_too() {
        for (text, section, line, first) in [
            (&b"[Services]\n\n[SERVICES]\n"[..], "Services", 3, 1),
            (b"\n[contoso]\n[x]\n [ Contoso ]", "contoso", 4, 2),
            (b"[contoso_store]\r[contoso_store]\r", "contoso_store", 2, 1),
        ] {
            let section = section.to_owned();
            assert_eq!(problem(text), (line, Problem::Repeated { section, first }));
            assert!(provider().forced().merge(text).is_err());
        }
        assert!(
            provider().merge(b"[x]\n[x]\n").is_ok(),
            "somebody else's affair"
        );
    }

    #[test]
    fn sections_of_another_provider_are_refused_but_by_force() {
        for (text, line) in [
            (&b"[contoso]\nPR_SERVICE_DLL_NAME=other.dll\n"[..], 2),
            (
                b"[CONTOSO]\n;\npr_service_dll_name = \"C:\\contoso.dll\\x.dll\"\n",
                3,
            ),
            (b"[contoso_store]\nPR_PROVIDER_DLL_NAME=contoso32.dll\n", 2),
            (b"[contoso_store]\n34140102=00\n", 2),
            // Nothing says whose they are.
            (b"\n[contoso]\n", 2),
            (b"[contoso]\nPR_DISPLAY_NAME=Somebody\n", 1),
            (b"[contoso_store]\nPR_DISPLAY_NAME=Somebody\n[x]\n", 1),
            (b"[Services]\nContoso=Another\n", 2),
            (b"[Services]\ncontoso=Contoso B\xFCro\n[other]\n", 2),
            (b"[x]\n[services]\ncontoso\n", 3),
            // A wrapped store's.
            (
                b"[contoso_store]\n67E10102=00112233445566778899AABBCCDDEEFF\n",
                2,
            ),
        ] {
            let (found, problem) = problem(text);
            assert_eq!(found, line);
            assert!(problem.is_foreign(), "{problem}");
            let merged = provider().forced().merge(text).expect("by force").text;
            assert_eq!(
                provider().merge(&merged).map(|edit| edit.changes),
                Ok(vec![])
            );
        }
        let wrapped_elsewhere =
            b"[contoso_store]\n34140102=E92FEB759650448683B87DE522AA4948\n67E10102=00\n";
        assert!(wrapped().merge(wrapped_elsewhere).is_err());
        let any_pst = b"[contoso_store]\n34140102=E92FEB759650448683B87DE522AA4948\n";
        assert!(wrapped().merge(any_pst).is_err());
    }

    #[test]
    fn sections_of_ours_are_known_wherever_the_dll_lies() {
        for text in [
            &b"[contoso]\nPR_SERVICE_DLL_NAME=CONTOSO.DLL\n"[..],
            b"[contoso]\nPR_SERVICE_DLL_NAME=C:\\Old\\contoso.dll\n",
            b"[contoso]\nPR_DISPLAY_NAME=Old name\nPR_SERVICE_DLL_NAME=contoso.dll\n",
            b"[Services]\ncontoso=Old name\n[contoso]\nPR_SERVICE_DLL_NAME=contoso.dll\n",
            b"[contoso_store]\n34140102=7b3f0d5c41e84c0a9d2b6a1f0c5e7d91\n",
        ] {
            assert!(provider().merge(text).is_ok());
        }
    }

    #[test]
    fn no_more_of_a_text_is_shown_than_a_line() {
        let text = [b"[contoso]\nPR_SERVICE_DLL_NAME=", &[b'x'; 1 << 16][..]].concat();
        let told = provider().merge(&text).expect_err("another's").to_string();
        assert!(told.len() < 500 && told.contains("x…`, not `contoso.dll`"));
    }

    #[test]
    fn a_refusal_says_where_and_what_to_do() {
        let refusal = provider()
            .merge(b"[contoso]\nPR_SERVICE_DLL_NAME=other.dll")
            .unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "line 2: section [contoso] belongs to another provider: its PR_SERVICE_DLL_NAME is `other.dll`, not \
             `contoso.dll`; give this provider another id, remove the other one, or take its sections over by force"
        );
    }
}
