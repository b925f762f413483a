//! The kinds of mistakes, by name.

use std::fmt;

/// Declares [`Code`]: each variant with the name that is printed and documented.
macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// The kind of a mistake. Its name is the title of its section in `explanations.md`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $($(#[$doc])* $variant,)*
        }

        impl Code {
            /// All kinds.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The name, such as `unknown-key`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Code::$variant => $name,)*
                }
            }
        }
    };
}

codes! {
    // Any TOML file.
    /// The file is not TOML.
    TomlSyntax = "toml-syntax",
    /// A value has a different type from the one that its key needs.
    WrongType = "wrong-type",
    /// A number does not fit.
    OutOfRange = "out-of-range",
    /// A required key is not there.
    MissingKey = "missing-key",
    /// A key that nobody reads.
    UnknownKey = "unknown-key",
    /// A value that is not one of the words allowed here.
    UnknownValue = "unknown-value",

    // Provider manifest.
    /// A provider kind that doesn't exist.
    UnknownKind = "unknown-kind",
    /// No kind at all.
    NoKind = "no-kind",
    /// A kind that is listed twice.
    RepeatedKind = "repeated-kind",
    /// Two kinds of stores.
    TwoStores = "two-stores",
    /// A display name that `mapisvc.inf` can't carry.
    BadName = "bad-name",
    /// An id that `mapisvc.inf` or a file name can't carry.
    BadId = "bad-id",
    /// An id that somebody else has.
    ReservedId = "reserved-id",
    /// A library that MAPI would not find.
    LibraryName = "library-name",
    /// Something that is not a UID, or a UID that nobody may use.
    BadUid = "bad-uid",
    /// A key that belongs to another kind of provider.
    NotForKind = "not-for-kind",
    /// A path that the store's file can't have.
    BadStorePath = "bad-store-path",
    /// A type of addresses that MAPI can't have.
    BadAddressType = "bad-address-type",
    /// A class of messages that MAPI can't have.
    BadMessageClass = "bad-message-class",
    /// A line of the details that can't show what it is to show.
    BadDetail = "bad-detail",
    /// A flag that doesn't exist.
    UnknownFlag = "unknown-flag",
    /// A flag that is listed twice.
    RepeatedFlag = "repeated-flag",
    /// Flags that contradict each other.
    ContradictingFlags = "contradicting-flags",
    /// No identity flag.
    NoIdentityFlag = "no-identity-flag",
    /// Both identity flags.
    TwoIdentityFlags = "two-identity-flags",
    /// A path to the logic that is not a path.
    BadLogicPath = "bad-logic-path",
    /// Something that is not a duration, or one that is too long.
    BadDuration = "bad-duration",
    /// A property ID that is not the provider's to use.
    TagOutsideRange = "tag-outside-range",
    /// A property ID that MAPI uses itself.
    ReservedTag = "reserved-tag",
    /// A property ID that is used twice.
    DuplicateTag = "duplicate-tag",
    /// A secret outside the secure range, or something else inside.
    SecureTag = "secure-tag",
    /// A setting's name that is not a Rust name.
    BadSettingName = "bad-setting-name",
    /// A setting's name that is used twice.
    DuplicateSetting = "duplicate-setting",
    /// A label that the settings dialog has no room for.
    BadLabel = "bad-label",
    /// Two settings that users could not tell apart.
    DuplicateLabel = "duplicate-label",
    /// A title that a page of the settings dialog can't have.
    BadPage = "bad-page",
    /// A page whose settings don't stand together.
    SplitPage = "split-page",
    /// A default whose type is not the setting's.
    DefaultType = "default-type",
    /// A required setting with a default.
    RequiredDefault = "required-default",
    /// A secret with a default.
    SecretDefault = "secret-default",
    /// A text that a profile or a doc comment can't carry.
    BadText = "bad-text",
    /// A file that is named can't be read.
    Unreadable = "unreadable",

    // Interface catalogue.
    /// A name is defined twice.
    DuplicateName = "duplicate-name",
    /// An IID is used twice.
    DuplicateIid = "duplicate-iid",
    /// An IID is not written as one.
    BadIid = "bad-iid",
    /// An interface extends one that doesn't exist.
    UnknownBase = "unknown-base",
    /// An interface extends itself.
    InheritanceCycle = "inheritance-cycle",
    /// A type that doesn't exist, or that can't be used here.
    BadType = "bad-type",
    /// A size, alignment or offset is not written as two numbers, or can't be.
    BadLayout = "bad-layout",
    /// A name that generated code can't have.
    BadIdentifier = "bad-identifier",
    /// A parameter whose properties contradict each other.
    BadParameter = "bad-parameter",
    /// Two flags have one value, or one has none.
    DuplicateValue = "duplicate-value",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Code;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_and_kebab_case() {
        let mut seen = HashSet::new();
        for code in Code::ALL {
            let name = code.name();
            assert!(seen.insert(name), "{name} is used twice");
            assert!(
                name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
                "{name} is not kebab-case"
            );
        }
    }

    #[test]
    fn every_code_has_its_section_and_every_section_its_code() {
        let docs = crate::diag::explanations();
        let sections: HashSet<&str> = docs.lines().filter_map(|l| l.strip_prefix("## ")).collect();
        let codes: HashSet<&str> = Code::ALL.iter().map(|code| code.name()).collect();
        let undocumented: Vec<_> = codes.difference(&sections).collect();
        let stale: Vec<_> = sections.difference(&codes).collect();
        assert!(
            undocumented.is_empty(),
            "explanations.md lacks {undocumented:?}"
        );
        assert!(
            stale.is_empty(),
            "explanations.md explains {stale:?}, which nobody reports"
        );
    }
}
