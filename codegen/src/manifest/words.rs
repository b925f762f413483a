//! The words that a manifest may use, and the names that it may not.

use crate::ir::provider::{ContainerType, Flag, Kind, Overlap, SettingKind, Unload};

/// The kinds of providers.
pub(super) const KINDS: &[(&str, Kind)] = &[
    ("store", Kind::Store),
    ("wrapped-store", Kind::WrappedStore),
    ("transport", Kind::Transport),
    ("address-book", Kind::AddressBook),
];

/// What becomes of a message that can't be sent now.
pub(super) const ON_TEMPORARY: &[(&str, bool)] = &[("queue", true), ("wait", false)];
/// Whether mail comes in.
pub(super) const RECEIVE: &[(&str, bool)] = &[("none", false), ("poll", true)];

/// Whether a profile may have several of an address book.
pub(super) const INSTANCES: &[(&str, bool)] = &[("one", false), ("many", true)];
/// Whether the containers of an address book are shown when something was looked for, and not before.
pub(super) const BROWSE: &[(&str, bool)] = &[("all", false), ("find-first", true)];
/// `PR_DISPLAY_TYPE` of the containers.
pub(super) const DISPLAY_TYPES: &[(&str, ContainerType)] = &[
    ("global", ContainerType::Global),
    ("local", ContainerType::Local),
    ("wan", ContainerType::Wan),
    ("not-specific", ContainerType::NotSpecific),
];

pub(super) const OVERLAP: &[(&str, Overlap)] =
    &[("merge", Overlap::Merge), ("busy", Overlap::Busy)];

pub(super) const UNLOAD: &[(&str, Unload)] =
    &[("never", Unload::Never), ("after-run", Unload::AfterRun)];

pub(super) const SETTING_TYPES: &[(&str, SettingKind)] = &[
    ("string", SettingKind::String),
    ("integer", SettingKind::Integer),
    ("boolean", SettingKind::Boolean),
    ("path", SettingKind::Path),
    ("secret", SettingKind::Secret),
];

/// What others call a key's words.
const CALLED: &[(&str, &str, &[&str])] = &[
    (
        "kind",
        "store",
        &["msgstore", "message-store", "mail", "mailbox", "mdb"],
    ),
    (
        "kind",
        "wrapped-store",
        &["pst", "ost", "wrap", "wrapper", "wrapping", "wrapped-pst"],
    ),
    (
        "kind",
        "transport",
        &["xp", "mail-transport", "smtp", "sender", "outgoing"],
    ),
    (
        "kind",
        "address-book",
        &[
            "ab",
            "abook",
            "contacts",
            "addressbook",
            "directory",
            "gal",
            "ldap",
        ],
    ),
    (
        "sync.overlap",
        "merge",
        &["queue", "wait", "join", "coalesce", "serial"],
    ),
    (
        "sync.overlap",
        "busy",
        &["refuse", "reject", "error", "fail", "skip", "drop"],
    ),
    ("sync.unload", "never", &["no", "none", "off", "false"]),
    (
        "sync.unload",
        "after-run",
        &["yes", "on", "true", "always", "run"],
    ),
    (
        "type",
        "string",
        &[
            "text",
            "varchar",
            "char",
            "unicode",
            "lpstr",
            "pt-unicode",
            "pt-string8",
        ],
    ),
    (
        "type",
        "integer",
        &[
            "number", "num", "long", "short", "dword", "ulong", "i8", "i16", "i32", "i64", "u8",
            "u16", "u32", "u64", "usize", "int32", "uint", "uint32", "pt-long", "port",
        ],
    ),
    (
        "type",
        "boolean",
        &[
            "flag",
            "checkbox",
            "switch",
            "yesno",
            "yes-no",
            "true-false",
            "pt-boolean",
        ],
    ),
    (
        "type",
        "path",
        &["file", "filename", "folder", "dir", "directory", "pathbuf"],
    ),
    (
        "type",
        "secret",
        &[
            "password",
            "passwd",
            "pass",
            "passphrase",
            "token",
            "key",
            "credential",
            "hidden",
            "pt-binary",
        ],
    ),
];

/// A key's word that others call by this name.
pub(super) fn meant(key: &str, word: &str) -> Option<&'static str> {
    let word = word.trim().to_lowercase().replace(['_', ' '], "-");
    let called = CALLED
        .iter()
        .find(|(of, _, names)| *of == key && names.contains(&word.as_str()));
    called.map(|(_, meant, _)| *meant)
}

/// A provider, and a service, has exactly one of these flags.
pub(super) const IDENTITY: [&str; 2] = ["no-primary-identity", "primary-identity"];

const fn flag(word: &'static str, symbol: &'static str, bits: u32) -> Flag {
    Flag { word, symbol, bits }
}

/// `PR_RESOURCE_FLAGS` of a store provider. Those that only transports have are left out.
pub(super) static RESOURCE_FLAGS: &[Flag] = &[
    flag("default-store", "STATUS_DEFAULT_STORE", 0x2),
    flag("primary-identity", "STATUS_PRIMARY_IDENTITY", 0x4),
    flag("simple-store", "STATUS_SIMPLE_STORE", 0x8),
    flag("no-primary-identity", "STATUS_NO_PRIMARY_IDENTITY", 0x20),
    flag("no-default-store", "STATUS_NO_DEFAULT_STORE", 0x40),
    flag("temp-section", "STATUS_TEMP_SECTION", 0x80),
    flag("own-store", "STATUS_OWN_STORE", 0x100),
    flag("need-ipm-tree", "STATUS_NEED_IPM_TREE", 0x800),
    flag("primary-store", "STATUS_PRIMARY_STORE", 0x1000),
    flag("secondary-store", "STATUS_SECONDARY_STORE", 0x2000),
];

/// `PR_RESOURCE_FLAGS` of a transport.
pub(super) static TRANSPORT_FLAGS: &[Flag] = &[
    flag("default-outbound", "STATUS_DEFAULT_OUTBOUND", 0x1),
    flag("primary-identity", "STATUS_PRIMARY_IDENTITY", 0x4),
    flag("xp-prefer-last", "STATUS_XP_PREFER_LAST", 0x10),
    flag("no-primary-identity", "STATUS_NO_PRIMARY_IDENTITY", 0x20),
    flag("temp-section", "STATUS_TEMP_SECTION", 0x80),
    flag("own-store", "STATUS_OWN_STORE", 0x100),
];

/// `PR_RESOURCE_FLAGS` of an address book.
pub(super) static ADDRESS_BOOK_FLAGS: &[Flag] = &[
    flag("primary-identity", "STATUS_PRIMARY_IDENTITY", 0x4),
    flag("no-primary-identity", "STATUS_NO_PRIMARY_IDENTITY", 0x20),
    flag("temp-section", "STATUS_TEMP_SECTION", 0x80),
];

/// `PR_RESOURCE_FLAGS` of a message service.
pub(super) static SERVICE_FLAGS: &[Flag] = &[
    flag("default-store", "SERVICE_DEFAULT_STORE", 0x1),
    flag("single-copy", "SERVICE_SINGLE_COPY", 0x2),
    flag("create-with-store", "SERVICE_CREATE_WITH_STORE", 0x4),
    flag("primary-identity", "SERVICE_PRIMARY_IDENTITY", 0x8),
    flag("no-primary-identity", "SERVICE_NO_PRIMARY_IDENTITY", 0x20),
];

/// `PR_STORE_SUPPORT_MASK`.
pub(super) static STORE_FLAGS: &[Flag] = &[
    flag("entryid-unique", "STORE_ENTRYID_UNIQUE", 0x1),
    flag("readonly", "STORE_READONLY", 0x2),
    flag("search-ok", "STORE_SEARCH_OK", 0x4),
    flag("modify-ok", "STORE_MODIFY_OK", 0x8),
    flag("create-ok", "STORE_CREATE_OK", 0x10),
    flag("attach-ok", "STORE_ATTACH_OK", 0x20),
    flag("ole-ok", "STORE_OLE_OK", 0x40),
    flag("submit-ok", "STORE_SUBMIT_OK", 0x80),
    flag("notify-ok", "STORE_NOTIFY_OK", 0x100),
    flag("mv-props-ok", "STORE_MV_PROPS_OK", 0x200),
    flag("categorize-ok", "STORE_CATEGORIZE_OK", 0x400),
    flag("rtf-ok", "STORE_RTF_OK", 0x800),
    flag("restriction-ok", "STORE_RESTRICTION_OK", 0x1000),
    flag("sort-ok", "STORE_SORT_OK", 0x2000),
    flag("public-folders", "STORE_PUBLIC_FOLDERS", 0x4000),
    flag("uncompressed-rtf", "STORE_UNCOMPRESSED_RTF", 0x8000),
    flag("unicode-ok", "STORE_UNICODE_OK", 0x0004_0000),
    flag("itemproc", "STORE_ITEMPROC", 0x0020_0000),
    flag("pusher-ok", "STORE_PUSHER_OK", 0x0080_0000),
    flag("has-searches", "STORE_HAS_SEARCHES", 0x0100_0000),
    flag("rules-ok", "STORE_RULES_OK", 0x1000_0000),
];

/// Flags that contradict each other, whatever they are flags of.
pub(super) const CONTRADICTIONS: &[[&str; 2]] = &[
    ["default-store", "no-default-store"],
    ["primary-store", "secondary-store"],
];

/// Property IDs in the private range to which MAPI itself gives a meaning in a store's profile section.
pub(super) const MAPI_TAGS: &[(u16, &str)] = &[
    (0x6610, "PR_PROFILE_OFFLINE_STORE_PATH"),
    (0x6700, "PR_PST_PATH"),
];

/// Names of things that `mapisvc.inf` has, or that Outlook and its relatives install, with or without 32 at the
/// end.
pub(super) const MAPI_NAMES: &[&str] = &[
    "services",
    "cdo",
    "cnfnot",
    "contab",
    "dlgsetp",
    "emablt",
    "emsabp",
    "emsmdb",
    "emsui",
    "emsuix",
    "exchange",
    "exmenu",
    "exsec",
    "impmail",
    "mapi",
    "mapiproxy",
    "mapir",
    "mapirss",
    "mapistub",
    "mapisvc",
    "mapix",
    "microsoft",
    "mimedir",
    "minet",
    "mlcfg",
    "msems",
    "msexchange",
    "msfs",
    "msmapi",
    "msn",
    "msncon",
    "msoutlook",
    "mspst",
    "msupst",
    "office",
    "olmapi",
    "omi9",
    "omi9pst",
    "omsxp",
    "outex",
    "outlctl",
    "outllib",
    "outlmime",
    "outlook",
    "outlrpc",
    "pstprx",
    "scanpst",
];

/// Windows has a DLL with this name and 32 at the end, and would load that one.
pub(super) const WINDOWS_DLLS: &[&str] = &[
    "advapi", "avicap", "avifil", "cfgmgr", "comctl", "comdlg", "crypt", "ctl3d", "dciman", "gdi",
    "glu", "iccvid", "imm", "kernel", "mciavi", "msacm", "msrle", "msvfw", "msvidc", "netapi",
    "odbc", "odbccp", "odbccr", "odbccu", "odbcji", "ole", "oleaut", "olecli", "olepro", "olesvr",
    "olethk", "opengl", "rasapi", "riched", "secur", "setupapi", "shell", "tapi", "user", "vfwwdm",
    "wldap", "wow", "ws2_", "wsnmp", "wsock",
];

/// Names that Windows takes as devices, in any folder and with any extension.
pub(super) fn is_device(name: &str) -> bool {
    matches!(name, "con" | "prn" | "aux" | "nul")
        || ["com", "lpt"].iter().any(|port| {
            name.strip_prefix(port)
                .is_some_and(|rest| rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit())
        })
}

/// Words that Rust reserves. Those that `syn` doesn't know yet are listed here.
pub(super) fn is_keyword(name: &str) -> bool {
    name == "gen" || syn::parse_str::<syn::Ident>(name).is_err()
}

#[cfg(test)]
mod tests {
    use super::{CALLED, KINDS, OVERLAP, SETTING_TYPES, UNLOAD, meant};

    #[test]
    fn what_others_call_a_word_is_called_so_once_and_leads_to_a_word() {
        let words = |key: &str| -> Vec<&str> {
            match key {
                "kind" => KINDS.iter().map(|(word, _)| *word).collect(),
                "sync.overlap" => OVERLAP.iter().map(|(word, _)| *word).collect(),
                "sync.unload" => UNLOAD.iter().map(|(word, _)| *word).collect(),
                _ => SETTING_TYPES.iter().map(|(word, _)| *word).collect(),
            }
        };
        for (key, word, names) in CALLED {
            assert!(words(key).contains(word), "{key}: {word}");
            for name in *names {
                assert!(!words(key).contains(name), "{key}: {name}");
                assert_eq!(meant(key, name), Some(*word), "{key}: {name}");
            }
        }
        assert_eq!(meant("type", " PT_LONG"), Some("integer"));
        assert_eq!(meant("kind", "password"), None);
    }
}
