//! Calls that need no message.

use std::ptr;

use mapi_provider::abi::{
    EndMessageFlags, MAPI_E_INVALID_PARAMETER, MAPI_E_UNKNOWN_FLAGS, S_OK, SpoolerNotifyFlags,
    TransportNotifyFlags, UnicodeFlags, ValidateStateFlags,
};

use super::super::super::stage::{Played, Stage};
use super::Rig;
use super::message::Types;
use crate::status::Status;

pub(in super::super) fn address_types(stage: &Stage<'_>) -> Played {
    const ALLOCATIONS: u64 = 4;
    let other = Rig::new(stage)?;
    let usual = Types::of(other.logon()).texts;
    other.finish(stage);
    let rig = Rig::new(stage)?;
    for nth in 1..=ALLOCATIONS {
        stage.step(
            "XP-09",
            format!("AddressTypes if its allocation {nth} fails"),
        );
        rig.host.allocators().fail_nth(nth);
        let types = Types::of(rig.logon());
        if types.status.is_err() {
            stage.expect("XP-09", types.array == 0, || {
                "AddressTypes failed and left a pointer".to_owned()
            });
        }
    }
    stage.step("XP-09", "AddressTypes");
    let first = Types::of(rig.logon());
    stage.answers("XP-09", "AddressTypes", first.status, S_OK);
    stage.expect("XP-09", first.uids == (0, true), || {
        "AddressTypes left a place for the UIDs unchanged, or has some".to_owned()
    });
    let is_null = first.texts.is_empty() && first.array != 0;
    stage.expect("XP-09", !is_null, || {
        "AddressTypes has no type, and a pointer to them".to_owned()
    });
    stage.expect("XP-09", first.texts == usual, || {
        format!(
            "after a failure AddressTypes says {:?}, not {usual:?}",
            first.texts
        )
    });
    let again = Types::of(rig.logon());
    let is_same = again.array == first.array && again.texts == first.texts;
    stage.expect("XP-09", is_same, || {
        format!(
            "AddressTypes says {:?} first, and then {:?} elsewhere",
            first.texts, again.texts
        )
    });
    rig.finish(stage);
    Ok(())
}

pub(in super::super) fn options(stage: &Stage<'_>) -> Played {
    let rig = Rig::new(stage)?;
    stage.step("XP-10", "RegisterOptions");
    let mut flags = UnicodeFlags::from_bits_retain(u32::MAX);
    let mut count = u32::MAX;
    let mut options = ptr::without_provenance_mut(usize::MAX);
    // SAFETY: the places are locals.
    let status = unsafe {
        rig.logon()
            .RegisterOptions(&mut flags, &mut count, &mut options)
    };
    stage.answers("XP-10", "RegisterOptions", status, S_OK);
    let is_cleared = flags.is_empty() && count == 0 && options.is_null();
    stage.expect("XP-10", is_cleared, || {
        format!("RegisterOptions left something in its outs: {count} options")
    });
    rig.finish(stage);
    Ok(())
}

pub(in super::super) fn notify(stage: &Stage<'_>) -> Played {
    let rig = Rig::new(stage)?;
    let cancel = TransportNotifyFlags::NOTIFY_CANCEL_MESSAGE;
    let all = TransportNotifyFlags::from_bits_retain(!cancel.bits());
    let unknown = TransportNotifyFlags::from_bits_retain(0x0100_0000);
    for flags in [all, unknown] {
        stage.step(
            "XP-11",
            format!("TransportNotify with 0x{:08X}", flags.bits()),
        );
        let (status, after, datum) = rig.spooler.notify(flags, 77);
        stage.answers("XP-11", "TransportNotify", status, S_OK);
        stage.expect("XP-11", after == flags && datum == 77, || {
            "TransportNotify changed what it was given".to_owned()
        });
    }
    stage.step("XP-11", "TransportNotify with a NULL lppvData");
    let mut flags = TransportNotifyFlags::NOTIFY_BEGIN_OUTBOUND;
    // SAFETY: NULL is what is tried.
    let status = unsafe { rig.logon().TransportNotify(&mut flags, ptr::null_mut()) };
    stage.answers(
        "XP-11",
        "TransportNotify with a NULL lppvData",
        status,
        S_OK,
    );
    stage.step("XP-12", "NOTIFY_CANCEL_MESSAGE of no message");
    let (status, ..) = rig.spooler.notify(cancel, 12345);
    stage.answers("XP-12", "NOTIFY_CANCEL_MESSAGE of no message", status, S_OK);
    stage.step("XP-22", "NOTIFY_ABORT_DEFERRED");
    let (status, ..) = rig
        .spooler
        .notify(TransportNotifyFlags::NOTIFY_ABORT_DEFERRED, 0);
    stage.answers("XP-22", "NOTIFY_ABORT_DEFERRED", status, S_OK);
    let told = rig.spooler.record().spooler_notifications;
    let deferred = SpoolerNotifyFlags::NOTIFY_SENTDEFERRED;
    let is_deferred = told.iter().any(|flags| flags.contains(deferred));
    stage.expect("XP-22", !is_deferred, || {
        "NOTIFY_SENTDEFERRED was sent".to_owned()
    });
    rig.finish(stage);
    Ok(())
}

pub(in super::super) fn end(stage: &Stage<'_>) -> Played {
    let rig = Rig::new(stage)?;
    stage.step("XP-23", "EndMessage of an unknown reference");
    match rig.spooler.end(12345) {
        Ok(flags) => stage.expect("XP-23", flags.is_empty(), || {
            format!("EndMessage left 0x{:X} in *lpulFlags", flags.bits())
        }),
        Err(failure) => stage.broken("XP-23", failure.to_string()),
    }
    stage.step("XP-23", "EndMessage with a NULL lpulFlags");
    let none = ptr::null_mut::<EndMessageFlags>();
    // SAFETY: NULL is what is tried.
    let status = unsafe { rig.logon().EndMessage(12345, none) };
    stage.answers(
        "XP-23",
        "EndMessage with a NULL lpulFlags",
        status,
        MAPI_E_INVALID_PARAMETER,
    );
    rig.finish(stage);
    Ok(())
}

pub(in super::super) fn validate(stage: &Stage<'_>) -> Played {
    let rig = Rig::new(stage)?;
    let validate = |flags: u32| {
        stage.step("XP-31", format!("ValidateState with 0x{flags:X}"));
        let flags = ValidateStateFlags::from_bits_retain(flags);
        // SAFETY: a call without pointers.
        unsafe { rig.logon().ValidateState(0, flags) }
    };
    let quiet = ValidateStateFlags::SUPPRESS_UI.bits();
    for flags in [0, quiet] {
        let name = format!("ValidateState with 0x{flags:X}");
        stage.answers("XP-31", &name, validate(flags), S_OK);
    }
    stage.answers(
        "XP-31",
        "ValidateState with an unknown flag",
        validate(0x80),
        MAPI_E_UNKNOWN_FLAGS,
    );
    let told = || {
        let told = rig.spooler.record().spooler_notifications.into_iter();
        told.filter(|flags| flags.contains(SpoolerNotifyFlags::NOTIFY_CONFIG_CHANGE))
            .count()
    };
    stage.expect("XP-31", told() == 0, || {
        "NOTIFY_CONFIG_CHANGE was sent before anything had changed".to_owned()
    });
    let changed = ValidateStateFlags::CONFIG_CHANGED.bits() | quiet;
    stage.answers(
        "XP-31",
        "ValidateState with CONFIG_CHANGED",
        validate(changed),
        S_OK,
    );
    stage.expect("XP-31", told() == 1, || {
        format!(
            "after CONFIG_CHANGED, NOTIFY_CONFIG_CHANGE was sent {} times",
            told()
        )
    });
    rig.finish(stage);
    Ok(())
}

pub(in super::super) fn idle(stage: &Stage<'_>) -> Played {
    let rig = Rig::new(stage)?;
    stage.step("XP-35", "Idle");
    // SAFETY: a call without pointers.
    let status = unsafe { rig.logon().Idle(0) };
    stage.expect("XP-35", status == S_OK, || {
        format!("Idle answered {}", Status(status))
    });
    rig.finish(stage);
    Ok(())
}
