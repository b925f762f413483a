//! `CopyTo` and `CopyProps`: to whatever object has the interfaces, of this store or another (STORE-32).

use std::ffi::c_void;

use mapi_provider_abi::mapi::{
    CopyFlags, GUID, HRESULT, IAttach, IMAPIContainer, IMAPIFolder, IMAPIProp, IMessage, IMsgStore,
    IUnknown, Interface, MAPI_ATTACH, MAPI_E_COMPUTED, MAPI_E_INTERFACE_NOT_SUPPORTED,
    MAPI_E_INVALID_PARAMETER, MAPI_E_NO_ACCESS, MAPI_E_TOO_BIG, PR_OBJECT_TYPE, PR_RECORD_KEY,
    PR_STORE_RECORD_KEY, PropTag, SPropProblemArray, SPropTagArray,
};
use mapi_provider_abi::view::PropValue;

use super::answers;
use super::arguments;
use super::copier::{Copied, Copier};
use super::fault::{Fault, Result};
use super::foreign::{self, Foreign};
use super::progress::{Asked, Progress};
use super::shared::StoreShared;
use super::which::Which;
use crate::database::{Attachment, MessageData, PropertySet};

/// The most interfaces of a call.
const MOST: u32 = 1 << 10;

/// What is copied.
#[derive(Clone, Copy)]
pub(super) enum From<'a> {
    /// A message, with recipients and attachments.
    Message(&'a MessageData),
    /// An attachment.
    Attachment(&'a Attachment),
    /// A folder's: properties only.
    Folder(&'a PropertySet),
    /// A store's: properties only.
    Store(&'a PropertySet),
}

/// The object that is copied, beside what it holds.
pub(super) struct Origin<'a> {
    /// The object itself, as clients have it.
    pub(super) object: IUnknown,
    /// `PR_RECORD_KEY` of a folder, store or message. An attachment brings its own.
    pub(super) record_key: Option<Vec<u8>>,
    /// Deletes what has been moved: properties, `PR_MESSAGE_RECIPIENTS` and `PR_MESSAGE_ATTACHMENTS` among them. None
    /// where the object is open for reading only.
    pub(super) remove: Option<Remove<'a>>,
}

/// Deletes properties of what is moved.
pub(super) type Remove<'a> = &'a dyn Fn(&[PropTag]) -> Result<()>;

/// Where the arguments of `CopyTo` and `CopyProps` say that copies go.
#[derive(Clone, Copy)]
pub(super) struct Target {
    /// The interface that `object` is of.
    pub(super) interface: *const GUID,
    /// The destination.
    pub(super) object: *mut c_void,
    /// How.
    pub(super) flags: CopyFlags,
    /// Above which window MAPI's display of progress is shown.
    pub(super) window: usize,
    /// Where progress is shown; NULL for MAPI's own display.
    pub(super) progress: *mut c_void,
    /// Where problems go.
    pub(super) problems: *mut *mut SPropProblemArray,
}

/// What the arguments of `CopyTo` say.
pub(super) struct CopyTo<'a> {
    /// What is copied.
    pub(super) origin: Origin<'a>,
    /// How many interfaces are excluded.
    pub(super) interface_count: u32,
    /// The interfaces.
    pub(super) interfaces: *const GUID,
    /// The properties that are excluded.
    pub(super) excluded: *const SPropTagArray,
    /// Where the copies go.
    pub(super) target: Target,
}

/// What the arguments of `CopyProps` say.
pub(super) struct CopyProps<'a> {
    /// What is copied.
    pub(super) origin: Origin<'a>,
    /// The properties that are copied.
    pub(super) included: *const SPropTagArray,
    /// Where the copies go.
    pub(super) target: Target,
}

/// `CopyTo`.
///
/// # Errors
///
/// See [`copy`]; nothing is left that could be copied.
///
/// # Safety
///
/// The pointers are as MAPI's page says.
pub(super) unsafe fn copy_to(
    shared: &StoreShared,
    from: From<'_>,
    arguments: &CopyTo<'_>,
) -> Result<HRESULT> {
    // SAFETY: the caller's word.
    let (excluded, interfaces) = unsafe {
        (
            arguments::tags(arguments.excluded)?,
            interfaces(arguments.interface_count, arguments.interfaces)?,
        )
    };
    if excluded.as_ref().is_some_and(Vec::is_empty) {
        let text = "the list of excluded properties is empty: give NULL to exclude none";
        return Err(Fault::new(MAPI_E_INVALID_PARAMETER, text));
    }
    let which = Which::AllBut {
        tags: excluded.unwrap_or_default(),
        parts: has_parts(from, &interfaces)?,
    };
    // SAFETY: the caller's word.
    unsafe { copy(shared, from, &arguments.origin, &which, &arguments.target) }
}

/// `CopyProps`.
///
/// # Errors
///
/// See [`copy`].
///
/// # Safety
///
/// As [`copy_to`].
pub(super) unsafe fn copy_props(
    shared: &StoreShared,
    from: From<'_>,
    arguments: &CopyProps<'_>,
) -> Result<HRESULT> {
    // SAFETY: the caller's word.
    let included = unsafe { arguments::tags(arguments.included) }?;
    let none = || Fault::new(MAPI_E_INVALID_PARAMETER, "there are no properties to copy");
    let included = included.filter(|tags| !tags.is_empty()).ok_or_else(none)?;
    let which = Which::These(included);
    // SAFETY: the caller's word.
    unsafe { copy(shared, from, &arguments.origin, &which, &arguments.target) }
}

/// Interfaces of a call.
///
/// # Safety
///
/// NULL, or as many as the count says.
unsafe fn interfaces(count: u32, first: *const GUID) -> Result<Vec<GUID>> {
    if count > MOST {
        return Err(MAPI_E_TOO_BIG.into());
    }
    if first.is_null() && count > 0 {
        return Err(MAPI_E_INVALID_PARAMETER.into());
    }
    // SAFETY: the caller's word. A structure of a 32-bit caller need not be aligned.
    let one = |index| unsafe { first.add(index).read_unaligned() };
    Ok((0..count as usize).map(one).collect())
}

/// Whether more than properties is copied: what is excluded is an interface with all that are derived from it.
///
/// # Errors
///
/// No interface is left that could copy something.
fn has_parts(from: From<'_>, excluded: &[GUID]) -> Result<bool> {
    if excluded
        .iter()
        .any(|iid| [IUnknown::IID, IMAPIProp::IID].contains(iid))
    {
        let text = "all interfaces are excluded that something could be copied by";
        return Err(Fault::new(MAPI_E_INTERFACE_NOT_SUPPORTED, text));
    }
    let own: &[GUID] = match from {
        From::Message(_) => &[IMessage::IID],
        From::Attachment(_) => &[IAttach::IID],
        From::Folder(_) => &[IMAPIContainer::IID, IMAPIFolder::IID],
        From::Store(_) => &[IMsgStore::IID],
    };
    Ok(!excluded.iter().any(|iid| own.contains(iid)))
}

/// Copies, or moves.
///
/// # Errors
///
/// The destination is none, has not the interface that it should have, or is what is copied; the user gives up; the
/// destination takes nothing at all.
///
/// # Safety
///
/// As [`copy_to`].
unsafe fn copy(
    shared: &StoreShared,
    from: From<'_>,
    origin: &Origin<'_>,
    which: &Which,
    target: &Target,
) -> Result<HRESULT> {
    let moves = target.flags.contains(CopyFlags::MAPI_MOVE);
    if moves && origin.remove.is_none() {
        let text = "what is open for reading only can't be moved";
        return Err(Fault::new(MAPI_E_NO_ACCESS, text));
    }
    // SAFETY: the caller's word.
    let (to, progress) = unsafe {
        let asked = Asked {
            is_wanted: target.flags.contains(CopyFlags::MAPI_DIALOG),
            window: target.window,
            display: target.progress,
        };
        (destination(shared, target)?, Progress::new(shared, &asked))
    };
    if is_itself(shared, from, origin, &to) {
        let text = "an object can't be copied onto itself";
        return Err(Fault::new(MAPI_E_NO_ACCESS, text));
    }
    let keeps = target.flags.contains(CopyFlags::MAPI_NOREPLACE);
    let copies = || {
        let mut copier = Copier::new(shared, &to, progress);
        let copied = copier.copy(from, which, &to, keeps)?;
        if moves && let Some(remove) = origin.remove {
            remove(&copied.done)?;
        }
        let Copied { problems, .. } = copied;
        Ok(problems)
    };
    let most = which.most_problems(from);
    // SAFETY: the caller's word.
    unsafe { answers::with_problems(shared.allocators, target.problems, most, copies) }
}

/// The destination, which must have the interface that it is said to have.
///
/// # Safety
///
/// As [`copy_to`].
unsafe fn destination(shared: &StoreShared, target: &Target) -> Result<Foreign> {
    // SAFETY: the caller's word.
    unsafe {
        let object: IMAPIProp = foreign::interface(target.object)?;
        if let Some(iid) = target.interface.as_ref() {
            let mut found = std::ptr::null_mut();
            let status = object.query(iid, &raw mut found);
            if status.is_err() || found.is_null() {
                let text = format!("what is copied to has no interface {iid:?}");
                return Err(Fault::new(MAPI_E_INTERFACE_NOT_SUPPORTED, text));
            }
            drop(IUnknown::from_raw(found));
        }
        Ok(Foreign {
            object,
            allocators: shared.allocators,
        })
    }
}

/// Whether the destination is what is copied, perhaps as another object.
fn is_itself(shared: &StoreShared, from: From<'_>, origin: &Origin<'_>, to: &Foreign) -> bool {
    let identity = |object: &IUnknown| object.cast::<IUnknown>().ok();
    if identity(&origin.object) == identity(&to.object) {
        return true;
    }
    let key = match from {
        From::Attachment(attachment) => Some(attachment.id.number().to_le_bytes().to_vec()),
        _ => origin.record_key.clone(),
    };
    let Some(key) = key else { return false };
    let is_attachment = matches!(from, From::Attachment(_));
    let object_type = to.value(PR_OBJECT_TYPE);
    let object_type = object_type.as_ref().and_then(PropValue::as_long);
    let is_alike = is_attachment == (object_type == Some(MAPI_ATTACH.cast_signed()));
    is_alike
        && to.binary(PR_RECORD_KEY) == Some(key)
        && to.binary(PR_STORE_RECORD_KEY).as_deref() == Some(&shared.identity.uid)
}

/// Whether nothing is lost with a property that the destination refused: it works it out itself.
pub(super) fn is_harmless(status: HRESULT) -> bool {
    status == MAPI_E_COMPUTED
}
