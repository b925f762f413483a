//! What makes no sense, method by method: it is refused with the code that the rules have for it, nothing is written, and
//! nothing stays locked. What is refused by single rules too is in `hostile.rs` and `message_hostile.rs`.

mod counts;
mod ids;
mod messages;
mod restrictions;
mod status;
mod strangers;
mod streams;
mod values;

use crate::object_support;
use std::ptr;
use std::thread;

use mapi_provider::abi::*;
use mapi_provider::view::Property;
use mapi_provider_mailbox::database;
use object_support::*;

pub(crate) const HUGE: u32 = u32::MAX;

pub(crate) fn null<T>() -> *mut T {
    ptr::null_mut()
}

/// One object of each kind, with something in each.
pub(crate) struct Bench {
    pub(crate) session: Session,
    pub(crate) store: database::Store,
    pub(crate) folder: IMAPIFolder,
    pub(crate) search: IMAPIFolder,
    pub(crate) message: IMessage,
    pub(crate) attachment: IAttach,
    pub(crate) table: IMAPITable,
}

/// What somebody would see if something had been done.
#[derive(Debug, PartialEq)]
pub(crate) struct Seen {
    last_change: u64,
    message: Vec<Property<'static>>,
    folder: Vec<Property<'static>>,
    position: (u32, u32),
}

impl Bench {
    pub(crate) fn new() -> Self {
        let (session, store) = Session::in_memory();
        let folder = session.raw_folder("Mail");
        let here = folder_id(&entry_id_of(&session, &folder).into());
        deliver(&store, here, "one");
        let message = create_message(&folder);
        set(&session, &message, &[Property::new(PR_SUBJECT_W, "two")]);
        let (mut number, mut out) = (0, null());
        let attachment = unsafe {
            let flags = CreateAttachFlags::empty();
            let status = message.CreateAttach(ptr::null(), flags, &mut number, &mut out);
            assert_eq!(status, S_OK);
            IAttach::from_raw(out)
        };
        save_and_go_on(&attachment);
        save_and_go_on(&message);
        let search = search_folder(&folder);
        let table = contents(&folder);
        let mut sought = 0;
        assert_eq!(unsafe { table.SeekRow(0, 1, &mut sought) }, S_OK);
        Self {
            session,
            store,
            folder,
            search,
            message,
            attachment,
            table,
        }
    }

    pub(crate) fn seen(&self) -> Seen {
        let (mut row, mut numerator, mut of) = (0, 0, 0);
        let table = &self.table;
        let status = unsafe { table.QueryPosition(&mut row, &mut numerator, &mut of) };
        assert_eq!(status, S_OK);
        let store = &self.store;
        Seen {
            last_change: store.read(|reader| reader.last_change()).expect("read"),
            message: get_props(&self.session, &self.message, None),
            folder: get_props(&self.session, &self.folder, None),
            position: (row, of),
        }
    }

    pub(crate) fn id(&self, object: &IMAPIProp) -> Vec<u8> {
        entry_id_of(&self.session, object)
    }

    /// Whatever a call on this thread had left locked, another one would wait for.
    pub(crate) fn close(self) {
        let Self {
            session,
            store,
            folder,
            search,
            message,
            attachment,
            table,
        } = self;
        let objects: Vec<IMAPIProp> = vec![
            folder.into(),
            search.into(),
            message.into(),
            attachment.into(),
            session.store.interface().clone().into(),
        ];
        let others = thread::spawn(move || {
            for object in &objects {
                let mut value = SPropValue {
                    ulPropTag: PropTag::new(0x6600, PT_LONG),
                    dwAlignPad: 0,
                    Value: SPropValueUnion { l: 1 },
                };
                assert_eq!(unsafe { object.SetProps(1, &mut value, null()) }, S_OK);
            }
            let mut count = 0;
            assert_eq!(unsafe { table.GetRowCount(0, &mut count) }, S_OK);
            assert_eq!(count, 2);
            store.write(|tx| tx.queue()).expect("nobody writes");
        });
        others.join().expect("nothing is locked");
        session.close();
    }
}

/// A folder for what is found, without criteria.
fn search_folder(parent: &IMAPIFolder) -> IMAPIFolder {
    let mut name: Vec<u16> = "Found\0".encode_utf16().collect();
    let mut out = null();
    unsafe {
        let (name, flags) = (name.as_mut_ptr().cast(), CreateFolderFlags::MAPI_UNICODE);
        let status = parent.CreateFolder(FOLDER_SEARCH, name, null(), ptr::null(), flags, &mut out);
        assert_eq!(status, S_OK);
        IMAPIFolder::from_raw(out)
    }
}

/// A call: what it was, what it answered, and what it should have.
pub(crate) struct Call(
    pub(crate) &'static str,
    pub(crate) HRESULT,
    pub(crate) Expected,
);

/// What a call should answer.
pub(crate) enum Expected {
    This(HRESULT),
}

/// COM-05: what is NULL and must not be, or says nothing that makes sense.
pub(crate) const INVALID: Expected = Expected::This(MAPI_E_INVALID_PARAMETER);
/// More than there can be.
pub(crate) const TOO_BIG: Expected = Expected::This(MAPI_E_TOO_BIG);

/// A table of calls, a line each: `"what it is": the call => what it should answer;`.
macro_rules! calls {
    ($($name:literal: $call:expr => $expected:expr;)*) => { vec![$(Call($name, $call, $expected)),*] };
}
pub(crate) use calls;

#[track_caller]
pub(crate) fn check(calls: Vec<Call>) {
    let is_wrong = |Call(_, status, Expected::This(expected)): &Call| status != expected;
    let wrong = calls.iter().filter(|call| is_wrong(call));
    let wrong: Vec<String> = wrong
        .map(|Call(name, status, _)| format!("{name}: {status:?}"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
