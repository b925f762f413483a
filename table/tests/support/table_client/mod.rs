//! A client of a table that only listens.

use mapi_provider_abi::mapi::PR_INSTANCE_KEY;
use mapi_provider_abi::view::{PropValue, Property, Row, TableEvent};

/// A client that keeps what it was told.
#[derive(Debug, Default)]
pub(crate) struct Client {
    pub(crate) rows: Vec<Row<'static>>,
    /// Everything has to be read anew.
    pub(crate) is_stale: bool,
}

pub(crate) fn key_of(row: &Row<'_>) -> Vec<u8> {
    let key = row.get(PR_INSTANCE_KEY).and_then(PropValue::as_binary);
    key.expect("every row has a key").to_vec()
}

impl Client {
    /// Does what an event says, as a client does; what makes no sense is an error.
    pub(crate) fn apply(&mut self, event: TableEvent<'static>) -> Result<(), String> {
        if self.is_stale {
            return Ok(());
        }
        let key = |index: &Property<'_>| index.value.as_binary().map(<[u8]>::to_vec);
        match event {
            TableEvent::Changed => self.is_stale = true,
            TableEvent::RowDeleted { index } => {
                let at = self
                    .find(key(&index))
                    .ok_or("a row was deleted that was not there")?;
                self.rows.remove(at);
            }
            TableEvent::RowAdded { index, prior, row } => {
                if self.find(key(&index)).is_some() {
                    return Err(format!("{row:?} was added twice"));
                }
                self.insert(prior.map(|prior| key(&prior)), row)?;
            }
            TableEvent::RowModified { index, prior, row } => {
                let at = self
                    .find(key(&index))
                    .ok_or("a row was modified that was not there")?;
                self.rows.remove(at);
                self.insert(prior.map(|prior| key(&prior)), row)?;
            }
            other => return Err(format!("unexpected: {other:?}")),
        }
        Ok(())
    }

    fn insert(&mut self, prior: Option<Option<Vec<u8>>>, row: Row<'static>) -> Result<(), String> {
        let at = match prior {
            None => 0,
            Some(prior) => self.find(prior).ok_or("the row before is not there")? + 1,
        };
        self.rows.insert(at, row);
        Ok(())
    }

    fn find(&self, key: Option<Vec<u8>>) -> Option<usize> {
        let key = key?;
        self.rows.iter().position(|row| key_of(row) == key)
    }
}
