//! The spooler's message: it counts calls, threads and references, and fails where it is told to.

use std::ffi::c_void;
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    ADRLIST, CreateAttachFlags, GetAttachmentTableFlags, GetRecipientTableFlags, IMAPIProp_Impl,
    IMAPITable, IMessage, IMessage_Impl, MAPI_E_INVALID_PARAMETER, MAPI_E_NO_SUPPORT,
    MAPI_E_NOT_ENOUGH_MEMORY, MAPI_E_NOT_FOUND, MAPIERROR, ModifyRecipientsFlags, OpenAttachFlags,
    OpenPropertyFlags, PR_ATTACH_DATA_BIN, PR_ATTACH_NUM, PR_ROWID, PropTag, S_OK,
    SPropProblemArray, SPropTagArray, SPropValue, SaveChangesFlags, UnicodeFlags,
};
use mapi_provider::object::{Object, ObjectRef};
use windows_core::{GUID, HRESULT, Interface};

use super::attachment::{AttachObject, Attached};
use super::carried::CarriedObject;
use super::large::LargeStream;
use super::values;
use crate::locks::lock;
use crate::objects::tags::read_tags;
use crate::objects::{Kind, Live, Shared, Table, count, read_list};
use crate::property::{Property, Value};

/// A call of a method of the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageCall {
    /// `GetProps`
    pub method: &'static str,
    /// The thread that it came on.
    pub thread: ThreadId,
}

/// Called with the name of each method, before it does anything; an answer is what the method answers.
type Hook = Arc<dyn Fn(&'static str, usize) -> Option<HRESULT> + Send + Sync>;

#[derive(Default)]
pub(super) struct State {
    pub(super) properties: Vec<Property>,
    recipients: Vec<Vec<Property>>,
    /// Properties and recipients as they are in the store.
    saved: (Vec<Property>, Vec<Vec<Property>>),
    calls: Vec<MessageCall>,
    saves: Vec<SaveChangesFlags>,
    modified: Vec<(ModifyRecipientsFlags, Vec<Vec<Property>>)>,
    pub(super) attachments: Vec<Attached>,
    hook: Option<Hook>,
    /// What is attached, each with its properties.
    carried: Vec<Vec<Property>>,
    /// Properties that are too large for GetProps, and how many bytes their streams have.
    pub(super) large: Vec<(PropTag, u64)>,
    /// How many bytes of these were read.
    pub(super) streamed: u64,
}

/// The object.
#[derive(MapiObject)]
#[mapi(implements(IMessage))]
pub(super) struct MessageObject {
    shared: Arc<Shared>,
    state: Arc<Mutex<State>>,
    _live: Live,
}

/// A message in the spooler's hands. What was not saved is in it too.
pub struct OutgoingMessage {
    object: ObjectRef<MessageObject>,
    state: Arc<Mutex<State>>,
}

impl OutgoingMessage {
    pub(super) fn new(
        shared: &Arc<Shared>,
        properties: &[Property],
        recipients: &[Vec<Property>],
    ) -> Self {
        let recipients = recipients.iter().enumerate().map(|(index, row)| {
            let mut row = row.clone();
            row.push(Property {
                id: PR_ROWID.id(),
                value: Value::Long(index as i32),
            });
            row
        });
        let (properties, recipients) = (properties.to_vec(), recipients.collect::<Vec<_>>());
        let state = Arc::new(Mutex::new(State {
            saved: (properties.clone(), recipients.clone()),
            properties,
            recipients,
            ..State::default()
        }));
        let object = MessageObject::open(shared, &state);
        Self { object, state }
    }

    /// Attaches something: an `IAttach` with these properties.
    pub fn attach(&self, properties: Vec<Property>) {
        lock(&self.state).carried.push(properties);
    }

    /// Gives it a property of so many bytes, which only a stream has: the letter `a`, again and again.
    pub fn set_large(&self, tag: PropTag, size: u64) {
        let mut state = lock(&self.state);
        state.large.push((tag, size));
        let too_large = Value::Error(MAPI_E_NOT_ENOUGH_MEMORY);
        set(
            &mut state.properties,
            [Property {
                id: tag.id(),
                value: too_large,
            }],
        );
    }

    /// How many bytes of large properties were read.
    pub fn streamed(&self) -> u64 {
        lock(&self.state).streamed
    }

    /// The message, with a reference of its own.
    pub fn interface(&self) -> IMessage {
        self.object.to_interface()
    }

    /// How many references there are besides the host's own.
    pub fn references(&self) -> u32 {
        // Ours, and the one that is counted with.
        count(&self.object.to_unknown()) - 2
    }

    /// All calls so far.
    pub fn calls(&self) -> Vec<MessageCall> {
        lock(&self.state).calls.clone()
    }

    /// The flags of each `SaveChanges`.
    pub fn saves(&self) -> Vec<SaveChangesFlags> {
        lock(&self.state).saves.clone()
    }

    /// What each `ModifyRecipients` was given.
    pub fn modified(&self) -> Vec<(ModifyRecipientsFlags, Vec<Vec<Property>>)> {
        lock(&self.state).modified.clone()
    }

    /// The recipients as they are.
    pub fn recipients(&self) -> Vec<Vec<Property>> {
        lock(&self.state).recipients.clone()
    }

    /// What was attached.
    pub fn attachments(&self) -> Vec<Attached> {
        lock(&self.state).attachments.clone()
    }

    /// All properties as they are.
    pub fn properties(&self) -> Vec<Property> {
        lock(&self.state).properties.clone()
    }

    /// A property as it is.
    pub fn property(&self, tag: PropTag) -> Option<Value> {
        let state = lock(&self.state);
        let found = state.properties.iter().find(|one| one.id == tag.id());
        found.map(|one| one.value.clone())
    }

    /// From now on this is called before each method, with its name and the number of calls before it. What it answers,
    /// the method answers.
    pub fn on_call(
        &self,
        hook: impl Fn(&'static str, usize) -> Option<HRESULT> + Send + Sync + 'static,
    ) {
        lock(&self.state).hook = Some(Arc::new(hook));
    }

    /// Makes it what is in the store: the spooler releases a message without saving it, and opens it anew.
    pub fn reopen(&self) {
        let mut state = lock(&self.state);
        (state.properties, state.recipients) = state.saved.clone();
    }

    /// From now on no method is hindered.
    pub fn let_be(&self) {
        lock(&self.state).hook = None;
    }
}

/// Sets properties in the place of those with the same numbers.
pub(super) fn set(properties: &mut Vec<Property>, given: impl IntoIterator<Item = Property>) {
    for property in given {
        properties.retain(|one| one.id != property.id);
        properties.push(property);
    }
}

impl MessageObject {
    pub(super) fn open(shared: &Arc<Shared>, state: &Arc<Mutex<State>>) -> ObjectRef<Self> {
        ObjectRef::new(Self {
            shared: Arc::clone(shared),
            state: Arc::clone(state),
            _live: shared.registry.live(Kind::Message),
        })
    }

    /// Notes a call, and asks the test what becomes of it. No lock is held then: it may call back.
    fn called(&self, method: &'static str) -> Option<HRESULT> {
        let (number, hook) = {
            let mut state = lock(&self.state);
            let number = state.calls.len();
            let thread = thread::current().id();
            state.calls.push(MessageCall { method, thread });
            (number, state.hook.clone())
        };
        hook.and_then(|hook| hook(method, number))
    }

    /// Gives out a table of these rows; each has all columns, with an error where it has no value.
    ///
    /// # Safety
    ///
    /// `out` is NULL or the caller's to be written to.
    unsafe fn table(&self, mut rows: Vec<Vec<Property>>, out: *mut *mut c_void) -> HRESULT {
        if out.is_null() {
            return MAPI_E_INVALID_PARAMETER;
        }
        let mut columns: Vec<u16> = rows.iter().flatten().map(|one| one.id).collect();
        columns.sort_unstable();
        columns.dedup();
        for row in &mut rows {
            for id in &columns {
                if !row.iter().any(|one| one.id == *id) {
                    row.push(Property {
                        id: *id,
                        value: Value::Error(MAPI_E_NOT_FOUND),
                    });
                }
            }
        }
        // The types of the columns are those of the values that there are.
        let typed = |id: &u16| {
            let found = rows
                .iter()
                .flatten()
                .find(|one| one.id == *id && !matches!(one.value, Value::Error(_)));
            found.map(Property::tag)
        };
        let tags: Vec<PropTag> = columns.iter().filter_map(typed).collect();
        let table = Table::open(&self.shared, rows);
        table.show(tags);
        let table: IMAPITable = table.into_interface();
        // SAFETY: not NULL, so the caller's to be written to.
        unsafe { *out = table.into_raw() };
        S_OK
    }
}

impl IMAPIProp_Impl for MessageObject {
    unsafe fn GetLastError(
        _: &Object<Self>,
        _: HRESULT,
        _: UnicodeFlags,
        _: *mut *mut MAPIERROR,
    ) -> HRESULT {
        S_OK // COM-08: nothing to say.
    }

    unsafe fn SaveChanges(this: &Object<Self>, flags: SaveChangesFlags) -> HRESULT {
        if let Some(status) = this.called("SaveChanges") {
            return status;
        }
        let mut state = lock(&this.state);
        state.saves.push(flags);
        state.saved = (state.properties.clone(), state.recipients.clone());
        S_OK
    }

    unsafe fn GetProps(
        this: &Object<Self>,
        tags: *mut SPropTagArray,
        _flags: UnicodeFlags,
        count: *mut u32,
        out: *mut *mut SPropValue,
    ) -> HRESULT {
        if let Some(status) = this.called("GetProps") {
            return status;
        }
        // SAFETY: the caller answers for the array.
        let Some(tags) = (unsafe { read_tags(tags) }) else {
            return MAPI_E_INVALID_PARAMETER;
        };
        let properties = lock(&this.state).properties.clone();
        // SAFETY: the thunk has checked that neither is NULL.
        unsafe { values::get(&this.shared, "IMessage", &properties, &tags, count, out) }
    }

    unsafe fn GetPropList(
        this: &Object<Self>,
        _flags: UnicodeFlags,
        out: *mut *mut SPropTagArray,
    ) -> HRESULT {
        if let Some(status) = this.called("GetPropList") {
            return status;
        }
        let properties = lock(&this.state).properties.clone();
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { values::list(&this.shared, "IMessage", &properties, out) }
    }

    unsafe fn OpenProperty(
        this: &Object<Self>,
        tag: PropTag,
        _iid: *const GUID,
        _options: u32,
        _flags: OpenPropertyFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        if let Some(status) = this.called("OpenProperty") {
            return status;
        }
        let large = lock(&this.state).large.clone();
        let Some((_, size)) = large.into_iter().find(|(known, _)| known.id() == tag.id()) else {
            return MAPI_E_NO_SUPPORT; // No other streams: what is given fits into SetProps.
        };
        let stream = LargeStream::open(&this.state, size);
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { *out = stream.into_raw() };
        S_OK
    }

    unsafe fn SetProps(
        this: &Object<Self>,
        count: u32,
        values: *mut SPropValue,
        _problems: *mut *mut SPropProblemArray,
    ) -> HRESULT {
        if let Some(status) = this.called("SetProps") {
            return status;
        }
        // SAFETY: the caller answers for the values.
        let given = unsafe { Property::read_all(count, values) };
        set(
            &mut lock(&this.state).properties,
            given.into_iter().flatten(),
        );
        S_OK
    }
}

impl IMessage_Impl for MessageObject {
    unsafe fn GetRecipientTable(
        this: &Object<Self>,
        _flags: GetRecipientTableFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        if let Some(status) = this.called("GetRecipientTable") {
            return status;
        }
        let rows = lock(&this.state).recipients.clone();
        // SAFETY: the caller's word.
        unsafe { this.table(rows, out) }
    }

    unsafe fn GetAttachmentTable(
        this: &Object<Self>,
        _flags: GetAttachmentTableFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        if let Some(status) = this.called("GetAttachmentTable") {
            return status;
        }
        let carried = lock(&this.state).carried.clone();
        let rows = carried.into_iter().enumerate().map(|(number, mut row)| {
            row.push(Property {
                id: PR_ATTACH_NUM.id(),
                value: Value::Long(number as i32),
            });
            // Tables have no contents of files.
            row.retain(|one| one.id != PR_ATTACH_DATA_BIN.id());
            row
        });
        // SAFETY: the caller's word.
        unsafe { this.table(rows.collect(), out) }
    }

    unsafe fn CreateAttach(
        this: &Object<Self>,
        _iid: *const GUID,
        _flags: CreateAttachFlags,
        number: *mut u32,
        out: *mut *mut c_void,
    ) -> HRESULT {
        if let Some(status) = this.called("CreateAttach") {
            return status;
        }
        let attachment = AttachObject::open(&this.shared, &this.state);
        // SAFETY: the thunk has checked that neither is NULL.
        unsafe {
            *number = lock(&this.state).attachments.len() as u32;
            *out = attachment.into_raw();
        }
        S_OK
    }

    unsafe fn ModifyRecipients(
        this: &Object<Self>,
        flags: ModifyRecipientsFlags,
        list: *mut ADRLIST,
    ) -> HRESULT {
        if let Some(status) = this.called("ModifyRecipients") {
            return status;
        }
        if list.is_null() {
            return MAPI_E_INVALID_PARAMETER;
        }
        // SAFETY: the caller answers for the list.
        let rows = unsafe { read_list(list) };
        let number = |row: &[Property]| {
            let found = row.iter().find(|one| one.id == PR_ROWID.id());
            found.map(|one| one.value.clone())
        };
        let mut state = lock(&this.state);
        if flags == ModifyRecipientsFlags::MODRECIP_MODIFY {
            for row in &rows {
                let known = state
                    .recipients
                    .iter_mut()
                    .find(|known| number(known) == number(row));
                let Some(known) = known else {
                    return MAPI_E_NOT_FOUND;
                };
                known.clone_from(row);
            }
        }
        if flags == ModifyRecipientsFlags::MODRECIP_REMOVE {
            let is_named =
                |known: &Vec<Property>| rows.iter().any(|row| number(row) == number(known));
            state.recipients.retain(|known| !is_named(known));
        }
        if flags == ModifyRecipientsFlags::MODRECIP_ADD {
            state.recipients.extend(rows.iter().cloned());
        }
        state.modified.push((flags, rows));
        S_OK
    }

    unsafe fn OpenAttach(
        this: &Object<Self>,
        number: u32,
        _interface: *const GUID,
        _flags: OpenAttachFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        if let Some(status) = this.called("OpenAttach") {
            return status;
        }
        if out.is_null() {
            return MAPI_E_INVALID_PARAMETER;
        }
        let attachment = lock(&this.state).carried.get(number as usize).cloned();
        let Some(properties) = attachment else {
            return MAPI_E_NOT_FOUND;
        };
        let attachment = CarriedObject::open(&this.shared, properties);
        // SAFETY: not NULL, so the caller's to be written to.
        unsafe { *out = attachment.into_raw() };
        S_OK
    }
}
