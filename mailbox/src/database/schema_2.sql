-- From version 1 to 2: triggers don't write to the text index any more, but say what it lacks; and what has to agree with a
-- message is done when its properties are written.

-- What the index has of each term: to compare it with the messages. It takes no room.
CREATE VIRTUAL TABLE term USING fts5vocab (text, col);

-- Messages that the text index lacks. Each message that is not associated is in one of the two, which triggers see to. A
-- transaction brings all of them into the index at its end, by one statement: a trigger that writes to the index itself
-- makes FTS5 write a piece of the index for each message.
CREATE TABLE unindexed (
  id INTEGER PRIMARY KEY
) STRICT;

DROP TRIGGER message_created;
DROP TRIGGER message_text;
DROP TRIGGER message_gone;

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
