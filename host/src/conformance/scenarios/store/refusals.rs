//! What no store has to promise: it is refused, and nothing is given.

use mapi_provider::abi::{
    IMAPIProp, IMAPITable, MAPI_E_INTERFACE_NOT_SUPPORTED, MAPI_E_NO_SUPPORT, MAPI_E_NOT_FOUND,
    OpenPropertyFlags, PR_ACL_TABLE, StoreSupportMask,
};
use windows_core::{GUID, HRESULT, IUnknown, Interface};

use super::{Played, Stage, with_mail};

const RULE: &str = "STORE-44";

/// `IID_IExchangeModifyTable`, by which permissions are changed.
const EXCHANGE_MODIFY_TABLE: GUID = GUID::from_u128(0x2D734CB0_53FD_101B_B19D_08002B3056E3);

/// How a store says that it has no permissions.
const REFUSALS: [HRESULT; 3] = [
    MAPI_E_NO_SUPPORT,
    MAPI_E_NOT_FOUND,
    MAPI_E_INTERFACE_NOT_SUPPORTED,
];

pub(in super::super) fn not_promised(stage: &Stage<'_>) -> Played {
    with_mail(stage, &[RULE], StoreSupportMask::empty(), |mail| {
        mail.step(RULE, "PR_ACL_TABLE");
        let id = mail.deliver("of whom nobody asks who may read it")?;
        let objects: [(&str, IMAPIProp); 3] = [
            ("the store", mail.store().clone().into()),
            ("a folder", mail.raw_folder()?.into()),
            ("a message", mail.raw_message(&id)?.into()),
        ];
        for iid in [IMAPITable::IID, EXCHANGE_MODIFY_TABLE] {
            for (what, object) in &objects {
                let (status, is_given) = asked(object, &iid);
                if status.is_ok() && is_given {
                    let why = format!("{what} has permissions, which is more than is asked for");
                    stage.skip(RULE, why);
                    return Ok(());
                }
                let call = format!("OpenProperty of PR_ACL_TABLE of {what}");
                mail.answers(RULE, &call, status, &REFUSALS);
                mail.holds(RULE, !is_given, || {
                    format!("{call} failed and gave an object")
                });
            }
        }
        Ok(())
    })
}

/// Opens the table of permissions: what it answers, and whether it gives something.
fn asked(object: &IMAPIProp, iid: &GUID) -> (HRESULT, bool) {
    let mut out = std::ptr::null_mut();
    let flags = OpenPropertyFlags::empty();
    // SAFETY: a live interface ID and a live variable.
    let status = unsafe { object.OpenProperty(PR_ACL_TABLE, iid, 0, flags, &mut out) };
    if status.is_ok() && !out.is_null() {
        // SAFETY: the call has succeeded, so the reference is ours.
        drop(unsafe { IUnknown::from_raw(out) });
    }
    (status, !out.is_null())
}
