//! Structures for MAPI, made of values of ours: one root, children allocated with it, all of it freed
//! again where something fails.

use super::buffer::{MapiBuffer, MapiMemory};
use super::error::BuildError;
use super::memory::{Allocators, Root, bytes_of, counted};

/// What can be made a structure of MAPI's, by [`Allocators::build`].
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
    /// Builds a structure: properties, rows, a restriction, whatever implements [`Build`].
    ///
    /// There is one `AllocateBuffer` for the structure and one for each row of a row set or address list;
    /// all else comes by `AllocateMore`.
    ///
    /// # Errors
    ///
    /// MAPI has no memory left, a value does not go with its tag, or there is more than MAPI can count.
    /// Nothing stays allocated.
    pub fn build<B: Build + ?Sized>(self, value: &B) -> Result<MapiBuffer<B::Raw>, BuildError> {
        value.build_with(self)
    }
}

/// A root for an array. An empty one has room for one too: there must be something to be freed.
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
