//! Structures that we have to free or give away.

use std::fmt;
use std::marker::PhantomData;
use std::mem;
use std::ptr::NonNull;

use super::error::ViewError;
use super::limits::Limits;
use super::memory::{Allocators, Root};
use super::reading::{self, View};
use crate::mapi::{
    ADRLIST, ENTRYID, FLATENTRYLIST, MAPIERROR, MAPINAMEID, NOTIFICATION, SBinaryArray,
    SPropProblemArray, SPropTagArray, SPropValue, SRestriction, SRow, SRowSet, SSortOrderSet,
};

/// Structures that MAPI allocates and frees as a whole.
pub trait MapiMemory: sealed::MapiMemory {}

impl<T: sealed::MapiMemory> MapiMemory for T {}

pub(super) mod sealed {
    use super::Allocators;

    pub trait MapiMemory: Sized {
        /// Frees the parts that have their own roots.
        ///
        /// # Safety
        ///
        /// The memory is a whole structure of this type, and nobody uses it any more.
        unsafe fn free_parts(memory: *mut Self, allocators: Allocators) {
            let (_, _) = (memory, allocators);
        }
    }
}

macro_rules! one_root {
    ($($structure:ty),+ $(,)?) => {
        $(impl sealed::MapiMemory for $structure {})+
    };
}

one_root! {
    SPropValue, SPropTagArray, SPropProblemArray, SRestriction, SSortOrderSet, SBinaryArray,
    *mut MAPINAMEID, MAPIERROR, NOTIFICATION, ENTRYID, FLATENTRYLIST,
}

impl sealed::MapiMemory for SRowSet {
    /// `FreeProws`: the properties of each row are a root.
    unsafe fn free_parts(memory: *mut Self, allocators: Allocators) {
        // SAFETY: the caller's word. A set is its count and then as many rows; each row's properties are
        // NULL or a root, and the rows are freed once.
        unsafe {
            let rows = (&raw mut (*memory).aRow).cast::<SRow>();
            let count = (&raw const (*memory).cRows).read_unaligned() as usize;
            for index in 0..count {
                let properties = &raw const (*rows.add(index)).lpProps;
                allocators.free(properties.read_unaligned().cast());
            }
        }
    }
}

impl sealed::MapiMemory for ADRLIST {
    /// `FreePadrlist`: an address list is laid out as a row set is.
    unsafe fn free_parts(memory: *mut Self, allocators: Allocators) {
        // SAFETY: the caller's word, and the two have one layout.
        unsafe { SRowSet::free_parts(memory.cast(), allocators) };
    }
}

const _: () = {
    use crate::mapi::ADRENTRY;
    use std::mem::offset_of;
    ["ADRENTRY is an SRow"][size_of::<ADRENTRY>() - size_of::<SRow>()];
    ["ADRENTRY is an SRow"][offset_of!(ADRENTRY, rgPropVals) - offset_of!(SRow, lpProps)];
    ["ADRLIST is an SRowSet"][offset_of!(ADRLIST, aEntries) - offset_of!(SRowSet, aRow)];
};

/// Memory from MAPI's allocators that contains a structure. It is freed on drop unless it is given away.
///
/// For an array, such as [`SPropValue`]s, it is the whole array; a row set's rows are freed one by one, as by
/// `FreeProws`.
///
/// ```
/// use mapi_provider::abi::{PR_DISPLAY_NAME_W, SPropValue};
/// use mapi_provider::view::{Allocators, BuildError, Limits, MapiBuffer, Property};
///
/// /// Gives a name to the caller of a method.
/// fn answer(allocators: Allocators, lpp_props: &mut *mut SPropValue) -> Result<(), BuildError> {
///     let name = [Property::new(PR_DISPLAY_NAME_W, "Inbox")];
///     let buffer: MapiBuffer<SPropValue> = allocators.build(&name[..])?;
///     *lpp_props = buffer.into_raw();
///     Ok(())
/// }
/// ```
pub struct MapiBuffer<T: MapiMemory> {
    root: Root,
    count: u32,
    kind: PhantomData<*mut T>,
}

impl<T: MapiMemory> MapiBuffer<T> {
    /// A root of ours, with a whole structure in it.
    pub(super) fn of(root: Root, count: u32) -> Self {
        Self {
            root,
            count,
            kind: PhantomData,
        }
    }

    pub(super) fn root(&self) -> &Root {
        &self.root
    }

    /// How many structures there are: any number of properties, names and notifications; the length in bytes
    /// of an entry ID; otherwise 1.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The address of the structure, for a call that reads it.
    pub fn as_ptr(&self) -> *mut T {
        self.root.as_ptr()
    }

    /// Gives the structure to a caller, who must free it as MAPI says.
    pub fn into_raw(self) -> *mut T {
        let memory = self.as_ptr();
        mem::forget(self);
        memory
    }

    /// A view of the structure; the first one of an array.
    ///
    /// # Errors
    ///
    /// The structure is malformed, or an empty array.
    pub fn read<'a, V: View<'a, Raw = T>>(&'a self, limits: &Limits) -> Result<V, ViewError> {
        if self.count == 0 {
            return Err(ViewError::Null { what: "the array" });
        }
        // SAFETY: the memory holds what its type says, because it was built here or adopted with that promise,
        // and it is borrowed.
        unsafe { reading::read(self.as_ptr(), limits) }
    }

    /// Views of all structures of an array.
    ///
    /// # Errors
    ///
    /// One of them is malformed, or there are more than the limits allow.
    pub fn read_all<'a, V: View<'a, Raw = T>>(
        &'a self,
        limits: &Limits,
    ) -> Result<Vec<V>, ViewError> {
        // SAFETY: as above.
        unsafe { reading::read_array(self.count, self.as_ptr(), limits) }
    }
}

impl<T: MapiMemory> Drop for MapiBuffer<T> {
    fn drop(&mut self) {
        // SAFETY: the structure is whole and ours; the root itself follows.
        unsafe { T::free_parts(self.as_ptr(), self.root.allocators()) };
    }
}

impl<T: MapiMemory> fmt::Debug for MapiBuffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapiBuffer")
            .field("at", &self.as_ptr())
            .field("count", &self.count)
            .finish()
    }
}

impl Allocators {
    /// Takes over what another object allocated for us: rows of a table, properties. `count` is the number of
    /// structures in an array, the length of an entry ID, otherwise 1. `None` for NULL.
    ///
    /// # Safety
    ///
    /// The memory is NULL, or a root of these allocators with that many whole structures of this type.
    /// Whatever the limits of a later reading, each count in it is true, and each string is terminated. Until
    /// the buffer is dropped or given away, nobody else frees or changes it.
    pub unsafe fn adopt<T: MapiMemory>(self, memory: *mut T, count: u32) -> Option<MapiBuffer<T>> {
        let memory = NonNull::new(memory)?.cast();
        // SAFETY: the caller's word; nothing is written into it.
        let root = unsafe { self.take_over(memory, 0) };
        Some(MapiBuffer::of(root, count))
    }
}
