//! A transport whose `send` and `receive` are a test's closures, and the spooler around it.

use std::cell::RefCell;
use std::sync::Arc;

use mapi_provider::abi::{
    MAPI_CC, MAPI_MAILUSER, MAPI_TO, PR_ADDRTYPE_W, PR_BODY_W, PR_DISPLAY_NAME_W,
    PR_EMAIL_ADDRESS_W, PR_MESSAGE_CLASS_W, PR_OBJECT_TYPE, PR_RECIPIENT_TYPE, PR_RESPONSIBILITY,
    PR_SEARCH_KEY, PR_SUBJECT_W, PropTag,
};
use mapi_provider::transport::{
    Delivery, Identity, Inbox, Link, Mail, MailTransport, ReceiveError, SendError,
};
use mapi_provider::{LogonError, Provider};
use mapi_provider_host::{
    Host, OutgoingMessage, Profile, Property, ProviderLibrary, Spooler, Transport,
    TransportOptions, Value,
};

pub(crate) use crate::rows::{envelope, responsible, value};

/// What a test's transport does with a message.
type Send = Arc<dyn Fn(&Mail, &Delivery<'_>) -> Result<(), SendError> + std::marker::Send + Sync>;

/// How a test's transport receives.
type Receive = Arc<dyn Fn(&Inbox<'_>) -> Result<(), ReceiveError> + std::marker::Send + Sync>;

thread_local! {
    /// What the next logon on this thread does.
    static NEXT: RefCell<Option<Result<Script, LogonError>>> = const { RefCell::new(None) };
}

/// The logic.
pub(crate) struct Script {
    send: Send,
    receive: Receive,
}

impl MailTransport for Script {
    type Settings = ();

    fn open((): (), _link: &Link) -> Result<Self, LogonError> {
        let next = NEXT.with_borrow_mut(Option::take);
        next.expect("a test says what is sent")
    }

    fn identity(&self) -> Identity {
        Identity::smtp("Ann", "ann@example.org")
    }

    fn send(&self, mail: &Mail, delivery: &Delivery<'_>) -> Result<(), SendError> {
        (self.send)(mail, delivery)
    }

    fn receive(&self, inbox: &Inbox<'_>) -> Result<(), ReceiveError> {
        (self.receive)(inbox)
    }
}

/// The usual provider.
pub(crate) mod usual {
    mapi_provider::provider!("tests/xp/provider.toml", exports = cfg(any()));
}

/// One that waits 50 ms for `send`.
pub(crate) mod hasty {
    mapi_provider::provider!("tests/xp/hasty.toml", exports = cfg(any()));
}

/// One that receives, once a minute.
pub(crate) mod receiving {
    mapi_provider::provider!("tests/xp/receiving.toml", exports = cfg(any()));
}

/// A spooler with a transport, and all that is around them.
pub(crate) struct Rig {
    pub(crate) spooler: Spooler,
    pub(crate) transport: Transport,
    pub(crate) host: Host,
}

impl Rig {
    pub(crate) fn new(
        send: impl Fn(&Mail, &Delivery<'_>) -> Result<(), SendError>
        + std::marker::Send
        + Sync
        + 'static,
    ) -> Self {
        Self::of(&usual::PROVIDER, TransportOptions::default(), send)
    }

    pub(crate) fn of(
        provider: &'static Provider,
        options: TransportOptions,
        send: impl Fn(&Mail, &Delivery<'_>) -> Result<(), SendError>
        + std::marker::Send
        + Sync
        + 'static,
    ) -> Self {
        next(send);
        Self::with_next(provider, options)
    }

    /// One that receives so.
    pub(crate) fn receiving(
        receive: impl Fn(&Inbox<'_>) -> Result<(), ReceiveError> + std::marker::Send + Sync + 'static,
    ) -> Self {
        next_receives(receive);
        Self::with_next(&receiving::PROVIDER, TransportOptions::default())
    }

    /// What the next logon does was said before.
    pub(crate) fn with_next(provider: &'static Provider, options: TransportOptions) -> Self {
        let library = ProviderLibrary::linked(provider);
        let host = Host::new(library, Profile::default()).expect("a host");
        let transport = host.init_transport().expect("XPProviderInit");
        let spooler = transport.logon_with(&options).expect("TransportLogon");
        Self {
            spooler,
            transport,
            host,
        }
    }

    /// A message to these, all of To and of Internet addresses.
    pub(crate) fn message(&self, to: &[&str]) -> OutgoingMessage {
        let rows: Vec<_> = to
            .iter()
            .map(|address| recipient("SMTP", address))
            .collect();
        self.message_to(&rows)
    }

    pub(crate) fn message_to(&self, rows: &[Vec<Property>]) -> OutgoingMessage {
        self.spooler.message(&properties("IPM.Note"), rows)
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
    NEXT.set(Some(Ok(Script {
        send: Arc::new(send),
        receive: Arc::new(|_| Ok(())),
    })));
}

/// How the next logon on this thread receives. It accepts all that it is to send.
pub(crate) fn next_receives(
    receive: impl Fn(&Inbox<'_>) -> Result<(), ReceiveError> + std::marker::Send + Sync + 'static,
) {
    NEXT.set(Some(Ok(Script {
        send: Arc::new(|_, _| Ok(())),
        receive: Arc::new(receive),
    })));
}

/// The next logon on this thread fails.
pub(crate) fn next_fails(error: LogonError) {
    NEXT.set(Some(Err(error)));
}

pub(crate) fn text(tag: PropTag, text: &str) -> Property {
    Property {
        id: tag.id(),
        value: Value::Unicode(text.to_owned()),
    }
}

pub(crate) fn long(tag: PropTag, number: u32) -> Property {
    Property {
        id: tag.id(),
        value: Value::Long(number as i32),
    }
}

pub(crate) fn boolean(tag: PropTag, yes: bool) -> Property {
    Property {
        id: tag.id(),
        value: Value::Boolean(yes),
    }
}

/// A message of a class.
pub(crate) fn properties(class: &str) -> Vec<Property> {
    vec![
        text(PR_MESSAGE_CLASS_W, class),
        text(PR_SUBJECT_W, "Hello"),
        text(PR_BODY_W, "How are you?"),
        Property {
            id: PR_SEARCH_KEY.id(),
            value: Value::Binary(vec![7; 16]),
        },
    ]
}

/// A recipient in To.
pub(crate) fn recipient(address_type: &str, address: &str) -> Vec<Property> {
    vec![
        long(PR_RECIPIENT_TYPE, MAPI_TO),
        text(PR_DISPLAY_NAME_W, address),
        text(PR_ADDRTYPE_W, address_type),
        text(PR_EMAIL_ADDRESS_W, address),
        long(PR_OBJECT_TYPE, MAPI_MAILUSER),
        boolean(PR_RESPONSIBILITY, false),
    ]
}

/// The same with one property changed.
pub(crate) fn with(mut row: Vec<Property>, property: Property) -> Vec<Property> {
    row.retain(|one| one.id != property.id);
    row.push(property);
    row
}

pub(crate) fn in_cc(row: Vec<Property>) -> Vec<Property> {
    with(row, long(PR_RECIPIENT_TYPE, MAPI_CC))
}
