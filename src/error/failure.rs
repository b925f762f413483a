//! What both kinds of errors are inside, and which status code fits an error that is not ours.

#[cfg(feature = "anyhow")]
use std::any::Any;
use std::error::Error;
use std::fmt;
use std::io;

use windows_core::HRESULT;

use crate::store::StoreError;
use mapi_provider_abi::mapi::{
    MAPI_E_CALL_FAILED, MAPI_E_DISK_ERROR, MAPI_E_NETWORK_ERROR, MAPI_E_NO_ACCESS,
    MAPI_E_NOT_ENOUGH_DISK, MAPI_E_NOT_ENOUGH_MEMORY, MAPI_E_NOT_FOUND, MAPI_E_TIMEOUT,
};
use mapi_provider_abi::view::{BuildError, ViewError};

type Boxed = Box<dyn Error + Send + Sync>;

/// A status code, a text, and the error that they come from.
#[derive(Debug)]
pub(super) struct Failure {
    code: HRESULT,
    text: String,
    source: Option<Boxed>,
    /// Code and text are what the source says: it stands for all three.
    derived: bool,
}

impl Failure {
    /// A code that says success becomes `MAPI_E_CALL_FAILED`.
    pub(super) fn new(code: HRESULT, text: String) -> Self {
        Self {
            code: failing(code),
            text,
            source: None,
            derived: false,
        }
    }

    /// The failure that an error is: one of ours is what it was.
    pub(super) fn of<E: Into<Boxed> + 'static>(error: E) -> Self {
        match boxed(error).downcast::<Self>() {
            Ok(own) => *own,
            Err(error) => Self {
                code: code_of(&*error),
                text: describe(&*error),
                source: Some(error),
                derived: true,
            },
        }
    }

    pub(super) fn with_source(mut self, source: Boxed) -> Self {
        // As in `without_source`.
        drop(self.source.take());
        Self {
            source: Some(source),
            derived: false,
            ..self
        }
    }

    /// Code and text alone. The error that they come from is foreign, and dropped here.
    pub(super) fn without_source(mut self) -> Self {
        // First, while its text still belongs to somebody: a destructor that panics would leak what is to be returned.
        drop(self.source.take());
        Self::new(self.code, self.text)
    }

    pub(super) fn code(&self) -> HRESULT {
        self.code
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn cause(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }

    pub(super) fn into_boxed(self) -> Boxed {
        match self {
            Self {
                derived: true,
                source: Some(source),
                ..
            } => source,
            own => Box::new(own),
        }
    }
}

/// One that stands for another error looks like that one, so that nobody who lists the causes tells it twice.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Some(source) if self.derived => source.fmt(f),
            _ => f.write_str(&self.text),
        }
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.source {
            Some(source) if self.derived => source.source(),
            _ => self.cause(),
        }
    }
}

/// The error itself. Of an `anyhow::Error` its `Into` makes a box that hides what the outermost error is, and with it
/// what it means; so where that crate is known it is asked otherwise.
#[cfg(feature = "anyhow")]
fn boxed<E: Into<Boxed> + 'static>(error: E) -> Boxed {
    let mut slot = Some(error);
    if let Some(error) = (&mut slot as &mut dyn Any)
        .downcast_mut::<Option<anyhow::Error>>()
        .and_then(Option::take)
    {
        return error.reallocate_into_boxed_dyn_error_without_backtrace();
    }
    match slot {
        Some(error) => error.into(),
        // It is still there, for it was none of anyhow's.
        None => Box::new(fmt::Error),
    }
}

#[cfg(not(feature = "anyhow"))]
fn boxed<E: Into<Boxed> + 'static>(error: E) -> Boxed {
    error.into()
}

fn failing(code: HRESULT) -> HRESULT {
    if code.is_err() {
        code
    } else {
        MAPI_E_CALL_FAILED
    }
}

/// An error with its causes: `can't open the mailbox: file not found`.
fn describe(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    for error in causes(error) {
        let inner = error.to_string();
        // Some errors print their cause themselves.
        if !text.ends_with(&inner) {
            text.push_str(": ");
            text.push_str(&inner);
        }
    }
    text
}

/// How many causes of an error are followed: an error may be its own cause.
const MOST_CAUSES: usize = 64;

/// The causes of an error, the nearest first.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    let next = |error: &&'e (dyn Error + 'static)| (*error).source();
    std::iter::successors(error.source(), next).take(MOST_CAUSES)
}

/// The status code that fits an error best; it or one of its causes may be an I/O error.
fn code_of(error: &(dyn Error + 'static)) -> HRESULT {
    for error in std::iter::once(error).chain(causes(error)) {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            // What a stream of the store’s has failed with is inside.
            let inner = error.get_ref().and_then(|inner| store_code(inner));
            return inner.unwrap_or_else(|| io_code(error.kind()));
        }
        if let Some(error) = error.downcast_ref::<Failure>() {
            return error.code;
        }
        if let Some(code) = store_code(error) {
            return code;
        }
        if let Some(error) = error.downcast_ref::<windows_core::Error>() {
            return error.code();
        }
        if let Some(error) = error.downcast_ref::<ViewError>() {
            return error.status();
        }
        if let Some(error) = error.downcast_ref::<BuildError>() {
            return error.status();
        }
    }
    MAPI_E_CALL_FAILED
}

/// The status of an error of a message store.
fn store_code(error: &(dyn Error + 'static)) -> Option<HRESULT> {
    #[cfg(feature = "mailbox")]
    if let Some(error) = error.downcast_ref::<mapi_provider_mailbox::database::Error>() {
        return Some(failing(error.status()));
    }
    let status = error.downcast_ref::<StoreError>()?.status();
    // A part that was done is a success to MAPI, and an error to whoever wanted the whole.
    Some(failing(status))
}

pub(crate) fn io_code(kind: io::ErrorKind) -> HRESULT {
    use io::ErrorKind;
    match kind {
        ErrorKind::NotFound => MAPI_E_NOT_FOUND,
        ErrorKind::PermissionDenied => MAPI_E_NO_ACCESS,
        ErrorKind::TimedOut => MAPI_E_TIMEOUT,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => MAPI_E_NOT_ENOUGH_DISK,
        ErrorKind::OutOfMemory => MAPI_E_NOT_ENOUGH_MEMORY,
        ErrorKind::ReadOnlyFilesystem => MAPI_E_DISK_ERROR,
        ErrorKind::ConnectionRefused
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::NotConnected
        | ErrorKind::BrokenPipe
        | ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable
        | ErrorKind::NetworkDown
        | ErrorKind::AddrNotAvailable => MAPI_E_NETWORK_ERROR,
        _ => MAPI_E_CALL_FAILED,
    }
}
