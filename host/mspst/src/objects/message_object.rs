//! The message object: IMessage.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    ADRLIST, CopyFlags, CreateAttachFlags, DeleteAttachFlags, GUID, GetAttachmentTableFlags,
    GetIDsFromNamesFlags, GetNamesFromIDsFlags, GetRecipientTableFlags, HRESULT, IAttach,
    IMAPIProp, IMAPIProp_Impl, IMAPITable, IMessage, IMessage_Impl, IUnknown, Interface,
    MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_FOUND, MAPIERROR, MAPINAMEID, ModifyRecipientsFlags,
    OpenAttachFlags, OpenPropertyFlags, PR_MESSAGE_ATTACHMENTS, PR_MESSAGE_RECIPIENTS, PropTag,
    ReadFlags, S_OK, SPropProblemArray, SPropTagArray, SPropValue, SaveChangesFlags, UnicodeFlags,
};
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::view::{self, AddressList};

use super::attach::{AttachObject, AttachState};
use super::copying::{self, Which};
use super::message_state::MessageState;
use super::named;
use super::recipients;
use super::stream;
use super::table::TableObject;
use crate::answers;
use crate::arguments;
use crate::db::Attachment;
use crate::fault::{Fault, LastFault, Result};
use crate::table::{Row, Source};

/// A message.
#[derive(MapiObject)]
#[mapi(implements(IMessage))]
pub(super) struct MessageObject {
    state: Arc<MessageState>,
    last: LastFault,
}

impl MessageObject {
    /// A message, as its interface.
    pub(super) fn open(state: Arc<MessageState>) -> *mut c_void {
        let object = ObjectRef::new(Self {
            state,
            last: LastFault::default(),
        });
        object.into_interface::<IMessage>().into_raw()
    }

    /// The table of attachments, as they are now.
    fn attachment_table(&self, unicode: bool) -> *mut c_void {
        let data = self.state.snapshot().data;
        let attachments = data.attachments.iter();
        let rows = attachments.map(|(number, one)| Row::Attachment(*number, Arc::clone(one)));
        TableObject::open(
            &self.state.shared,
            Source::Attachments(rows.collect()),
            unicode,
        )
    }

    /// The table of recipients, as they are now.
    fn recipient_table(&self, unicode: bool) -> *mut c_void {
        let data = self.state.snapshot().data;
        let rows = data
            .recipients
            .iter()
            .cloned()
            .map(Row::Recipient)
            .collect();
        TableObject::open(&self.state.shared, Source::Recipients(rows), unicode)
    }

    fn open_attachment(&self, number: u32, flags: OpenAttachFlags) -> Result<*mut c_void> {
        let gone = || Fault::new(MAPI_E_NOT_FOUND, "there is no attachment with this number");
        let attachment = self.state.attachment(number).ok_or_else(gone)?;
        let modify =
            flags.intersects(OpenAttachFlags::MAPI_MODIFY | OpenAttachFlags::MAPI_BEST_ACCESS);
        let writable = modify && self.state.is_writable();
        let state = AttachState::new(Arc::clone(&self.state), number, attachment, writable);
        Ok(AttachObject::open(state))
    }

    /// A new attachment, with its number. It is part of the message once it is saved.
    fn create_attachment(&self) -> Result<(u32, *mut c_void)> {
        let number = self.state.new_attachment()?;
        let attachment = Arc::new(Attachment::default());
        let state = AttachState::new(Arc::clone(&self.state), number, attachment, true);
        Ok((number, AttachObject::open(state)))
    }

    /// The object of a property: one of the two tables, or a stream.
    fn open_property(
        &self,
        tag: PropTag,
        iid: &GUID,
        options: u32,
        flags: OpenPropertyFlags,
    ) -> Result<*mut c_void> {
        let unicode = options & UnicodeFlags::MAPI_UNICODE.bits() != 0;
        let is_table = *iid == IMAPITable::IID;
        if is_table && tag.id() == PR_MESSAGE_RECIPIENTS.id() {
            Ok(self.recipient_table(unicode))
        } else if is_table && tag.id() == PR_MESSAGE_ATTACHMENTS.id() {
            Ok(self.attachment_table(unicode))
        } else {
            let owner = Arc::clone(&self.state);
            stream::open(owner, tag, iid, options, flags)
        }
    }

    /// Copies the message to another object.
    ///
    /// # Safety
    ///
    /// That of [`copying::copy`].
    unsafe fn copy(
        &self,
        which: &Which,
        destination: *mut c_void,
        flags: CopyFlags,
        problems: *mut *mut SPropProblemArray,
    ) -> Result<HRESULT> {
        self.state.flush();
        let snapshot = self.state.snapshot();
        let from = copying::From::Message(&snapshot.data);
        let shared = &self.state.shared;
        // SAFETY: the caller's word.
        unsafe { copying::copy(shared, from, which, destination, flags, problems) }
    }
}

/// The interfaces with which an attachment can be opened.
const ATTACHMENT: [GUID; 3] = [IAttach::IID, IMAPIProp::IID, IUnknown::IID];

impl IMAPIProp_Impl for MessageObject {
    unsafe fn GetLastError(
        this: &Object<Self>,
        hResult: HRESULT,
        ulFlags: UnicodeFlags,
        lppMAPIError: *mut *mut MAPIERROR,
    ) -> HRESULT {
        let allocators = this.state.shared.allocators;
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { this.last.tell(hResult, ulFlags, allocators, lppMAPIError) }
    }

    unsafe fn SaveChanges(this: &Object<Self>, ulFlags: SaveChangesFlags) -> HRESULT {
        this.last.answer(this.state.save(ulFlags).map(|()| S_OK))
    }

    unsafe fn GetProps(
        this: &Object<Self>,
        lpPropTagArray: *mut SPropTagArray,
        ulFlags: UnicodeFlags,
        lpcValues: *mut u32,
        lppPropArray: *mut *mut SPropValue,
    ) -> HRESULT {
        let shared = &this.state.shared;
        let snapshot = this.state.snapshot();
        // SAFETY: the thunk has checked the outs; the tags are the caller's word.
        this.last.answer(unsafe {
            answers::get_props(
                &snapshot.view(shared),
                shared.allocators,
                lpPropTagArray,
                ulFlags,
                lpcValues,
                lppPropArray,
            )
        })
    }

    unsafe fn GetPropList(
        this: &Object<Self>,
        ulFlags: UnicodeFlags,
        lppPropTagArray: *mut *mut SPropTagArray,
    ) -> HRESULT {
        let shared = &this.state.shared;
        let snapshot = this.state.snapshot();
        let view = snapshot.view(shared);
        // SAFETY: the thunk has checked that it is not NULL.
        this.last.answer(unsafe {
            answers::get_prop_list(&view, shared.allocators, ulFlags, lppPropTagArray)
        })
    }

    unsafe fn OpenProperty(
        this: &Object<Self>,
        ulPropTag: PropTag,
        lpiid: *const GUID,
        ulInterfaceOptions: u32,
        ulFlags: OpenPropertyFlags,
        lppUnk: *mut *mut c_void,
    ) -> HRESULT {
        // SAFETY: the thunk has checked that it is not NULL, so it is a GUID.
        let iid = unsafe { *lpiid };
        let opened = this.open_property(ulPropTag, &iid, ulInterfaceOptions, ulFlags);
        this.last.answer(opened.map(|object| {
            // SAFETY: the thunk has checked that it is not NULL.
            unsafe { *lppUnk = object };
            S_OK
        }))
    }

    unsafe fn SetProps(
        this: &Object<Self>,
        cValues: u32,
        lpPropArray: *mut SPropValue,
        lppProblems: *mut *mut SPropProblemArray,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let given = unsafe { arguments::properties(cValues, lpPropArray) };
        let problems = given.and_then(|given| this.state.set_props(given));
        this.last.answer(problems.and_then(|problems| {
            // SAFETY: NULL or the caller's to be written to.
            unsafe { problems.give(this.state.shared.allocators, lppProblems) }
        }))
    }

    unsafe fn DeleteProps(
        this: &Object<Self>,
        lpPropTagArray: *mut SPropTagArray,
        lppProblems: *mut *mut SPropProblemArray,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let tags = unsafe { arguments::tags(lpPropTagArray) };
        let tags = tags.and_then(|tags| tags.ok_or_else(|| MAPI_E_INVALID_PARAMETER.into()));
        let problems = tags.and_then(|tags| this.state.delete_props(tags));
        this.last.answer(problems.and_then(|problems| {
            // SAFETY: NULL or the caller's to be written to.
            unsafe { problems.give(this.state.shared.allocators, lppProblems) }
        }))
    }

    unsafe fn CopyTo(
        this: &Object<Self>,
        _ciidExclude: u32,
        _rgiidExclude: *const GUID,
        lpExcludeProps: *mut SPropTagArray,
        _ulUIParam: usize,
        _lpProgress: *mut c_void,
        _lpInterface: *const GUID,
        lpDestObj: *mut c_void,
        ulFlags: CopyFlags,
        lppProblems: *mut *mut SPropProblemArray,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let which = unsafe { copying::all_but(lpExcludeProps) };
        this.last.answer(which.and_then(|which| {
            // SAFETY: the caller's word.
            unsafe { this.copy(&which, lpDestObj, ulFlags, lppProblems) }
        }))
    }

    unsafe fn CopyProps(
        this: &Object<Self>,
        lpIncludeProps: *mut SPropTagArray,
        _ulUIParam: usize,
        _lpProgress: *mut c_void,
        _lpInterface: *const GUID,
        lpDestObj: *mut c_void,
        ulFlags: CopyFlags,
        lppProblems: *mut *mut SPropProblemArray,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let which = unsafe { copying::these(lpIncludeProps) };
        this.last.answer(which.and_then(|which| {
            // SAFETY: the caller's word.
            unsafe { this.copy(&which, lpDestObj, ulFlags, lppProblems) }
        }))
    }

    unsafe fn GetNamesFromIDs(
        this: &Object<Self>,
        lppPropTags: *mut *mut SPropTagArray,
        lpPropSetGuid: *mut GUID,
        ulFlags: GetNamesFromIDsFlags,
        lpcPropNames: *mut u32,
        lpppPropNames: *mut *mut *mut MAPINAMEID,
    ) -> HRESULT {
        // SAFETY: the thunk has checked the required ones; the rest is the caller's word.
        this.last.answer(unsafe {
            named::names_from_ids(
                &this.state.shared,
                lppPropTags,
                lpPropSetGuid,
                ulFlags,
                lpcPropNames,
                lpppPropNames,
            )
        })
    }

    unsafe fn GetIDsFromNames(
        this: &Object<Self>,
        cPropNames: u32,
        lppPropNames: *mut *mut MAPINAMEID,
        ulFlags: GetIDsFromNamesFlags,
        lppPropTags: *mut *mut SPropTagArray,
    ) -> HRESULT {
        let shared = &this.state.shared;
        // SAFETY: the thunk has checked the required ones; the rest is the caller's word.
        this.last.answer(unsafe {
            named::ids_from_names(shared, cPropNames, lppPropNames, ulFlags, lppPropTags)
        })
    }
}

impl IMessage_Impl for MessageObject {
    unsafe fn GetAttachmentTable(
        this: &Object<Self>,
        ulFlags: GetAttachmentTableFlags,
        lppTable: *mut *mut c_void,
    ) -> HRESULT {
        let unicode = ulFlags.contains(GetAttachmentTableFlags::MAPI_UNICODE);
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { *lppTable = this.attachment_table(unicode) };
        S_OK
    }

    unsafe fn OpenAttach(
        this: &Object<Self>,
        ulAttachmentNum: u32,
        lpInterface: *const GUID,
        ulFlags: OpenAttachFlags,
        lppAttach: *mut *mut c_void,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let checked = unsafe { arguments::check_interface(lpInterface, &ATTACHMENT) };
        let opened = checked.and_then(|()| this.open_attachment(ulAttachmentNum, ulFlags));
        this.last.answer(opened.map(|attachment| {
            // SAFETY: the thunk has checked that it is not NULL.
            unsafe { *lppAttach = attachment };
            S_OK
        }))
    }

    unsafe fn CreateAttach(
        this: &Object<Self>,
        lpInterface: *const GUID,
        _ulFlags: CreateAttachFlags,
        lpulAttachmentNum: *mut u32,
        lppAttach: *mut *mut c_void,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let checked = unsafe { arguments::check_interface(lpInterface, &ATTACHMENT) };
        let created = checked.and_then(|()| this.create_attachment());
        this.last.answer(created.map(|(number, attachment)| {
            // SAFETY: the thunk has checked that neither is NULL.
            unsafe {
                *lpulAttachmentNum = number;
                *lppAttach = attachment;
            }
            S_OK
        }))
    }

    unsafe fn DeleteAttach(
        this: &Object<Self>,
        ulAttachmentNum: u32,
        _ulUIParam: usize,
        _lpProgress: *mut c_void,
        _ulFlags: DeleteAttachFlags,
    ) -> HRESULT {
        this.last.answer(this.state.change(|data| {
            let deleted = data.attachments.remove(&ulAttachmentNum);
            let gone = || Fault::new(MAPI_E_NOT_FOUND, "there is no attachment with this number");
            deleted.map(|_| S_OK).ok_or_else(gone)
        }))
    }

    unsafe fn GetRecipientTable(
        this: &Object<Self>,
        ulFlags: GetRecipientTableFlags,
        lppTable: *mut *mut c_void,
    ) -> HRESULT {
        let unicode = ulFlags.contains(GetRecipientTableFlags::MAPI_UNICODE);
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { *lppTable = this.recipient_table(unicode) };
        S_OK
    }

    unsafe fn ModifyRecipients(
        this: &Object<Self>,
        ulFlags: ModifyRecipientsFlags,
        lpMods: *mut ADRLIST,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let list = unsafe { view::read_optional::<AddressList>(lpMods, &arguments::limits()) };
        this.last.answer(list.map_err(Fault::from).and_then(|list| {
            let list = list.unwrap_or_default();
            this.state
                .change(|data| recipients::modify(&mut data.recipients, ulFlags, &list))?;
            Ok(S_OK)
        }))
    }

    unsafe fn SetReadFlag(this: &Object<Self>, ulFlags: ReadFlags) -> HRESULT {
        this.last
            .answer(this.state.set_read(ulFlags).map(|()| S_OK))
    }
}
