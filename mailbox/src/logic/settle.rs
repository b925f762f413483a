//! What comes again stays what it was: large values that are equal are not kept twice, attachments that are equal keep their
//! IDs (STORE-45).

use std::sync::Arc;

use crate::database::{
    Attachment, LargeValue, MessageData, Property, PropertySet, Result, Store, large_bytes,
};

/// How much of a large value is compared at once.
const PIECE: usize = 256 * 1024;

/// Takes from the message as it was what is equal in the new one.
pub(super) fn settle(store: &Store, before: &MessageData, data: &mut MessageData) -> Result<()> {
    for (id, property) in data.props.iter_mut() {
        if let Some(old @ Property::Large(large)) = before.props.get(id)
            && *property != *old
            && is_same_value(store, large, property)?
        {
            *property = old.clone();
        }
    }
    let is_there = |old: &Attachment| data.attachments.values().any(|new| new.id == old.id);
    let mut former: Vec<&Arc<Attachment>> = before.attachments.values().collect();
    former.retain(|old| !is_there(old));
    for new in data.attachments.values_mut() {
        let mut same = None;
        for (place, old) in former.iter().enumerate() {
            if is_same_attachment(store, old, new)? {
                same = Some(place);
                break;
            }
        }
        if let Some(place) = same {
            *new = Arc::clone(former.remove(place));
        }
    }
    Ok(())
}

/// What a draft changes in the message as it was, changed in the message as it is now.
pub(super) fn rebased(before: &MessageData, draft: &MessageData, now: &MessageData) -> MessageData {
    let mut data = now.clone();
    for (id, property) in draft.props.iter() {
        if before.props.get(id) != Some(property) {
            data.props.put(id, property.clone());
        }
    }
    for (id, _) in before.props.iter() {
        if !draft.props.contains(id) {
            data.props.remove(id);
        }
    }
    if draft.recipients != before.recipients {
        data.recipients.clone_from(&draft.recipients);
    }
    if draft.attachments != before.attachments {
        data.attachments.clone_from(&draft.attachments);
    }
    data
}

fn is_same_attachment(store: &Store, old: &Attachment, new: &Attachment) -> Result<bool> {
    if !are_same(store, &old.props, &new.props)? {
        return Ok(false);
    }
    match (&old.embedded, &new.embedded) {
        (None, None) => Ok(true),
        (Some(old), Some(new)) => is_same_message(store, old, new),
        _ => Ok(false),
    }
}

fn is_same_message(store: &Store, old: &MessageData, new: &MessageData) -> Result<bool> {
    if old.recipients != new.recipients
        || !old.attachments.keys().eq(new.attachments.keys())
        || !are_same(store, &old.props, &new.props)?
    {
        return Ok(false);
    }
    for (old, new) in old.attachments.values().zip(new.attachments.values()) {
        if !is_same_attachment(store, old, new)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn are_same(store: &Store, old: &PropertySet, new: &PropertySet) -> Result<bool> {
    if old.len() != new.len() {
        return Ok(false);
    }
    for ((old_id, old), (new_id, new)) in old.iter().zip(new.iter()) {
        let is_same = old_id == new_id
            && (old == new
                || match old {
                    Property::Large(old) => is_same_value(store, old, new)?,
                    Property::Value(_) => false,
                });
        if !is_same {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a value is equal to a large one, wherever it lies.
fn is_same_value(store: &Store, old: &LargeValue, new: &Property) -> Result<bool> {
    if old.prop_type() != new.prop_type() || old.size() != new.size() {
        return Ok(false);
    }
    match new {
        Property::Value(value) => {
            let Some(bytes) = large_bytes(value) else {
                return Ok(false);
            };
            is_equal(store, old, |offset, to| {
                // They are as long as what they are compared with.
                to.copy_from_slice(&bytes[offset..offset + to.len()]);
                Ok(())
            })
        }
        Property::Large(new) if new.blob() == old.blob() => Ok(true),
        Property::Large(new) => is_equal(store, old, |offset, to| {
            store.read_blob(new, offset as u64, to).map(drop)
        }),
    }
}

fn is_equal(
    store: &Store,
    old: &LargeValue,
    mut other: impl FnMut(usize, &mut [u8]) -> Result<()>,
) -> Result<bool> {
    let Ok(size) = usize::try_from(old.size()) else {
        // It is larger than what this process can address, and is written anew.
        return Ok(false);
    };
    let (mut here, mut there) = (vec![0; PIECE.min(size)], vec![0; PIECE.min(size)]);
    let mut offset = 0;
    while offset < size {
        let length = PIECE.min(size - offset);
        store.read_blob(old, offset as u64, &mut here[..length])?;
        other(offset, &mut there[..length])?;
        if here[..length] != there[..length] {
            return Ok(false);
        }
        offset += length;
    }
    Ok(true)
}
