//! A restriction that is asked of single rows, outside any table: what a search folder looks for.

use mapi_provider_abi::mapi::MAPI_E_TOO_COMPLEX;
use mapi_provider_abi::view::Restriction;

use super::facts::RowFacts;
use super::fault::{Fault, Result};
use super::matching::{Condition, compile};
use super::source::{PropId, RowId, Rows};

/// A restriction that was checked and made ready. It finds the rows that a table with it would show.
#[derive(Debug)]
pub struct Matcher(Condition);

impl Matcher {
    /// Makes a restriction ready.
    ///
    /// # Errors
    ///
    /// It can't be decided, or not for a row by itself, as `RES_COUNT`: `MAPI_E_TOO_COMPLEX` (STORE-15).
    pub fn new(restriction: &Restriction<'_>) -> Result<Self> {
        let condition = compile(restriction, false)?;
        if condition.depends_on_others() {
            let text = "a search folder can't count what it finds (RES_COUNT)";
            return Err(Fault::new(MAPI_E_TOO_COMPLEX, text));
        }
        Ok(Self(condition))
    }

    /// The properties that a row is read for.
    pub fn properties(&self) -> &[PropId] {
        self.0.properties()
    }

    /// Whether it holds for a row; none where the row is not there.
    ///
    /// # Errors
    ///
    /// The row can't be read.
    pub fn holds(&self, rows: &dyn Rows, row: RowId) -> Result<Option<bool>> {
        let Some(facts) = RowFacts::read(rows, row, self.properties())? else {
            return Ok(None);
        };
        self.0.holds(&facts, &mut self.0.counters()).map(Some)
    }
}
