//! The folder that is open, as the server has described it.

use mapi_provider::twoway::{Flags, FolderKey, Keeps};

use super::names;
use super::value::Response;

/// The folder that is open.
#[derive(Debug, Clone)]
pub(crate) struct Open {
    pub(crate) folder: String,
    /// `UIDVALIDITY`: with another one, all UIDs mean something else.
    pub(crate) validity: u32,
    pub(crate) next: u32,
    /// `HIGHESTMODSEQ`; 0 if the folder has none.
    pub(crate) modseq: u64,
    /// The flags that it keeps: any, unless it says otherwise (RFC 3501, 6.3.1).
    pub(crate) keeps: Keeps,
    pub(crate) is_read_only: bool,
}

impl Open {
    /// A folder that has said nothing yet.
    pub(crate) fn new(folder: &FolderKey) -> Self {
        Self {
            folder: folder.as_str().to_owned(),
            validity: 0,
            next: 0,
            modseq: 0,
            keeps: Keeps::Any,
            is_read_only: false,
        }
    }

    pub(crate) fn hear(&mut self, response: &Response) {
        let number = |code: &str| response.code(code).and_then(|text| text.parse().ok());
        if let Some(validity) = number("UIDVALIDITY") {
            self.validity = u32::try_from(validity).unwrap_or_default();
        } else if let Some(next) = number("UIDNEXT") {
            self.next = u32::try_from(next).unwrap_or_default();
        } else if let Some(modseq) = number("HIGHESTMODSEQ") {
            self.modseq = modseq;
        } else if let Some(flags) = response.code("PERMANENTFLAGS") {
            self.keeps = keeps(flags);
        }
    }

    /// Whether it keeps a flag, which is written as the server has it.
    pub(crate) fn takes(&self, flag: &str) -> bool {
        match &self.keeps {
            Keeps::Only(kept) => names::flag(flag).is_some_and(|flag| kept.contains(&flag)),
            Keeps::Any | Keeps::AsBefore => true,
        }
    }
}

/// What `PERMANENTFLAGS (…)` says: with `\*` there may be new keywords (TWOWAY-20). A list without an end says nothing: it was
/// cut at the bracket of a keyword like `a]b`.
fn keeps(flags: &str) -> Keeps {
    let Some(flags) = flags
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
    else {
        return Keeps::Any;
    };
    let flags = flags.split_whitespace();
    match flags.clone().any(|flag| flag == "\\*") {
        true => Keeps::Any,
        false => Keeps::Only(flags.filter_map(names::flag).collect::<Flags>()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::parse;
    use super::*;

    fn heard(line: &str) -> Keeps {
        let mut open = Open::new(&FolderKey::new("x"));
        open.hear(&parse(line.as_bytes()));
        open.keeps
    }

    #[test]
    fn twoway_20_which_flags_a_folder_keeps_is_what_it_says() {
        let only = |flags: &[&str]| Keeps::Only(flags.iter().copied().collect());
        for (code, keeps) in [
            ("(\\Seen \\Flagged \\*)", Keeps::Any),
            (
                "(\\seen $Forwarded Red&ACA-Category)",
                only(&["\\Seen", "$Forwarded", "Red Category"]),
            ),
            ("()", only(&[])),
            ("(\\Seen a]b \\*)", Keeps::Any),
            ("\\Seen", Keeps::Any),
            ("", Keeps::Any),
        ] {
            let line = format!("* OK [PERMANENTFLAGS {code}] kept\r\n");
            assert_eq!(heard(&line), keeps, "{line}");
        }
        // Who says nothing keeps any.
        assert_eq!(heard("* OK [UIDNEXT 5] x\r\n"), Keeps::Any);
    }
}
