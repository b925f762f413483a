-- A message that somebody is sending, or that waits to be sent again.
CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- What tells the spooler's message from others; NULL once all that became of it is in there.
    search_key BLOB UNIQUE,
    -- Milliseconds since 1970, as all times here.
    began INTEGER NOT NULL,
    -- NULL: it is not the queue's to send.
    next_try INTEGER,
    tries INTEGER NOT NULL DEFAULT 0,
    class TEXT NOT NULL DEFAULT '',
    subject TEXT NOT NULL DEFAULT '',
    octets BLOB
);
CREATE INDEX message_next ON message (next_try) WHERE next_try IS NOT NULL;

-- Whom it goes to. The states are those of `State` in rows.rs.
CREATE TABLE recipient (
    message INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
    key TEXT NOT NULL,
    state INTEGER NOT NULL,
    text TEXT NOT NULL DEFAULT '',
    at INTEGER NOT NULL DEFAULT 0,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    address TEXT NOT NULL,
    line INTEGER NOT NULL,
    report INTEGER NOT NULL,
    PRIMARY KEY (message, key)
) WITHOUT ROWID;

-- Whom its readers see, in their order.
CREATE TABLE shown (
    message INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
    place INTEGER NOT NULL,
    line INTEGER NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (message, place)
) WITHOUT ROWID;

-- A report of those who did not get a message, until it is saved.
CREATE TABLE report (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    class TEXT NOT NULL,
    subject TEXT NOT NULL,
    began INTEGER NOT NULL,
    made INTEGER NOT NULL,
    is_aside INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE reported (
    report INTEGER NOT NULL REFERENCES report ON DELETE CASCADE,
    key TEXT NOT NULL,
    text TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    address TEXT NOT NULL,
    line INTEGER NOT NULL,
    PRIMARY KEY (report, key)
) WITHOUT ROWID;

PRAGMA user_version = 1;
