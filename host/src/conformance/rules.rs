//! The rules of the contract, as a table of results names them.

/// A rule of the contract.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its id: `SYNC-08`. `docs/contract.md` has its words.
    pub id: &'static str,
    /// What it is about, in a few words.
    pub title: &'static str,
    /// Why no scenario shows it, if none does.
    pub(super) unseen: Option<&'static str>,
}

const fn rule(id: &'static str, title: &'static str) -> Rule {
    Rule {
        id,
        title,
        unseen: None,
    }
}

const fn unseen(id: &'static str, title: &'static str, why: &'static str) -> Rule {
    Rule {
        id,
        title,
        unseen: Some(why),
    }
}

const NO_PANIC: &str = "nothing outside the provider can make its logic panic";
const INNER: &str = "only the inner provider sees it";

/// All rules that hold for a provider as a whole, in the contract's order. (The rules of replication apply to what
/// a provider calls inside a run; the host has no part in them.)
pub const RULES: &[Rule] = &[
    rule("SYNC-01", "NULL for MAPISIB is refused"),
    rule("SYNC-02", "MAPISIB’s size is checked"),
    rule("SYNC-03", "a refused request leaves no event"),
    rule("SYNC-04", "flags are bits, and none is refused"),
    rule("SYNC-05", "the session is counted and released once"),
    rule("SYNC-06", "the callback is optional, and asked for at once"),
    rule("SYNC-07", "MAPISIB may be gone after the call"),
    rule("SYNC-08", "the event is manual-reset, and the caller’s"),
    rule("SYNC-09", "the call returns at once"),
    rule(
        "SYNC-10",
        "callbacks come from the worker, Done once and last",
    ),
    rule("SYNC-11", "Done, releases, and then the event"),
    rule(
        "SYNC-12",
        "a failure is reported once, a cancellation never",
    ),
    unseen(
        "SYNC-13",
        "a panic in the logic ends only the run",
        NO_PANIC,
    ),
    rule("SYNC-14", "a callback that fails changes nothing"),
    rule(
        "SYNC-15",
        "one run at a time, later requests merge or are busy",
    ),
    rule("SYNC-16", "logoff, shutdown and the user cancel"),
    rule("SYNC-17", "a request without resources is refused in full"),
    rule("SYNC-18", "the worker keeps its DLL loaded"),
    rule("SYNC-19", "no lock is held across a callback"),
    rule("SYNC-20", "the worker is initialised for COM"),
    rule(
        "SYNC-21",
        "the worker holds neither store nor support object",
    ),
    unseen("SYNC-22", "a panic leaves nobody waiting", NO_PANIC),
    unseen(
        "SYNC-23",
        "the log names nothing secret, and follows no link",
        "how a provider writes its log is up to the provider",
    ),
    rule("COM-01", "QueryInterface: one object, one identity"),
    rule("COM-02", "QueryInterface: unknown interfaces"),
    rule("COM-03", "counts are atomic, and end at zero"),
    unseen("COM-04", "a panic never leaves a method", NO_PANIC),
    rule(
        "COM-05",
        "a failed method leaves no outs, NULL outs are refused",
    ),
    rule("COM-06", "unimplemented methods answer MAPI_E_NO_SUPPORT"),
    rule(
        "COM-07",
        "memory comes from MAPI’s allocators, and is freed",
    ),
    rule("COM-08", "GetLastError, in both widths"),
    rule("ENTRY-01", "entry points by their plain names"),
    rule("ENTRY-02", "MSProviderInit: NULL outs, versions"),
    rule(
        "ENTRY-03",
        "MSProviderInit: a new object, with its own allocators",
    ),
    rule("ENTRY-04", "a second logon gets the open store"),
    rule("ENTRY-05", "the logon doesn’t hold the store"),
    rule("ENTRY-06", "a failed logon disables only one provider"),
    rule("ENTRY-07", "ServiceEntry: every context"),
    unseen(
        "ENTRY-08",
        "a service shows no window",
        "the check doesn’t look for windows",
    ),
    rule(
        "ENTRY-09",
        "StoreLogoffTransports once, at the last Release",
    ),
    rule("ENTRY-10", "IMAPIProviderShutdown is answered"),
    rule("ENTRY-11", "secrets stay where they are safe"),
    unseen(
        "ENTRY-12",
        "somebody else’s entry ID is refused",
        "what entry IDs look like is up to the provider",
    ),
    unseen(
        "ENTRY-13",
        "a DLL that MAPI could not find again is not registered",
        "nothing is installed here",
    ),
    unseen(
        "ENTRY-14",
        "settings are asked for by a property sheet",
        "nobody is there to answer: see `cargo mapi host configure`",
    ),
    unseen(
        "ENTRY-15",
        "several providers of a service share its settings",
        "what a provider’s settings mean is up to it",
    ),
    unseen(
        "WRAP-01",
        "methods that aren’t overridden go to the inner store",
        INNER,
    ),
    rule("WRAP-02", "the wrapper has one identity"),
    unseen("WRAP-03", "both kinds of logon wrap", INNER),
    unseen(
        "WRAP-04",
        "the inner store’s support object is wrapped",
        INNER,
    ),
    unseen("WRAP-05", "ServiceEntry goes on to NSTServiceEntry", INNER),
    unseen("WRAP-06", "ranges of IDs are set up once", INNER),
    unseen(
        "WRAP-07",
        "the inner module is found in safe places only",
        "here it is given by name",
    ),
    rule("STORE-01", "the store has its properties"),
    rule("STORE-02", "the folders that it says it has are there"),
    rule("STORE-03", "counts of folders are values, and right"),
    rule("STORE-04", "the support mask is kept"),
    rule(
        "STORE-05",
        "entry IDs are long-term, and others are refused",
    ),
    rule("STORE-06", "keys are one per object"),
    rule("STORE-07", "names have one map"),
    rule("STORE-08", "receive folders are found by class"),
    rule("STORE-09", "Outlook’s marks are kept"),
    rule("STORE-10", "rows have what their objects have"),
    rule("STORE-11", "columns come as they were set"),
    rule("STORE-12", "long values"),
    rule("STORE-13", "the cursor of a table"),
    rule("STORE-14", "the order of a table"),
    rule("STORE-15", "restrictions"),
    rule("STORE-16", "FindRow and bookmarks"),
    rule("STORE-17", "categories"),
    rule("STORE-18", "a row for each value"),
    rule("STORE-19", "the ways to a folder’s tables"),
    rule("STORE-20", "large folders are fast"),
    rule("STORE-21", "nothing unsaved is seen"),
    rule("STORE-22", "SaveChanges and conflicts"),
    rule("STORE-23", "PR_MESSAGE_FLAGS and PR_MSG_STATUS"),
    rule("STORE-24", "read marks"),
    rule("STORE-25", "what follows from the rest of a message"),
    rule("STORE-26", "SetProps"),
    rule("STORE-27", "strings of both widths"),
    rule("STORE-28", "recipients"),
    rule("STORE-29", "attachments"),
    rule("STORE-30", "streams"),
    rule("STORE-31", "bodies are kept as given"),
    rule("STORE-32", "CopyTo"),
    rule("STORE-33", "operations on folders"),
    rule("STORE-34", "SubmitMessage"),
    rule("STORE-35", "the outgoing queue"),
    rule("STORE-36", "locks of messages that are sent"),
    rule("STORE-37", "AbortSubmit"),
    rule("STORE-38", "NotifyNewMail"),
    rule("STORE-39", "what is told of objects"),
    rule("STORE-40", "what is told of tables"),
    rule("STORE-41", "others’ changes are seen"),
    rule("STORE-42", "search folders"),
    rule("STORE-43", "what was committed stays"),
    rule("STORE-44", "what is not promised"),
    rule("STORE-45", "what the sync logic does is seen as a client’s"),
];
