//! Another store, of which there is only what copies go to: folders, messages, attachments, streams. It keeps what it is
//! given, so that a test can look at it.
#![allow(
    dead_code,
    non_snake_case,
    clippy::too_many_arguments,
    clippy::undocumented_unsafe_blocks,
    reason = "each test program uses a part of this; pointers are what the methods' pages say"
)]

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use mapi_provider::MapiObject;
use mapi_provider::abi::*;
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::view::{
    self, AddressList, Allocators, Limits, PropName, PropProblem, PropProblems, PropTags,
    PropValue, Property, Row,
};

/// How the other store behaves.
pub(crate) struct Rules {
    pub(crate) allocators: Allocators,
    /// IDs that are worked out there.
    pub(crate) computed: Vec<u16>,
    /// Properties that it does not take, and what it says.
    pub(crate) refused: BTreeMap<u16, HRESULT>,
    /// What a call answers that sets more than one property.
    pub(crate) only_one: Option<HRESULT>,
    pub(crate) takes_transacted: bool,
    pub(crate) has_streams: bool,
    /// What a new message is answered with.
    pub(crate) no_messages: Option<HRESULT>,
    /// How many bytes a stream takes in a call.
    pub(crate) most: u32,
    /// Called in each method, as other people's code may do anything.
    pub(crate) then: Box<dyn Fn() + Send + Sync>,
}

impl Rules {
    pub(crate) fn new(allocators: Allocators) -> Self {
        Self {
            allocators,
            computed: vec![PR_ENTRYID.id()],
            refused: BTreeMap::new(),
            only_one: None,
            takes_transacted: true,
            has_streams: true,
            no_messages: None,
            most: u32::MAX,
            then: Box::new(|| ()),
        }
    }
}

/// A folder, message or attachment of the other store.
pub(crate) struct Node {
    pub(crate) rules: Arc<Rules>,
    pub(crate) props: Mutex<BTreeMap<u16, PropValue<'static>>>,
    pub(crate) recipients: Mutex<Vec<Row<'static>>>,
    /// Messages of a folder, attachments of a message, the message in an attachment.
    pub(crate) parts: Mutex<Vec<Arc<Node>>>,
    pub(crate) folders: Mutex<Vec<Arc<Node>>>,
    pub(crate) is_saved: AtomicBool,
    pub(crate) is_associated: bool,
    pub(crate) read_flags: Mutex<Option<ReadFlags>>,
    names: Arc<Mutex<Vec<PropName<'static>>>>,
    /// Of how many streams the values were committed.
    pub(crate) commits: Mutex<u32>,
}

/// The first ID that a name gets there: another one than here.
pub(crate) const FIRST_NAME: u16 = 0x9000;

impl Node {
    pub(crate) fn root(rules: Rules) -> Arc<Self> {
        Self::new(Arc::new(rules), Arc::default(), false)
    }

    fn new(
        rules: Arc<Rules>,
        names: Arc<Mutex<Vec<PropName<'static>>>>,
        is_associated: bool,
    ) -> Arc<Self> {
        Arc::new(Self {
            rules,
            props: Mutex::default(),
            recipients: Mutex::default(),
            parts: Mutex::default(),
            folders: Mutex::default(),
            is_saved: AtomicBool::new(false),
            is_associated,
            read_flags: Mutex::default(),
            names,
            commits: Mutex::default(),
        })
    }

    fn part(&self, is_associated: bool) -> Arc<Self> {
        let part = Self::new(
            Arc::clone(&self.rules),
            Arc::clone(&self.names),
            is_associated,
        );
        held(&self.parts).push(Arc::clone(&part));
        part
    }

    pub(crate) fn get(&self, id: u16) -> Option<PropValue<'static>> {
        held(&self.props).get(&id).cloned()
    }

    pub(crate) fn text(&self, tag: PropTag) -> Option<String> {
        self.get(tag.id())?.to_text()
    }

    /// The ID of a name there.
    pub(crate) fn id_of(&self, name: &PropName<'_>) -> Option<u16> {
        let names = held(&self.names);
        let place = names.iter().position(|known| known == name)?;
        Some(FIRST_NAME + place as u16)
    }

    /// Those messages or attachments that were saved.
    pub(crate) fn saved(&self) -> Vec<Arc<Node>> {
        let parts = held(&self.parts).clone();
        let is_saved = |node: &Arc<Node>| node.is_saved.load(Ordering::Relaxed);
        parts.into_iter().filter(is_saved).collect()
    }

    pub(crate) fn folder(self: &Arc<Self>) -> IMAPIFolder {
        ObjectRef::new(MockFolder(Arc::clone(self))).into_interface()
    }

    pub(crate) fn message(self: &Arc<Self>) -> IMessage {
        ObjectRef::new(MockMessage(Arc::clone(self))).into_interface()
    }

    pub(crate) fn attachment(self: &Arc<Self>) -> IAttach {
        ObjectRef::new(MockAttachment(Arc::clone(self))).into_interface()
    }

    unsafe fn set_props(
        &self,
        count: u32,
        first: *mut SPropValue,
        problems: *mut *mut SPropProblemArray,
    ) -> HRESULT {
        (self.rules.then)();
        if let Some(status) = self.rules.only_one.filter(|_| count > 1) {
            return status;
        }
        let all = unsafe { view::read_array::<Property>(count, first, &Limits::default()) };
        let mut found = Vec::new();
        for (index, one) in all.expect("well-formed").into_iter().enumerate() {
            let id = one.tag.id();
            let refused = self.rules.refused.get(&id).copied();
            let computed = self.rules.computed.contains(&id);
            match refused.or(computed.then_some(MAPI_E_COMPUTED)) {
                Some(status) => found.push(PropProblem {
                    index: index as u32,
                    tag: one.tag,
                    status,
                }),
                None => drop(held(&self.props).insert(id, one.value.into_owned())),
            }
        }
        if !found.is_empty() && !problems.is_null() {
            let built = self.rules.allocators.build(&PropProblems(found));
            unsafe { *problems = built.expect("memory").into_raw() };
        }
        S_OK
    }

    unsafe fn get_props(
        &self,
        tags: *mut SPropTagArray,
        count: *mut u32,
        out: *mut *mut SPropValue,
    ) -> HRESULT {
        (self.rules.then)();
        let tags = unsafe { view::read::<PropTags>(tags, &Limits::default()) };
        let value = |tag: &PropTag| match self.get(tag.id()) {
            Some(value) => Property::with_id(tag.id(), value),
            None => Property::new(tag.with_type(PT_ERROR), PropValue::Error(MAPI_E_NOT_FOUND)),
        };
        let values: Vec<Property<'_>> = tags.expect("tags").iter().map(value).collect();
        let built = self.rules.allocators.build(&values[..]).expect("memory");
        unsafe {
            *count = built.count();
            *out = built.into_raw();
        }
        S_OK
    }

    unsafe fn prop_list(&self, out: *mut *mut SPropTagArray) -> HRESULT {
        (self.rules.then)();
        let props = held(&self.props);
        let tags = props
            .iter()
            .map(|(id, value)| PropTag::new(*id, value.prop_type()));
        let tags = PropTags::from(tags.collect::<Vec<_>>());
        let built = self.rules.allocators.build(&tags).expect("memory");
        unsafe { *out = built.into_raw() };
        S_OK
    }

    unsafe fn ids_from_names(
        &self,
        count: u32,
        names: *mut *mut MAPINAMEID,
        out: *mut *mut SPropTagArray,
    ) -> HRESULT {
        (self.rules.then)();
        let limits = Limits::default();
        let asked = unsafe { view::read_array::<Option<PropName>>(count, names, &limits) };
        let mut known = held(&self.names);
        let ids = asked.expect("names").into_iter().map(|name| {
            let name = name.expect("a name").into_owned();
            let place = known.iter().position(|one| *one == name);
            let place = place.unwrap_or_else(|| {
                known.push(name);
                known.len() - 1
            });
            PropTag::new(FIRST_NAME + place as u16, PT_UNSPECIFIED)
        });
        let tags = PropTags::from(ids.collect::<Vec<_>>());
        let built = self.rules.allocators.build(&tags).expect("memory");
        unsafe { *out = built.into_raw() };
        S_OK
    }

    unsafe fn open_property(
        self: &Arc<Self>,
        tag: PropTag,
        iid: *const GUID,
        options: u32,
        out: *mut *mut c_void,
    ) -> HRESULT {
        (self.rules.then)();
        let iid = unsafe { *iid };
        let is_transacted = options & STGM_TRANSACTED != 0;
        if iid == IMessage::IID && tag == PR_ATTACH_DATA_OBJ {
            let message = self.part(false).message();
            unsafe { *out = message.into_raw() };
            return S_OK;
        }
        if !self.rules.has_streams {
            return MAPI_E_NO_SUPPORT;
        }
        if is_transacted && !self.rules.takes_transacted {
            return STG_E_INVALIDFLAG;
        }
        if ![IStream::IID, IID_IStreamDocfile].contains(&iid) {
            return MAPI_E_INTERFACE_NOT_SUPPORTED;
        }
        if let Some(status) = self.rules.refused.get(&tag.id()) {
            return *status;
        }
        let stream: IStream = ObjectRef::new(MockStream {
            node: Arc::clone(self),
            tag,
            bytes: Mutex::default(),
        })
        .into_interface();
        unsafe { *out = stream.into_raw() };
        S_OK
    }
}

pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("sound")
}

macro_rules! properties_of {
    ($($class:ident)*) => {$(
        impl IMAPIProp_Impl for $class {
            unsafe fn SaveChanges(this: &Object<Self>, _: SaveChangesFlags) -> HRESULT {
                (this.0.rules.then)();
                this.0.is_saved.store(true, Ordering::Relaxed);
                S_OK
            }

            unsafe fn GetProps(
                this: &Object<Self>,
                tags: *mut SPropTagArray,
                _: UnicodeFlags,
                count: *mut u32,
                out: *mut *mut SPropValue,
            ) -> HRESULT {
                unsafe { this.0.get_props(tags, count, out) }
            }

            unsafe fn GetPropList(
                this: &Object<Self>,
                _: UnicodeFlags,
                out: *mut *mut SPropTagArray,
            ) -> HRESULT {
                unsafe { this.0.prop_list(out) }
            }

            unsafe fn OpenProperty(
                this: &Object<Self>,
                tag: PropTag,
                iid: *const GUID,
                options: u32,
                _: OpenPropertyFlags,
                out: *mut *mut c_void,
            ) -> HRESULT {
                unsafe { this.0.open_property(tag, iid, options, out) }
            }

            unsafe fn SetProps(
                this: &Object<Self>,
                count: u32,
                first: *mut SPropValue,
                problems: *mut *mut SPropProblemArray,
            ) -> HRESULT {
                unsafe { this.0.set_props(count, first, problems) }
            }

            unsafe fn GetIDsFromNames(
                this: &Object<Self>,
                count: u32,
                names: *mut *mut MAPINAMEID,
                _: GetIDsFromNamesFlags,
                out: *mut *mut SPropTagArray,
            ) -> HRESULT {
                unsafe { this.0.ids_from_names(count, names, out) }
            }
        }
    )*};
}

#[derive(MapiObject)]
#[mapi(implements(IMAPIFolder))]
struct MockFolder(Arc<Node>);

#[derive(MapiObject)]
#[mapi(implements(IMessage))]
struct MockMessage(Arc<Node>);

#[derive(MapiObject)]
#[mapi(implements(IAttach))]
struct MockAttachment(Arc<Node>);

properties_of! { MockFolder MockMessage MockAttachment }

impl IMAPIContainer_Impl for MockFolder {}

impl IMAPIFolder_Impl for MockFolder {
    unsafe fn CreateMessage(
        this: &Object<Self>,
        _: *const GUID,
        flags: CreateMessageFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        (this.0.rules.then)();
        if let Some(status) = this.0.rules.no_messages {
            return status;
        }
        let part = this
            .0
            .part(flags.contains(CreateMessageFlags::MAPI_ASSOCIATED));
        unsafe { *out = part.message().into_raw() };
        S_OK
    }

    unsafe fn CreateFolder(
        this: &Object<Self>,
        _: u32,
        name: *mut TCHAR,
        _: *mut TCHAR,
        _: *const GUID,
        flags: CreateFolderFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        (this.0.rules.then)();
        assert!(flags.contains(CreateFolderFlags::MAPI_UNICODE));
        let name = name.cast::<u16>();
        let length = (0..).find(|at| unsafe { *name.add(*at) } == 0);
        let units = unsafe { std::slice::from_raw_parts(name, length.expect("an end")) };
        let name = String::from_utf16(units).expect("text");
        let mut folders = held(&this.0.folders);
        if folders
            .iter()
            .any(|one| one.text(PR_DISPLAY_NAME_W).as_deref() == Some(&name))
        {
            return MAPI_E_COLLISION;
        }
        let folder = Node::new(Arc::clone(&this.0.rules), Arc::clone(&this.0.names), false);
        held(&folder.props).insert(PR_DISPLAY_NAME_W.id(), PropValue::from(&*name).into_owned());
        folders.push(Arc::clone(&folder));
        unsafe { *out = folder.folder().into_raw() };
        S_OK
    }
}

impl IMessage_Impl for MockMessage {
    unsafe fn GetRecipientTable(
        this: &Object<Self>,
        _: GetRecipientTableFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        let count = held(&this.0.recipients).len() as u32;
        unsafe { *out = table(count) };
        S_OK
    }

    unsafe fn GetAttachmentTable(
        this: &Object<Self>,
        _: GetAttachmentTableFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        let count = held(&this.0.parts).len() as u32;
        unsafe { *out = table(count) };
        S_OK
    }

    unsafe fn CreateAttach(
        this: &Object<Self>,
        _: *const GUID,
        _: CreateAttachFlags,
        number: *mut u32,
        out: *mut *mut c_void,
    ) -> HRESULT {
        (this.0.rules.then)();
        let part = this.0.part(false);
        unsafe {
            *number = held(&this.0.parts).len() as u32 - 1;
            *out = part.attachment().into_raw();
        }
        S_OK
    }

    unsafe fn ModifyRecipients(
        this: &Object<Self>,
        _: ModifyRecipientsFlags,
        list: *mut ADRLIST,
    ) -> HRESULT {
        (this.0.rules.then)();
        let list = unsafe { view::read::<AddressList>(list, &Limits::default()) };
        let rows = list.expect("well-formed").into_owned().0;
        *held(&this.0.recipients) = rows;
        S_OK
    }

    unsafe fn SetReadFlag(this: &Object<Self>, flags: ReadFlags) -> HRESULT {
        *held(&this.0.read_flags) = Some(flags);
        S_OK
    }
}

impl IAttach_Impl for MockAttachment {}

/// A table that knows how many rows it has.
#[derive(MapiObject)]
#[mapi(implements(IMAPITable))]
struct MockTable(u32);

impl IMAPITable_Impl for MockTable {
    unsafe fn GetRowCount(this: &Object<Self>, _: u32, count: *mut u32) -> HRESULT {
        unsafe { *count = this.0 };
        S_OK
    }
}

fn table(count: u32) -> *mut c_void {
    let table: IMAPITable = ObjectRef::new(MockTable(count)).into_interface();
    table.into_raw()
}

/// A stream that is the value from its commit on.
#[derive(MapiObject)]
#[mapi(implements(IStream))]
struct MockStream {
    node: Arc<Node>,
    tag: PropTag,
    bytes: Mutex<Vec<u8>>,
}

impl ISequentialStream_Impl for MockStream {
    unsafe fn Write(
        this: &Object<Self>,
        from: *const c_void,
        count: u32,
        written: *mut u32,
    ) -> HRESULT {
        (this.node.rules.then)();
        let count = count.min(this.node.rules.most);
        let bytes = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), count as usize) };
        held(&this.bytes).extend(bytes);
        unsafe { *written = count };
        S_OK
    }
}

impl IStream_Impl for MockStream {
    unsafe fn Commit(this: &Object<Self>, _: StreamCommitFlags) -> HRESULT {
        (this.node.rules.then)();
        let bytes = held(&this.bytes).clone();
        let value = if this.tag.prop_type() == PT_UNICODE {
            let pairs = bytes.chunks_exact(2);
            PropValue::Unicode(
                pairs
                    .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
                    .collect(),
            )
        } else {
            PropValue::from(bytes)
        };
        held(&this.node.props).insert(this.tag.id(), value);
        *held(&this.node.commits) += 1;
        S_OK
    }
}

/// A display of progress, which may want to stop.
#[derive(MapiObject)]
#[mapi(implements(IMAPIProgress))]
pub(crate) struct MockProgress {
    pub(crate) is_top: bool,
    pub(crate) shown: Arc<Mutex<Vec<(u32, u32, u32)>>>,
    pub(crate) answer: HRESULT,
}

impl IMAPIProgress_Impl for MockProgress {
    unsafe fn Progress(this: &Object<Self>, value: u32, count: u32, total: u32) -> HRESULT {
        held(&this.shown).push((value, count, total));
        this.answer
    }

    unsafe fn GetFlags(this: &Object<Self>, flags: *mut ProgressFlags) -> HRESULT {
        let top = ProgressFlags::MAPI_TOP_LEVEL;
        unsafe {
            *flags = if this.is_top {
                top
            } else {
                ProgressFlags::empty()
            }
        };
        S_OK
    }

    unsafe fn GetMax(_: &Object<Self>, max: *mut u32) -> HRESULT {
        unsafe { *max = 1000 };
        S_OK
    }

    unsafe fn GetMin(_: &Object<Self>, min: *mut u32) -> HRESULT {
        unsafe { *min = 0 };
        S_OK
    }
}

pub(crate) fn none() -> *mut c_void {
    ptr::null_mut()
}
