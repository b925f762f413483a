//! From a display table and an object with values to a sheet, and from an answer to the object.

use std::ptr;

use mapi_provider::abi::{
    ControlFlags, DTBLCHECKBOX, DTBLEDIT, DTBLLABEL, DTBLPAGE, DTCT_CHECKBOX, DTCT_EDIT,
    DTCT_LABEL, DTCT_PAGE, IMAPIProp, IMAPITable, MAPI_UNICODE, PR_CONTROL_FLAGS, PR_CONTROL_ID,
    PR_CONTROL_STRUCTURE, PR_CONTROL_TYPE, PR_DELTAX, PR_DELTAY, PR_XPOS, PR_YPOS, PT_BOOLEAN,
    PT_STRING8, PT_UNICODE, PropTag, QueryRowsFlags, SPropProblemArray, SPropValue, SRowSet,
    SaveChangesFlags, TableFlags, UnicodeFlags,
};
use mapi_provider::view::{Allocators, Limits, PropTags, PropValue, Row, RowSet};
use windows_core::HRESULT;

use super::{ControlKind, Sheet, SheetControl, SheetPage};
use crate::profile::is_secure;
use crate::property::{Property, PropertyArray, Value};

const COLUMNS: [PropTag; 8] = [
    PR_CONTROL_TYPE,
    PR_CONTROL_FLAGS,
    PR_CONTROL_STRUCTURE,
    PR_CONTROL_ID,
    PR_XPOS,
    PR_YPOS,
    PR_DELTAX,
    PR_DELTAY,
];

/// More than any screen has room for.
const MOST_CONTROLS: usize = 4096;

/// Reads what a sheet shows.
///
/// # Errors
///
/// What is wrong with the table, or with the object.
pub(crate) fn read(
    title: &[u8],
    window: usize,
    top_page: u32,
    (table, data): (&IMAPITable, &IMAPIProp),
    allocators: Allocators,
) -> Result<Sheet, String> {
    let mut controls = Vec::new();
    for (index, row) in rows(table, allocators)?.iter().enumerate() {
        let control = control(row).map_err(|wrong| format!("row {index}: {wrong}"))?;
        controls.push(control);
    }
    let mut pages: Vec<SheetPage> = Vec::new();
    let mut ids: Vec<Vec<u8>> = Vec::new();
    for (index, (page, mut control)) in controls.into_iter().enumerate() {
        if ids.contains(&control.id) {
            return Err(format!(
                "row {index}: another control has the same PR_CONTROL_ID"
            ));
        }
        ids.push(control.id.clone());
        match (page, pages.last_mut()) {
            (Some(title), _) => pages.push(SheetPage {
                title,
                controls: Vec::new(),
            }),
            (None, Some(page)) => {
                control.value = shown(data, &control, allocators)
                    .map_err(|wrong| format!("row {index}: {wrong}"))?;
                page.controls.push(control);
            }
            (None, None) => return Err("the first row is no page".to_owned()),
        }
    }
    if pages.get(top_page as usize).is_none() {
        return Err(format!("there is no page {top_page} to be on top"));
    }
    Ok(Sheet {
        title: title.iter().copied().map(char::from).collect(),
        window,
        top_page,
        pages,
    })
}

/// All rows of the table, as MAPI reads them.
fn rows(table: &IMAPITable, allocators: Allocators) -> Result<Vec<Row<'static>>, String> {
    let failed = |call: &str, status: HRESULT| format!("{call} answers 0x{:08X}", status.0);
    let mut columns = PropTags::from(COLUMNS.as_slice())
        .to_longs()
        .map_err(|error| error.to_string())?;
    // SAFETY: the columns are a count and its tags.
    let status = unsafe { table.SetColumns(columns.as_mut_ptr().cast(), TableFlags::empty()) };
    if status.is_err() {
        return Err(failed("SetColumns", status));
    }
    let mut all = Vec::new();
    loop {
        let mut rows: *mut SRowSet = ptr::null_mut();
        // SAFETY: a live variable.
        let status = unsafe { table.QueryRows(16, QueryRowsFlags::empty(), &mut rows) };
        if status.is_err() {
            return Err(failed("QueryRows", status));
        }
        // SAFETY: QueryRows has answered a row set that is ours.
        let rows = unsafe { allocators.adopt(rows, 1) };
        let rows = rows.ok_or("QueryRows answers no rows")?;
        let rows: RowSet = rows
            .read(&Limits::default())
            .map_err(|error| error.to_string())?;
        if rows.is_empty() {
            return Ok(all);
        }
        all.extend(rows.into_owned().0);
        if all.len() > MOST_CONTROLS {
            return Err("the table has no end".to_owned());
        }
    }
}

/// A control, and the title of a page that is one.
fn control(row: &Row<'_>) -> Result<(Option<String>, SheetControl), String> {
    let long = |tag: PropTag| match row.get(tag) {
        Some(PropValue::Long(number)) => Ok(*number),
        _ => Err(format!("{tag} is missing")),
    };
    let bytes = |tag: PropTag| match row.get(tag) {
        Some(PropValue::Binary(bytes)) => Ok(bytes.to_vec()),
        _ => Err(format!("{tag} is missing")),
    };
    let flags = ControlFlags::from_bits_retain(long(PR_CONTROL_FLAGS)?.cast_unsigned());
    let structure = bytes(PR_CONTROL_STRUCTURE)?;
    let (page, kind) = kind(long(PR_CONTROL_TYPE)?.cast_unsigned(), &structure)?;
    let control = SheetControl {
        kind,
        flags,
        place: [
            long(PR_XPOS)?,
            long(PR_YPOS)?,
            long(PR_DELTAX)?,
            long(PR_DELTAY)?,
        ],
        structure,
        id: bytes(PR_CONTROL_ID)?,
        value: None,
    };
    if control.place.iter().any(|size| *size < 0) {
        return Err("its place is outside the page".to_owned());
    }
    if let Some(tag) = control.tag()
        && is_secure(tag.id())
        && !control.is_hidden()
    {
        return Err(format!("{tag} is a secret, and is shown as it is typed"));
    }
    Ok((page, control))
}

/// Reads a control's structure. A page gives its title.
fn kind(kind: u32, bytes: &[u8]) -> Result<(Option<String>, ControlKind), String> {
    let structure = Structure(bytes);
    let at = std::mem::offset_of!(DTBLLABEL, ulFlags);
    let is_wide = structure.long(at)? & MAPI_UNICODE != 0;
    let text = |size: usize, at: usize| structure.text(size, at, is_wide);
    Ok(match kind {
        DTCT_PAGE => {
            let size = size_of::<DTBLPAGE>();
            let title = text(size, std::mem::offset_of!(DTBLPAGE, ulbLpszLabel))?;
            text(size, std::mem::offset_of!(DTBLPAGE, ulbLpszComponent))?;
            (Some(title.clone()), ControlKind::Label { text: title })
        }
        DTCT_LABEL => {
            let at = std::mem::offset_of!(DTBLLABEL, ulbLpszLabelName);
            let text = text(size_of::<DTBLLABEL>(), at)?;
            (None, ControlKind::Label { text })
        }
        DTCT_EDIT => {
            let tag = structure.tag(std::mem::offset_of!(DTBLEDIT, ulPropTag))?;
            if !matches!(tag.prop_type(), PT_UNICODE | PT_STRING8) {
                return Err(format!("a field shows texts, and {tag} is none"));
            }
            let at = std::mem::offset_of!(DTBLEDIT, ulbLpszCharsAllowed);
            let allowed = text(size_of::<DTBLEDIT>(), at)?;
            let longest = structure.long(std::mem::offset_of!(DTBLEDIT, ulNumCharsAllowed))?;
            let edit = ControlKind::Edit {
                tag,
                allowed,
                longest,
            };
            (None, edit)
        }
        DTCT_CHECKBOX => {
            let tag = structure.tag(std::mem::offset_of!(DTBLCHECKBOX, ulPRPropertyName))?;
            if tag.prop_type() != PT_BOOLEAN {
                return Err(format!("a check box shows yes or no, and {tag} is neither"));
            }
            let at = std::mem::offset_of!(DTBLCHECKBOX, ulbLpszLabel);
            let text = text(size_of::<DTBLCHECKBOX>(), at)?;
            (None, ControlKind::CheckBox { tag, text })
        }
        other => return Err(format!("the host knows no control of type {other}")),
    })
}

/// The bytes of a control's structure.
struct Structure<'a>(&'a [u8]);

impl Structure<'_> {
    fn long(&self, at: usize) -> Result<u32, String> {
        let bytes = self.0.get(at..at + size_of::<u32>());
        let bytes = bytes.and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
        let bytes = bytes.ok_or("PR_CONTROL_STRUCTURE is too short")?;
        Ok(u32::from_ne_bytes(bytes))
    }

    fn tag(&self, at: usize) -> Result<PropTag, String> {
        self.long(at).map(PropTag)
    }

    /// The text to which the member at a place leads: after the structure, whose size is given, and with its NUL.
    fn text(&self, size: usize, at: usize, is_wide: bool) -> Result<String, String> {
        let offset = self.long(at)? as usize;
        if offset < size {
            return Err("a text of PR_CONTROL_STRUCTURE lies in the structure".to_owned());
        }
        let rest = self.0.get(offset..).unwrap_or_default();
        let unended = || "a text of PR_CONTROL_STRUCTURE has no end".to_owned();
        if !is_wide {
            let end = rest
                .iter()
                .position(|byte| *byte == 0)
                .ok_or_else(unended)?;
            return Ok(rest[..end].iter().copied().map(char::from).collect());
        }
        let units = rest.chunks_exact(2);
        let units: Vec<u16> = units
            .map(|pair| u16::from_ne_bytes([pair[0], pair[1]]))
            .collect();
        let end = units
            .iter()
            .position(|unit| *unit == 0)
            .ok_or_else(unended)?;
        Ok(String::from_utf16_lossy(&units[..end]))
    }
}

/// What a control shows first, asked for as its control names it.
fn shown(
    data: &IMAPIProp,
    control: &SheetControl,
    allocators: Allocators,
) -> Result<Option<Value>, String> {
    let Some(tag) = control.tag() else {
        return Ok(None);
    };
    let mut tags = PropTags::from([tag].as_slice())
        .to_longs()
        .map_err(|error| error.to_string())?;
    let (mut count, mut values): (u32, *mut SPropValue) = (0, ptr::null_mut());
    // SAFETY: the tags are a count and its tags, and the variables are live.
    let status = unsafe {
        data.GetProps(
            tags.as_mut_ptr().cast(),
            UnicodeFlags::MAPI_UNICODE,
            &mut count,
            &mut values,
        )
    };
    if status.is_err() {
        return Err(format!("GetProps of {tag} answers 0x{:08X}", status.0));
    }
    // SAFETY: GetProps has answered as many properties, which are ours to free.
    let (read, _values) = unsafe {
        let read = Property::read_all(count, values);
        (read, allocators.adopt(values, count))
    };
    let value = read.into_iter().flatten().next().map(|found| found.value);
    Ok(value.filter(|value| !matches!(value, Value::Error(_))))
}

/// Puts into the object what a user has entered, as the sheet does when it is closed with OK. What the object does not take
/// is the object's affair.
pub(crate) fn give(data: &IMAPIProp, entered: &[Property], allocators: Allocators) {
    if entered.is_empty() {
        return;
    }
    let mut array = PropertyArray::new(entered);
    let mut problems: *mut SPropProblemArray = ptr::null_mut();
    // SAFETY: as many properties as there are, and a live variable; then what was answered there is ours to free.
    unsafe {
        let status = data.SetProps(array.count(), array.as_mut_ptr(), &mut problems);
        if status.is_ok() {
            drop(allocators.adopt(problems, 1));
        }
        // Nothing depends on what it answers.
        let _ = data.SaveChanges(SaveChangesFlags::empty());
    }
}
