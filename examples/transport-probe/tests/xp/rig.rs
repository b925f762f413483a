//! A transport with a queue whose `send` is a test's closure, and the spooler around it.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use mapi_provider::abi::{
    FlushQueuesFlags, MAPI_MAILUSER, MAPI_TO, PR_ADDRTYPE_W, PR_BODY_W, PR_DISPLAY_NAME_W,
    PR_EMAIL_ADDRESS_W, PR_MESSAGE_CLASS_W, PR_OBJECT_TYPE, PR_RECIPIENT_TYPE, PR_RESPONSIBILITY,
    PR_SEARCH_KEY, PR_STATUS_CODE, PR_SUBJECT_W, PropTag, S_OK, StatusFlags,
};
use mapi_provider::transport::{Delivery, Identity, Link, Mail, MailTransport, SendError};
use mapi_provider::{LogonError, Provider};
use mapi_provider_host::{
    Host, OutgoingMessage, Profile, Property, ProviderLibrary, Spooler, Transport, Value,
};

pub(crate) use crate::rows::{envelope, responsible, value};

/// What a test's transport does with a message.
type Send = Arc<dyn Fn(&Mail, &Delivery<'_>) -> Result<(), SendError> + std::marker::Send + Sync>;

thread_local! {
    /// What the next logon on this thread does.
    static NEXT: RefCell<Option<Send>> = const { RefCell::new(None) };
}

/// The logic.
pub(crate) struct Script(Send);

impl MailTransport for Script {
    type Settings = ();

    fn open((): (), _link: &Link) -> Result<Self, LogonError> {
        let next = NEXT.with_borrow_mut(Option::take);
        Ok(Self(next.expect("a test says what is sent")))
    }

    fn identity(&self) -> Identity {
        Identity::smtp("Ann", "ann@example.org")
    }

    fn send(&self, mail: &Mail, delivery: &Delivery<'_>) -> Result<(), SendError> {
        (self.0)(mail, delivery)
    }
}

/// One that tries again only if it is told to.
pub(crate) mod patient {
    mapi_provider::provider!("tests/xp/patient.toml", exports = cfg(any()));
}

/// One that waits 50 ms for `send`, and gives up after a second.
pub(crate) mod hasty {
    mapi_provider::provider!("tests/xp/hasty.toml", exports = cfg(any()));
}

/// One whose queue is nobody else's.
pub(crate) mod spoilt {
    mapi_provider::provider!("tests/xp/spoilt.toml", exports = cfg(any()));
}

/// Where the queues are, for this program. Each profile has a file of its own there.
pub(crate) fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder").keep();
        // SAFETY: whoever reads it in this program has called this before.
        unsafe { std::env::set_var("XP_TEST_DIR", &folder) };
        folder
    })
}

/// A spooler with a transport, and all that is around them.
pub(crate) struct Rig {
    pub(crate) spooler: Spooler,
    pub(crate) transport: Transport,
    pub(crate) host: Host,
}

impl Rig {
    /// A session with this profile.
    pub(crate) fn new(
        provider: &'static Provider,
        profile: &Profile,
        send: impl Fn(&Mail, &Delivery<'_>) -> Result<(), SendError>
        + std::marker::Send
        + Sync
        + 'static,
    ) -> Self {
        let library = ProviderLibrary::linked(provider);
        let host = Host::new(library, profile.clone()).expect("a host");
        let transport = host.init_transport().expect("XPProviderInit");
        next(send);
        let spooler = transport.logon().expect("TransportLogon");
        Self {
            spooler,
            transport,
            host,
        }
    }

    /// A message to these.
    pub(crate) fn message(&self, to: &[&str]) -> OutgoingMessage {
        let rows: Vec<_> = to.iter().map(|address| recipient(address)).collect();
        self.spooler.message(&properties(), &rows)
    }

    /// Has the queue tried now, and waits until nothing in it is due.
    pub(crate) fn flush(&self) {
        // SAFETY: a call without pointers but NULL.
        let status = unsafe {
            let logon = self.spooler.interface();
            logon.FlushQueues(0, 0, std::ptr::null_mut(), FlushQueuesFlags::FLUSH_UPLOAD)
        };
        assert_eq!(status, S_OK);
        while code(&self.spooler).contains(StatusFlags::OUTBOUND_FLUSH) {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    /// Ends everything, and fails if anything is left.
    pub(crate) fn finish(self) {
        drop(self.spooler);
        drop(self.transport);
        self.host.finish().assert_clean();
    }
}

/// What the next logon on this thread sends with.
pub(crate) fn next(
    send: impl Fn(&Mail, &Delivery<'_>) -> Result<(), SendError> + std::marker::Send + Sync + 'static,
) {
    NEXT.set(Some(Arc::new(send)));
}

/// The code that MAPI's row has now.
fn code(spooler: &Spooler) -> StatusFlags {
    let rows = spooler.record().status_rows;
    let mut codes = rows
        .iter()
        .rev()
        .filter_map(|row| match value(row, PR_STATUS_CODE) {
            Some(Value::Long(code)) => Some(StatusFlags::from_bits_retain(*code as u32)),
            _ => None,
        });
    codes.next().expect("there is a row")
}

pub(crate) fn text(tag: PropTag, text: &str) -> Property {
    Property {
        id: tag.id(),
        value: Value::Unicode(text.to_owned()),
    }
}

fn long(tag: PropTag, number: u32) -> Property {
    Property {
        id: tag.id(),
        value: Value::Long(number as i32),
    }
}

fn properties() -> Vec<Property> {
    vec![
        text(PR_MESSAGE_CLASS_W, "IPM.Note"),
        text(PR_SUBJECT_W, "Hello"),
        text(PR_BODY_W, "How are you?"),
        Property {
            id: PR_SEARCH_KEY.id(),
            value: Value::Binary(vec![7; 16]),
        },
    ]
}

/// A recipient in To.
fn recipient(address: &str) -> Vec<Property> {
    vec![
        long(PR_RECIPIENT_TYPE, MAPI_TO),
        text(PR_DISPLAY_NAME_W, address),
        text(PR_ADDRTYPE_W, "SMTP"),
        text(PR_EMAIL_ADDRESS_W, address),
        long(PR_OBJECT_TYPE, MAPI_MAILUSER),
        Property {
            id: PR_RESPONSIBILITY.id(),
            value: Value::Boolean(false),
        },
    ]
}
