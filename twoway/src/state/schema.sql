-- What both sides last had in common, what they have told since, and what is under way.
--
-- All names begin with `twoway_`: the tables may lie in a mailbox's database.

CREATE TABLE twoway_meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    -- Whose state this is.
    account TEXT NOT NULL,
    store TEXT NOT NULL,
    -- How many runs there were.
    run INTEGER NOT NULL DEFAULT 0,
    -- How many listings of the server there were.
    listings INTEGER NOT NULL DEFAULT 0,
    -- Everything local was told once.
    local_known INTEGER NOT NULL DEFAULT 0,
    -- Where the account's feed goes on.
    cursor BLOB
) STRICT;

-- A folder that one side has, or both. Its ID is what everything else refers to: keys and names may change.
CREATE TABLE twoway_folder (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    remote TEXT UNIQUE,
    identity TEXT,
    holds_items INTEGER NOT NULL DEFAULT 1,
    local TEXT UNIQUE,
    is_fixed INTEGER NOT NULL DEFAULT 0,
    -- Parent and name on each side when both were last in step.
    remote_parent INTEGER NOT NULL DEFAULT 0,
    remote_name TEXT NOT NULL DEFAULT '',
    local_parent INTEGER NOT NULL DEFAULT 0,
    local_name TEXT NOT NULL DEFAULT '',
    -- Where its own feed goes on.
    cursor BLOB
) STRICT;

-- The common state: an item that both sides have, as it was when they were last equal.
CREATE TABLE twoway_pair (
    -- No number comes twice: the journal may know one that is no pair any more.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    pair TEXT NOT NULL UNIQUE,
    -- The folder in whose feed the key is good; 0: the account's.
    feed INTEGER NOT NULL,
    item TEXT NOT NULL,
    -- The folder where it lies on the local side; at the server it is one of the item's folders.
    folder INTEGER NOT NULL,
    local TEXT NOT NULL UNIQUE,
    version TEXT,
    -- Empty: not known, the content has to be looked at.
    revision TEXT NOT NULL,
    flags TEXT NOT NULL,
    date INTEGER NOT NULL,
    identity TEXT,
    title TEXT NOT NULL,
    print BLOB,
    header_only INTEGER NOT NULL DEFAULT 0,
    UNIQUE (feed, item)
) STRICT;
CREATE INDEX twoway_pair_folder ON twoway_pair (folder);
CREATE INDEX twoway_pair_identity ON twoway_pair (identity) WHERE identity IS NOT NULL;
CREATE INDEX twoway_pair_print ON twoway_pair (print) WHERE print IS NOT NULL;
CREATE INDEX twoway_pair_header ON twoway_pair (id) WHERE header_only = 1;

-- What the server has told that is not in the common state yet. It is kept with the cursor, and told only once.
CREATE TABLE twoway_told_remote (
    feed INTEGER NOT NULL,
    item TEXT NOT NULL,
    is_gone INTEGER NOT NULL DEFAULT 0,
    -- IDs of folders, with commas around each: `,3,5,`.
    folders TEXT NOT NULL DEFAULT '',
    flags TEXT NOT NULL DEFAULT '',
    date INTEGER NOT NULL DEFAULT 0,
    size INTEGER,
    version TEXT,
    identity TEXT,
    title TEXT NOT NULL DEFAULT '',
    -- The number of the listing that told it first.
    listing INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (feed, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX twoway_told_remote_identity ON twoway_told_remote (identity) WHERE identity IS NOT NULL;

-- The same of the local side.
CREATE TABLE twoway_told_local (
    local TEXT PRIMARY KEY,
    is_gone INTEGER NOT NULL DEFAULT 0,
    folder INTEGER NOT NULL DEFAULT 0,
    flags TEXT NOT NULL DEFAULT '',
    date INTEGER NOT NULL DEFAULT 0,
    revision TEXT NOT NULL DEFAULT '',
    identity TEXT,
    pair TEXT,
    title TEXT NOT NULL DEFAULT '',
    print BLOB,
    -- 1: it comes from the common state, and the local side does not tell it again. 2: whether it is there could not be
    -- found out, and is asked again.
    is_kept INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX twoway_told_local_print ON twoway_told_local (print) WHERE print IS NOT NULL;

-- What is under way: written before anything is sent, taken out with what came of it.
CREATE TABLE twoway_journal (
    -- No number comes twice: who has seen one knows what is newer.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind INTEGER NOT NULL,
    pair TEXT NOT NULL,
    feed INTEGER NOT NULL DEFAULT 0,
    item TEXT NOT NULL DEFAULT '',
    folder INTEGER NOT NULL DEFAULT 0,
    local TEXT NOT NULL DEFAULT '',
    version TEXT,
    revision TEXT NOT NULL DEFAULT '',
    flags TEXT NOT NULL DEFAULT '',
    removed TEXT NOT NULL DEFAULT '',
    date INTEGER NOT NULL DEFAULT 0,
    identity TEXT,
    title TEXT NOT NULL DEFAULT '',
    print BLOB,
    header_only INTEGER NOT NULL DEFAULT 0,
    marker TEXT,
    replaces INTEGER
) STRICT;
CREATE INDEX twoway_journal_item ON twoway_journal (feed, item);

-- Items that failed, and when they are tried again.
CREATE TABLE twoway_failure (
    subject TEXT PRIMARY KEY,
    stamp TEXT NOT NULL,
    count INTEGER NOT NULL,
    next_run INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT, WITHOUT ROWID;
