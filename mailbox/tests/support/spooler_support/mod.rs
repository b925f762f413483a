//! A session whose support object plays MAPI's part in sending, and writes down what it was asked for.

use std::cell::RefCell;
use std::ffi::c_void;
use std::sync::{Arc, Mutex};

use mapi_provider::MapiObject;
use mapi_provider::abi::*;
use mapi_provider::object::{Object, ObjectRef};

use crate::object_support::{Session, Where, init};

/// What MAPI does with a message.
pub(crate) type Hook = Box<dyn Fn(&IMessage) -> HRESULT + Send>;

/// What MAPI was asked for, and how it answers.
#[derive(Default)]
pub(crate) struct Desk {
    calls: Mutex<Vec<&'static str>>,
    pub(crate) expand: Mutex<Option<Hook>>,
    pub(crate) prepare: Mutex<Option<Hook>>,
    /// Makes the report of the empty message.
    pub(crate) report: Mutex<Option<Hook>>,
    pub(crate) sent: Mutex<Option<Hook>>,
    pub(crate) needs: Mutex<ExpandRecipsFlags>,
    /// What it answers to whoever wants to subscribe a sink.
    pub(crate) subscribing: Mutex<Option<HRESULT>>,
}

impl Desk {
    fn note(&self, call: &'static str) {
        self.calls.lock().expect("sound").push(call);
    }

    /// What it was asked for since the last time.
    pub(crate) fn take(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.calls.lock().expect("sound"))
    }
}

fn ask(hook: &Mutex<Option<Hook>>, message: *mut c_void) -> HRESULT {
    let message = unsafe { IMessage::from_raw_borrowed(&message) }.expect("a message");
    // Taken out: it may be asked again from within.
    let taken = hook.lock().expect("sound").take();
    let status = taken.as_ref().map_or(S_OK, |hook| hook(message));
    let mut hook = hook.lock().expect("sound");
    if hook.is_none() {
        *hook = taken;
    }
    status
}

thread_local! {
    static DESK: RefCell<Arc<Desk>> = RefCell::default();
}

/// A store whose support object is the desk's.
pub(crate) fn open(place: Where) -> (Session, Arc<Desk>) {
    let desk = Arc::<Desk>::default();
    DESK.set(Arc::clone(&desk));
    let session = Session::try_open_by(place, init_with_desk).expect("a logon");
    (session, desk)
}

unsafe extern "C" fn init_with_desk(
    instance: *mut c_void,
    malloc: *mut c_void,
    allocate: Option<ALLOCATEBUFFER>,
    more: Option<ALLOCATEMORE>,
    free: Option<FREEBUFFER>,
    flags: u32,
    version: u32,
    provider_version: *mut u32,
    out: *mut *mut c_void,
) -> HRESULT {
    unsafe {
        let status = init(
            instance,
            malloc,
            allocate,
            more,
            free,
            flags,
            version,
            provider_version,
            out,
        );
        assert_eq!(status, S_OK);
        let provider = ObjectRef::new(Wrapping {
            inner: IMSProvider::from_raw(*out),
            desk: DESK.with_borrow(Arc::clone),
        });
        *out = provider.into_interface::<IMSProvider>().into_raw();
    }
    S_OK
}

/// The provider, which is given the desk's support object.
#[derive(MapiObject)]
#[mapi(forwards(IMSProvider = inner))]
struct Wrapping {
    inner: IMSProvider,
    desk: Arc<Desk>,
}

impl Wrapping {
    unsafe fn clerk(&self, support: *mut c_void) -> IMAPISupport {
        let inner = unsafe { IMAPISupport::from_raw_borrowed(&support) };
        let clerk = Clerk {
            inner: inner.expect("a support object").clone(),
            desk: Arc::clone(&self.desk),
        };
        ObjectRef::new(clerk).into_interface()
    }
}

impl IMSProvider_Forward for Wrapping {
    unsafe fn Logon(
        this: &Object<Self>,
        support: *mut c_void,
        window: usize,
        profile: *mut TCHAR,
        count: u32,
        entry_id: *mut ENTRYID,
        flags: StoreLogonFlags,
        interface: *const GUID,
        security_count: *mut u32,
        security: *mut *mut u8,
        error: *mut *mut MAPIERROR,
        logon: *mut *mut c_void,
        store: *mut *mut c_void,
    ) -> HRESULT {
        unsafe {
            let support = this.clerk(support);
            this.inner.Logon(
                support.as_raw(),
                window,
                profile,
                count,
                entry_id,
                flags,
                interface,
                security_count,
                security,
                error,
                logon,
                store,
            )
        }
    }

    unsafe fn SpoolerLogon(
        this: &Object<Self>,
        support: *mut c_void,
        window: usize,
        profile: *mut TCHAR,
        count: u32,
        entry_id: *mut ENTRYID,
        flags: StoreLogonFlags,
        interface: *const GUID,
        security_count: u32,
        security: *mut u8,
        error: *mut *mut MAPIERROR,
        logon: *mut *mut c_void,
        store: *mut *mut c_void,
    ) -> HRESULT {
        unsafe {
            let support = this.clerk(support);
            this.inner.SpoolerLogon(
                support.as_raw(),
                window,
                profile,
                count,
                entry_id,
                flags,
                interface,
                security_count,
                security,
                error,
                logon,
                store,
            )
        }
    }
}

/// The host's support object, and what it does not do.
#[derive(MapiObject)]
#[mapi(forwards(IMAPISupport = inner))]
struct Clerk {
    inner: IMAPISupport,
    desk: Arc<Desk>,
}

impl IMAPISupport_Forward for Clerk {
    unsafe fn SpoolerNotify(
        this: &Object<Self>,
        flags: SpoolerNotifyFlags,
        data: *mut c_void,
    ) -> HRESULT {
        assert_eq!(flags, SpoolerNotifyFlags::NOTIFY_READYTOSEND);
        assert!(data.is_null());
        this.desk.note("ready");
        S_OK
    }

    unsafe fn Subscribe(
        this: &Object<Self>,
        key: *mut NOTIFKEY,
        events: NotificationEvents,
        flags: SubscribeFlags,
        sink: *mut c_void,
        connection: *mut usize,
    ) -> HRESULT {
        match *this.desk.subscribing.lock().expect("sound") {
            Some(refused) => refused,
            None => unsafe { this.inner.Subscribe(key, events, flags, sink, connection) },
        }
    }

    unsafe fn PrepareSubmit(this: &Object<Self>, message: *mut c_void, flags: *mut u32) -> HRESULT {
        assert_eq!(unsafe { *flags }, 0);
        this.desk.note("prepare");
        ask(&this.desk.prepare, message)
    }

    unsafe fn ExpandRecips(
        this: &Object<Self>,
        message: *mut c_void,
        flags: *mut ExpandRecipsFlags,
    ) -> HRESULT {
        this.desk.note("expand");
        let status = ask(&this.desk.expand, message);
        unsafe { *flags = *this.desk.needs.lock().expect("sound") };
        status
    }

    unsafe fn ReadReceipt(
        this: &Object<Self>,
        flags: ReadReceiptFlags,
        message: *mut c_void,
        report: *mut *mut c_void,
    ) -> HRESULT {
        assert!(!message.is_null());
        let is_read = flags.is_empty();
        this.desk.note(if is_read { "read" } else { "not read" });
        ask(&this.desk.report, unsafe { *report })
    }

    unsafe fn DoSentMail(this: &Object<Self>, flags: u32, message: *mut c_void) -> HRESULT {
        assert_eq!(flags, 0);
        this.desk.note("sent");
        let status = ask(&this.desk.sent, message);
        // The reference is MAPI's from now on.
        drop(unsafe { IMessage::from_raw(message) });
        status
    }
}
