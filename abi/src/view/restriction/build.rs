//! [`Restriction`] to SRestriction.

#![allow(non_snake_case, reason = "members have the names of MAPI's reference")]

use super::super::buffer::MapiBuffer;
use super::super::builder::{Build, array_root};
use super::super::error::BuildError;
use super::super::limits::DEEPEST;
use super::super::memory::{Allocators, Root, counted};
use super::super::property::{Property, properties_in};
use super::Restriction;
use crate::mapi::{
    RES_AND, RES_ANNOTATION, RES_BITMASK, RES_COMMENT, RES_COMPAREPROPS, RES_CONTENT, RES_COUNT,
    RES_EXIST, RES_NOT, RES_OR, RES_PROPERTY, RES_SIZE, RES_SUBRESTRICTION, SAndRestriction,
    SAnnotationRestriction, SBitMaskRestriction, SCommentRestriction, SComparePropsRestriction,
    SContentRestriction, SCountRestriction, SExistRestriction, SNotRestriction, SOrRestriction,
    SPropValue, SPropertyRestriction, SRestriction, SRestriction_res, SSizeRestriction,
    SSubRestriction,
};

impl Build for Restriction<'_> {
    type Raw = SRestriction;

    fn build_with(&self, allocators: Allocators) -> Result<MapiBuffer<SRestriction>, BuildError> {
        let root = array_root::<SRestriction>(allocators, 1)?;
        let restriction = Builder {
            root: &root,
            left: DEEPEST,
        }
        .restriction(self)?;
        root.put(0, restriction);
        Ok(MapiBuffer::of(root, 1))
    }
}

/// A union with one member set; the rest of it is zero.
macro_rules! member {
    ($member:ident = $value:expr) => {{
        let mut res = nothing();
        res.$member = $value;
        res
    }};
}

/// The memory, and how much deeper it may go.
#[derive(Clone, Copy)]
struct Builder<'r> {
    root: &'r Root,
    left: u32,
}

impl Builder<'_> {
    fn restriction(self, restriction: &Restriction<'_>) -> Result<SRestriction, BuildError> {
        let left = self.left.checked_sub(1).ok_or(BuildError::TooDeep)?;
        let inner = Builder { left, ..self };
        let (rt, res) = inner.kind(restriction)?;
        Ok(SRestriction { rt, res })
    }

    /// The number of a restriction's kind, and its member.
    fn kind(self, restriction: &Restriction<'_>) -> Result<(u32, SRestriction_res), BuildError> {
        Ok(match restriction {
            Restriction::And(parts) => {
                let (cRes, lpRes) = self.parts(parts)?;
                (RES_AND, member!(resAnd = SAndRestriction { cRes, lpRes }))
            }
            Restriction::Or(parts) => {
                let (cRes, lpRes) = self.parts(parts)?;
                (RES_OR, member!(resOr = SOrRestriction { cRes, lpRes }))
            }
            Restriction::Not(part) => {
                let (ulReserved, lpRes) = (0, self.part(part)?);
                let not = SNotRestriction { ulReserved, lpRes };
                (RES_NOT, member!(resNot = not))
            }
            Restriction::Content {
                fuzzy_level,
                tag,
                property,
            } => {
                let content = SContentRestriction {
                    ulFuzzyLevel: *fuzzy_level,
                    ulPropTag: *tag,
                    lpProp: self.property(property)?,
                };
                (RES_CONTENT, member!(resContent = content))
            }
            Restriction::Property {
                relop,
                tag,
                property,
            } => {
                let property = SPropertyRestriction {
                    relop: relop.code(),
                    ulPropTag: *tag,
                    lpProp: self.property(property)?,
                };
                (RES_PROPERTY, member!(resProperty = property))
            }
            Restriction::CompareProps { relop, left, right } => {
                let compare = SComparePropsRestriction {
                    relop: relop.code(),
                    ulPropTag1: *left,
                    ulPropTag2: *right,
                };
                (RES_COMPAREPROPS, member!(resCompareProps = compare))
            }
            Restriction::BitMask { test, tag, mask } => {
                let mask = SBitMaskRestriction {
                    relBMR: test.code(),
                    ulPropTag: *tag,
                    ulMask: *mask,
                };
                (RES_BITMASK, member!(resBitMask = mask))
            }
            Restriction::Size { relop, tag, bytes } => {
                let size = SSizeRestriction {
                    relop: relop.code(),
                    ulPropTag: *tag,
                    cb: *bytes,
                };
                (RES_SIZE, member!(resSize = size))
            }
            Restriction::Exist(tag) => {
                let exist = SExistRestriction {
                    ulReserved1: 0,
                    ulPropTag: *tag,
                    ulReserved2: 0,
                };
                (RES_EXIST, member!(resExist = exist))
            }
            Restriction::Sub {
                object,
                restriction,
            } => {
                let (ulSubObject, lpRes) = (*object, self.part(restriction)?);
                let sub = SSubRestriction { ulSubObject, lpRes };
                (RES_SUBRESTRICTION, member!(resSub = sub))
            }
            Restriction::Comment {
                properties,
                restriction,
            } => {
                let comment = SCommentRestriction {
                    cValues: counted("SCommentRestriction::cValues", properties.len())?,
                    lpRes: self.optional(restriction.as_deref())?,
                    lpProp: properties_in(self.root, properties)?,
                };
                (RES_COMMENT, member!(resComment = comment))
            }
            Restriction::Count { count, restriction } => {
                let (ulCount, lpRes) = (*count, self.part(restriction)?);
                let count = SCountRestriction { ulCount, lpRes };
                (RES_COUNT, member!(resCount = count))
            }
            Restriction::Annotation {
                properties,
                restriction,
            } => {
                let annotation = SAnnotationRestriction {
                    cValues: counted("SAnnotationRestriction::cValues", properties.len())?,
                    lpRes: self.optional(restriction.as_deref())?,
                    lpProp: properties_in(self.root, properties)?,
                };
                (RES_ANNOTATION, member!(resAnnotation = annotation))
            }
        })
    }

    fn parts(self, parts: &[Restriction<'_>]) -> Result<(u32, *mut SRestriction), BuildError> {
        let count = counted("cRes", parts.len())?;
        let room = self.root.room(parts.len())?;
        for (index, part) in parts.iter().enumerate() {
            room.set(index, self.restriction(part)?);
        }
        Ok((count, room.as_ptr()))
    }

    fn part(self, part: &Restriction<'_>) -> Result<*mut SRestriction, BuildError> {
        let room = self.root.room(1)?;
        room.set(0, self.restriction(part)?);
        Ok(room.as_ptr())
    }

    fn optional(self, part: Option<&Restriction<'_>>) -> Result<*mut SRestriction, BuildError> {
        part.map_or(Ok(std::ptr::null_mut()), |part| self.part(part))
    }

    fn property(self, property: &Property<'_>) -> Result<*mut SPropValue, BuildError> {
        properties_in(self.root, std::slice::from_ref(property))
    }
}

fn nothing() -> SRestriction_res {
    // SAFETY: all zeros is a value of every member.
    unsafe { std::mem::zeroed() }
}
