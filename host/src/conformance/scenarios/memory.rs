//! Memory that is handed to the caller, and what `GetLastError` says.

use std::ptr;

use mapi_provider::abi::{
    MAPI_E_CALL_FAILED, MAPI_E_NOT_ENOUGH_MEMORY, MAPIERROR, S_OK, SPropTagArray, UnicodeFlags,
};
use windows_core::HRESULT;

use super::super::stage::{Played, Rig, Stage};
use crate::property::{bytes_until_nul, wide_text};
use crate::status::Status;

/// So many allocations of GetProps are made to fail, one after the other.
const ALLOCATIONS: u64 = 8;

pub(super) fn properties(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    let leaks = || rig.host.allocators().leaks().len();
    stage.step("COM-07", "GetProps of all properties");
    let before = (leaks(), rig.host.allocators().requests());
    let read = rig.store.properties(&[])?;
    let after = (leaks(), rig.host.allocators().requests());
    stage.expect("COM-07", after.0 == before.0, || {
        format!(
            "after what GetProps gave was freed, {} roots are left of it",
            after.0 - before.0
        )
    });
    stage.expect("COM-07", read.is_empty() || after.1 > before.1, || {
        "GetProps gave memory that no allocator of MAPI’s had given out".to_owned()
    });
    tag_list(stage, &rig);
    for nth in 1..=ALLOCATIONS {
        stage.step(
            "COM-07",
            format!("GetProps where its allocation {nth} fails"),
        );
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
                "GetProps failed and left its outs as they were".to_owned()
            });
        }
        stage.expect("COM-07", leaks() == before, || {
            format!("GetProps without memory left {} roots", leaks() - before)
        });
    }
    // The failure to come is used up.
    (0..ALLOCATIONS).for_each(|_| drop(rig.store.properties(&[])));
    stage.finish(rig);
    Ok(())
}

fn get_props(rig: &Rig) -> (HRESULT, u32, *mut std::ffi::c_void) {
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
    let before = rig.host.allocators().leaks().len();
    let mut tags: *mut SPropTagArray = ptr::null_mut();
    // SAFETY: a live variable.
    let answer = unsafe {
        rig.store
            .interface()
            .GetPropList(UnicodeFlags::MAPI_UNICODE, &mut tags)
    };
    if answer.is_err() || tags.is_null() {
        return;
    }
    let given = rig.host.allocators().leaks().len();
    stage.expect("COM-07", given == before + 1, || {
        format!(
            "GetPropList gave {} roots of MAPI’s memory, not one",
            given - before
        )
    });
    // SAFETY: nobody uses it any more.
    unsafe { rig.host.allocators().free(tags.cast()) };
}

pub(super) fn last_error(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    stage.step("COM-08", "GetLastError where there is nothing to say");
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
    stage.expect("COM-08", !wide.is_ascii() || wide == narrow, || {
        format!("{name} says “{wide}” with MAPI_UNICODE and “{narrow}” without it")
    });
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
