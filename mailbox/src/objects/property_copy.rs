//! Copies properties into another object: small ones at once, large ones as streams.

use std::borrow::Cow;

use mapi_provider_abi::mapi::{
    GUID, HRESULT, IID_IStreamDocfile, IStream, Interface, MAPI_E_CALL_FAILED, PR_ATTACH_DATA_OBJ,
    PT_OBJECT, PropTag, STG_E_WRITEFAULT, STGM_READWRITE, STGM_TRANSACTED, StreamCommitFlags,
};
use mapi_provider_abi::view::{self, PropValue};

use super::copier::Copied;
use super::copying::is_harmless;
use super::fault::Result;
use super::foreign::{Foreign, checked};
use super::shared::StoreShared;
use super::stream_bytes::PIECE;
use crate::database::{LargeValue, Property};

/// A destination that has no streams gets large values whole, if they are no larger than this.
const WHOLE: u64 = 1024 * 1024;

/// A property to be copied.
pub(super) struct Item {
    /// Its place, as problems tell it.
    pub(super) index: usize,
    /// Its tag here.
    pub(super) tag: PropTag,
    /// Its ID there.
    pub(super) there: u16,
    pub(super) property: Property,
}

/// Copies properties.
///
/// # Errors
///
/// The destination takes none of them.
pub(super) fn copy(
    shared: &StoreShared,
    to: &Foreign,
    items: Vec<Item>,
    copied: &mut Copied,
) -> Result<()> {
    let (small, large): (Vec<Item>, Vec<Item>) = items
        .into_iter()
        .partition(|item| item.property.value().is_some());
    set(to, &small, copied)?;
    for item in large {
        let Property::Large(value) = &item.property else {
            continue;
        };
        let failed = large_value(shared, to, &item, value).err();
        let failed = failed.map(|fault| fault.status);
        tell(&item, failed, copied);
        let lost = failed.filter(|status| !is_harmless(*status));
        copied.lost = copied.lost.or(lost);
    }
    Ok(())
}

/// What became of a property.
fn tell(item: &Item, failed: Option<HRESULT>, copied: &mut Copied) {
    match failed {
        None => copied.done.push(item.tag),
        Some(status) => {
            copied.problems.add(item.index, item.tag, status);
            if !is_harmless(status) {
                copied.refused = copied.refused.or(Some(status));
            }
        }
    }
}

/// Sets properties in one call; where the destination refuses that, each by itself.
fn set(to: &Foreign, items: &[Item], copied: &mut Copied) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let properties: Vec<view::Property<'_>> = items.iter().map(raw).collect();
    match to.set(&properties) {
        Ok(problems) => {
            // A problem of none of them may be one of any: what is moved must not be lost by it.
            let stray = problems
                .iter()
                .find(|one| one.index as usize >= items.len())
                .map(|one| one.status);
            for (place, item) in items.iter().enumerate() {
                let problem = problems.iter().find(|one| one.index as usize == place);
                tell(item, problem.map(|one| one.status).or(stray), copied);
            }
            Ok(())
        }
        Err(fault) => {
            let mut is_any = false;
            let mut failures = Vec::with_capacity(items.len());
            for property in &properties {
                let failed = match to.set(std::slice::from_ref(property)) {
                    Ok(problems) => problems.first().map(|problem| problem.status),
                    Err(fault) => Some(fault.status),
                };
                is_any |= failed.is_none();
                failures.push(failed);
            }
            if !is_any {
                return Err(fault);
            }
            for (item, failed) in items.iter().zip(failures) {
                tell(item, failed, copied);
            }
            Ok(())
        }
    }
}

/// A small property with its ID there.
fn raw(item: &Item) -> view::Property<'_> {
    let value = match item.property.value() {
        Some(PropValue::Unicode(text)) => PropValue::Unicode(Cow::Borrowed(text)),
        Some(PropValue::Binary(bytes)) => PropValue::Binary(Cow::Borrowed(bytes)),
        Some(other) => other.clone(),
        None => PropValue::Null,
    };
    view::Property::with_id(item.there, value)
}

/// Copies a large value as a stream, piece by piece.
fn large_value(shared: &StoreShared, to: &Foreign, item: &Item, value: &LargeValue) -> Result<()> {
    let tag = PropTag::new(item.there, value.prop_type());
    let is_object = value.prop_type() == PT_OBJECT && item.tag.id() == PR_ATTACH_DATA_OBJ.id();
    let iid = if is_object {
        IID_IStreamDocfile
    } else {
        IStream::IID
    };
    match create_stream(to, tag, &iid) {
        Ok(stream) => write(shared, value, &stream),
        Err(_) if !is_object && value.size() <= WHOLE => {
            let whole = shared.store().load_large(value)?;
            let property = view::Property::with_id(item.there, whole);
            match to.set(&[property])?.first() {
                Some(problem) => Err(problem.status.into()),
                None => Ok(()),
            }
        }
        Err(fault) => Err(fault),
    }
}

/// STORE-32: who refuses a transacted stream is asked again for one that is not.
fn create_stream(to: &Foreign, tag: PropTag, iid: &GUID) -> Result<IStream> {
    to.create(tag, iid, STGM_READWRITE | STGM_TRANSACTED)
        .or_else(|_| to.create(tag, iid, STGM_READWRITE))
}

fn write(shared: &StoreShared, value: &LargeValue, to: &IStream) -> Result<()> {
    let mut piece = vec![0; PIECE];
    let mut from = 0;
    while from < value.size() {
        let count = shared.store().read_blob(value, from, &mut piece)?;
        if count == 0 {
            return Err(MAPI_E_CALL_FAILED.into());
        }
        write_all(to, &piece[..count])?;
        from += count as u64;
    }
    // SAFETY: a call without pointers.
    checked(unsafe { to.Commit(StreamCommitFlags::empty()) })
}

/// Writes bytes, in several calls if it takes that.
fn write_all(to: &IStream, mut bytes: &[u8]) -> Result<()> {
    while !bytes.is_empty() {
        let mut written = 0;
        // SAFETY: as many bytes as there are, and a live variable. Nothing is locked.
        checked(unsafe { to.Write(bytes.as_ptr().cast(), bytes.len() as u32, &mut written) })?;
        match bytes.get(written as usize..) {
            Some(rest) if written > 0 => bytes = rest,
            _ => return Err(STG_E_WRITEFAULT.into()),
        }
    }
    Ok(())
}
