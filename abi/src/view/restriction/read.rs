//! SRestriction to [`Restriction`].

use super::super::error::ViewError;
use super::super::property::Property;
use super::super::reader::{Reader, field};
use super::super::reading::View;
use super::{BitTest, RelOp, Restriction};
use crate::mapi::{
    RES_AND, RES_ANNOTATION, RES_BITMASK, RES_COMMENT, RES_COMPAREPROPS, RES_CONTENT, RES_COUNT,
    RES_EXIST, RES_NOT, RES_OR, RES_PROPERTY, RES_SIZE, RES_SUBRESTRICTION, SPropValue,
    SRestriction,
};

impl<'a> View<'a> for Restriction<'a> {
    type Raw = SRestriction;

    unsafe fn read_with(raw: *const SRestriction, reader: &Reader<'_>) -> Result<Self, ViewError> {
        // SAFETY: the caller's word.
        reader.deeper(|| unsafe { read(raw, reader) })
    }
}

/// # Safety
///
/// That of [`View::read_with`].
unsafe fn read<'a>(
    raw: *const SRestriction,
    reader: &Reader<'_>,
) -> Result<Restriction<'a>, ViewError> {
    // SAFETY: the caller's word; the member that is read is the one for the kind.
    unsafe {
        Ok(match field!(raw, rt) {
            RES_AND => Restriction::And(parts(
                reader,
                field!(raw, res.resAnd.lpRes),
                field!(raw, res.resAnd.cRes),
            )?),
            RES_OR => Restriction::Or(parts(
                reader,
                field!(raw, res.resOr.lpRes),
                field!(raw, res.resOr.cRes),
            )?),
            RES_NOT => Restriction::Not(part(reader, field!(raw, res.resNot.lpRes))?),
            RES_CONTENT => Restriction::Content {
                fuzzy_level: field!(raw, res.resContent.ulFuzzyLevel),
                tag: field!(raw, res.resContent.ulPropTag),
                property: property(reader, field!(raw, res.resContent.lpProp))?,
            },
            RES_PROPERTY => Restriction::Property {
                relop: relop(field!(raw, res.resProperty.relop))?,
                tag: field!(raw, res.resProperty.ulPropTag),
                property: property(reader, field!(raw, res.resProperty.lpProp))?,
            },
            RES_COMPAREPROPS => Restriction::CompareProps {
                relop: relop(field!(raw, res.resCompareProps.relop))?,
                left: field!(raw, res.resCompareProps.ulPropTag1),
                right: field!(raw, res.resCompareProps.ulPropTag2),
            },
            RES_BITMASK => Restriction::BitMask {
                test: bit_test(field!(raw, res.resBitMask.relBMR))?,
                tag: field!(raw, res.resBitMask.ulPropTag),
                mask: field!(raw, res.resBitMask.ulMask),
            },
            RES_SIZE => Restriction::Size {
                relop: relop(field!(raw, res.resSize.relop))?,
                tag: field!(raw, res.resSize.ulPropTag),
                bytes: field!(raw, res.resSize.cb),
            },
            RES_EXIST => Restriction::Exist(field!(raw, res.resExist.ulPropTag)),
            RES_SUBRESTRICTION => Restriction::Sub {
                object: field!(raw, res.resSub.ulSubObject),
                restriction: part(reader, field!(raw, res.resSub.lpRes))?,
            },
            RES_COMMENT => Restriction::Comment {
                properties: properties(
                    reader,
                    field!(raw, res.resComment.lpProp),
                    field!(raw, res.resComment.cValues),
                )?,
                restriction: optional(reader, field!(raw, res.resComment.lpRes))?,
            },
            RES_COUNT => Restriction::Count {
                count: field!(raw, res.resCount.ulCount),
                restriction: part(reader, field!(raw, res.resCount.lpRes))?,
            },
            RES_ANNOTATION => Restriction::Annotation {
                properties: properties(
                    reader,
                    field!(raw, res.resAnnotation.lpProp),
                    field!(raw, res.resAnnotation.cValues),
                )?,
                restriction: optional(reader, field!(raw, res.resAnnotation.lpRes))?,
            },
            value => {
                let what = "SRestriction::rt";
                return Err(ViewError::UnknownKind { what, value });
            }
        })
    }
}

fn relop(value: u32) -> Result<RelOp, ViewError> {
    let what = "relop";
    RelOp::from_code(value).ok_or(ViewError::UnknownKind { what, value })
}

fn bit_test(value: u32) -> Result<BitTest, ViewError> {
    let what = "SBitMaskRestriction::relBMR";
    BitTest::from_code(value).ok_or(ViewError::UnknownKind { what, value })
}

/// # Safety
///
/// That of [`View::read_with`].
unsafe fn parts<'a>(
    reader: &Reader<'_>,
    first: *mut SRestriction,
    count: u32,
) -> Result<Vec<Restriction<'a>>, ViewError> {
    // SAFETY: the caller's word.
    unsafe { reader.views("lpRes", first, count) }
}

/// # Safety
///
/// That of [`View::read_with`].
unsafe fn part<'a>(
    reader: &Reader<'_>,
    raw: *mut SRestriction,
) -> Result<Box<Restriction<'a>>, ViewError> {
    // SAFETY: the caller's word.
    unsafe { reader.one("lpRes", raw) }.map(Box::new)
}

/// # Safety
///
/// That of [`View::read_with`].
unsafe fn optional<'a>(
    reader: &Reader<'_>,
    raw: *mut SRestriction,
) -> Result<Option<Box<Restriction<'a>>>, ViewError> {
    if raw.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's word.
    unsafe { part(reader, raw) }.map(Some)
}

/// # Safety
///
/// That of [`View::read_with`].
unsafe fn property<'a>(
    reader: &Reader<'_>,
    raw: *mut SPropValue,
) -> Result<Property<'a>, ViewError> {
    // SAFETY: the caller's word.
    unsafe { reader.one("lpProp", raw) }
}

/// # Safety
///
/// That of [`View::read_with`].
unsafe fn properties<'a>(
    reader: &Reader<'_>,
    first: *mut SPropValue,
    count: u32,
) -> Result<Vec<Property<'a>>, ViewError> {
    // SAFETY: the caller's word.
    unsafe { reader.views("lpProp", first, count) }
}
