//! `NotifyNewMail`: what the spooler tells of mail that has arrived is passed on (STORE-38).

use mapi_provider_abi::mapi::{
    HRESULT, MAPI_E_INVALID_PARAMETER, NOTIFICATION, NotificationEvents, S_OK,
};
use mapi_provider_abi::view::{self, Limits, Notification};

use super::fault::{Fault, Result};
use super::shared::{StoreShared, Target};

/// Passes a notification on to the sinks of the store, and of the folder that it tells of.
///
/// # Safety
///
/// NULL, or a notification.
pub(super) unsafe fn pass_on(
    shared: &StoreShared,
    notification: *mut NOTIFICATION,
) -> Result<HRESULT> {
    // SAFETY: the caller's word.
    let read: Notification<'_> = unsafe { view::read(notification, &Limits::default()) }?;
    let Notification::NewMail { ref parent_id, .. } = read else {
        let text = "only fnevNewMail is passed on";
        return Err(Fault::new(MAPI_E_INVALID_PARAMETER, text));
    };
    let folder = shared.identity.parse(parent_id.as_bytes()).ok();
    let targets: Vec<Target> = std::iter::once(Target::Store)
        .chain(folder.map(Target::Object))
        .collect();
    let keys = shared.keys(NotificationEvents::fnevNewMail, &targets);
    if let Some(support) = shared.support() {
        let told = std::slice::from_ref(&read);
        keys.iter()
            .for_each(|key| support.notify_all(key, told, shared.allocators));
    }
    Ok(S_OK)
}
