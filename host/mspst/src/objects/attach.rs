//! The attachment object: IAttach.

use std::ffi::c_void;
use std::sync::{Arc, Mutex, Weak};

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    ATTACH_EMBEDDED_MSG, CopyFlags, GUID, GetIDsFromNamesFlags, GetNamesFromIDsFlags, HRESULT,
    IAttach, IAttach_Impl, IMAPIProp_Impl, IMessage, Interface, MAPI_E_COMPUTED,
    MAPI_E_INVALID_PARAMETER, MAPI_E_NO_ACCESS, MAPI_E_NOT_FOUND, MAPI_E_TOO_COMPLEX, MAPIERROR,
    MAPINAMEID, OpenPropertyFlags, PR_ATTACH_DATA_OBJ, PR_ATTACH_METHOD, PT_ERROR, PT_NULL,
    PT_OBJECT, PropTag, S_OK, SPropProblemArray, SPropTagArray, SPropValue, SaveChangesFlags,
    UnicodeFlags,
};
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::view::PropValue;

use super::copying::{self, Which};
use super::message_object::MessageObject;
use super::message_state::MessageState;
use super::named;
use super::shared::{StoreShared, lock};
use super::stream::{self, Pending};
use crate::answers::{self, Problems};
use crate::arguments::{self, Given};
use crate::computed::AttachmentView;
use crate::db::{Attachment, DEEPEST, MessageData};
use crate::fault::{Fault, LastFault, Result};

/// An open attachment: the copy that its client works on. Saving it makes it part of its
/// message's copy; saving that makes it part of the store.
pub(super) struct AttachState {
    pub(super) message: Arc<MessageState>,
    number: u32,
    working: Mutex<Working>,
}

struct Working {
    attachment: Arc<Attachment>,
    is_writable: bool,
    /// Changes that are not in the attachment yet.
    pending: Vec<Weak<dyn Pending>>,
}

impl AttachState {
    pub(super) fn new(
        message: Arc<MessageState>,
        number: u32,
        attachment: Arc<Attachment>,
        is_writable: bool,
    ) -> Arc<Self> {
        let working = Mutex::new(Working {
            attachment,
            is_writable,
            pending: Vec::new(),
        });
        Arc::new(Self {
            message,
            number,
            working,
        })
    }

    fn shared(&self) -> &Arc<StoreShared> {
        &self.message.shared
    }

    /// The attachment as it is now, saved or not, and whether it may be changed.
    fn now(&self) -> (Arc<Attachment>, bool) {
        let working = lock(&self.working);
        (Arc::clone(&working.attachment), working.is_writable)
    }

    pub(super) fn is_writable(&self) -> bool {
        lock(&self.working).is_writable
    }

    /// Registers something to flush before the attachment is saved.
    pub(super) fn add_pending(&self, pending: Weak<dyn Pending>) {
        let mut working = lock(&self.working);
        working.pending.retain(|one| one.strong_count() > 0);
        working.pending.push(pending);
    }

    /// Adds what streams have not written back yet.
    fn flush(&self) {
        let pending: Vec<Weak<dyn Pending>> = lock(&self.working).pending.clone();
        let alive = pending.iter().filter_map(Weak::upgrade);
        alive.for_each(|pending| pending.flush());
    }

    /// Works with the attachment as its properties.
    pub(super) fn with_view<T>(&self, work: impl FnOnce(&AttachmentView<'_>) -> T) -> T {
        let (attachment, writable) = self.now();
        work(&AttachmentView {
            identity: &self.shared().identity,
            number: self.number,
            writable,
            attachment: &attachment,
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut Attachment) -> T) -> Result<T> {
        let mut working = lock(&self.working);
        if !working.is_writable {
            let text = "the attachment is open for reading only";
            return Err(Fault::new(MAPI_E_NO_ACCESS, text));
        }
        Ok(change(Arc::make_mut(&mut working.attachment)))
    }

    /// A message in it is saved.
    ///
    /// # Errors
    ///
    /// The attachment is open for reading only.
    pub(super) fn embed(&self, data: Arc<MessageData>) -> Result<()> {
        self.change(|attachment| attachment.embedded = Some(data))
    }

    pub(super) fn set_props(&self, given: Vec<Given>) -> Result<Problems> {
        self.change(|attachment| {
            let mut problems = Problems::default();
            for (index, Given { tag, value }) in given.into_iter().enumerate() {
                match value {
                    _ if matches!(tag.prop_type(), PT_ERROR | PT_NULL | PT_OBJECT) => {}
                    _ if AttachmentView::is_computed(tag.id()) => {
                        problems.add(index, tag, MAPI_E_COMPUTED);
                    }
                    Ok(value) => attachment.props.set(tag.id(), value),
                    Err(status) => problems.add(index, tag, status),
                }
            }
            problems
        })
    }

    fn delete_props(&self, tags: Vec<PropTag>) -> Result<Problems> {
        self.change(|attachment| {
            let mut problems = Problems::default();
            for (index, tag) in tags.into_iter().enumerate() {
                if AttachmentView::is_computed(tag.id()) {
                    problems.add(index, tag, MAPI_E_COMPUTED);
                } else if tag.id() == PR_ATTACH_DATA_OBJ.id() && attachment.embedded.is_some() {
                    attachment.embedded = None;
                } else if attachment.props.remove(tag.id()).is_none() {
                    problems.add(index, tag, MAPI_E_NOT_FOUND);
                }
            }
            problems
        })
    }

    /// Copies the attachment to another object.
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
        self.flush();
        let (attachment, _) = self.now();
        let from = copying::From::Attachment(&attachment);
        // SAFETY: the caller's word.
        unsafe { copying::copy(self.shared(), from, which, destination, flags, problems) }
    }

    /// Into the copy of the message.
    fn save(&self, flags: SaveChangesFlags) -> Result<()> {
        self.flush();
        let (attachment, is_writable) = self.now();
        if !is_writable {
            let text = "the attachment is open for reading only";
            return Err(Fault::new(MAPI_E_NO_ACCESS, text));
        }
        self.message.change(|data| {
            data.attachments.insert(self.number, attachment);
            Ok(())
        })?;
        lock(&self.working).is_writable = flags.contains(SaveChangesFlags::KEEP_OPEN_READWRITE);
        Ok(())
    }

    /// The message in the attachment.
    fn open_message(self: &Arc<Self>, flags: OpenPropertyFlags) -> Result<*mut c_void> {
        let (attachment, is_writable) = self.now();
        let modify =
            flags.intersects(OpenPropertyFlags::MAPI_MODIFY | OpenPropertyFlags::MAPI_CREATE);
        let data = attachment.embedded.clone();
        if data.is_none() {
            if !flags.contains(OpenPropertyFlags::MAPI_CREATE) {
                return Err(Fault::new(
                    MAPI_E_NOT_FOUND,
                    "the attachment has no message in it",
                ));
            }
            self.change(|attachment| {
                let method = PropValue::Long(ATTACH_EMBEDDED_MSG as i32);
                attachment.props.put(PR_ATTACH_METHOD, method);
            })?;
        }
        if self.message.depth() + 1 >= DEEPEST {
            let text = "messages are nested too deeply";
            return Err(Fault::new(MAPI_E_TOO_COMPLEX, text));
        }
        let state = MessageState::of_embedded(Arc::clone(self), data, modify && is_writable);
        Ok(MessageObject::open(state))
    }
}

/// An attachment.
#[derive(MapiObject)]
#[mapi(implements(IAttach))]
pub(super) struct AttachObject {
    state: Arc<AttachState>,
    last: LastFault,
}

impl AttachObject {
    /// An attachment, as its interface.
    pub(super) fn open(state: Arc<AttachState>) -> *mut c_void {
        let object = ObjectRef::new(Self {
            state,
            last: LastFault::default(),
        });
        object.into_interface::<IAttach>().into_raw()
    }
}

impl IAttach_Impl for AttachObject {}

impl IMAPIProp_Impl for AttachObject {
    unsafe fn GetLastError(
        this: &Object<Self>,
        hResult: HRESULT,
        ulFlags: UnicodeFlags,
        lppMAPIError: *mut *mut MAPIERROR,
    ) -> HRESULT {
        let allocators = this.state.shared().allocators;
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
        let allocators = this.state.shared().allocators;
        // SAFETY: the thunk has checked the outs; the tags are the caller's word.
        this.last.answer(this.state.with_view(|view| unsafe {
            answers::get_props(
                view,
                allocators,
                lpPropTagArray,
                ulFlags,
                lpcValues,
                lppPropArray,
            )
        }))
    }

    unsafe fn GetPropList(
        this: &Object<Self>,
        ulFlags: UnicodeFlags,
        lppPropTagArray: *mut *mut SPropTagArray,
    ) -> HRESULT {
        let allocators = this.state.shared().allocators;
        // SAFETY: the thunk has checked that it is not NULL.
        this.last.answer(this.state.with_view(|view| unsafe {
            answers::get_prop_list(view, allocators, ulFlags, lppPropTagArray)
        }))
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
        let opened = if ulPropTag.id() == PR_ATTACH_DATA_OBJ.id() && iid == IMessage::IID {
            this.state.open_message(ulFlags)
        } else {
            let owner = Arc::clone(&this.state);
            stream::open(owner, ulPropTag, &iid, ulInterfaceOptions, ulFlags)
        };
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
            unsafe { problems.give(this.state.shared().allocators, lppProblems) }
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
            unsafe { problems.give(this.state.shared().allocators, lppProblems) }
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
            unsafe { this.state.copy(&which, lpDestObj, ulFlags, lppProblems) }
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
            unsafe { this.state.copy(&which, lpDestObj, ulFlags, lppProblems) }
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
        let shared = this.state.shared();
        // SAFETY: the thunk has checked the required ones; the rest is the caller's word.
        this.last.answer(unsafe {
            named::names_from_ids(
                shared,
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
        let shared = this.state.shared();
        // SAFETY: the thunk has checked the required ones; the rest is the caller's word.
        this.last.answer(unsafe {
            named::ids_from_names(shared, cPropNames, lppPropNames, ulFlags, lppPropTags)
        })
    }
}
