//! The properties of the store itself.

use std::sync::Arc;

use mapi_provider::abi::{
    MAPI_E_COMPUTED, MAPI_E_NOT_FOUND, PT_ERROR, PT_NULL, PT_OBJECT, PropTag,
};

use super::shared::StoreShared;
use crate::answers::Problems;
use crate::arguments::Given;
use crate::computed::StoreView;
use crate::db::Change;
use crate::fault::Result;

/// The store as its properties.
pub(super) fn view(shared: &StoreShared) -> StoreView<'_> {
    StoreView {
        identity: &shared.identity,
        path: shared.db.path(),
        props: shared.db.read(|state| Arc::clone(&state.store)),
    }
}

/// Sets properties, at once.
pub(super) fn set(shared: &StoreShared, given: Vec<Given>) -> Result<Problems> {
    let mut problems = Problems::default();
    shared.commit(|state| {
        let mut props = (*state.store).clone();
        for (index, Given { tag, value }) in given.into_iter().enumerate() {
            match value {
                _ if matches!(tag.prop_type(), PT_ERROR | PT_NULL | PT_OBJECT) => {}
                _ if StoreView::is_computed(tag.id()) => problems.add(index, tag, MAPI_E_COMPUTED),
                Ok(value) => props.set(tag.id(), value),
                Err(status) => problems.add(index, tag, status),
            }
        }
        Ok((vec![Change::Store(Arc::new(props))], ()))
    })?;
    Ok(problems)
}

/// Deletes properties, at once.
pub(super) fn delete(shared: &StoreShared, tags: Vec<PropTag>) -> Result<Problems> {
    let mut problems = Problems::default();
    shared.commit(|state| {
        let mut props = (*state.store).clone();
        for (index, tag) in tags.into_iter().enumerate() {
            if StoreView::is_computed(tag.id()) {
                problems.add(index, tag, MAPI_E_COMPUTED);
            } else if props.remove(tag.id()).is_none() {
                problems.add(index, tag, MAPI_E_NOT_FOUND);
            }
        }
        Ok((vec![Change::Store(Arc::new(props))], ()))
    })?;
    Ok(problems)
}
