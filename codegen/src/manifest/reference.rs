//! Everything that `provider.toml` may say, for the manual: its tables, its keys and the words that they know.
//!
//! The words are those of the checks themselves. `tests/manifest_reference.rs` compares what is said here with
//! what the checks do: no key can be missing, and none can have another type, default or requirement.

mod address_book;

use self::address_book::{ADDRESS_BOOK, DETAIL};
use super::words;
use crate::ir::provider::Flag;

/// A table of the manifest.
#[derive(Debug, Clone, Copy)]
pub struct TableDoc {
    /// Its path: `service.setting`.
    pub path: &'static str,
    /// Whether it is an array of tables, `[[…]]`.
    pub repeated: bool,
    /// Whether it must be there.
    pub required: bool,
    /// What it is about: Markdown.
    pub text: &'static str,
    /// Its keys, in the order in which they are best written.
    pub keys: &'static [KeyDoc],
}

/// A key of a table.
#[derive(Debug, Clone, Copy)]
pub struct KeyDoc {
    /// Its name.
    pub name: &'static str,
    /// The type of its value, as diagnostics call it: `a string`.
    pub form: &'static str,
    /// What applies if it is left out.
    pub absent: Absent,
    /// The words that it knows, if it knows only some.
    pub words: Words,
    /// What it means: Markdown.
    pub text: &'static str,
}

/// What applies if a key is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// It can't be left out.
    Required,
    /// This, as it would be written.
    Default(&'static str),
    /// What a sentence says.
    Otherwise(&'static str),
}

/// The words that a key knows.
#[derive(Debug, Clone, Copy)]
pub enum Words {
    /// Any text, number or whatever the form says.
    Any,
    /// One of these, each with what it means.
    OneOf(&'static [(&'static str, &'static str)]),
    /// Some of these flags.
    Flags(&'static [Flag]),
}

const fn key(
    name: &'static str,
    form: &'static str,
    absent: Absent,
    words: Words,
    text: &'static str,
) -> KeyDoc {
    KeyDoc {
        name,
        form,
        absent,
        words,
        text,
    }
}

/// All tables, in the order in which they are best written.
pub fn tables() -> [TableDoc; 8] {
    [
        TableDoc {
            path: "provider",
            repeated: false,
            required: true,
            text: "Who the provider is.",
            keys: PROVIDER,
        },
        TableDoc {
            path: "sync",
            repeated: false,
            required: true,
            text: "How a store synchronises. A service without a store has no such table.",
            keys: SYNC,
        },
        TableDoc {
            path: "transport",
            repeated: false,
            required: false,
            text: "What a transport sends and receives, and how; with `kind = \"transport\"` it must be there, instead of `[sync]`, and with \
                   `kind = [\"store\", \"transport\"]` beside it. It needs the feature `transport` of `mapi-provider`.",
            keys: TRANSPORT,
        },
        TableDoc {
            path: "address-book",
            repeated: false,
            required: false,
            text: "What an address book shows, and how it looks for it; with `kind = \"address-book\"`, alone or in a list, it must be \
                   there. It needs the feature `address-book` of `mapi-provider`.",
            keys: ADDRESS_BOOK,
        },
        TableDoc {
            path: "address-book.details",
            repeated: true,
            required: false,
            text: "A line of what an entry’s details show beside its name and its address. At most 20; best written as \
                   `details = [{ label = \"Phone\", tag = \"PR_BUSINESS_TELEPHONE_NUMBER\" }]`.",
            keys: DETAIL,
        },
        TableDoc {
            path: "service",
            repeated: false,
            required: false,
            text: "The message service: the part of the provider that is in a profile. It has one for all kinds.",
            keys: SERVICE,
        },
        TableDoc {
            path: "service.setting",
            repeated: true,
            required: false,
            text: "A setting: a property in the provider’s section of the profile, and a field of the generated \
                   `Settings`. As many as you like. Of a service with several providers they are in its own section, and \
                   each provider has them all.",
            keys: SETTING,
        },
        TableDoc {
            path: "store",
            repeated: false,
            required: false,
            text: "The store itself. With `kind = \"store\"`, this table makes it a whole mailbox, which keeps its mail in a \
                   file: with `path`, or with nothing in it. It needs the feature `mailbox` of `mapi-provider`. Without the \
                   table, the store object has its entry IDs, its name and the synchronisation, and shows no folders.",
            keys: STORE,
        },
    ]
}

/// What each kind is.
const KINDS: &[(&str, &str)] = &[
    (
        "store",
        "a message store of your own: a mailbox that is kept in a file, an object that you write, or nothing to show at all",
    ),
    (
        "wrapped-store",
        "a store that Outlook’s PST provider keeps, and that your logic synchronises",
    ),
    (
        "transport",
        "what sends mail: your logic gets each message as a value of its own",
    ),
    (
        "address-book",
        "what finds people and lists by their names, such as a company’s directory: your logic looks for them",
    ),
];

/// What becomes of a message that can’t be sent now.
const ON_TEMPORARY: &[(&str, &str)] = &[
    (
        "queue",
        "the provider takes it into a queue of its own, and tries again until `give-up-after` (XP-19)",
    ),
    (
        "wait",
        "it stays in the Outbox, and the spooler is told when to come again",
    ),
];

/// Whether mail comes in.
const RECEIVE: &[(&str, &str)] = &[
    ("none", "none comes in"),
    (
        "poll",
        "`receive` of the logic is called, and the spooler asks for what it has (`LOGON_SP_POLL`)",
    ),
];

const TRANSPORT: &[KeyDoc] = &[
    key(
        "logic",
        "a string",
        Absent::Required,
        Words::Any,
        "The path of the type with `impl MailTransport`, as seen from the place of `provider!`: `crate::Smtp`.",
    ),
    key(
        "address-types",
        "an array",
        Absent::Required,
        Words::Any,
        "The types of addresses that it sends to, in the order of preference: `[\"SMTP\"]`. `[\"*\"]` is every type (XP-09).",
    ),
    key(
        "classes",
        "an array",
        Absent::Default("[\"IPM.Note\"]"),
        Words::Any,
        "The classes of messages that it sends, each with those below. Other messages are left to other transports (XP-15).",
    ),
    key(
        "send-timeout",
        "a string",
        Absent::Default("\"60s\""),
        Words::Any,
        "How long the spooler waits for `send` (XP-20): a whole number with `ms`, `s` or `m`, at most ten minutes.",
    ),
    key(
        "on-temporary",
        "a string",
        Absent::Required,
        Words::OneOf(ON_TEMPORARY),
        "What becomes of a message that can’t be sent now. With a queue, reports of what was given up come in through this \
         transport, whatever `receive` says.",
    ),
    key(
        "retry-after",
        "a string",
        Absent::Default("\"1m\""),
        Words::Any,
        "In what time it is tried again, or the spooler is to come again: from a second to an hour. In the queue each wait is \
         twice as long as the one before, up to an hour.",
    ),
    key(
        "give-up-after",
        "a string",
        Absent::Default("\"2d\""),
        Words::Any,
        "How long a message in the queue is tried; then its sender gets a report. A whole number with `ms`, `s`, `m`, `h` or \
         `d`, from a second to 30 days.",
    ),
    key(
        "queue",
        "a string",
        Absent::Otherwise("only with `wait`"),
        Words::Any,
        "The folder of the queue, which `on-temporary = \"queue\"` needs: a full path of Windows’, such as \
         `'%LOCALAPPDATA%\\Contoso\\queue'`. Each section of a profile has a file of its own in it, with mail in it.",
    ),
    key(
        "receive",
        "a string",
        Absent::Default("\"none\""),
        Words::OneOf(RECEIVE),
        "Whether mail comes in through this transport (XP-25 to XP-29).",
    ),
    key(
        "receive-every",
        "a string",
        Absent::Default("\"5m\""),
        Words::Any,
        "How often `receive` is called, beside each Send/Receive: from a second to a day, which is `1440m`.",
    ),
    key(
        "retries",
        "an integer",
        Absent::Default("3"),
        Words::Any,
        "How often a message that came in comes again when it can’t be saved; then it is set aside (XP-26). At most 1000.",
    ),
    key(
        "resolve",
        "a boolean",
        Absent::Default("false"),
        Words::Any,
        "Whether the spooler is asked to resolve all recipients, other transports’ too (`LOGON_SP_RESOLVE`).",
    ),
    key(
        "idle",
        "a boolean",
        Absent::Default("false"),
        Words::Any,
        "Whether the spooler is asked to call `Idle`, which does nothing (`LOGON_SP_IDLE`).",
    ),
    key(
        "unload",
        "a string",
        Absent::Default("\"never\""),
        Words::OneOf(UNLOAD),
        "When the DLL may be unloaded: as in `[sync]`, with a message that is sent for a run.",
    ),
    key(
        "logoff-wait",
        "a string",
        Absent::Default("\"5s\""),
        Words::Any,
        "How long a logoff, and a cancellation, waits for `send` (XP-33): a whole number with `ms`, `s` or `m`, at most a \
         minute.",
    ),
    key(
        "flags",
        "an array",
        Absent::Otherwise("those of `[provider]`"),
        Words::Flags(words::TRANSPORT_FLAGS),
        "`PR_RESOURCE_FLAGS` of the transport, where the service has other providers too, whose flags are others.",
    ),
];

const OVERLAP: &[(&str, &str)] = &[
    (
        "merge",
        "it waits, and the next run serves all that wait (SYNC-15)",
    ),
    ("busy", "it is refused with `MAPI_E_BUSY`"),
];

const UNLOAD: &[(&str, &str)] = &[
    (
        "never",
        "once a run has begun, it stays loaded for the life of the process",
    ),
    (
        "after-run",
        "it may be unloaded when no run is going on (SYNC-18)",
    ),
];

const TYPES: &[(&str, &str)] = &[
    ("string", "`String`, from `PT_UNICODE`"),
    ("integer", "`i32`, from `PT_LONG`"),
    ("boolean", "`bool`, from `PT_BOOLEAN`"),
    ("path", "`PathBuf`, from `PT_UNICODE`"),
    (
        "secret",
        "`Secret`, from `PT_UNICODE`: in no log and no `Debug` output (ENTRY-11)",
    ),
];

const PROVIDER: &[KeyDoc] = &[
    key(
        "kind",
        "a string or an array of strings",
        Absent::Required,
        Words::OneOf(KINDS),
        "Which kind of provider it is; or the kinds of all providers that the service has: `[\"store\", \"transport\"]`. Each \
         kind is there once, and of the two kinds of stores one.",
    ),
    key(
        "name",
        "a string",
        Absent::Required,
        Words::Any,
        "What Outlook shows. One line of Latin-1, at most 127 characters, because it goes into `mapisvc.inf`.",
    ),
    key(
        "id",
        "a string",
        Absent::Required,
        Words::Any,
        "Names everything: the sections in `mapisvc.inf`, `PR_PROVIDER_DLL_NAME` (`id.dll`) and the DLL itself \
         (`id32.dll`, on 64-bit systems too). `[a-z][a-z0-9_]*`, at most 24 characters.",
    ),
    key(
        "uid",
        "a string",
        Absent::Required,
        Words::Any,
        "The provider’s `MAPIUID`: 32 hexadecimal digits, with or without dashes. Make one with `uuidgen`, and never \
         change it: profiles and entry IDs contain it. It is a store’s `PR_MDB_PROVIDER`; a wrapped store has the PST \
         provider’s own there, and its profile section is recognised by this one. It is an address book’s \
         `PR_AB_PROVIDER_ID`.",
    ),
    key(
        "flags",
        "an array",
        Absent::Required,
        Words::Flags(words::RESOURCE_FLAGS),
        "`PR_RESOURCE_FLAGS` of each provider that has no `flags` of its own, in `[store]`, `[transport]` or `[address-book]`; it \
         may be left out if all have. Exactly one of `no-primary-identity`, which most providers need, and \
         `primary-identity`. A transport has others: `default-outbound`, `xp-prefer-last`, `own-store`, `temp-section` and the \
         two identity flags; an address book has `temp-section` and these two.",
    ),
    key(
        "interfaces",
        "an array",
        Absent::Otherwise("none"),
        Words::Any,
        "Files with [definitions of your own interfaces](../interfaces.md), relative to the manifest, with `/` \
         between folders: `.toml` files of at most 1 MiB. Each becomes a module with its name.",
    ),
];

const SYNC: &[KeyDoc] = &[
    key(
        "logic",
        "a string",
        Absent::Required,
        Words::Any,
        "The path of the type with `#[derive(MapiSync)]`, as seen from the place of `provider!`: `crate::Contoso`.",
    ),
    key(
        "overlap",
        "a string",
        Absent::Default("\"merge\""),
        Words::OneOf(OVERLAP),
        "What happens to a request that arrives during a run.",
    ),
    key(
        "unload",
        "a string",
        Absent::Default("\"never\""),
        Words::OneOf(UNLOAD),
        "When the DLL may be unloaded. Choose `after-run` only if no library of yours leaves threads behind: they \
         would run code that is no longer there.",
    ),
    key(
        "logoff-wait",
        "a string",
        Absent::Default("\"5s\""),
        Words::Any,
        "How long a logoff waits for the worker (SYNC-16): a whole number with `ms`, `s` or `m`, at most a minute.",
    ),
    key(
        "cursor-tag",
        "an integer",
        Absent::Default("0x67E0"),
        Words::Any,
        "The ID of the property that keeps the cursor, from 0x6600 to 0x67EF.",
    ),
];

const SERVICE: &[KeyDoc] = &[
    key(
        "flags",
        "an array",
        Absent::Otherwise("the identity flag of `provider.flags`"),
        Words::Flags(words::SERVICE_FLAGS),
        "`PR_RESOURCE_FLAGS` of the service. The identity flag is the same as the provider’s.",
    ),
    key(
        "test-timeout",
        "a string",
        Absent::Default("\"30s\""),
        Words::Any,
        "How long `BackgroundSync::test` may try settings that a user has entered (ENTRY-14): a whole number with `ms`, \
         `s` or `m`, at most five minutes.",
    ),
    key(
        "setting",
        "an array of tables",
        Absent::Otherwise("no settings"),
        Words::Any,
        "The settings, each a `[[service.setting]]`.",
    ),
];

const SETTING: &[KeyDoc] = &[
    key(
        "name",
        "a string",
        Absent::Required,
        Words::Any,
        "The name of the field: `[a-z][a-z0-9_]*`, at most 64 characters.",
    ),
    key(
        "tag",
        "an integer",
        Absent::Required,
        Words::Any,
        "The ID of the property, from 0x6600 to 0x67EF, without its type. A secret’s is from 0x67F0 to 0x67FF, which \
         MAPI encrypts. Never give an old ID to a new setting.",
    ),
    key(
        "type",
        "a string",
        Absent::Required,
        Words::OneOf(TYPES),
        "The type of the field. Without `required` and without a default it is an `Option` of it.",
    ),
    key(
        "required",
        "a boolean",
        Absent::Default("false"),
        Words::Any,
        "If it is missing, a logon answers `MAPI_E_UNCONFIGURED`.",
    ),
    key(
        "default",
        "a string, an integer or a boolean",
        Absent::Otherwise("none"),
        Words::Any,
        "Its value if the profile has none, of the setting’s type. Secrets have no default.",
    ),
    key(
        "writable",
        "a boolean",
        Absent::Default("false"),
        Words::Any,
        "The sync logic may write it, by `job.settings().set(Settings::TOKEN, …)` for a setting `token`: a token that the \
         server renews, say. The next run finds it, at another logon too.",
    ),
    key(
        "label",
        "a string",
        Absent::Otherwise("the name, `server_name` as “Server name”"),
        Words::Any,
        "What the settings dialog calls it: at most 40 characters. An `&` stands before the letter that leads to the field, \
         as in `\"&Server\"`.",
    ),
    key(
        "page",
        "a string",
        Absent::Otherwise("the page of the setting before it; the first has the provider’s `name`"),
        Words::Any,
        "The title of the page of the settings dialog that it is on: at most 40 characters. The settings of a page stand \
         together; if there are more than ten, the dialog continues them on another page.",
    ),
    key(
        "description",
        "a string",
        Absent::Otherwise("none"),
        Words::Any,
        "What it is for: the documentation of the field.",
    ),
];

const STORE: &[KeyDoc] = &[
    key(
        "object",
        "a string",
        Absent::Otherwise("none"),
        Words::Any,
        "The path of your own store object, as seen from the place of `provider!`: a type with \
         `#[derive(MapiObject)]` and an `impl OwnStore`. Only for `kind = \"store\"`, without `path`.",
    ),
    key(
        "support-mask",
        "an array",
        Absent::Otherwise("`[\"entryid-unique\", \"unicode-ok\"]` of a store that is no mailbox"),
        Words::Flags(words::STORE_FLAGS),
        "`PR_STORE_SUPPORT_MASK`: what the store can do. Only for `kind = \"store\"`, without `path`: a mailbox \
         says it itself, and for a wrapped store the PST provider does.",
    ),
    key(
        "path",
        "a string",
        Absent::Otherwise(
            "`'%LOCALAPPDATA%\\ID\\mail.db'` of a mailbox, with the provider’s `id`; for a wrapped store the profile must have \
             it, in `PR_PROFILE_OFFLINE_STORE_PATH`",
        ),
        Words::Any,
        "The path of the file of a mailbox or a wrapped store, if the profile has none: a full Windows path, such as \
         `'%LOCALAPPDATA%\\Contoso\\mail.db'`. Each account gets its own file there, `mail-….db`. Missing folders \
         are created. A mailbox’s is on a disk of the same computer.",
    ),
    key(
        "flags",
        "an array",
        Absent::Otherwise("those of `[provider]`"),
        Words::Flags(words::RESOURCE_FLAGS),
        "`PR_RESOURCE_FLAGS` of the store, where the service has other providers too, whose flags are others.",
    ),
];

#[cfg(test)]
mod tests {
    use super::{KINDS, OVERLAP, TYPES, UNLOAD};
    use crate::manifest::words;

    fn names<T>(pairs: &[(&'static str, T)]) -> Vec<&'static str> {
        pairs.iter().map(|(name, _)| *name).collect()
    }

    #[test]
    fn the_words_are_those_of_the_checks() {
        assert_eq!(names(KINDS), names(words::KINDS));
        assert_eq!(names(OVERLAP), names(words::OVERLAP));
        assert_eq!(names(UNLOAD), names(words::UNLOAD));
        assert_eq!(names(TYPES), names(words::SETTING_TYPES));
    }
}
