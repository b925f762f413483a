//! Files that an older version has written.

use std::path::Path;

use crate::store_support;
use mapi_provider_mailbox::database::{Error, ObjectId, Special, Store, StoreFile, TextColumn};
use mapi_provider_mailbox::logic::Mailbox;
use store_support::{message, save};

/// Makes version 2 of version 3: what a client had made and deleted was never told.
const VERSION_2: &str = "
DROP TRIGGER change_pending;
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
  DELETE FROM pending WHERE kind = new.kind AND id = new.id AND bits & 17 = 17;
END;
PRAGMA user_version = 2;
";

/// Makes what version 1 was of an empty store: its triggers wrote to the text index themselves.
const VERSION_1: &str = "
DROP TABLE term;
DROP TABLE unindexed;
DROP TRIGGER message_created;
CREATE TRIGGER message_created AFTER INSERT ON message
BEGIN
  UPDATE folder SET
    total = total + 1 - new.assoc,
    unread = unread + (1 - new.assoc) * (1 - new.read),
    assoc = assoc + new.assoc
  WHERE id = new.folder;
  INSERT INTO text (rowid, subject, sender, display_to)
  SELECT new.id, mapi_loose(new.subject), mapi_loose(new.sender), mapi_loose(new.display_to) WHERE new.assoc = 0;
  INSERT INTO change (txn, what, kind, id, folder, old_id, by)
  SELECT txn, iif(new.origin IS NULL, 1, 2), 1 + new.assoc, new.id, new.folder, new.origin, by FROM clock;
END;
DROP TRIGGER message_text;
CREATE TRIGGER message_text AFTER UPDATE OF subject, sender, display_to ON message
WHEN new.assoc = 0 AND (old.subject IS NOT new.subject OR old.sender IS NOT new.sender
  OR old.display_to <> new.display_to)
BEGIN
  DELETE FROM text WHERE rowid = old.id;
  INSERT INTO text (rowid, subject, sender, display_to)
  VALUES (new.id, mapi_loose(new.subject), mapi_loose(new.sender), mapi_loose(new.display_to));
END;
DROP TRIGGER message_gone;
CREATE TRIGGER message_gone AFTER DELETE ON message
BEGIN
  UPDATE folder SET
    total = total - 1 + old.assoc,
    unread = unread - (1 - old.assoc) * (1 - old.read),
    assoc = assoc - old.assoc
  WHERE id = old.folder;
  DELETE FROM text WHERE rowid = old.id AND old.assoc = 0;
  DELETE FROM rest WHERE id = old.id;
  DELETE FROM recipient WHERE message = old.id;
  DELETE FROM attachment WHERE message = old.id;
  DELETE FROM large WHERE object = old.id;
END;
PRAGMA user_version = 1;
";

/// All that is in a file's schema, without the tables in which FTS5 keeps its index.
fn schema(path: &Path) -> Vec<(String, String, String)> {
    let file = rusqlite::Connection::open(path).expect("opened");
    let mut select = file
        .prepare("SELECT type, name, coalesce(sql, '') FROM sqlite_master ORDER BY 1, 2")
        .expect("a query");
    let rows = select.query_map([], |row| row.try_into()).expect("rows");
    rows.collect::<rusqlite::Result<_>>().expect("rows")
}

#[test]
fn store_43_a_file_of_version_1_becomes_what_a_new_one_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, new) = (folder.path().join("old.db"), folder.path().join("new.db"));
    drop(Store::open(&new).expect("made"));
    let store = Store::open(&path).expect("made");
    let inbox = store.read(|r| r.special(Special::Inbox)).expect("inbox");
    let before = save(&store, inbox, &message("Größe 1", 1)).info.id;
    drop(store);
    let old = rusqlite::Connection::open(&path).expect("opened");
    for older in [VERSION_2, VERSION_1] {
        old.execute_batch(older).expect("made older");
    }
    drop(old);
    // Who only looks changes nothing.
    let refused = Store::open_existing(&path).map(drop);
    assert!(matches!(
        refused,
        Err(Error::OlderVersion { found: 1, known: 3 })
    ));
    let looked = StoreFile::open(&path).expect("opened");
    assert_eq!(looked.schema(), 1);
    assert_eq!(looked.check().expect("readable").problems, [""; 0]);
    drop(looked);
    let store = Store::open(&path).expect("brought up to date");
    let after = save(&store, inbox, &message("Größe 2", 1)).info.id;
    let candidates = store.read(|reader| {
        let contents = reader.contents(inbox, false)?;
        reader.text_candidates(contents, TextColumn::Subject, "größ")
    });
    assert_eq!(candidates.expect("read"), Some(vec![before, after]));
    let report = store.check().expect("readable");
    assert_eq!((report.schema, report.problems), (3, Vec::new()));
    drop(store);
    assert_eq!(schema(&path), schema(&new));
}

#[test]
fn store_43_a_file_of_version_2_becomes_what_a_new_one_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, new) = (folder.path().join("old.db"), folder.path().join("new.db"));
    drop(Store::open(&new).expect("made"));
    let store = Store::open(&path).expect("made");
    let inbox = store.read(|r| r.special(Special::Inbox)).expect("inbox");
    let before = save(&store, inbox, &message("Before", 1)).info.id;
    drop(store);
    let old = rusqlite::Connection::open(&path).expect("opened");
    old.execute_batch(VERSION_2).expect("made older");
    drop(old);
    assert_ne!(schema(&path), schema(&new));
    let store = Store::open(&path).expect("brought up to date");
    let told = Mailbox::new(store.clone()).local_changes().expect("read");
    let told: Vec<_> = told.into_iter().map(|one| one.object).collect();
    assert_eq!(
        told,
        [ObjectId::Message(before)],
        "what was to be told stays"
    );
    let report = store.check().expect("readable");
    assert_eq!((report.schema, report.problems), (3, Vec::new()));
    drop(store);
    assert_eq!(schema(&path), schema(&new));
}
