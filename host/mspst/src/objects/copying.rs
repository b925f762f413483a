//! `CopyTo` and `CopyProps`: to any object that has the interfaces, in this store or another.

use std::ffi::c_void;
use std::ptr;

use mapi_provider::abi::{
    CopyFlags, CreateAttachFlags, GUID, GetIDsFromNamesFlags, HRESULT, IAttach, IMAPIProp,
    IMessage, Interface, MAPI_E_INVALID_PARAMETER, MAPI_E_NO_SUPPORT, MAPI_E_TOO_COMPLEX,
    ModifyRecipientsFlags, OpenPropertyFlags, PR_ATTACH_DATA_OBJ, PR_MAPPING_SIGNATURE,
    PR_MESSAGE_ATTACHMENTS, PR_MESSAGE_RECIPIENTS, PR_ROWID, PropTag, SPropProblemArray,
    SPropTagArray, SaveChangesFlags, UnicodeFlags,
};
use mapi_provider::view::{
    AddressList, Limits, PropName, PropProblems, PropTags, PropValue, Property, Row,
};

use super::shared::StoreShared;
use crate::answers::Problems;
use crate::arguments;
use crate::db::{Attachment, DEEPEST, MessageData, PropSet, borrowed};
use crate::fault::{Fault, Result};

/// What is copied.
#[derive(Clone, Copy)]
pub(super) enum From<'a> {
    Message(&'a MessageData),
    Attachment(&'a Attachment),
    /// A folder's or store's: properties only.
    Properties(&'a PropSet),
}

impl<'a> From<'a> {
    fn props(self) -> &'a PropSet {
        match self {
            Self::Message(message) => &message.props,
            Self::Attachment(attachment) => &attachment.props,
            Self::Properties(props) => props,
        }
    }
}

/// Which properties are copied.
pub(super) enum Which {
    AllBut(Vec<PropTag>),
    These(Vec<PropTag>),
}

impl Which {
    fn has(&self, id: u16) -> bool {
        let among = |tags: &[PropTag]| tags.iter().any(|tag| tag.id() == id);
        match self {
            Self::AllBut(tags) => !among(tags),
            Self::These(tags) => among(tags),
        }
    }

    /// The position of a property in the call's list.
    fn index(&self, id: u16) -> usize {
        let (Self::AllBut(tags) | Self::These(tags)) = self;
        tags.iter().position(|tag| tag.id() == id).unwrap_or(0)
    }
}

/// The excluded properties of `CopyTo`.
///
/// # Safety
///
/// NULL, or an array with as many tags as it says.
pub(super) unsafe fn all_but(tags: *const SPropTagArray) -> Result<Which> {
    // SAFETY: the caller's word.
    let tags = unsafe { arguments::tags(tags) }?;
    Ok(Which::AllBut(tags.unwrap_or_default()))
}

/// The included properties of `CopyProps`.
///
/// # Safety
///
/// NULL, or an array with as many tags as it says.
pub(super) unsafe fn these(tags: *const SPropTagArray) -> Result<Which> {
    // SAFETY: the caller's word.
    let tags = unsafe { arguments::tags(tags) }?;
    Ok(Which::These(tags.ok_or(MAPI_E_INVALID_PARAMETER)?))
}

/// Copies to the object at a pointer.
///
/// # Safety
///
/// The destination is NULL or has IMAPIProp, the problems are NULL or valid for a write.
pub(super) unsafe fn copy(
    shared: &StoreShared,
    from: From<'_>,
    which: &Which,
    destination: *mut c_void,
    flags: CopyFlags,
    out: *mut *mut SPropProblemArray,
) -> Result<HRESULT> {
    if flags.contains(CopyFlags::MAPI_MOVE) {
        let text = "properties can be copied, not moved";
        return Err(Fault::new(MAPI_E_NO_SUPPORT, text));
    }
    // SAFETY: the caller's word.
    let to = unsafe { IMAPIProp::from_raw_borrowed(&destination) };
    let to = to.ok_or(MAPI_E_INVALID_PARAMETER)?;
    let keep = flags.contains(CopyFlags::MAPI_NOREPLACE);
    let problems = copy_object(shared, from, which, to, keep, 0)?;
    // SAFETY: the caller's word.
    unsafe { problems.give(shared.allocators, out) }
}

/// A whole message, to a new message.
pub(super) fn copy_message(shared: &StoreShared, data: &MessageData, to: &IMAPIProp) -> Result<()> {
    let all = Which::AllBut(Vec::new());
    copy_object(shared, From::Message(data), &all, to, false, 0).map(drop)
}

fn copy_object(
    shared: &StoreShared,
    from: From<'_>,
    which: &Which,
    to: &IMAPIProp,
    keep: bool,
    depth: usize,
) -> Result<Problems> {
    if depth > DEEPEST {
        return Err(Fault::new(
            MAPI_E_TOO_COMPLEX,
            "messages are nested too deeply",
        ));
    }
    let there = if keep {
        tags_of(shared, to)?
    } else {
        Vec::new()
    };
    let wanted = |id: u16| which.has(id) && !there.iter().any(|tag| tag.id() == id);
    let problems = copy_props(shared, from.props(), which, to, wanted)?;
    match from {
        From::Message(data) => {
            let message = to.cast::<IMessage>();
            if let Ok(message) = message {
                copy_parts(shared, data, which, &message, depth)?;
            }
        }
        From::Attachment(Attachment {
            embedded: Some(data),
            ..
        }) if wanted(PR_ATTACH_DATA_OBJ.id()) => {
            copy_embedded(shared, data, to, depth)?;
        }
        From::Attachment(_) | From::Properties(_) => {}
    }
    Ok(problems)
}

fn checked(status: HRESULT) -> Result<()> {
    if status.is_ok() {
        Ok(())
    } else {
        Err(status.into())
    }
}

fn copy_props(
    shared: &StoreShared,
    props: &PropSet,
    which: &Which,
    to: &IMAPIProp,
    wanted: impl Fn(u16) -> bool,
) -> Result<Problems> {
    let ids = Ids::new(shared, to);
    let properties = props
        .iter()
        .filter(|(id, _)| wanted(*id))
        .filter_map(|(id, value)| {
            let there = ids.there(shared, to, id)?;
            Some((id, Property::with_id(there, borrowed(value))))
        });
    let (own, properties): (Vec<u16>, Vec<Property<'_>>) = properties.unzip();
    let mut problems = Problems::default();
    if properties.is_empty() {
        return Ok(problems);
    }
    let built = shared.allocators.build(&properties[..])?;
    let mut found: *mut SPropProblemArray = ptr::null_mut();
    // SAFETY: as many properties as there are, and a live variable; what comes back is ours to free.
    let found = unsafe {
        checked(to.SetProps(built.count(), built.as_ptr(), &mut found))?;
        shared.allocators.adopt(found, 1)
    };
    let Some(found) = found else {
        return Ok(problems);
    };
    let found: PropProblems = found.read(&Limits::default())?;
    for problem in found.0 {
        if let Some(id) = own.get(problem.index as usize) {
            let tag = PropTag::new(*id, problem.tag.prop_type());
            problems.add(which.index(*id), tag, problem.status);
        }
    }
    Ok(problems)
}

/// The IDs of named properties at the destination.
enum Ids {
    /// The same as here.
    Same,
    Others,
}

impl Ids {
    fn new(shared: &StoreShared, to: &IMAPIProp) -> Self {
        let signature = value_of(shared, to, PR_MAPPING_SIGNATURE);
        match signature.as_ref().and_then(PropValue::as_binary) {
            Some(signature) if signature == shared.identity.uid => Self::Same,
            _ => Self::Others,
        }
    }

    /// The ID of one of our properties there; `None` if it has no name here, or can't have one
    /// there.
    fn there(&self, shared: &StoreShared, to: &IMAPIProp, id: u16) -> Option<u16> {
        if matches!(self, Self::Same) || !PropTag::new(id, 0).is_named() {
            return Some(id);
        }
        let name = shared.db.read(|state| state.names.name(id).cloned())?;
        named(shared, to, name).ok()
    }
}

fn named(shared: &StoreShared, to: &IMAPIProp, name: PropName<'static>) -> Result<u16> {
    let names = shared.allocators.build(&[name][..])?;
    let mut tags = ptr::null_mut();
    // SAFETY: as many names as there are, and a live variable; what comes back is ours to free.
    let tags = unsafe {
        let flags = GetIDsFromNamesFlags::MAPI_CREATE;
        checked(to.GetIDsFromNames(names.count(), names.as_ptr(), flags, &mut tags))?;
        shared.allocators.adopt(tags, 1)
    };
    let tags = tags.ok_or(MAPI_E_INVALID_PARAMETER)?;
    let tags: PropTags<'_> = tags.read(&Limits::default())?;
    let tag = tags.first().filter(|tag| tag.is_named());
    Ok(tag.ok_or(MAPI_E_NO_SUPPORT)?.id())
}

/// A property of another object.
pub(super) fn value_of(
    shared: &StoreShared,
    object: &IMAPIProp,
    tag: PropTag,
) -> Option<PropValue<'static>> {
    let tags = shared.allocators.build(&PropTags::from(&[tag][..])).ok()?;
    let (mut count, mut values) = (0, ptr::null_mut());
    // SAFETY: tags and live variables; what comes back is ours to free.
    let values = unsafe {
        let flags = UnicodeFlags::MAPI_UNICODE;
        let status = object.GetProps(tags.as_ptr(), flags, &mut count, &mut values);
        let values = shared.allocators.adopt(values, count);
        values.filter(|_| status.is_ok())?
    };
    let properties = values.read_all::<Property>(&Limits::default()).ok()?;
    properties
        .into_iter()
        .next()
        .map(|property| property.value.into_owned())
}

/// All tags of another object.
fn tags_of(shared: &StoreShared, object: &IMAPIProp) -> Result<Vec<PropTag>> {
    let mut tags = ptr::null_mut();
    // SAFETY: a live variable; what comes back is ours to free.
    let tags = unsafe {
        checked(object.GetPropList(UnicodeFlags::MAPI_UNICODE, &mut tags))?;
        shared.allocators.adopt(tags, 1)
    };
    let Some(tags) = tags else {
        return Ok(Vec::new());
    };
    let tags: PropTags<'_> = tags.read(&Limits::default())?;
    Ok(tags.to_vec())
}

/// Recipients and attachments.
fn copy_parts(
    shared: &StoreShared,
    data: &MessageData,
    which: &Which,
    to: &IMessage,
    depth: usize,
) -> Result<()> {
    if which.has(PR_MESSAGE_RECIPIENTS.id()) && !data.recipients.is_empty() {
        let entry = |recipient: &crate::db::Recipient| {
            let props = recipient.props.iter();
            let mut entry: Vec<Property<'static>> = props
                .map(|(id, value)| Property::with_id(id, value.clone()))
                .collect();
            entry.push(Property::new(PR_ROWID, recipient.row as i32));
            Row::from(entry)
        };
        let list = AddressList(data.recipients.iter().map(entry).collect());
        let list = shared.allocators.build(&list)?;
        // SAFETY: an address list.
        checked(unsafe { to.ModifyRecipients(ModifyRecipientsFlags::empty(), list.as_ptr()) })?;
    }
    if which.has(PR_MESSAGE_ATTACHMENTS.id()) {
        for attachment in data.attachments.values() {
            copy_attachment(shared, attachment, to, depth)?;
        }
    }
    Ok(())
}

fn copy_attachment(
    shared: &StoreShared,
    attachment: &Attachment,
    to: &IMessage,
    depth: usize,
) -> Result<()> {
    let (mut number, mut out) = (0, ptr::null_mut());
    // SAFETY: live variables; the reference is ours.
    let copy = unsafe {
        checked(to.CreateAttach(
            ptr::null(),
            CreateAttachFlags::empty(),
            &mut number,
            &mut out,
        ))?;
        IAttach::from_raw(out)
    };
    let all = Which::AllBut(Vec::new());
    copy_object(
        shared,
        From::Attachment(attachment),
        &all,
        &copy,
        false,
        depth,
    )?;
    // SAFETY: a call without pointers.
    checked(unsafe { copy.SaveChanges(SaveChangesFlags::empty()) })
}

fn copy_embedded(
    shared: &StoreShared,
    data: &MessageData,
    to: &IMAPIProp,
    depth: usize,
) -> Result<()> {
    let flags = OpenPropertyFlags::MAPI_CREATE | OpenPropertyFlags::MAPI_MODIFY;
    let iid: GUID = IMessage::IID;
    let mut out = ptr::null_mut();
    // SAFETY: a live GUID and a live variable; the reference is ours.
    let message = unsafe {
        checked(to.OpenProperty(PR_ATTACH_DATA_OBJ, &iid, 0, flags, &mut out))?;
        IMessage::from_raw(out)
    };
    let all = Which::AllBut(Vec::new());
    copy_object(
        shared,
        From::Message(data),
        &all,
        &message,
        false,
        depth + 1,
    )?;
    // SAFETY: a call without pointers.
    checked(unsafe { message.SaveChanges(SaveChangesFlags::empty()) })
}
