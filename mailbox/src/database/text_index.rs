//! The text index: how it comes to have what messages have, and whether it does.
//!
//! Triggers note in `unindexed` what it lacks, and each transaction brings that in at its end. So every message is in one of
//! the two at any time, whoever has written it, and [`Reader::text_candidates`](super::Reader::text_candidates) looks into
//! both.

use std::hash::{DefaultHasher, Hash, Hasher};

use rusqlite::Connection;

use super::error::Result;
use super::transaction::Transaction;
use mapi_provider_table::text::loose;

/// The columns of the index, which are columns of `message` too.
const COLUMNS: [&str; 3] = ["subject", "sender", "display_to"];

impl Transaction<'_> {
    /// Brings into the index what it lacks, by one statement. Before each statement that SQLite may have to undo alone FTS5
    /// writes a piece of its index, of all that it has gathered.
    ///
    /// # Errors
    ///
    /// The store can't be written.
    pub(super) fn index_text(&self) -> Result<()> {
        let mut lacks = self.prepared("SELECT EXISTS (SELECT 1 FROM unindexed)")?;
        if !lacks.query_row([], |row| row.get::<_, bool>(0))? {
            return Ok(());
        }
        self.execute(
            "INSERT INTO text (rowid, subject, sender, display_to)
             SELECT m.id, mapi_loose(m.subject), mapi_loose(m.sender), mapi_loose(m.display_to)
             FROM unindexed u CROSS JOIN message m ON m.id = u.id",
            [],
        )?;
        self.execute("DELETE FROM unindexed", [])?;
        Ok(())
    }
}

/// Whether the index has the very terms that the messages have, each as often. It reads all messages once, and keeps none.
///
/// # Errors
///
/// The store can't be read.
pub(super) fn has_all_terms(connection: &Connection) -> Result<bool> {
    Ok(sum_of_index(connection)? == sum_of_messages(connection)?)
}

/// A sum over all terms of the index, each as often as it is there: in any order the same.
fn sum_of_index(connection: &Connection) -> Result<u64> {
    let mut select = connection.prepare("SELECT col, term, cnt FROM term")?;
    let mut rows = select.query([])?;
    let mut sum = 0_u64;
    while let Some(row) = rows.next()? {
        let (column, term) = (row.get_ref(0)?.as_bytes(), row.get_ref(1)?.as_bytes());
        let (Ok(column), Ok(term)) = (column, term) else {
            // No index of ours has such a term.
            sum = sum.wrapping_add(1);
            continue;
        };
        let often: u64 = row.get(2)?;
        sum = sum.wrapping_add(worth(column, term).wrapping_mul(often));
    }
    Ok(sum)
}

/// The same sum over what the index should have.
fn sum_of_messages(connection: &Connection) -> Result<u64> {
    let sql = format!("SELECT {} FROM message WHERE assoc = 0", COLUMNS.join(", "));
    let mut select = connection.prepare(&sql)?;
    let mut rows = select.query([])?;
    let mut sum = 0_u64;
    while let Some(row) = rows.next()? {
        for (place, column) in COLUMNS.iter().enumerate() {
            let text: Option<String> = row.get(place)?;
            each_term(
                &text.map_or_else(String::new, |text| loose(&text)),
                |term| {
                    sum = sum.wrapping_add(worth(column.as_bytes(), term));
                },
            );
        }
    }
    Ok(sum)
}

fn worth(column: &[u8], term: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (column, term).hash(&mut hasher);
    hasher.finish()
}

/// Visits what FTS5 makes of a text: each three characters that follow one another. It passes over NUL, and knows two
/// characters that are none as another one.
fn each_term(text: &str, mut visit: impl FnMut(&[u8])) {
    let known = |one| match one {
        '\u{FFFE}' | '\u{FFFF}' => '\u{FFFD}',
        one => one,
    };
    let mut last = [None; 2];
    let mut bytes = [0; 12];
    for one in text.chars().filter(|one| *one != '\0').map(known) {
        if let [Some(first), Some(second)] = last {
            let mut length = 0;
            for part in [first, second, one] {
                length += char::encode_utf8(part, &mut bytes[length..]).len();
            }
            visit(&bytes[..length]);
        }
        last = [last[1], Some(one)];
    }
}

#[cfg(test)]
mod tests {
    use mapi_provider_abi::mapi::PR_SUBJECT_W;

    use super::super::{
        FolderId, MessageData, MessageId, Options, Save, Special, Store, TextColumn, Version,
    };
    use super::*;

    fn save(
        tx: &Transaction<'_>,
        (id, folder): (MessageId, FolderId),
        base: Option<Version>,
        subject: &str,
    ) -> Result<Version> {
        let mut data = MessageData::default();
        data.props.set_tag(PR_SUBJECT_W, subject);
        let saved = tx.save_message(&Save {
            id,
            folder,
            associated: false,
            base,
            force: false,
            read: false,
            keep_time: false,
            data: &data,
        })?;
        Ok(saved.info.version)
    }

    #[test]
    fn store_15_a_transaction_finds_what_it_has_written_itself() {
        let store = Store::in_memory(Options::default()).expect("made");
        store
            .write(|tx| {
                let inbox = tx.special(Special::Inbox)?;
                let contents = tx.contents(inbox, false)?;
                let find = |text| tx.text_candidates(contents, TextColumn::Subject, text);
                let id = tx.new_message_id();
                let version = save(tx, (id, inbox), None, "Lunch")?;
                assert_eq!(find("unc")?, Some(vec![id]));
                save(tx, (id, inbox), Some(version), "Dinner")?;
                assert_eq!(find("dinn")?, Some(vec![id]));
                tx.index_text()?;
                assert_eq!(find("dinn")?, Some(vec![id]));
                assert_eq!(find("unc")?, Some(Vec::new()));
                tx.delete_messages(&[id])?;
                assert_eq!(find("dinn")?, Some(Vec::new()));
                Ok(())
            })
            .expect("written");
        assert_eq!(problems(&store), [""; 0]);
    }

    #[test]
    fn an_index_that_does_not_agree_with_the_messages_is_found() {
        let store = Store::in_memory(Options::default()).expect("made");
        let inbox = store.read(|r| r.special(Special::Inbox)).expect("inbox");
        let spoil = |sql: &str| {
            let gate = store.0.gate().expect("free");
            gate.connection.execute_batch(sql).expect(sql);
        };
        let id = store
            .write(|tx| {
                let id = tx.new_message_id();
                save(tx, (id, inbox), None, "Größe 🎉").map(|_| id)
            })
            .expect("saved");
        assert_eq!(problems(&store), [""; 0]);
        // Another program that writes: what it did not do the next transaction does.
        spoil("UPDATE message SET subject = 'Other'");
        let missing = "1 messages are missing from the text index";
        assert_eq!(problems(&store), [missing]);
        store.write(|tx| tx.set_read(&[id], true)).expect("marked");
        assert_eq!(problems(&store), [""; 0]);
        spoil("INSERT INTO text (rowid, subject) VALUES (9999, 'nothing')");
        let stray = "1 entries of the text index are of no message";
        assert_eq!(problems(&store), [stray]);
        spoil("DELETE FROM text WHERE rowid = 9999");
        assert_eq!(problems(&store), [""; 0]);
        spoil("DROP TRIGGER message_text; UPDATE message SET subject = 'Third'");
        let differs = "the text index has other texts than the messages";
        assert_eq!(problems(&store), [differs]);
    }

    fn problems(store: &Store) -> Vec<String> {
        store.check().expect("readable").problems
    }

    #[test]
    fn terms_are_three_characters_each() {
        let terms = |text| {
            let mut terms = Vec::new();
            each_term(text, |term| {
                terms.push(String::from_utf8_lossy(term).into_owned())
            });
            terms
        };
        assert!(terms("ab").is_empty());
        assert_eq!(
            terms("a\0b\u{FFFF}c😀"),
            ["ab\u{FFFD}", "b\u{FFFD}c", "\u{FFFD}c😀"]
        );
    }
}
