//! Another store that can't be relied on: its folders, messages, attachments and streams fail, give nothing, or answer what
//! makes no sense.
#![allow(
    dead_code,
    non_snake_case,
    clippy::too_many_arguments,
    clippy::undocumented_unsafe_blocks,
    reason = "each test program uses a part of this; pointers are what the methods' pages say"
)]

use std::ffi::c_void;

use mapi_provider::MapiObject;
use mapi_provider::abi::*;
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::view::{Allocators, PropProblem, PropProblems, PropTags, PropValue, Property};

/// What each method does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lie {
    /// It fails.
    Fails,
    /// It says that all is well, and gives nothing.
    GivesNothing,
    /// It says that all is well, and gives counts and places that can't be; only a save fails.
    MakesNoSense,
}

impl Lie {
    pub(crate) const ALL: [Self; 3] = [Self::Fails, Self::GivesNothing, Self::MakesNoSense];
}

/// What those say that fail.
pub(crate) const FAILURE: HRESULT = MAPI_E_DISK_ERROR;

/// Whoever has it can't rely on it.
#[derive(Clone, Copy)]
pub(crate) struct Liar {
    pub(crate) lie: Lie,
    pub(crate) allocators: Allocators,
}

impl Liar {
    pub(crate) fn folder(self) -> IMAPIFolder {
        ObjectRef::new(LiarFolder(self)).into_interface()
    }

    pub(crate) fn message(self) -> IMessage {
        ObjectRef::new(LiarMessage(self)).into_interface()
    }

    pub(crate) fn attachment(self) -> IAttach {
        ObjectRef::new(LiarAttachment(self)).into_interface()
    }

    fn stream(self) -> IStream {
        ObjectRef::new(LiarStream(self)).into_interface()
    }

    fn status(self) -> HRESULT {
        match self.lie {
            Lie::Fails => FAILURE,
            Lie::GivesNothing | Lie::MakesNoSense => S_OK,
        }
    }

    /// What gives an object: one that lies too, or none.
    unsafe fn give<I: Interface>(self, object: fn(Self) -> I, out: *mut *mut c_void) -> HRESULT {
        if self.lie == Lie::MakesNoSense {
            unsafe { *out = object(self).into_raw() };
        }
        self.status()
    }
}

macro_rules! properties_of {
    ($($class:ident)*) => {$(
        impl IMAPIProp_Impl for $class {
            unsafe fn SaveChanges(this: &Object<Self>, _: SaveChangesFlags) -> HRESULT {
                match this.0.lie {
                    Lie::GivesNothing => S_OK,
                    Lie::Fails | Lie::MakesNoSense => FAILURE,
                }
            }

            unsafe fn GetProps(
                this: &Object<Self>,
                _: *mut SPropTagArray,
                _: UnicodeFlags,
                count: *mut u32,
                out: *mut *mut SPropValue,
            ) -> HRESULT {
                if this.0.lie == Lie::MakesNoSense {
                    let value = [Property::new(PR_OBJECT_TYPE, PropValue::Long(-1))];
                    let value = this.0.allocators.build(&value[..]).expect("memory");
                    unsafe {
                        *count = u32::MAX;
                        *out = value.into_raw();
                    }
                }
                this.0.status()
            }

            unsafe fn GetPropList(
                this: &Object<Self>,
                _: UnicodeFlags,
                out: *mut *mut SPropTagArray,
            ) -> HRESULT {
                if this.0.lie == Lie::MakesNoSense {
                    let tags = PropTags::from(&[PR_NULL][..]);
                    let tags = this.0.allocators.build(&tags).expect("memory").into_raw();
                    unsafe {
                        (*tags).cValues = u32::MAX;
                        *out = tags;
                    }
                }
                this.0.status()
            }

            unsafe fn OpenProperty(
                this: &Object<Self>,
                _: PropTag,
                iid: *const GUID,
                _: u32,
                _: OpenPropertyFlags,
                out: *mut *mut c_void,
            ) -> HRESULT {
                let is_message = unsafe { *iid } == IMessage::IID;
                unsafe {
                    if is_message {
                        this.0.give(Liar::message, out)
                    } else {
                        this.0.give(Liar::stream, out)
                    }
                }
            }

            unsafe fn SetProps(
                this: &Object<Self>,
                _: u32,
                _: *mut SPropValue,
                problems: *mut *mut SPropProblemArray,
            ) -> HRESULT {
                if this.0.lie == Lie::MakesNoSense && !problems.is_null() {
                    let nowhere = PropProblem {
                        index: u32::MAX,
                        tag: PR_NULL,
                        status: FAILURE,
                    };
                    let built = this.0.allocators.build(&PropProblems(vec![nowhere]));
                    unsafe { *problems = built.expect("memory").into_raw() };
                }
                this.0.status()
            }

            unsafe fn GetIDsFromNames(
                this: &Object<Self>,
                _: u32,
                _: *mut *mut MAPINAMEID,
                _: GetIDsFromNamesFlags,
                out: *mut *mut SPropTagArray,
            ) -> HRESULT {
                if this.0.lie == Lie::MakesNoSense {
                    let none = PropTags::from(Vec::<PropTag>::new());
                    let none = this.0.allocators.build(&none).expect("memory");
                    unsafe { *out = none.into_raw() };
                }
                this.0.status()
            }
        }
    )*};
}

#[derive(MapiObject)]
#[mapi(implements(IMAPIFolder))]
struct LiarFolder(Liar);

#[derive(MapiObject)]
#[mapi(implements(IMessage))]
struct LiarMessage(Liar);

#[derive(MapiObject)]
#[mapi(implements(IAttach))]
struct LiarAttachment(Liar);

properties_of! { LiarFolder LiarMessage LiarAttachment }

impl IMAPIContainer_Impl for LiarFolder {}

impl IMAPIFolder_Impl for LiarFolder {
    unsafe fn CreateMessage(
        this: &Object<Self>,
        _: *const GUID,
        _: CreateMessageFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        unsafe { this.0.give(Liar::message, out) }
    }

    unsafe fn CreateFolder(
        this: &Object<Self>,
        _: u32,
        _: *mut TCHAR,
        _: *mut TCHAR,
        _: *const GUID,
        _: CreateFolderFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        unsafe { this.0.give(Liar::folder, out) }
    }
}

impl IMessage_Impl for LiarMessage {
    unsafe fn GetRecipientTable(
        this: &Object<Self>,
        _: GetRecipientTableFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        unsafe { this.0.give(table, out) }
    }

    unsafe fn GetAttachmentTable(
        this: &Object<Self>,
        _: GetAttachmentTableFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        unsafe { this.0.give(table, out) }
    }

    unsafe fn CreateAttach(
        this: &Object<Self>,
        _: *const GUID,
        _: CreateAttachFlags,
        _: *mut u32,
        out: *mut *mut c_void,
    ) -> HRESULT {
        unsafe { this.0.give(Liar::attachment, out) }
    }

    unsafe fn ModifyRecipients(
        this: &Object<Self>,
        _: ModifyRecipientsFlags,
        _: *mut ADRLIST,
    ) -> HRESULT {
        this.0.status()
    }

    unsafe fn SetReadFlag(this: &Object<Self>, _: ReadFlags) -> HRESULT {
        this.0.status()
    }
}

impl IAttach_Impl for LiarAttachment {}

/// A table that says nothing of its rows.
#[derive(MapiObject)]
#[mapi(implements(IMAPITable))]
struct LiarTable;

impl IMAPITable_Impl for LiarTable {}

fn table(_: Liar) -> IMAPITable {
    ObjectRef::new(LiarTable).into_interface()
}

/// A stream that says it has taken more than it was given.
#[derive(MapiObject)]
#[mapi(implements(IStream))]
struct LiarStream(Liar);

impl ISequentialStream_Impl for LiarStream {
    unsafe fn Write(
        this: &Object<Self>,
        _: *const c_void,
        count: u32,
        written: *mut u32,
    ) -> HRESULT {
        unsafe { *written = count.saturating_add(1) };
        this.0.status()
    }
}

impl IStream_Impl for LiarStream {}
