-- A mailbox, version 3. `user_version` is the version, `application_id` says that it is ours.
--
-- Whatever must agree with something else is done by triggers, so that no writer can forget it: counts of folders,
-- the text index, the log of changes, references to large values.

-- The number of the commit, who makes it (0 clients, 1 logic), the next free ID, whether `pending` is kept (2: for a logic that
-- has asked for it).
CREATE TABLE clock (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  txn INTEGER NOT NULL,
  by INTEGER NOT NULL,
  next_id INTEGER NOT NULL,
  tracked INTEGER NOT NULL
) STRICT;

CREATE TABLE store (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  uid BLOB NOT NULL CHECK (length(uid) = 16),
  version INTEGER NOT NULL,
  props BLOB NOT NULL
) STRICT;

-- A process that has the file open holds the lock file of this name.
CREATE TABLE session (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL
) STRICT;

CREATE TABLE folder (
  id INTEGER PRIMARY KEY,
  parent INTEGER REFERENCES folder (id),
  kind INTEGER NOT NULL,
  role INTEGER UNIQUE,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  class TEXT,
  total INTEGER NOT NULL DEFAULT 0,
  unread INTEGER NOT NULL DEFAULT 0,
  assoc INTEGER NOT NULL DEFAULT 0,
  children INTEGER NOT NULL DEFAULT 0,
  origin INTEGER,
  version INTEGER NOT NULL,
  props BLOB NOT NULL,
  UNIQUE (parent, name_key)
) STRICT;

-- What tables show of a message, narrow: `rest` has everything. A text or time that does not fit is `odd`.
CREATE TABLE message (
  id INTEGER PRIMARY KEY,
  folder INTEGER NOT NULL REFERENCES folder (id),
  assoc INTEGER NOT NULL,
  read INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  status INTEGER NOT NULL,
  size INTEGER NOT NULL,
  attachments INTEGER NOT NULL,
  importance INTEGER,
  sensitivity INTEGER,
  class TEXT NOT NULL,
  subject TEXT,
  normal_at INTEGER NOT NULL,
  sender TEXT,
  display_to TEXT NOT NULL,
  display_cc TEXT NOT NULL,
  delivered INTEGER,
  submitted INTEGER,
  modified INTEGER,
  conversation BLOB,
  topic TEXT,
  odd INTEGER NOT NULL,
  subject_key TEXT,
  sender_key TEXT,
  origin INTEGER,
  version INTEGER NOT NULL
) STRICT;

CREATE INDEX message_delivered ON message (folder, assoc, delivered);
CREATE INDEX message_modified ON message (folder, assoc, modified);
CREATE INDEX message_submitted ON message (folder, assoc, submitted);
CREATE INDEX message_subject ON message (folder, assoc, subject_key);
CREATE INDEX message_sender ON message (folder, assoc, sender_key, id, read);
CREATE INDEX message_size ON message (folder, assoc, size);
CREATE INDEX message_unread ON message (folder, assoc) WHERE read = 0;
CREATE INDEX message_conversation ON message (conversation) WHERE conversation IS NOT NULL;
CREATE INDEX message_odd ON message (folder) WHERE odd = 1;

CREATE TABLE rest (
  id INTEGER PRIMARY KEY,
  props BLOB NOT NULL
) STRICT;

-- `message` is the ID of a message or of an embedded one.
CREATE TABLE recipient (
  message INTEGER NOT NULL,
  place INTEGER NOT NULL,
  row INTEGER NOT NULL,
  props BLOB NOT NULL,
  PRIMARY KEY (message, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE attachment (
  id INTEGER PRIMARY KEY,
  message INTEGER NOT NULL,
  number INTEGER NOT NULL,
  embedded INTEGER,
  props BLOB NOT NULL,
  UNIQUE (message, number)
) STRICT;

CREATE TABLE embedded (
  id INTEGER PRIMARY KEY,
  props BLOB NOT NULL
) STRICT;

-- A large value. Nothing refers to one that is being written, and then it has an owner, a session.
CREATE TABLE blob (
  id INTEGER PRIMARY KEY,
  size INTEGER NOT NULL,
  refs INTEGER NOT NULL DEFAULT 0,
  owner INTEGER,
  idle INTEGER NOT NULL
) STRICT;

CREATE INDEX blob_idle ON blob (idle) WHERE refs = 0;

-- 64 KiB of a large value, the last one less; one that is not there is zeros. `key` is blob << 20 | number.
CREATE TABLE chunk (
  key INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;

-- Which object refers to which large value.
CREATE TABLE large (
  object INTEGER NOT NULL,
  blob INTEGER NOT NULL,
  PRIMARY KEY (object, blob)
) STRICT, WITHOUT ROWID;

-- Named properties. `key` is UTF-16, or four bytes of a number.
CREATE TABLE name (
  id INTEGER PRIMARY KEY CHECK (id BETWEEN 32768 AND 65534),
  guid BLOB NOT NULL,
  kind INTEGER NOT NULL,
  key BLOB NOT NULL,
  UNIQUE (guid, kind, key)
) STRICT;

CREATE TABLE receive (
  class_key TEXT PRIMARY KEY,
  class TEXT NOT NULL,
  folder INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE queue (
  message INTEGER PRIMARY KEY,
  submitted INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  owner INTEGER
) STRICT;

-- A search folder's criteria, and how far its hits are. `step` grows with every write, `seq` is the last change that the
-- hits know of, `owner` the session that looks for them. `phase`: 0 changes are followed, 1 hits are looked at again, up to
-- the message `at_message`; 2 the folders are searched, up to that message, delivered at `at_key`, of `at_folder`.
CREATE TABLE search (
  folder INTEGER PRIMARY KEY,
  restriction BLOB NOT NULL,
  scope BLOB NOT NULL,
  state INTEGER NOT NULL,
  step INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  phase INTEGER NOT NULL,
  at_folder INTEGER,
  at_key INTEGER,
  at_message INTEGER,
  owner INTEGER
) STRICT;

CREATE TABLE hit (
  folder INTEGER NOT NULL,
  message INTEGER NOT NULL,
  PRIMARY KEY (folder, message)
) STRICT, WITHOUT ROWID;

CREATE INDEX hit_message ON hit (message);

-- What has happened, in order. `kind`: 0 folder, 1 message, 2 associated message. `what` is told in change.rs.
CREATE TABLE change (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  txn INTEGER NOT NULL,
  what INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  id INTEGER NOT NULL,
  folder INTEGER,
  old_folder INTEGER,
  old_id INTEGER,
  by INTEGER NOT NULL
) STRICT;

-- What clients have done and the logic has not acknowledged, one row an object. `bits`: 1 created, 2 edited, 4 read
-- or unread, 8 moved, 16 deleted. `folder` is where the object was before it moved.
CREATE TABLE pending (
  kind INTEGER NOT NULL,
  id INTEGER NOT NULL,
  last INTEGER NOT NULL,
  bits INTEGER NOT NULL,
  folder INTEGER,
  server_id TEXT,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX pending_server ON pending (server_id) WHERE server_id IS NOT NULL;

-- What the server calls an object. `kind`: 0 folder, 1 message.
CREATE TABLE remote (
  id INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  server_id TEXT NOT NULL,
  server_version TEXT,
  UNIQUE (kind, server_id)
) STRICT;

CREATE TABLE cursor (
  name TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Substrings of three characters and more, folded: candidates, not answers.
CREATE VIRTUAL TABLE text USING fts5 (
  subject, sender, display_to,
  content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1'
);

-- What the index has of each term: to compare it with the messages. It takes no room.
CREATE VIRTUAL TABLE term USING fts5vocab (text, col);

-- Messages that the text index lacks. Each message that is not associated is in one of the two, which triggers see to. A
-- transaction brings all of them into the index at its end, by one statement: a trigger that writes to the index itself
-- makes FTS5 write a piece of the index for each message.
CREATE TABLE unindexed (
  id INTEGER PRIMARY KEY
) STRICT;

-- Changes ---------------------------------------------------------------------------------------------------------

CREATE TRIGGER change_kept AFTER INSERT ON change WHEN new.seq % 512 = 0
BEGIN
  DELETE FROM change WHERE seq <= new.seq - 20000;
END;

CREATE TRIGGER change_pending AFTER INSERT ON change
WHEN new.by = 0 AND new.what BETWEEN 1 AND 6 AND new.kind < 2 AND (SELECT tracked FROM clock)
  -- No server knows of search folders.
  AND (new.kind = 1 OR (SELECT kind FROM folder WHERE id = new.id) <> 2)
BEGIN
  INSERT INTO pending (kind, id, last, bits, folder, server_id)
  VALUES (
    new.kind, new.id, new.seq,
    CASE new.what WHEN 1 THEN 1 WHEN 2 THEN 1 WHEN 3 THEN 2 WHEN 4 THEN 4 WHEN 5 THEN 8 ELSE 16 END,
    new.old_folder,
    (SELECT server_id FROM remote WHERE id = new.id)
  )
  ON CONFLICT (kind, id) DO UPDATE SET
    last = excluded.last,
    bits = bits | excluded.bits,
    folder = coalesce(folder, excluded.folder),
    server_id = coalesce(excluded.server_id, server_id);
  -- Created and deleted is nothing, unless the server has got it meanwhile.
  DELETE FROM pending WHERE kind = new.kind AND id = new.id AND bits & 17 = 17 AND server_id IS NULL;
END;

-- Folders ---------------------------------------------------------------------------------------------------------

CREATE TRIGGER folder_created AFTER INSERT ON folder
BEGIN
  UPDATE folder SET children = children + 1 WHERE id = new.parent;
  INSERT INTO change (txn, what, kind, id, folder, old_id, by)
  SELECT txn, iif(new.origin IS NULL, 1, 2), 0, new.id, new.parent, new.origin, by FROM clock;
END;

CREATE TRIGGER folder_moved AFTER UPDATE OF parent ON folder WHEN old.parent IS NOT new.parent
BEGIN
  UPDATE folder SET children = children - 1 WHERE id = old.parent;
  UPDATE folder SET children = children + 1 WHERE id = new.parent;
  INSERT INTO change (txn, what, kind, id, folder, old_folder, by)
  SELECT txn, 5, 0, new.id, new.parent, old.parent, by FROM clock;
END;

CREATE TRIGGER folder_changed AFTER UPDATE OF version ON folder WHEN old.version <> new.version
BEGIN
  INSERT INTO change (txn, what, kind, id, folder, by)
  SELECT txn, 3, 0, new.id, new.parent, by FROM clock;
END;

CREATE TRIGGER folder_goes BEFORE DELETE ON folder
BEGIN
  INSERT INTO change (txn, what, kind, id, folder, by)
  SELECT txn, 6, 0, old.id, old.parent, by FROM clock;
  DELETE FROM remote WHERE id = old.id;
  DELETE FROM search WHERE folder = old.id;
  DELETE FROM hit WHERE folder = old.id;
  DELETE FROM receive WHERE folder = old.id;
END;

CREATE TRIGGER folder_gone AFTER DELETE ON folder
BEGIN
  UPDATE folder SET children = children - 1 WHERE id = old.parent;
  DELETE FROM large WHERE object = old.id;
END;

CREATE TRIGGER store_changed AFTER UPDATE OF version ON store WHEN old.version <> new.version
BEGIN
  INSERT INTO change (txn, what, kind, id, by) SELECT txn, 3, 3, 0, by FROM clock;
END;

-- Messages --------------------------------------------------------------------------------------------------------

-- A message is there once its properties are, which come after its row. A statement that has triggers is one that SQLite may
-- have to undo alone, for which it copies each page that is changed: of the row one for each index.
CREATE TRIGGER message_created AFTER INSERT ON rest
BEGIN
  UPDATE folder SET
    total = total + (SELECT 1 - assoc FROM message WHERE id = new.id),
    unread = unread + (SELECT (1 - assoc) * (1 - read) FROM message WHERE id = new.id),
    assoc = assoc + (SELECT assoc FROM message WHERE id = new.id)
  WHERE id = (SELECT folder FROM message WHERE id = new.id);
  INSERT INTO unindexed (id) SELECT id FROM message WHERE id = new.id AND assoc = 0;
  INSERT INTO change (txn, what, kind, id, folder, old_id, by)
  SELECT c.txn, iif(m.origin IS NULL, 1, 2), 1 + m.assoc, m.id, m.folder, m.origin, c.by
  FROM clock c JOIN message m ON m.id = new.id;
END;

CREATE TRIGGER message_text AFTER UPDATE OF subject, sender, display_to ON message
WHEN new.assoc = 0 AND (old.subject IS NOT new.subject OR old.sender IS NOT new.sender
  OR old.display_to <> new.display_to)
BEGIN
  DELETE FROM text WHERE rowid = old.id;
  INSERT INTO unindexed (id) SELECT new.id WHERE new.id NOT IN (SELECT id FROM unindexed);
END;

CREATE TRIGGER message_changed AFTER UPDATE OF version ON message WHEN old.version <> new.version
BEGIN
  INSERT INTO change (txn, what, kind, id, folder, by)
  SELECT txn, 3, 1 + new.assoc, new.id, new.folder, by FROM clock;
END;

CREATE TRIGGER message_read AFTER UPDATE OF read ON message WHEN old.read <> new.read
BEGIN
  UPDATE folder SET unread = unread + old.read - new.read WHERE id = new.folder AND new.assoc = 0;
  UPDATE folder SET unread = unread + old.read - new.read
  WHERE id IN (SELECT folder FROM hit WHERE message = new.id);
  INSERT INTO change (txn, what, kind, id, folder, by)
  SELECT txn, 4, 1 + new.assoc, new.id, new.folder, by FROM clock;
END;

CREATE TRIGGER message_marked AFTER UPDATE OF status, flags ON message
WHEN old.version = new.version AND (old.status <> new.status OR old.flags <> new.flags)
BEGIN
  INSERT INTO change (txn, what, kind, id, folder, by)
  SELECT txn, 7, 1 + new.assoc, new.id, new.folder, by FROM clock;
END;

CREATE TRIGGER message_moved AFTER UPDATE OF folder ON message WHEN old.folder <> new.folder
BEGIN
  UPDATE folder SET
    total = total - 1 + old.assoc,
    unread = unread - (1 - old.assoc) * (1 - old.read),
    assoc = assoc - old.assoc
  WHERE id = old.folder;
  UPDATE folder SET
    total = total + 1 - new.assoc,
    unread = unread + (1 - new.assoc) * (1 - new.read),
    assoc = assoc + new.assoc
  WHERE id = new.folder;
  INSERT INTO change (txn, what, kind, id, folder, old_folder, by)
  SELECT txn, 5, 1 + new.assoc, new.id, new.folder, old.folder, by FROM clock;
END;

CREATE TRIGGER message_goes BEFORE DELETE ON message
BEGIN
  DELETE FROM hit WHERE message = old.id;
  DELETE FROM queue WHERE message = old.id;
  INSERT INTO change (txn, what, kind, id, folder, by)
  SELECT txn, 6, 1 + old.assoc, old.id, old.folder, by FROM clock;
  DELETE FROM remote WHERE id = old.id;
END;

CREATE TRIGGER message_gone AFTER DELETE ON message
BEGIN
  UPDATE folder SET
    total = total - 1 + old.assoc,
    unread = unread - (1 - old.assoc) * (1 - old.read),
    assoc = assoc - old.assoc
  WHERE id = old.folder;
  DELETE FROM text WHERE rowid = old.id AND old.assoc = 0;
  DELETE FROM unindexed WHERE id = old.id;
  DELETE FROM rest WHERE id = old.id;
  DELETE FROM recipient WHERE message = old.id;
  DELETE FROM attachment WHERE message = old.id;
  DELETE FROM large WHERE object = old.id;
END;

CREATE TRIGGER attachment_gone AFTER DELETE ON attachment
BEGIN
  DELETE FROM embedded WHERE id = old.embedded;
  DELETE FROM large WHERE object = old.id;
END;

CREATE TRIGGER embedded_gone AFTER DELETE ON embedded
BEGIN
  DELETE FROM recipient WHERE message = old.id;
  DELETE FROM attachment WHERE message = old.id;
  DELETE FROM large WHERE object = old.id;
END;

-- Large values ----------------------------------------------------------------------------------------------------

CREATE TRIGGER large_added AFTER INSERT ON large
BEGIN
  UPDATE blob SET refs = refs + 1, owner = NULL WHERE id = new.blob;
END;

CREATE TRIGGER large_gone AFTER DELETE ON large
BEGIN
  UPDATE blob SET refs = refs - 1, idle = unixepoch() WHERE id = old.blob;
END;

CREATE TRIGGER blob_gone AFTER DELETE ON blob
BEGIN
  DELETE FROM chunk WHERE key >= old.id << 20 AND key < (old.id + 1) << 20;
END;

-- Queue and search ------------------------------------------------------------------------------------------------

CREATE TRIGGER queue_added AFTER INSERT ON queue
BEGIN
  INSERT INTO change (txn, what, kind, id, by) SELECT txn, 10, 1, new.message, by FROM clock;
END;

CREATE TRIGGER queue_changed AFTER UPDATE ON queue
BEGIN
  INSERT INTO change (txn, what, kind, id, by) SELECT txn, 11, 1, new.message, by FROM clock;
END;

CREATE TRIGGER queue_gone AFTER DELETE ON queue
BEGIN
  INSERT INTO change (txn, what, kind, id, by) SELECT txn, 12, 1, old.message, by FROM clock;
END;

CREATE TRIGGER hit_added AFTER INSERT ON hit
BEGIN
  UPDATE folder SET
    total = total + 1,
    unread = unread + (SELECT 1 - read FROM message WHERE id = new.message)
  WHERE id = new.folder;
  INSERT INTO change (txn, what, kind, id, folder, by)
  SELECT txn, 8, 1, new.message, new.folder, by FROM clock;
END;

CREATE TRIGGER hit_gone AFTER DELETE ON hit
BEGIN
  UPDATE folder SET
    total = total - 1,
    unread = unread - (SELECT 1 - read FROM message WHERE id = old.message)
  WHERE id = old.folder;
  INSERT INTO change (txn, what, kind, id, folder, by)
  SELECT txn, 9, 1, old.message, old.folder, by FROM clock;
END;

CREATE TRIGGER search_changed AFTER UPDATE OF restriction, scope, state ON search
WHEN old.state <> new.state OR old.restriction <> new.restriction OR old.scope <> new.scope
BEGIN
  -- 2 is SEARCH_REBUILD, 1 SEARCH_RUNNING: one that was stopped has not come to its end.
  INSERT INTO change (txn, what, kind, id, folder, by)
  SELECT txn, iif(old.state & 2 AND NOT new.state & 2 AND new.state & 1, 14, 13), 0, new.folder, new.folder, by FROM clock;
END;

CREATE TRIGGER search_added AFTER INSERT ON search
BEGIN
  INSERT INTO change (txn, what, kind, id, folder, by)
  SELECT txn, 13, 0, new.folder, new.folder, by FROM clock;
END;
