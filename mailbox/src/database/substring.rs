//! Which messages may have a text somewhere in a column: candidates from the text index (STORE-15).

use super::error::Result;
use super::id::MessageId;
use super::order::Contents;
use super::transaction::Reader;
use mapi_provider_table::text::loose;

/// A column that the text index has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextColumn {
    /// `PR_SUBJECT`, and with it `PR_NORMALIZED_SUBJECT`.
    Subject,
    /// `PR_SENT_REPRESENTING_NAME`.
    Sender,
    /// `PR_DISPLAY_TO`.
    DisplayTo,
}

/// What the index is made of: shorter texts it does not know.
const LEAST: usize = 3;

impl Reader<'_> {
    /// The messages of a table that may have a text in a column, in the order of their IDs: all that have it, whatever
    /// case and marks, and perhaps some that don't. Who matches them gets the same rows as by a scan.
    ///
    /// None where the index can't tell: the text is shorter than three characters, or the table is of associated
    /// messages.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn text_candidates(
        &self,
        contents: Contents,
        column: TextColumn,
        text: &str,
    ) -> Result<Option<Vec<MessageId>>> {
        let text = loose(text);
        if contents.associated || text.chars().count() < LEAST || text.contains('\0') {
            return Ok(None);
        }
        let column = match column {
            TextColumn::Subject => "subject",
            TextColumn::Sender => "sender",
            TextColumn::DisplayTo => "display_to",
        };
        let query = format!("{column} : \"{}\"", text.replace('"', "\"\""));
        // An odd row's text may be more than its column has; of what this transaction has written the index knows nothing.
        let sql = format!(
            "SELECT m.id {source} AND m.id IN (SELECT rowid FROM text WHERE text MATCH ?3)
             UNION SELECT m.id {source} AND m.odd = 1
             UNION SELECT m.id {source} AND m.id IN (SELECT id FROM unindexed) ORDER BY 1",
            source = contents.source()
        );
        let mut select = self.prepared(&sql)?;
        let ids = select
            .query_map((contents.folder, contents.associated, query), |row| {
                row.get(0)
            })?
            .collect::<rusqlite::Result<_>>()?;
        Ok(Some(ids))
    }
}
