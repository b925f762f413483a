//! `[address-book]` and its details.

use super::{Absent, KeyDoc, UNLOAD, Words, key};
use crate::manifest::words;

/// Whether a profile may have several.
const INSTANCES: &[(&str, &str)] = &[
    ("one", "a profile has one of it"),
    (
        "many",
        "a profile may have several: each registers a second UID of its own, which its containers have (AB-04)",
    ),
];

/// `PR_DISPLAY_TYPE` of the containers.
const DISPLAY_TYPES: &[(&str, &str)] = &[
    ("global", "a company’s address list (`DT_GLOBAL`)"),
    ("local", "a list of the user’s own (`DT_LOCAL`)"),
    ("wan", "a list from elsewhere (`DT_WAN`)"),
    ("not-specific", "none of these (`DT_NOT_SPECIFIC`)"),
];

/// Whether containers are shown before somebody looks for something.
const BROWSE: &[(&str, &str)] = &[
    ("all", "a container shows its entries when it is opened"),
    (
        "find-first",
        "clients ask for a name first (`AB_FIND_ON_OPEN`): for slow servers",
    ),
];

pub(super) const ADDRESS_BOOK: &[KeyDoc] = &[
    key(
        "logic",
        "a string",
        Absent::Required,
        Words::Any,
        "The path of the type with `impl AddressBook`, as seen from the place of `provider!`: `crate::Directory`.",
    ),
    key(
        "instances",
        "a string",
        Absent::Default("\"one\""),
        Words::OneOf(INSTANCES),
        "How many of it a profile may have.",
    ),
    key(
        "display-type",
        "a string",
        Absent::Default("\"global\""),
        Words::OneOf(DISPLAY_TYPES),
        "`PR_DISPLAY_TYPE` of its containers: Outlook chooses the picture by it.",
    ),
    key(
        "address-type",
        "a string",
        Absent::Default("\"SMTP\""),
        Words::Any,
        "The type of an entry’s address where the logic names none.",
    ),
    key(
        "browse",
        "a string",
        Absent::Default("\"all\""),
        Words::OneOf(BROWSE),
        "What a container shows when it is opened (AB-13).",
    ),
    key(
        "browse-limit",
        "an integer",
        Absent::Default("500"),
        Words::Any,
        "How many entries a container shows at most, from 1 to 100000. What is beyond is found by its name (AB-22).",
    ),
    key(
        "lookup-timeout",
        "a string",
        Absent::Default("\"5s\""),
        Words::Any,
        "How long a call of Outlook’s waits for the logic (AB-32): a whole number with `ms`, `s` or `m`, at most a minute.",
    ),
    key(
        "cache",
        "a string",
        Absent::Default("\"5m\""),
        Words::Any,
        "How long what was found is kept and not asked for again: at most a day, which is `1440m`; with `0s` nothing is kept.",
    ),
    key(
        "details",
        "an array of tables",
        Absent::Otherwise("none"),
        Words::Any,
        "What an entry’s details show beside its name and its address (AB-29), each an `[[address-book.details]]`.",
    ),
    key(
        "unload",
        "a string",
        Absent::Default("\"never\""),
        Words::OneOf(UNLOAD),
        "When the DLL may be unloaded: as in `[sync]`, with a lookup for a run.",
    ),
    key(
        "flags",
        "an array",
        Absent::Otherwise("those of `[provider]`"),
        Words::Flags(words::ADDRESS_BOOK_FLAGS),
        "`PR_RESOURCE_FLAGS` of the address book, where the service has other providers too, whose flags are others.",
    ),
];

pub(super) const DETAIL: &[KeyDoc] = &[
    key(
        "label",
        "a string",
        Absent::Required,
        Words::Any,
        "What stands before it: at most 40 characters.",
    ),
    key(
        "tag",
        "a string",
        Absent::Required,
        Words::Any,
        "The property, by its name in MAPI’s headers: `PR_BUSINESS_TELEPHONE_NUMBER`. Its type is text.",
    ),
];

#[cfg(test)]
mod tests {
    use super::{BROWSE, DISPLAY_TYPES, INSTANCES};
    use crate::manifest::words;

    fn names<T>(pairs: &[(&'static str, T)]) -> Vec<&'static str> {
        pairs.iter().map(|(name, _)| *name).collect()
    }

    #[test]
    fn the_words_are_those_of_the_checks() {
        assert_eq!(names(INSTANCES), names(words::INSTANCES));
        assert_eq!(names(DISPLAY_TYPES), names(words::DISPLAY_TYPES));
        assert_eq!(names(BROWSE), names(words::BROWSE));
    }
}
