//! Which columns a view shows (STORE-11, STORE-18).

use mapi_provider_abi::mapi::{
    MAPI_E_INVALID_PARAMETER, MAPI_E_TOO_COMPLEX, PR_INSTANCE_KEY, PR_ROW_TYPE, PropTag,
};

use super::super::fault::{Fault, Result};
use super::super::order::same_column;
use super::super::source::Rows;
use super::super::value::has_instances;
use super::View;

impl View {
    /// `SetColumns`. With `put_off` (`TBL_BATCH`) columns that the order has to allow are looked at with the next call.
    ///
    /// # Errors
    ///
    /// There are none: `MAPI_E_INVALID_PARAMETER`. A column has a row for each value, and the order has not:
    /// `MAPI_E_TOO_COMPLEX` (STORE-18).
    pub(in super::super) fn set_columns(
        &mut self,
        columns: Vec<PropTag>,
        put_off: bool,
    ) -> Result<()> {
        if columns.is_empty() {
            return Err(Fault::new(MAPI_E_INVALID_PARAMETER, "a table has columns"));
        }
        if put_off {
            self.put_off = Some(columns);
            return Ok(());
        }
        self.check_columns(&columns)?;
        self.put_off = None;
        self.columns = columns;
        Ok(())
    }

    fn check_columns(&self, columns: &[PropTag]) -> Result<()> {
        let is_wrong = |tag: &&PropTag| has_instances(**tag) && !self.order.has_instances_of(**tag);
        match columns.iter().find(is_wrong) {
            None => Ok(()),
            Some(tag) => {
                let text = format!("{tag} has a row for each value only if the table is sorted so");
                Err(Fault::new(MAPI_E_TOO_COMPLEX, text))
            }
        }
    }

    /// Columns that were put off go into effect, or are refused and forgotten.
    pub(super) fn settle_columns(&mut self) -> Result<()> {
        match self.put_off.take() {
            Some(columns) => self.set_columns(columns, false),
            None => Ok(()),
        }
    }

    /// Columns that were put off go into effect. One that the order does not allow has no values: `QueryRows` refuses none
    /// (STORE-18).
    pub(super) fn accept_columns(&mut self) {
        if let Some(columns) = self.put_off.take() {
            self.columns = columns;
        }
    }

    /// `QueryColumns`: the columns as they are, or all that there could be.
    ///
    /// # Errors
    ///
    /// The rows can't be read.
    pub(in super::super) fn query_columns(
        &mut self,
        all: bool,
        rows: &dyn Rows,
    ) -> Result<Vec<PropTag>> {
        self.settle_columns()?;
        if !all {
            return Ok(self.columns.clone());
        }
        let width = |tag: PropTag| match self.is_unicode {
            true => tag.unicode(),
            false => tag.ansi(),
        };
        let mut tags: Vec<PropTag> = rows.tags()?.into_iter().map(width).collect();
        tags.extend([PR_INSTANCE_KEY, PR_ROW_TYPE]);
        tags.sort_unstable();
        tags.dedup_by(|one, other| same_column(*one, *other));
        Ok(tags)
    }
}
