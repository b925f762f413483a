//! IMAPIProp: what stores, folders, messages and attachments have in common.

use std::ptr;

use windows_core::Interface;

use super::{Call, Object, StoreError};
use mapi_provider_abi::internal::Tagged;
use mapi_provider_abi::mapi::{
    HRESULT, IMAPIProp, IMessage, IStream, OpenPropertyFlags, PropTag, SPropTagArray, STGM_READ,
    STGM_READWRITE, SaveChangesFlags, UnicodeFlags,
};
use mapi_provider_abi::view::{Limits, PropProblem, PropTags, PropValue, Property};

impl<'run> Object<'run, IMAPIProp> {
    pub(super) fn call(&self, operation: &'static str) -> Call<'_> {
        Call::on(&self.interface, self.allocators, operation)
    }

    /// The values of properties, in the order of the tags; all that there are for no tags. What has no value is a
    /// `PT_ERROR`, and so is what can't be read.
    pub(in crate::store) fn get_props(
        &self,
        tags: &[PropTag],
    ) -> Result<Vec<Property<'static>>, StoreError> {
        let call = self.call("get properties");
        let longs = PropTags::from(tags).to_longs();
        let mut array = longs.map_err(|error| call.unsayable(error))?;
        let (mut count, mut values) = (0, ptr::null_mut());
        // SAFETY: the array is one, and the variables are live.
        let result = unsafe {
            self.interface.GetProps(
                array.as_mut_ptr().cast(),
                UnicodeFlags::MAPI_UNICODE,
                &raw mut count,
                &raw mut values,
            )
        };
        call.done(result)?;
        // SAFETY: GetProps has answered NULL, or an array that is ours to free.
        let values = unsafe { self.allocators.adopt(values, count) };
        let values = values.ok_or_else(|| call.senseless("there is no array of values"))?;
        if count as usize != tags.len() {
            return Err(call.senseless("there are not as many values as tags"));
        }
        let read = values.read_all::<Tagged>(&Limits::default());
        let read = read.map_err(|error| call.unreadable(error))?;
        Ok(read.into_iter().map(untagged).collect())
    }

    /// Sets properties, and tells which were refused.
    pub(in crate::store) fn set_props(
        &self,
        properties: &[Property<'_>],
    ) -> Result<Vec<PropProblem>, StoreError> {
        let call = self.call("set properties");
        let values = self.allocators.build(properties);
        let values = values.map_err(|error| call.unsayable(error))?;
        let mut problems = ptr::null_mut();
        // SAFETY: the array is one of that many, and the variable is live.
        let result = unsafe {
            self.interface
                .SetProps(values.count(), values.as_ptr(), &raw mut problems)
        };
        call.done(result)?;
        // SAFETY: SetProps has answered NULL, or an array that is ours to free.
        unsafe { call.problems(problems) }
    }

    /// Deletes properties, and tells which could not be deleted.
    pub(in crate::store) fn delete_props(
        &self,
        tags: &[PropTag],
    ) -> Result<Vec<PropProblem>, StoreError> {
        let call = self.call("delete properties");
        let longs = PropTags::from(tags).to_longs();
        let mut array = longs.map_err(|error| call.unsayable(error))?;
        let mut problems = ptr::null_mut();
        // SAFETY: the array is one, and the variable is live.
        let result = unsafe {
            self.interface
                .DeleteProps(array.as_mut_ptr().cast(), &raw mut problems)
        };
        call.done(result)?;
        // SAFETY: DeleteProps has answered NULL, or an array that is ours to free.
        unsafe { call.problems(problems) }
    }

    /// The tags of all properties that there are.
    pub(in crate::store) fn prop_list(&self) -> Result<Vec<PropTag>, StoreError> {
        let call = self.call("list properties");
        let mut tags = ptr::null_mut();
        // SAFETY: a live variable.
        let result = unsafe {
            self.interface
                .GetPropList(UnicodeFlags::MAPI_UNICODE, &raw mut tags)
        };
        call.done(result)?;
        // SAFETY: GetPropList has answered NULL, or an array that is ours to free.
        unsafe { call.tags(tags) }
    }

    /// Opens the bytes of a property, for reading or instead of those that it has.
    pub(in crate::store) fn open_stream(
        &self,
        tag: PropTag,
        access: Access,
    ) -> Result<Object<'run, IStream>, StoreError> {
        let (options, flags) = match access {
            Access::Read => (STGM_READ, OpenPropertyFlags::empty()),
            Access::Write => (
                STGM_READWRITE,
                OpenPropertyFlags::MAPI_CREATE | OpenPropertyFlags::MAPI_MODIFY,
            ),
        };
        let stream = self.open_property("open a property’s stream", tag, options, flags)?;
        Ok(self.with(stream))
    }

    /// Opens the message in a property, for reading or a new one.
    pub(in crate::store) fn open_message(
        &self,
        tag: PropTag,
        flags: OpenPropertyFlags,
    ) -> Result<Object<'run, IMessage>, StoreError> {
        let message = self.open_property("open an embedded message", tag, 0, flags)?;
        Ok(self.with(message))
    }

    fn open_property<I: Interface>(
        &self,
        operation: &'static str,
        tag: PropTag,
        options: u32,
        flags: OpenPropertyFlags,
    ) -> Result<I, StoreError> {
        let call = self.call(operation);
        let mut object = ptr::null_mut();
        // SAFETY: a GUID that lives as long as the program, and a live variable.
        let result = unsafe {
            self.interface
                .OpenProperty(tag, &I::IID, options, flags, &raw mut object)
        };
        call.done(result)?;
        // SAFETY: OpenProperty has answered NULL, or an object with a reference.
        unsafe { call.opened(object) }
    }

    /// Saves the object and leaves it open.
    pub(in crate::store) fn save(&self, operation: &'static str) -> Result<(), StoreError> {
        self.save_as(operation, SaveChangesFlags::KEEP_OPEN_READWRITE)
    }

    /// Saves the object with these flags.
    pub(in crate::store) fn save_as(
        &self,
        operation: &'static str,
        flags: SaveChangesFlags,
    ) -> Result<(), StoreError> {
        // SAFETY: a call without pointers.
        let result = unsafe { self.interface.SaveChanges(flags) };
        self.call(operation).done(result)
    }
}

/// What a stream is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Access {
    Read,
    Write,
}

impl Call<'_> {
    /// The tags that a call has answered.
    ///
    /// # Safety
    ///
    /// They are NULL, or a root that is ours to free.
    pub(super) unsafe fn tags(&self, tags: *mut SPropTagArray) -> Result<Vec<PropTag>, StoreError> {
        // SAFETY: the caller's word.
        let Some(tags) = (unsafe { self.allocators.adopt(tags, 1) }) else {
            return Err(self.senseless("there is no array of tags"));
        };
        let read = tags.read::<PropTags>(&Limits::default());
        Ok(read.map_err(|error| self.unreadable(error))?.to_vec())
    }
}

/// A property of our own; what can't be read is an error in its place.
fn untagged(property: Tagged<'_>) -> Property<'static> {
    let value = match property.value {
        Ok(value) => value.into_owned(),
        Err(error) => PropValue::Error(HRESULT::from(error)),
    };
    Property {
        tag: property.tag,
        value,
    }
}
