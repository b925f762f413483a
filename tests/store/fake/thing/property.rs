//! What all of them do with properties.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider::abi::*;
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::view::{self, Limits, PropName, PropProblem, PropProblems, PropTags, Property};
use windows_core::{IUnknown, Interface};

use super::{Home, Thing, called, give, last_error};
use crate::fake::stream::{Stream, bytes_of};
use crate::fake::table::Table;
use crate::fake::{Item, Kind, Lie, lock};

/// A property that can't be opened.
pub(crate) const NO_STREAM: PropTag = PropTag::new(0x6701, PT_BINARY);

impl IMAPIProp_Impl for Thing {
    unsafe fn GetLastError(
        this: &Object<Self>,
        status: HRESULT,
        flags: UnicodeFlags,
        error: *mut *mut MAPIERROR,
    ) -> HRESULT {
        // SAFETY: the caller's variable.
        unsafe { last_error(&this.world, status, flags, error) }
    }

    unsafe fn SaveChanges(this: &Object<Self>, _: SaveChangesFlags) -> HRESULT {
        called!(this, "SaveChanges");
        let entry_id = Property::new(PR_ENTRYID, this.item.entry_id());
        let new = Arc::clone(&this.item);
        let is_new = |items: &[Arc<Item>]| items.iter().all(|item| item.number != new.number);
        match &this.home {
            Home::There => {}
            Home::Folder(folder) => {
                lock(&this.open).set(entry_id);
                let messages = &mut lock(folder).messages;
                if is_new(messages) {
                    messages.push(Arc::clone(&new));
                }
            }
            Home::Hidden(folder) => {
                lock(&this.open).set(entry_id);
                let hidden = &mut lock(folder).hidden;
                if is_new(hidden) {
                    hidden.push(Arc::clone(&new));
                }
            }
            Home::Attached(message, number) => {
                let number = *number;
                lock(&this.open).set(Property::new(PR_ATTACH_NUM, number as i32));
                let attachments = &mut lock(message).attachments;
                attachments.retain(|(other, _)| *other != number);
                attachments.push((number, Arc::clone(&new)));
            }
            Home::Embedded(attachment) => lock(attachment).embedded = Some(Arc::clone(&new)),
        }
        if !Arc::ptr_eq(&this.open, &this.item.saved) {
            let state = lock(&this.open).clone();
            *lock(&this.item.saved) = state;
        }
        S_OK
    }

    unsafe fn GetProps(
        this: &Object<Self>,
        tags: *mut SPropTagArray,
        _: UnicodeFlags,
        count: *mut u32,
        values: *mut *mut SPropValue,
    ) -> HRESULT {
        let more = called!(this, "GetProps");
        // SAFETY: the caller's array.
        let tags = unsafe { view::read::<PropTags>(tags, &Limits::default()) };
        let Ok(tags) = tags else {
            return MAPI_E_INVALID_PARAMETER;
        };
        let found = lock(&this.open).row(&tags);
        give!(values, this.world.allocators.build(&found.properties[..]));
        // SAFETY: the caller's variable.
        unsafe { count.write(tags.len() as u32 + u32::from(more)) };
        let errors = found
            .properties
            .iter()
            .any(|one| one.tag.prop_type() == PT_ERROR);
        if errors { MAPI_W_ERRORS_RETURNED } else { S_OK }
    }

    unsafe fn GetPropList(
        this: &Object<Self>,
        _: UnicodeFlags,
        tags: *mut *mut SPropTagArray,
    ) -> HRESULT {
        called!(this, "GetPropList");
        let found = PropTags::from(lock(&this.open).tags());
        give!(tags, this.world.allocators.build(&found));
        S_OK
    }

    unsafe fn SetProps(
        this: &Object<Self>,
        count: u32,
        values: *mut SPropValue,
        problems: *mut *mut SPropProblemArray,
    ) -> HRESULT {
        let more = called!(this, "SetProps");
        // SAFETY: the caller's array.
        let values = unsafe { view::read_array::<Property>(count, values, &Limits::default()) };
        let Ok(values) = values else {
            return MAPI_E_INVALID_PARAMETER;
        };
        let mut refused = Vec::new();
        for (index, property) in values.into_iter().enumerate() {
            let tag = property.tag;
            match this.refusal(&property) {
                None => lock(&this.open).set(property.into_owned()),
                Some(status) => refused.push(PropProblem {
                    // A number that makes no sense.
                    index: if more { u32::MAX } else { index as u32 },
                    tag,
                    status,
                }),
            }
        }
        if !refused.is_empty() {
            give!(
                problems,
                this.world.allocators.build(&PropProblems(refused))
            );
        }
        S_OK
    }

    unsafe fn DeleteProps(
        this: &Object<Self>,
        tags: *mut SPropTagArray,
        problems: *mut *mut SPropProblemArray,
    ) -> HRESULT {
        called!(this, "DeleteProps");
        // SAFETY: the caller's array.
        let tags = unsafe { view::read::<PropTags>(tags, &Limits::default()) };
        let Ok(tags) = tags else {
            return MAPI_E_INVALID_PARAMETER;
        };
        let mut refused = Vec::new();
        for (index, tag) in tags.iter().enumerate() {
            let status = match *tag {
                PR_ENTRYID => MAPI_E_COMPUTED,
                tag if !lock(&this.open).delete(tag) => MAPI_E_NOT_FOUND,
                _ => continue,
            };
            refused.push(PropProblem {
                index: index as u32,
                tag: *tag,
                status,
            });
        }
        if !refused.is_empty() {
            give!(
                problems,
                this.world.allocators.build(&PropProblems(refused))
            );
        }
        S_OK
    }

    unsafe fn OpenProperty(
        this: &Object<Self>,
        tag: PropTag,
        iid: *const GUID,
        _: u32,
        flags: OpenPropertyFlags,
        object: *mut *mut c_void,
    ) -> HRESULT {
        let more = called!(this, "OpenProperty");
        // SAFETY: the caller's GUID.
        let iid = unsafe { iid.read() };
        let create = flags.contains(OpenPropertyFlags::MAPI_CREATE);
        let opened: IUnknown = if more {
            ObjectRef::new(Table::new(&this.world, &[], Vec::new())).into_unknown()
        } else if iid == IMessage::IID {
            let embedded = lock(&this.open).embedded.clone();
            let item = match embedded {
                _ if create => this.world.item(Kind::Message),
                Some(item) => item,
                None => return MAPI_E_NOT_FOUND,
            };
            let home = Home::Embedded(Arc::clone(&this.open));
            ObjectRef::new(Thing::transacted(&this.world, &item, home)).into_unknown()
        } else if iid != IStream::IID {
            return MAPI_E_INTERFACE_NOT_SUPPORTED;
        } else if tag.id() == NO_STREAM.id() {
            return MAPI_E_NO_SUPPORT;
        } else if create {
            ObjectRef::new(Stream::writing(&this.world, tag, &this.open)).into_unknown()
        } else {
            let bytes = lock(&this.open).raw(tag).and_then(bytes_of);
            let Some(bytes) = bytes else {
                return MAPI_E_NOT_FOUND;
            };
            ObjectRef::new(Stream::reading(&this.world, tag, bytes)).into_unknown()
        };
        // SAFETY: the caller's variable.
        unsafe { object.write(opened.into_raw()) };
        S_OK
    }

    unsafe fn GetNamesFromIDs(
        this: &Object<Self>,
        tags: *mut *mut SPropTagArray,
        _: *mut GUID,
        _: GetNamesFromIDsFlags,
        count: *mut u32,
        names: *mut *mut *mut MAPINAMEID,
    ) -> HRESULT {
        called!(this, "GetNamesFromIDs");
        // SAFETY: the caller's array.
        let tags = unsafe { view::read::<PropTags>(tags.read(), &Limits::default()) };
        let Ok(tags) = tags else {
            return MAPI_E_INVALID_PARAMETER;
        };
        let found: Vec<_> = tags.iter().map(|tag| this.world.name(tag.id())).collect();
        give!(names, this.world.allocators.build(&found[..]));
        // SAFETY: the caller's variable.
        unsafe { count.write(found.len() as u32) };
        S_OK
    }

    unsafe fn GetIDsFromNames(
        this: &Object<Self>,
        count: u32,
        names: *mut *mut MAPINAMEID,
        flags: GetIDsFromNamesFlags,
        tags: *mut *mut SPropTagArray,
    ) -> HRESULT {
        let more = called!(this, "GetIDsFromNames");
        // SAFETY: the caller's array.
        let names =
            unsafe { view::read_array::<Option<PropName>>(count, names, &Limits::default()) };
        let create = flags.contains(GetIDsFromNamesFlags::MAPI_CREATE);
        let names = names.unwrap_or_default().into_iter().flatten();
        let ids = names.map(|name| this.world.name_id(name, create));
        let unknown = PropTag::new(0, PT_ERROR);
        let mut found: Vec<PropTag> = ids
            .map(|id| id.map_or(unknown, |id| PropTag::new(id, PT_UNSPECIFIED)))
            .collect();
        if more {
            found.push(unknown);
        }
        let missing = found.contains(&unknown);
        give!(tags, this.world.allocators.build(&PropTags::from(found)));
        if missing {
            MAPI_W_ERRORS_RETURNED
        } else {
            S_OK
        }
    }
}
