//! What both programs refuse: names that are taken, and answers that make no sense.

use std::path::Path;

use super::generate::{Makers, Order};

/// Crate names with an answer, all of which must be refused.
const REFUSED: [(&str, &str, &str); 14] = [
    ("type", "id", "contoso"),
    ("std", "id", "contoso"),
    ("mapi-provider", "id", "contoso"),
    ("i", "id", ""),
    ("nul", "id", ""),
    ("contoso", "id", "async"),
    ("contoso", "id", "outex"),
    ("contoso", "id", "Contoso"),
    ("contoso", "id", "contoso32"),
    ("contoso", "uid", "7b3f"),
    ("contoso", "display_name", "a = b"),
    ("contoso", "overlap", "both"),
    ("contoso", "kind", "form-library"),
    ("a-name-that-is-too-long-for-an-id", "id", ""),
];

/// Checks that the template refuses what it must.
pub(super) fn check(makers: &Makers, folder: &Path) -> Result<(), String> {
    for (name, option, answer) in REFUSED {
        let answers = [(option.to_owned(), answer.to_owned())];
        let order = Order {
            name,
            answers: &answers,
        };
        let what = format!("the crate `{name}` with {option}={answer:?}");
        let generated = makers.generate(&order, folder)?;
        if generated.is_some_and(|output| output.status.success()) {
            return Err(format!("{what} is not refused by cargo-generate"));
        }
        if makers.make(&order, &folder.join("new"))?.status.success() {
            return Err(format!("{what} is not refused by `cargo mapi new`"));
        }
        let left = folder.join("new").join(name);
        if left.exists() {
            return Err(format!("{what} left {}", left.display()));
        }
        // cargo-generate makes the folder before it asks anything.
        let _ = std::fs::remove_dir(folder.join(name));
    }
    Ok(())
}
