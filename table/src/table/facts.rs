//! What is known of a row while it is matched or given its place.

use std::borrow::Cow;

use mapi_provider_abi::mapi::{PR_INSTANCE_KEY, PR_ROW_TYPE, TBL_LEAF_ROW};
use mapi_provider_abi::view::PropValue;

use super::entry::Name;
use super::fault::Result;
use super::source::{Parts, PropId, RowId, Rows, Values};

/// A row's properties and parts.
pub(super) trait Facts {
    /// The value of a property, whole.
    fn value(&self, property: PropId) -> Option<Cow<'_, PropValue<'static>>>;

    /// How many bytes a value has that is known only in part.
    fn whole_size(&self, property: PropId) -> Result<Option<u64>> {
        let _ = property;
        Ok(None)
    }

    /// Visits the row's recipients or attachments until `visit` answers false.
    fn parts(
        &self,
        parts: Parts,
        properties: &[PropId],
        visit: &mut dyn FnMut(Values) -> Result<bool>,
    ) -> Result<()>;
}

/// A row of a source, of which some properties were read.
pub(super) struct RowFacts<'a> {
    pub(super) rows: &'a dyn Rows,
    pub(super) row: RowId,
    /// The row's `PR_INSTANCE_KEY`, where it is not that of the row alone.
    pub(super) key: Option<Vec<u8>>,
    pub(super) properties: &'a [PropId],
    pub(super) values: Values,
}

impl<'a> RowFacts<'a> {
    /// What is known of a row with these values, in the order of the properties.
    pub(super) fn new(
        rows: &'a dyn Rows,
        row: RowId,
        properties: &'a [PropId],
        values: Values,
    ) -> Self {
        Self {
            rows,
            row,
            key: None,
            properties,
            values,
        }
    }

    /// Reads a row; none where it is not there.
    pub(super) fn read(
        rows: &'a dyn Rows,
        row: RowId,
        properties: &'a [PropId],
    ) -> Result<Option<Self>> {
        let values = rows.read(row, properties)?;
        Ok(values.map(|values| Self::new(rows, row, properties, values)))
    }

    /// What the table itself knows: the source need not.
    fn own(&self, property: PropId) -> Option<PropValue<'static>> {
        if property == PR_INSTANCE_KEY.id() {
            let alone = || Name::Leaf(self.row, 0).instance_key(false);
            let key = self.key.clone().unwrap_or_else(alone);
            return Some(PropValue::from(key));
        }
        (property == PR_ROW_TYPE.id()).then_some(PropValue::Long(TBL_LEAF_ROW as i32))
    }
}

impl Facts for RowFacts<'_> {
    fn value(&self, property: PropId) -> Option<Cow<'_, PropValue<'static>>> {
        if let Some(value) = self.own(property) {
            return Some(Cow::Owned(value));
        }
        named(self.properties, &self.values, property).map(Cow::Borrowed)
    }

    fn whole_size(&self, property: PropId) -> Result<Option<u64>> {
        self.rows.whole_size(self.row, property)
    }

    fn parts(
        &self,
        parts: Parts,
        properties: &[PropId],
        visit: &mut dyn FnMut(Values) -> Result<bool>,
    ) -> Result<()> {
        self.rows.parts(self.row, parts, properties, visit)
    }
}

/// A recipient or an attachment. It has no parts of its own.
pub(super) struct PartFacts<'a> {
    pub(super) properties: &'a [PropId],
    pub(super) values: Values,
}

impl Facts for PartFacts<'_> {
    fn value(&self, property: PropId) -> Option<Cow<'_, PropValue<'static>>> {
        named(self.properties, &self.values, property).map(Cow::Borrowed)
    }

    fn parts(
        &self,
        _: Parts,
        _: &[PropId],
        _: &mut dyn FnMut(Values) -> Result<bool>,
    ) -> Result<()> {
        Ok(())
    }
}

/// Whether the table itself knows a property.
pub(super) fn is_own(property: PropId) -> bool {
    [PR_INSTANCE_KEY.id(), PR_ROW_TYPE.id()].contains(&property)
}

fn named<'v>(
    properties: &[PropId],
    values: &'v Values,
    property: PropId,
) -> Option<&'v PropValue<'static>> {
    let place = properties.iter().position(|one| *one == property)?;
    values.get(place)?.as_ref().filter(|value| is_value(value))
}

/// An error is why there is no value.
pub(super) fn is_value(value: &PropValue<'_>) -> bool {
    !matches!(
        value,
        PropValue::Error(_) | PropValue::Null | PropValue::Unspecified
    )
}
