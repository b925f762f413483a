//! Properties of the messages of a page, where the narrow row says all that is asked for: most pages are such, and their rows
//! are shown without being read as a whole.

use mapi_provider_abi::mapi::{PR_ENTRYID, PR_PARENT_ENTRYID, PR_RECORD_KEY};
use mapi_provider_abi::view::PropValue;

use super::super::identity::Identity;
use crate::database::{self, CellPlace, RowAt};
use mapi_provider_table::table::{PropId, Values};

/// Where the values of a page's rows come from.
pub(super) struct PageValues<'a> {
    identity: &'a Identity,
    sources: Vec<From>,
}

/// Where a value comes from.
enum From {
    Row(CellPlace),
    EntryId,
    ParentEntryId,
}

impl<'a> PageValues<'a> {
    /// Where these properties come from; none where one of them is not the narrow row's.
    pub(super) fn of(identity: &'a Identity, properties: &[PropId]) -> Option<Self> {
        let from = |property: &PropId| {
            let is_one_of = |tags: &[mapi_provider_abi::mapi::PropTag]| {
                tags.iter().any(|tag| tag.id() == *property)
            };
            if is_one_of(&[PR_ENTRYID, PR_RECORD_KEY]) {
                Some(From::EntryId)
            } else if is_one_of(&[PR_PARENT_ENTRYID]) {
                Some(From::ParentEntryId)
            } else {
                CellPlace::of(*property).map(From::Row)
            }
        };
        let sources = properties.iter().map(from).collect::<Option<_>>()?;
        Some(Self { identity, sources })
    }

    /// The values of a row that is not odd, with room for one more.
    ///
    /// # Errors
    ///
    /// The store is damaged.
    pub(super) fn of_row(&self, row: &RowAt<'_, '_>) -> database::Result<Values> {
        let mut values = Vec::with_capacity(self.sources.len());
        for source in &self.sources {
            values.push(match source {
                From::Row(place) => row.value(*place)?,
                From::EntryId => Some(PropValue::from(self.identity.entry_id(row.id()?))),
                From::ParentEntryId => Some(PropValue::from(self.identity.entry_id(row.folder()?))),
            });
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use mapi_provider_abi::view::FileTime;

    use super::super::message_values::MessageRow;
    use super::*;
    use crate::database::{Direction, Options, Order, Store};
    use crate::logic::Mailbox;

    #[test]
    fn store_10_a_page_shows_what_a_row_has() {
        let store = Store::in_memory(Options::default()).expect("made");
        let mailbox = Mailbox::new(store.clone());
        let inbox = mailbox.inbox().expect("there");
        let mut batch = mailbox.batch();
        batch.upsert(inbox, "1", |_| {}).expect("taken");
        let fill = |draft: &mut crate::logic::Draft<'_>| {
            draft.subject("RE: Größe");
            draft.sender("Ann", "ann@example.org");
            draft.to("Bob", "bob@example.org");
            draft.received(FileTime::from_ticks(7));
            draft.read(true);
            draft.set(mapi_provider_abi::mapi::PR_CONVERSATION_ID, vec![5; 22]);
            draft.set(mapi_provider_abi::mapi::PR_IMPORTANCE, PropValue::Long(2));
        };
        batch.upsert(inbox, "2", fill).expect("taken");
        batch.commit().expect("written");
        let identity = Identity {
            uid: [7; 16],
            store_entry_id: Vec::new(),
            provider_uid: [8; 16],
            provider_name: String::new(),
            name: String::new(),
        };
        let identity = &identity;
        let mut seen = 0;
        for id in 0..=u16::MAX {
            let asked = [id];
            let Some(page_values) = PageValues::of(identity, &asked) else {
                continue;
            };
            seen += 1;
            store
                .read(|reader| {
                    let contents = reader.contents(inbox, false)?;
                    let page = (Order::Id, Direction::Ascending, None, false, 9);
                    reader.each_row_of_page(contents, page, &asked, &[], |at, _| {
                        let row = at.whole()?;
                        let whole = MessageRow {
                            reader,
                            identity,
                            row: &row,
                            is_hit: false,
                        };
                        assert_eq!(
                            page_values.of_row(&at)?,
                            whole.values(&asked, None)?,
                            "{id:#06X}"
                        );
                        Ok(ControlFlow::Continue(()))
                    })
                })
                .expect("read");
        }
        assert_eq!(seen, 20);
    }
}
