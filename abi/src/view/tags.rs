//! Arrays of property tags, and of problems with properties.

use std::borrow::Cow;
use std::mem::offset_of;
use std::ops::Deref;

use super::buffer::MapiBuffer;
use super::builder::{Build, headed_root};
use super::error::{BuildError, ViewError};
use super::memory::{Allocators, Root, counted};
use super::reader::{Reader, field};
use super::reading::View;
use crate::mapi::{HRESULT, PropTag, SPropProblem, SPropProblemArray, SPropTagArray};

/// Property tags: an `SPropTagArray`.
///
/// ```
/// use mapi_provider::abi::{PR_DISPLAY_NAME_W, PR_ENTRYID};
/// use mapi_provider::view::PropTags;
///
/// let columns = PropTags::from(&[PR_ENTRYID, PR_DISPLAY_NAME_W][..]);
/// assert!(columns.contains(&PR_ENTRYID));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PropTags<'a>(pub Cow<'a, [PropTag]>);

impl Deref for PropTags<'_> {
    type Target = [PropTag];

    fn deref(&self) -> &[PropTag] {
        &self.0
    }
}

impl<'a> From<&'a [PropTag]> for PropTags<'a> {
    fn from(tags: &'a [PropTag]) -> Self {
        Self(Cow::Borrowed(tags))
    }
}

impl From<Vec<PropTag>> for PropTags<'static> {
    fn from(tags: Vec<PropTag>) -> Self {
        Self(Cow::Owned(tags))
    }
}

impl<'a> View<'a> for PropTags<'a> {
    type Raw = SPropTagArray;

    unsafe fn read_with(raw: *const SPropTagArray, reader: &Reader<'_>) -> Result<Self, ViewError> {
        // SAFETY: the caller's word: a count, and as many tags after it.
        unsafe {
            let first = (&raw const (*raw).aulPropTag).cast();
            let tags = reader.array("SPropTagArray::cValues", first, field!(raw, cValues))?;
            Ok(Self(tags))
        }
    }
}

impl Build for PropTags<'_> {
    type Raw = SPropTagArray;

    fn build_with(&self, allocators: Allocators) -> Result<MapiBuffer<SPropTagArray>, BuildError> {
        let offset = offset_of!(SPropTagArray, aulPropTag);
        let root = headed_root::<SPropTagArray, PropTag>(
            allocators,
            "SPropTagArray::cValues",
            offset,
            self.len(),
        )?;
        let room = root.rest(offset, self.len());
        for (index, tag) in self.iter().enumerate() {
            room.set(index, *tag);
        }
        Ok(MapiBuffer::of(root, 1))
    }
}

impl PropTags<'_> {
    /// The memory layout of an `SPropTagArray`, count and tags, for a call that only
    /// reads it and so needs no MAPI memory.
    #[doc(hidden)]
    pub fn to_longs(&self) -> Result<Vec<u32>, BuildError> {
        const { assert!(offset_of!(SPropTagArray, aulPropTag) == size_of::<u32>()) };
        let mut longs = vec![counted("SPropTagArray::cValues", self.len())?];
        longs.extend(self.iter().map(|tag| tag.0));
        Ok(longs)
    }

    /// A copy in a root's memory.
    pub(super) fn in_memory(&self, root: &Root) -> Result<*mut SPropTagArray, BuildError> {
        Ok(root.copy(&self.to_longs()?)?.cast())
    }
}

/// What went wrong with one property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PropProblem {
    /// Which of the call's properties it was.
    pub index: u32,
    /// The property's tag.
    pub tag: PropTag,
    /// What went wrong.
    pub status: HRESULT,
}

/// What went wrong with properties: an `SPropProblemArray`.
///
/// ```
/// use mapi_provider::abi::{MAPI_E_COMPUTED, PR_ENTRYID};
/// use mapi_provider::view::{PropProblem, PropProblems};
///
/// let problems = PropProblems(vec![PropProblem {
///     index: 0,
///     tag: PR_ENTRYID,
///     status: MAPI_E_COMPUTED,
/// }]);
/// assert_eq!(problems.0.len(), 1);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PropProblems(pub Vec<PropProblem>);

impl View<'_> for PropProblems {
    type Raw = SPropProblemArray;

    unsafe fn read_with(
        raw: *const SPropProblemArray,
        reader: &Reader<'_>,
    ) -> Result<Self, ViewError> {
        // SAFETY: the caller's word: a count, and as many problems after it.
        unsafe {
            let first = (&raw const (*raw).aProblem).cast::<SPropProblem>();
            let count = field!(raw, cProblem);
            let problem = |raw: *const SPropProblem| {
                Ok(PropProblem {
                    index: field!(raw, ulIndex),
                    tag: field!(raw, ulPropTag),
                    status: HRESULT(field!(raw, scode)),
                })
            };
            let problems = reader.each("SPropProblemArray::cProblem", first, count, problem)?;
            Ok(Self(problems))
        }
    }
}

impl Build for PropProblems {
    type Raw = SPropProblemArray;

    fn build_with(
        &self,
        allocators: Allocators,
    ) -> Result<MapiBuffer<SPropProblemArray>, BuildError> {
        let offset = offset_of!(SPropProblemArray, aProblem);
        let root = headed_root::<SPropProblemArray, SPropProblem>(
            allocators,
            "SPropProblemArray::cProblem",
            offset,
            self.0.len(),
        )?;
        let room = root.rest(offset, self.0.len());
        for (index, problem) in self.0.iter().enumerate() {
            room.set(
                index,
                SPropProblem {
                    ulIndex: problem.index,
                    ulPropTag: problem.tag,
                    scode: problem.status.0,
                },
            );
        }
        Ok(MapiBuffer::of(root, 1))
    }
}
