//! Memory that is handed to the caller, and what `GetLastError` says.

use std::ptr;

use mapi_provider::abi::{
    MAPI_E_CALL_FAILED, MAPI_E_NOT_ENOUGH_MEMORY, MAPIERROR, S_OK, SPropTagArray, UnicodeFlags,
};
use windows_core::HRESULT;

use super::super::stage::{Played, Rig, Stage};
use crate::property::{bytes_until_nul, wide_text};
use crate::status::Status;

/// How many allocations of GetProps are made to fail, one after the other.
const ALLOCATIONS: u64 = 8;

pub(super) fn properties(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    let leaks = || rig.host.allocators().leaks().len();
    let requests = || rig.host.allocators().requests();
    stage.step("COM-07", "GetProps of all properties");
    // The first time, the store may keep something for itself.
    if get_and_free(&rig).0.is_err() {
        stage.skip("COM-07", "GetProps of all properties fails");
        stage.finish(rig);
        return Ok(());
    }
    let before = (leaks(), requests());
    let (_, count) = get_and_free(&rig);
    let after = (leaks(), requests());
    stage.expect("COM-07", after.0 <= before.0, || {
        format!(
            "after the result of GetProps was freed, there are {} more buffers than before",
            after.0 - before.0
        )
    });
    stage.expect("COM-07", count == 0 || after.1 > before.1, || {
        "GetProps returned memory that no MAPI allocator gave out".to_owned()
    });
    tag_list(stage, &rig);
    for nth in 1..=ALLOCATIONS {
        stage.step("COM-07", format!("GetProps if its allocation {nth} fails"));
        let before = leaks();
        rig.host.allocators().fail_nth(nth);
        let (answer, count, values) = get_props(&rig);
        if answer.is_ok() {
            // SAFETY: nobody uses it any more.
            unsafe { rig.host.allocators().free(values) };
        } else {
            stage.answers(
                "COM-07",
                "GetProps without memory",
                answer,
                MAPI_E_NOT_ENOUGH_MEMORY,
            );
            stage.expect("COM-05", values.is_null() && count == 0, || {
                "GetProps failed and left its outs unchanged".to_owned()
            });
        }
        let after = leaks();
        stage.expect("COM-07", after <= before, || {
            format!("GetProps without memory left {} buffers", after - before)
        });
    }
    // The failure to come is used up.
    for _ in 0..ALLOCATIONS {
        let _ = get_and_free(&rig);
    }
    stage.finish(rig);
    Ok(())
}

/// Gets all properties and frees them: the result, and how many there were.
fn get_and_free(rig: &Rig) -> (HRESULT, u32) {
    let (answer, count, values) = get_props(rig);
    if answer.is_ok() {
        // SAFETY: nobody uses it any more.
        unsafe { rig.host.allocators().free(values) };
    }
    (answer, count)
}

/// All properties of a store, whatever their types: the result, how many there are, and where.
pub(super) fn get_props(rig: &Rig) -> (HRESULT, u32, *mut std::ffi::c_void) {
    let (mut count, mut values) = (u32::MAX, ptr::without_provenance_mut(usize::MAX));
    let unicode = UnicodeFlags::MAPI_UNICODE;
    // SAFETY: live variables.
    let answer = unsafe {
        rig.store
            .interface()
            .GetProps(ptr::null_mut(), unicode, &mut count, &mut values)
    };
    (answer, count, values.cast())
}

fn tag_list(stage: &Stage<'_>, rig: &Rig) {
    stage.step("COM-07", "GetPropList");
    let list = || {
        let mut tags: *mut SPropTagArray = ptr::null_mut();
        let unicode = UnicodeFlags::MAPI_UNICODE;
        // SAFETY: a live variable.
        let answer = unsafe { rig.store.interface().GetPropList(unicode, &mut tags) };
        (answer.is_ok() && !tags.is_null()).then_some(tags)
    };
    // SAFETY: nobody uses it any more.
    let free = |tags: *mut SPropTagArray| unsafe { rig.host.allocators().free(tags.cast()) };
    // The first time, the store may keep something for itself.
    list().into_iter().for_each(free);
    let before = rig.host.allocators().leaks().len();
    let Some(tags) = list() else {
        return;
    };
    let given = rig.host.allocators().leaks().len().saturating_sub(before);
    stage.expect("COM-07", given == 1, || {
        format!("GetPropList made {given} buffers with AllocateBuffer, not one")
    });
    free(tags);
}

pub(super) fn last_error(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    stage.step("COM-08", "GetLastError if there is nothing to say");
    for unicode in [UnicodeFlags::empty(), UnicodeFlags::MAPI_UNICODE] {
        let (answer, _) = text(&rig, S_OK, unicode);
        stage.answers("COM-08", "GetLastError about S_OK", answer, S_OK);
    }
    same_in_both_widths(stage, &rig, MAPI_E_CALL_FAILED);
    stage.finish(rig);
    Ok(())
}

/// COM-08: what a store says about an error is the same in both widths.
pub(super) fn same_in_both_widths(stage: &Stage<'_>, rig: &Rig, error: HRESULT) {
    let name = format!("GetLastError about {}", Status(error));
    stage.step("COM-08", name.clone());
    let (wide_answer, wide) = text(rig, error, UnicodeFlags::MAPI_UNICODE);
    let (narrow_answer, narrow) = text(rig, error, UnicodeFlags::empty());
    stage.answers("COM-08", &name, wide_answer, S_OK);
    stage.answers("COM-08", &name, narrow_answer, S_OK);
    let (Some(wide), Some(narrow)) = (wide, narrow) else {
        return;
    };
    let mistaken = is_narrow(&wide, &narrow);
    stage.expect("COM-08", !mistaken, || {
        format!("{name} says “{narrow}” in 8-bit characters, with MAPI_UNICODE too")
    });
    stage.expect(
        "COM-08",
        mistaken || !wide.is_ascii() || wide == narrow,
        || format!("{name} says “{wide}” with MAPI_UNICODE and “{narrow}” without it"),
    );
}

/// Whether a text that was read as UTF-16 really has 8-bit characters.
fn is_narrow(wide: &str, narrow: &str) -> bool {
    let bytes: Vec<u8> = wide.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let letters: Vec<u8> = narrow.bytes().collect();
    narrow.is_ascii() && letters.len() > 1 && bytes.starts_with(&letters)
}

/// The text of GetLastError, read in the width that was asked for.
fn text(rig: &Rig, error: HRESULT, flags: UnicodeFlags) -> (HRESULT, Option<String>) {
    let mut found: *mut MAPIERROR = ptr::null_mut();
    // SAFETY: a live variable; what is there then is the provider's, in MAPI's memory, or NULL.
    unsafe {
        let answer = rig.store.interface().GetLastError(error, flags, &mut found);
        if answer.is_err() || found.is_null() {
            return (answer, None);
        }
        let text = if flags.contains(UnicodeFlags::MAPI_UNICODE) {
            wide_text((*found).lpszError.cast())
        } else {
            bytes_until_nul((*found).lpszError)
                .map(|bytes| bytes.into_iter().map(char::from).collect())
        };
        rig.host.allocators().free(found.cast());
        (answer, text)
    }
}

#[cfg(test)]
mod tests {
    use super::is_narrow;

    #[test]
    fn narrow_text_in_place_of_wide_is_recognised() {
        for narrow in ["the server is away", "odd"] {
            let mut bytes = narrow.as_bytes().to_vec();
            bytes.resize(bytes.len().next_multiple_of(2) + 2, 0);
            let units = bytes
                .chunks(2)
                .map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
            let units: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
            assert!(is_narrow(&String::from_utf16_lossy(&units), narrow));
            assert!(!is_narrow(narrow, narrow));
        }
        assert!(!is_narrow("日本", "??") && !is_narrow("", ""));
    }
}
