//! `[store]`: the object of a store of the team's own, and where the file of a mailbox or a wrapped store is.

use proc_macro2::TokenStream;
use quote::ToTokens;

use super::{Check, identity::is_latin1, raw};
use crate::{
    diag::Code,
    ir::provider::Kind,
    manifest::words,
    toml_tree::{SINGLE_QUOTES, Spanned},
};

/// Whether a store that is none of the team's objects keeps its mail itself. Without a word about it in `[store]`, a
/// support mask is that of the bare store object, which there was first.
pub(super) fn is_mailbox(store: &raw::Store) -> bool {
    store.path.is_some() || (store.object.is_none() && store.support_mask.is_none())
}

/// Where a mailbox is if the manifest does not say.
fn default_path(id: &str) -> String {
    format!(r"%LOCALAPPDATA%\{id}\mail.db")
}

/// What Windows' `MAX_PATH` leaves, and what fits in a line of a profile.
const PATH_MAX: usize = 255;

impl Check<'_> {
    /// The type of the team's own store object, where one is named: `Some(None)` where none is.
    pub(super) fn store_object(&self, store: Option<&raw::Store>) -> Option<Option<TokenStream>> {
        let Some(object) = store.and_then(|store| store.object.as_ref()) else {
            return Some(None);
        };
        if self.has_store(Kind::WrappedStore) {
            self.push(
                self.error(
                    Code::NotForKind,
                    &object.span,
                    "`store.object` is for a store of your own alone",
                )
                .help("make it `kind = \"store\"`, or leave it out: the PST provider has the store object"),
            );
            return None;
        }
        let path = self.type_path("object", "crate::ContosoStore", object)?;
        Some(Some(path.into_token_stream()))
    }

    /// The path, if there is a file: `Some(None)` if there is none. `id` is the provider's.
    pub(super) fn store_path(
        &self,
        store: Option<&raw::Store>,
        id: Option<&Spanned<String>>,
    ) -> Option<Option<String>> {
        let Some(store) = store else {
            return Some(None);
        };
        let path = match &store.path {
            Some(path) => path,
            None if self.has_store(Kind::Store) && is_mailbox(store) => {
                // What is wrong with the id is said where it is.
                return Some(id.map(|id| default_path(&id.value)));
            }
            None => return Some(None),
        };
        if self.has_store(Kind::Store) {
            if let Some(object) = &store.object {
                self.push(
                    self.error(
                        Code::NotForKind,
                        &path.span,
                        "`store.path` is not for a store object of your own",
                    )
                    .context(self.source, object.span.clone(), "which this is")
                    .help("keep one of the two: without `object` the store keeps its mail in that file by itself"),
                );
                return None;
            }
            if path.value.starts_with(r"\\") {
                self.push(
                    self.error(
                        Code::BadStorePath,
                        &path.span,
                        "the store's path leads to another computer",
                    )
                    .help("write a path on a disk of the same computer, such as `'%LOCALAPPDATA%\\Contoso\\mail.db'`")
                    .note("the programs that have the file open share memory, which they can't across a network"),
                );
                return None;
            }
        }
        self.whole_path(path, "store").map(Some)
    }

    pub(super) fn whole_path(&self, path: &Spanned<String>, whose: &str) -> Option<String> {
        if let Some(problem) = path_problem(&path.value) {
            self.push(
                self.error(
                    Code::BadStorePath,
                    &path.span,
                    format!("the {whose}'s path {problem}"),
                )
                .help(help(&path.value))
                .note("it is the path of the file, and MAPI passes it on in the ANSI code page"),
            );
            return None;
        }
        Some(path.value.clone())
    }
}

fn help(path: &str) -> &'static str {
    if path.contains(char::is_control) {
        // `"C:\temp"` has a tab in it.
        return SINGLE_QUOTES;
    }
    "write a full Windows path, such as `'%LOCALAPPDATA%\\Contoso\\mail.nst'`"
}

/// Why a text is not the full path of a file on Windows.
fn path_problem(path: &str) -> Option<&'static str> {
    if path.chars().any(char::is_control) {
        return Some("contains control characters");
    }
    if !path.chars().all(is_latin1) {
        return Some("contains characters beyond Latin-1");
    }
    if path.chars().count() > PATH_MAX {
        return Some("is longer than 255 characters");
    }
    let Some(names) = below_root(path) else {
        return Some("doesn't begin with a drive, a server or a `%VARIABLE%`");
    };
    if !path.matches('%').count().is_multiple_of(2) {
        return Some("contains a `%` that doesn't begin a variable");
    }
    names.split(SEPARATORS).find_map(name_problem)
}

const SEPARATORS: [char; 2] = ['\\', '/'];

/// What follows the drive, the server and its share, or the variable.
fn below_root(path: &str) -> Option<&str> {
    if let Some(rest) = path.strip_prefix('%') {
        let (name, rest) = rest.split_once('%')?;
        let named = !name.is_empty() && name.chars().all(is_variable);
        return rest.strip_prefix(SEPARATORS).filter(|_| named);
    }
    if let Some(rest) = path.strip_prefix(r"\\") {
        let (server, rest) = rest.split_once(SEPARATORS)?;
        let (share, rest) = rest.split_once(SEPARATORS)?;
        let named = name_problem(server)
            .or_else(|| name_problem(share))
            .is_none();
        return Some(rest).filter(|_| named);
    }
    let (drive, rest) = path.split_once(':')?;
    let lettered = drive.len() == 1 && drive.starts_with(|c: char| c.is_ascii_alphabetic());
    rest.strip_prefix(SEPARATORS).filter(|_| lettered)
}

fn is_variable(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '(' | ')')
}

/// Why a text can't be the name of a file or folder.
fn name_problem(name: &str) -> Option<&'static str> {
    let stem = name.split('.').next().unwrap_or_default();
    if name.is_empty() {
        Some("contains an empty name, or ends with a separator")
    } else if name.contains(['<', '>', ':', '"', '|', '?', '*']) {
        Some("contains characters that a file's name can't have")
    } else if name.ends_with([' ', '.']) {
        Some("contains a name that ends with a blank or a dot")
    } else if words::is_device(&stem.trim_end().to_ascii_lowercase()) {
        Some("contains the name of a device")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::path_problem;

    #[test]
    fn whole_paths_of_files_are_right() {
        for good in [
            r"%LOCALAPPDATA%\Contoso\mail.nst",
            r"%ProgramFiles(x86)%\a",
            r"C:\Mail\Büro\contoso.nst",
            "c:/mail/contoso.nst",
            r"\\server\share\contoso.nst",
            r"C:\%USERNAME%\mail.nst",
            r"C:\a b\.hidden",
        ] {
            assert_eq!(path_problem(good), None, "{good}");
        }
    }

    #[test]
    fn whatever_else_is_wrong() {
        for bad in [
            "",
            "mail.nst",
            r"Contoso\mail.nst",
            r"\mail.nst",
            "/home/mail.nst",
            "C:mail.nst",
            r"CC:\mail.nst",
            "C:\\",
            r"C:\Mail\",
            r"C:\\mail.nst",
            r"C:\..\mail.nst",
            r"C:\a.\mail.nst",
            r"C:\a \mail.nst",
            r"C:\a*.nst",
            r"C:\a:b.nst",
            r"C:\nul.nst",
            r"C:\COM1\a",
            "C:\\a\tb.nst",
            r"C:\メール.nst",
            "%LOCALAPPDATA%",
            r"%LOCALAPPDATA%mail.nst",
            r"%%\mail.nst",
            r"%A B%\mail.nst",
            r"%LOCALAPPDATA\mail.nst",
            r"C:\100%\mail.nst",
            r"\\server\mail.nst",
            r"\\?\C:\mail.nst",
            &format!(r"C:\{}", "a".repeat(253)),
        ] {
            assert!(path_problem(bad).is_some(), "{bad}");
        }
    }
}
