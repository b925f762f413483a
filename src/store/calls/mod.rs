//! The calls of a store’s interfaces: where `unsafe` is.
//!
//! Each method makes one call. What goes in is built by views; what comes out is adopted, read with limits and
//! freed, whatever happens; a failure is a [`StoreError`] with what `GetLastError` says. The store may be
//! anybody’s: an answer that makes no sense is an error too.

mod folder;
mod message;
mod names;
mod open;
mod property;
mod store;
mod stream;
mod table;

use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr;

use windows_core::Interface;

use super::error::StoreError;
use mapi_provider_abi::mapi::{
    HRESULT, IMAPIProp, IMAPITable, IUnknown, MAPI_W_PARTIAL_COMPLETION, MAPIERROR,
    SPropProblemArray, UnicodeFlags,
};
use mapi_provider_abi::view::{
    Allocators, BuildError, DescribedError, Limits, PropProblem, PropProblems,
};

pub(super) use self::{property::Access, table::TableOf};

/// One of the store’s interfaces, and MAPI’s allocators, which free its answers.
#[derive(Clone, Debug)]
pub(super) struct Object<'run, I> {
    interface: I,
    allocators: Allocators,
    run: PhantomData<&'run ()>,
}

impl<'run, I> Object<'run, I> {
    pub(super) fn new(interface: I, allocators: Allocators) -> Self {
        Self {
            interface,
            allocators,
            run: PhantomData,
        }
    }

    /// Another interface of the same object, or another object of the same store.
    fn with<J>(&self, interface: J) -> Object<'run, J> {
        Object::new(interface, self.allocators)
    }
}

/// A call: what it is for, and who can say more if it fails.
struct Call<'o> {
    operation: &'static str,
    teller: Teller<'o>,
    allocators: Allocators,
}

/// Whom to ask for the text of an error.
enum Teller<'o> {
    Properties(&'o IMAPIProp),
    Table(&'o IMAPITable),
    Nobody,
}

impl<'o> Call<'o> {
    /// A call of an object with properties.
    fn on(object: &'o IMAPIProp, allocators: Allocators, operation: &'static str) -> Self {
        Self {
            operation,
            teller: Teller::Properties(object),
            allocators,
        }
    }

    /// The result of the call. If only part was done, that is an error.
    fn done(&self, status: HRESULT) -> Result<(), StoreError> {
        if status.is_ok() && status != MAPI_W_PARTIAL_COMPLETION {
            return Ok(());
        }
        let text = if status.is_err() {
            self.text(status)
        } else {
            None
        };
        Err(StoreError::new(self.operation, status, text))
    }

    /// What the object tells of its last error. Failing at that is no error: there is one already.
    fn text(&self, status: HRESULT) -> Option<String> {
        let (flags, mut error) = (UnicodeFlags::MAPI_UNICODE, ptr::null_mut());
        // SAFETY: a live variable.
        let told = unsafe {
            match self.teller {
                Teller::Properties(object) => object.GetLastError(status, flags, &raw mut error),
                Teller::Table(table) => table.GetLastError(status, flags, &raw mut error),
                Teller::Nobody => return None,
            }
        };
        if told.is_err() {
            return None;
        }
        // SAFETY: GetLastError has answered NULL, or a root that is ours to free.
        let error = unsafe { self.allocators.adopt::<MAPIERROR>(error, 1) }?;
        // SAFETY: the structure, borrowed.
        let described =
            unsafe { DescribedError::read(error.as_ptr(), flags, &Limits::default()) }.ok()?;
        let text = described.error?.to_string_lossy();
        (!text.is_empty()).then_some(text)
    }

    /// The object that a call has answered.
    ///
    /// # Safety
    ///
    /// It is NULL, or such an object with a reference that is ours.
    unsafe fn object<I: Interface>(&self, raw: *mut c_void) -> Result<I, StoreError> {
        if raw.is_null() {
            return Err(self.senseless("there is no object in the answer"));
        }
        // SAFETY: the caller's word, and not NULL.
        Ok(unsafe { I::from_raw(raw) })
    }

    /// The interface that an opened object should have.
    ///
    /// # Safety
    ///
    /// That of [`Call::object`].
    unsafe fn opened<I: Interface>(&self, raw: *mut c_void) -> Result<I, StoreError> {
        // SAFETY: the caller's word.
        let object: IUnknown = unsafe { self.object(raw) }?;
        let cast = object.cast::<I>();
        cast.map_err(|error| StoreError::new(self.operation, error.code(), None))
    }

    /// The problems that a call has answered, if there are any.
    ///
    /// # Safety
    ///
    /// They are NULL, or a root that is ours to free.
    unsafe fn problems(
        &self,
        problems: *mut SPropProblemArray,
    ) -> Result<Vec<PropProblem>, StoreError> {
        // SAFETY: the caller's word.
        let Some(problems) = (unsafe { self.allocators.adopt(problems, 1) }) else {
            return Ok(Vec::new());
        };
        let read = problems.read::<PropProblems>(&Limits::default());
        Ok(read.map_err(|error| self.unreadable(error))?.0)
    }

    fn senseless(&self, text: &str) -> StoreError {
        StoreError::senseless(self.operation, text)
    }

    fn unreadable(&self, error: mapi_provider_abi::view::ViewError) -> StoreError {
        StoreError::unreadable(self.operation, error)
    }

    fn unsayable(&self, error: BuildError) -> StoreError {
        StoreError::unsayable(self.operation, error)
    }
}

/// Terminated UTF-16 for a call that reads it.
fn wide(call: &Call<'_>, text: &str) -> Result<Vec<u16>, StoreError> {
    if text.contains('\0') {
        return Err(call.unsayable(BuildError::InteriorNul { what: "the name" }));
    }
    Ok(text.encode_utf16().chain([0]).collect())
}
