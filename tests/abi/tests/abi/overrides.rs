//! Objects that override one method: only that one does something else, and all others go through as before
//! (WRAP-01).

use std::ffi::c_void;

use mapi_provider::MapiObject;
use mapi_provider::abi::*;
use mapi_provider::object::{Object, ObjectRef};

use abi::Overridden;

use crate::{cpp, finish, forwarders};

/// What a method answers that is not forwarded. No inner object answers that.
const ANSWER: HRESULT = MAPI_E_NO_ACCESS;

/// Defines an object that forwards an interface except for one method. Its inner object and vtable are in other
/// places than in the generated ones.
macro_rules! overriding {
    ($name:ident: $interface:ident, $forward:ident, $method:item) => {
        #[derive(MapiObject)]
        #[mapi(implements(IMAPIProgress), forwards($interface = inner))]
        struct $name {
            _before: [u8; 40],
            inner: $interface,
        }

        // SAFETY: stays in the thread of the test, whatever the interface allows.
        unsafe impl Send for $name {}
        // SAFETY: as for Send.
        unsafe impl Sync for $name {}

        impl IMAPIProgress_Impl for $name {}

        impl $forward for $name {
            $method
        }

        impl Overriding for $name {
            const INTERFACE: &'static str = stringify!($interface);

            type Interface = $interface;

            fn around(inner: $interface) -> $interface {
                let _before = [0xEE; 40];
                ObjectRef::new(Self { _before, inner }).into_interface()
            }
        }
    };
}

/// An object that overrides one method.
trait Overriding {
    const INTERFACE: &'static str;

    type Interface: Interface;

    fn around(inner: Self::Interface) -> Self::Interface;
}

/// Calls all methods through the object; the overridden one does what is said here, the others behave as before.
fn check<O: Overriding>(overridden: Overridden) {
    let cpp = cpp();
    let (class, _) = forwarders::find(&cpp, O::INTERFACE);
    // SAFETY: the inner object implements the interface and is never deleted; the outer one has its vtable.
    unsafe {
        let object = O::around(O::Interface::from_raw((class.make)()));
        (class.forward)(object.as_raw(), Some(&overridden));
    }
    finish(Vec::new());
}

overriding!(Opens: IMsgStore, IMsgStore_Forward, unsafe fn OpenEntry(
    _: &Object<Self>,
    _: u32,
    _: *mut ENTRYID,
    _: *const GUID,
    _: OpenEntryFlags,
    _: *mut u32,
    _: *mut *mut c_void,
) -> HRESULT {
    ANSWER
});

#[test]
fn wrap_01_a_method_that_is_replaced_is_the_only_one() {
    check::<Opens>(Overridden::replaced(17, ANSWER.0 as u32));
}

overriding!(Saves: IMsgStore, IMsgStore_Forward, unsafe fn SaveChanges(
    this: &Object<Self>,
    flags: SaveChangesFlags,
) -> HRESULT {
    // SAFETY: the caller answers for the arguments.
    let _ = unsafe { this.inner.SaveChanges(flags) };
    ANSWER
});

#[test]
fn wrap_01_a_method_that_calls_inward_and_answers_something_else_is_the_only_one() {
    check::<Saves>(Overridden::with_result(4, ANSWER.0 as u32));
}

overriding!(Receives: IMsgStore, IMsgStore_Forward, unsafe fn SetReceiveFolder(
    this: &Object<Self>,
    class: *mut TCHAR,
    _: UnicodeFlags,
    size: u32,
    entry_id: *mut ENTRYID,
) -> HRESULT {
    // SAFETY: the caller answers for the arguments.
    unsafe { this.inner.SetReceiveFolder(class, UnicodeFlags::MAPI_UNICODE, size, entry_id) }
});

#[test]
fn wrap_01_a_method_that_changes_a_parameter_is_the_only_one() {
    let value = UnicodeFlags::MAPI_UNICODE;
    check::<Receives>(Overridden::with_parameter(18, 1, value));
}

overriding!(Panics: IMsgStore, IMsgStore_Forward, unsafe fn GetProps(
    _: &Object<Self>,
    _: *mut SPropTagArray,
    _: UnicodeFlags,
    _: *mut u32,
    _: *mut *mut SPropValue,
) -> HRESULT {
    // As a panic, but nothing is printed.
    std::panic::resume_unwind(Box::new("on purpose"))
});

#[test]
fn com_04_and_wrap_01_a_method_that_panics_is_the_only_one() {
    check::<Panics>(Overridden::replaced(5, E_UNEXPECTED.0 as u32));
}

overriding!(Status: IMAPISupport, IMAPISupport_Forward, unsafe fn ModifyStatusRow(
    this: &Object<Self>,
    count: u32,
    values: *mut SPropValue,
    _: ModifyStatusRowFlags,
) -> HRESULT {
    let flags = ModifyStatusRowFlags::default();
    // SAFETY: the caller answers for the arguments.
    unsafe { this.inner.ModifyStatusRow(count, values, flags) }
});

overriding!(LogsOn: IMSProvider, IMSProvider_Forward, unsafe fn Logon(
    this: &Object<Self>,
    support: *mut c_void,
    window: usize,
    profile: *mut TCHAR,
    size: u32,
    entry_id: *mut ENTRYID,
    _: StoreLogonFlags,
    interface: *const GUID,
    security_size: *mut u32,
    security: *mut *mut u8,
    error: *mut *mut MAPIERROR,
    logon: *mut *mut c_void,
    store: *mut *mut c_void,
) -> HRESULT {
    let flags = StoreLogonFlags::default();
    // SAFETY: the caller answers for the arguments.
    unsafe {
        this.inner.Logon(
            support, window, profile, size, entry_id, flags, interface, security_size, security, error, logon, store,
        )
    }
});

overriding!(LogsOff: IMSLogon, IMSLogon_Forward, unsafe fn Logoff(
    this: &Object<Self>,
    flags: *mut u32,
) -> HRESULT {
    // SAFETY: the caller answers for the arguments.
    let _ = unsafe { this.inner.Logoff(flags) };
    ANSWER
});

overriding!(Creates: IMAPIFolder, IMAPIFolder_Forward, unsafe fn CreateMessage(
    _: &Object<Self>,
    _: *const GUID,
    _: CreateMessageFlags,
    _: *mut *mut c_void,
) -> HRESULT {
    // As a panic, but nothing is printed.
    std::panic::resume_unwind(Box::new("on purpose"))
});

overriding!(Submits: IMessage, IMessage_Forward, unsafe fn SubmitMessage(
    _: &Object<Self>,
    _: SubmitMessageFlags,
) -> HRESULT {
    ANSWER
});

overriding!(Queries: IMAPITable, IMAPITable_Forward, unsafe fn QueryRows(
    this: &Object<Self>,
    _: i32,
    flags: QueryRowsFlags,
    rows: *mut *mut SRowSet,
) -> HRESULT {
    // SAFETY: the caller answers for the arguments.
    unsafe { this.inner.QueryRows(-1, flags, rows) }
});

#[test]
fn wrap_01_one_override_of_each_other_interface_is_the_only_change() {
    check::<Status>(Overridden::with_parameter(8, 2, 0_u32));
    check::<LogsOn>(Overridden::with_parameter(4, 5, 0_u32));
    check::<LogsOff>(Overridden::with_result(4, ANSWER.0 as u32));
    check::<Creates>(Overridden::replaced(19, E_UNEXPECTED.0 as u32));
    check::<Submits>(Overridden::replaced(20, ANSWER.0 as u32));
    check::<Queries>(Overridden::with_parameter(19, 0, -1_i32));
}
