//! Names of properties.

use std::ptr;

use super::{Object, StoreError};
use mapi_provider_abi::mapi::{GetIDsFromNamesFlags, GetNamesFromIDsFlags, IMAPIProp, PropTag};
use mapi_provider_abi::view::{Limits, PropName, PropTags};

impl<'run> Object<'run, IMAPIProp> {
    /// The tags that names have, without a type; `PT_ERROR` for a name that has none and gets none.
    pub(in crate::store) fn ids_from_names(
        &self,
        names: &[PropName<'_>],
        flags: GetIDsFromNamesFlags,
    ) -> Result<Vec<PropTag>, StoreError> {
        let call = self.call("look up named properties");
        let names = self.allocators.build(names);
        let names = names.map_err(|error| call.unsayable(error))?;
        let mut tags = ptr::null_mut();
        // SAFETY: the array is one of that many, and the variable is live.
        let result = unsafe {
            self.interface
                .GetIDsFromNames(names.count(), names.as_ptr(), flags, &raw mut tags)
        };
        call.done(result)?;
        // SAFETY: GetIDsFromNames has answered NULL, or an array that is ours to free.
        let tags = unsafe { call.tags(tags) }?;
        if tags.len() == names.count() as usize {
            Ok(tags)
        } else {
            Err(call.senseless("there are not as many tags as names"))
        }
    }

    /// The name of a property, if it has one.
    pub(in crate::store) fn name_from_id(
        &self,
        tag: PropTag,
    ) -> Result<Option<PropName<'static>>, StoreError> {
        let call = self.call("look up a property’s name");
        let tags = self.allocators.build(&PropTags::from(&[tag][..]));
        let tags = tags.map_err(|error| call.unsayable(error))?;
        let (mut asked, mut count, mut names) = (tags.as_ptr(), 0, ptr::null_mut());
        // SAFETY: the array is one, and the variables are live; NULL stands for names of any set.
        let result = unsafe {
            self.interface.GetNamesFromIDs(
                &raw mut asked,
                ptr::null_mut(),
                GetNamesFromIDsFlags::empty(),
                &raw mut count,
                &raw mut names,
            )
        };
        call.done(result)?;
        // SAFETY: GetNamesFromIDs has answered NULL, or an array that is ours to free.
        let Some(names) = (unsafe { self.allocators.adopt(names, count) }) else {
            return Err(call.senseless("there is no array of names"));
        };
        let read = names.read_all::<Option<PropName>>(&Limits::default());
        let mut read = read.map_err(|error| call.unreadable(error))?;
        let name = read
            .pop()
            .ok_or_else(|| call.senseless("there is no name"))?;
        Ok(name.map(PropName::into_owned))
    }
}
