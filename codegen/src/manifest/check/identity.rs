//! `[provider]`: who the provider is.

use super::{Check, raw};
use crate::{diag::Code, ir::provider::PST_PROVIDER, manifest::words, toml_tree::Spanned};

/// The names of a provider.
pub(super) struct Identity {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) uid: [u8; 16],
}

/// `PR_DISPLAY_NAME` is written to a line of `mapisvc.inf`.
const NAME_MAX: usize = 127;

/// The section in `mapisvc.inf` and, followed by `32.dll`, a file name.
const ID_MAX: usize = 24;

/// Why a text can't be `provider.name`, `provider.id` or `provider.uid`, in words that follow "it", and what to do.
/// `None` if it can, or if the key is another one.
pub(in crate::manifest) fn why_not(key: &str, text: &str) -> Option<String> {
    match key {
        "name" => name_problem(text).map(|(problem, help)| format!("{problem}; {help}")),
        "id" => {
            let problem = id_problem(text).map(str::to_owned);
            let problem = problem.or_else(|| Some(format!("belongs to {}", id_owner(text)?)))?;
            Some(format!("{problem}; {}", id_help(text)))
        }
        "uid" => {
            let problem = parse_uid(text).err()?;
            let problem = problem.strip_prefix("the uid ").unwrap_or("is not a uid");
            Some(format!("{problem}; {UID_HELP}"))
        }
        _ => None,
    }
}

const UID_HELP: &str =
    "make one with `uuidgen` and never change it: 32 hexadecimal digits, with or without dashes";

impl Check<'_> {
    pub(super) fn identity(&self, provider: &raw::Provider) -> Option<Identity> {
        let name = provider.name.as_ref().and_then(|name| self.name(name));
        let id = provider.id.as_ref().and_then(|id| self.id(id));
        let uid = provider.uid.as_ref().and_then(|uid| self.uid(uid));
        Some(Identity {
            name: name?,
            id: id?,
            uid: uid?,
        })
    }

    fn name(&self, name: &Spanned<String>) -> Option<String> {
        let Some((problem, help)) = name_problem(&name.value) else {
            return Some(name.value.clone());
        };
        self.push(
            self.error(
                Code::BadName,
                &name.span,
                format!("the provider's name {problem}"),
            )
            .help(help)
            .note("the name is a line of `mapisvc.inf`, which is read in the ANSI code page"),
        );
        None
    }

    fn id(&self, id: &Spanned<String>) -> Option<String> {
        let word = id.value.as_str();
        if let Some(problem) = id_problem(word) {
            self.push(
                self.error(Code::BadId, &id.span, format!("the provider's id {problem}"))
                    .help(id_help(word))
                    .note("the id names the section in `mapisvc.inf` and the DLL: `[a-z][a-z0-9_]*`, at most 24 characters"),
            );
            return None;
        }
        if let Some(owner) = id_owner(word) {
            self.push(
                self.error(
                    Code::ReservedId,
                    &id.span,
                    format!("the id `{word}` belongs to {owner}"),
                )
                .help(id_help(word)),
            );
            return None;
        }
        self.library_name(id);
        Some(id.value.clone())
    }

    /// MAPI looks for a file named after the id, with 32 at the end: cargo must make one.
    fn library_name(&self, id: &Spanned<String>) {
        let wanted = format!("{}32", id.value);
        let Some(library) = self.library.filter(|library| *library != wanted) else {
            return;
        };
        self.push(
            self.error(
                Code::LibraryName,
                &id.span,
                format!("the library is `{library}`, but MAPI looks for `{wanted}.dll`"),
            )
            .help(format!(
                "name it in Cargo.toml:\n[lib]\nname = \"{wanted}\"\ncrate-type = [\"cdylib\"]"
            ))
            .note("MAPI adds 32 to the id, on 64-bit systems too"),
        );
    }

    fn uid(&self, uid: &Spanned<String>) -> Option<[u8; 16]> {
        let problem = match parse_uid(&uid.value) {
            Ok(bytes) if bytes == [0; 16] => "the uid is all zeros".into(),
            // A store that has it is taken for a PST.
            Ok(PST_PROVIDER) => "the uid is that of Outlook's own PST provider".into(),
            Ok(bytes) => return Some(bytes),
            Err(problem) => problem,
        };
        self.push(self.error(Code::BadUid, &uid.span, problem).help(UID_HELP));
        None
    }
}

/// Why a name can't be in `mapisvc.inf`, and what to do.
fn name_problem(name: &str) -> Option<(&'static str, &'static str)> {
    let quoted = |quote| name.len() > 1 && name.starts_with(quote) && name.ends_with(quote);
    Some(if name.trim().is_empty() {
        (
            "is empty",
            "say what Outlook should show, such as `name = \"Contoso Mail\"`",
        )
    } else if name.chars().any(char::is_control) {
        ("contains control characters", "keep it to one line of text")
    } else if name.chars().any(|c| !is_latin1(c)) {
        (
            "contains characters beyond Latin-1",
            "use letters that Western Windows has, such as `Büro`: other code pages garble the rest",
        )
    } else if name.contains(['[', ']', '=']) {
        (
            "contains `[`, `]` or `=`",
            "leave them out: they are the syntax of `mapisvc.inf`",
        )
    } else if name.trim() != name || quoted('"') || quoted('\'') {
        (
            "begins or ends with blanks or quotes",
            "leave them out: Windows strips them when it reads the file",
        )
    } else if name.chars().count() > NAME_MAX {
        ("is longer than 127 characters", "find a shorter one")
    } else {
        return None;
    })
}

/// Printable, and equal in Latin-1 and in the ANSI code page of Western Windows.
pub(super) fn is_latin1(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{A0}'..='\u{FF}')
}

/// Why a text is not an id.
fn id_problem(id: &str) -> Option<&'static str> {
    let valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if id.is_empty() {
        Some("is empty")
    } else if !id.starts_with(|c: char| c.is_ascii_lowercase()) {
        Some("doesn't begin with a letter from `a` to `z`")
    } else if !id.chars().all(valid) {
        Some("contains characters that `mapisvc.inf` or a DLL's name can't have")
    } else if id.ends_with("32") {
        Some("ends with 32, which MAPI adds itself")
    } else if id.len() > ID_MAX {
        Some("is too long")
    } else {
        None
    }
}

/// What to write instead of an id that is not allowed: always one that is.
fn id_help(id: &str) -> String {
    let lower = id.trim().to_lowercase().replace([' ', '-', '.'], "_");
    let kept = lower
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_');
    let kept: String = kept.take(ID_MAX).collect();
    let kept = kept.trim_end_matches("32");
    let named: String = format!("contoso_{kept}").chars().take(ID_MAX).collect();
    let named = named.trim_end_matches("32");
    if is_free(kept) {
        format!("write `id = \"{kept}\"`")
    } else if id_problem(kept).is_none() && is_free(named) {
        format!("put your company's or product's name in front of it: `id = \"{named}\"`")
    } else {
        "write a short name in lowercase, such as `id = \"contoso\"`".into()
    }
}

/// Whether an id is valid and nobody else's.
fn is_free(id: &str) -> bool {
    id_problem(id).is_none() && id_owner(id).is_none()
}

/// What a valid id collides with.
fn id_owner(id: &str) -> Option<&'static str> {
    if words::is_device(id) {
        Some("a Windows device")
    } else if words::MAPI_NAMES.contains(&id) {
        Some("MAPI or Outlook")
    } else if words::WINDOWS_DLLS.contains(&id) {
        Some("a DLL of Windows'")
    } else {
        None
    }
}

/// The bytes of a UID: the digits in the order in which they are written, ignoring dashes.
fn parse_uid(text: &str) -> Result<[u8; 16], String> {
    let bare = text
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .unwrap_or(text);
    if let Some(odd) = bare.chars().find(|c| !c.is_ascii_hexdigit() && *c != '-') {
        return Err(format!(
            "the uid contains a `{}`, which is not a hexadecimal digit",
            odd.escape_default()
        ));
    }
    let groups: Vec<usize> = bare.split('-').map(str::len).collect();
    if !matches!(groups[..], [32] | [8, 4, 4, 4, 12]) {
        let digits: usize = groups.iter().sum();
        return Err(match digits {
            32 => "the uid has dashes where a GUID has none".into(),
            _ => format!("the uid has {digits} digits instead of 32"),
        });
    }
    let digits: Vec<u8> = bare
        .chars()
        .filter_map(|c| c.to_digit(16))
        .map(|digit| digit as u8)
        .collect();
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = pair[0] << 4 | pair[1];
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::{id_help, id_problem, is_free, name_problem, parse_uid};

    #[test]
    fn uids_are_read_in_the_order_of_their_digits() {
        let bytes = [
            0x7b, 0x3f, 0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc,
            0xdd,
        ];
        for text in [
            "7b3f00112233445566778899aabbccdd",
            "7B3F0011-2233-4455-6677-8899AABBCCDD",
            "{7b3f0011-2233-4455-6677-8899aabbccdd}",
        ] {
            assert_eq!(parse_uid(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_no_uid_is_refused() {
        for text in [
            "",
            "7b3f",
            "{7b3f00112233445566778899aabbccdd",
            "7b3f0011-22334455-66778899aabbccdd",
            "é",
        ] {
            assert!(parse_uid(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ids_are_suggested_where_one_can_be_made_of_the_text() {
        assert_eq!(id_help("Contoso Mail"), "write `id = \"contoso_mail\"`");
        assert_eq!(id_help("contoso32"), "write `id = \"contoso\"`");
        assert!(id_help("32").contains("`id = \"contoso\"`"));
        assert_eq!(id_problem("contoso_2"), None);
    }

    #[test]
    fn what_is_suggested_for_an_id_is_never_refused() {
        let reserved = crate::manifest::reserved_ids().into_iter();
        let with_32 = |id: &String| {
            [
                id.clone(),
                format!("{id}32"),
                format!("{}32", id.to_uppercase()),
            ]
        };
        let odd = [
            "",
            "-",
            "32",
            "3232",
            "a32_32",
            "Ünï",
            "COM 1",
            "_",
            "contoso_323232323232323232",
        ];
        let odd = odd.map(str::to_owned);
        let all = reserved.flat_map(|id| with_32(&id)).chain(odd);
        for id in all
            .chain(["mapi".repeat(30), "x".repeat(99)])
            .filter(|id| !is_free(id))
        {
            let help = id_help(&id);
            let suggested = help.rsplit('"').nth(1).expect("one is quoted");
            assert!(is_free(suggested), "{id}: {help}");
        }
    }

    #[test]
    fn names_are_what_a_line_of_an_inf_file_can_hold() {
        assert_eq!(name_problem("Büro & Söhne's Mail"), None);
        for bad in [
            "",
            " ",
            "a\nb",
            "メール",
            "[a]",
            "a=b",
            " a",
            "\"a\"",
            &"a".repeat(128),
        ] {
            assert!(name_problem(bad).is_some(), "{bad:?}");
        }
    }
}
