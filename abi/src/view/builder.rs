//! Structures for MAPI, made from our values: one root, children allocated with it, and all of it freed
//! again if something fails.

use super::buffer::{MapiBuffer, MapiMemory};
use super::error::BuildError;
use super::memory::{Allocators, Root, bytes_of, counted};

/// A value that [`Allocators::build`] can turn into a MAPI structure.
pub trait Build {
    /// The structure, or an element of an array of them.
    type Raw: MapiMemory;

    /// Builds the structure.
    ///
    /// # Errors
    ///
    /// Those of [`Allocators::build`].
    #[doc(hidden)]
    fn build_with(&self, allocators: Allocators) -> Result<MapiBuffer<Self::Raw>, BuildError>;
}

impl Allocators {
    /// Builds a structure: properties, rows, a restriction, anything that implements [`Build`].
    ///
    /// There is one `AllocateBuffer` for the structure and one for each row of a row set or address list; everything
    /// else is in these blocks, or comes from `AllocateMore`.
    ///
    /// # Errors
    ///
    /// MAPI has no memory left, a value does not match its tag, or there is more than MAPI can count.
    /// Nothing stays allocated.
    pub fn build<B: Build + ?Sized>(self, value: &B) -> Result<MapiBuffer<B::Raw>, BuildError> {
        value.build_with(self)
    }
}

/// A root for an array. An empty array still has room for one element, because there must be something to
/// free.
pub(super) fn array_root<T>(allocators: Allocators, count: usize) -> Result<Root, BuildError> {
    allocators.root(bytes_of::<T>("an array", count.max(1))?)
}

/// A root for a structure `H` that ends in an array of `E`, which begins at an offset; its first member is
/// the count.
pub(super) fn headed_root<H, E>(
    allocators: Allocators,
    what: &'static str,
    offset: usize,
    count: usize,
) -> Result<Root, BuildError> {
    let array = bytes_of::<E>(what, count)?;
    let size = array
        .checked_add(offset)
        .ok_or(BuildError::TooBig { what })?;
    let root = allocators.root(size.max(size_of::<H>()))?;
    root.put(0, counted(what, count)?);
    Ok(root)
}
