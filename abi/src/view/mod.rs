//! Safe views of MAPI's structures: properties, rows, restrictions and the like as Rust values, both ways.
//!
//! **Reading** borrows. [`read`] and similar functions take a pointer from MAPI, check every count, pointer
//! and string against [`Limits`], and return a value that lives as long as the memory: a [`Property`], a
//! [`RowSet`], a [`Restriction`]. This is where `unsafe` ends. Malformed data is a [`ViewError`].
//!
//! **Building** allocates with MAPI's own [`Allocators`]: [`Allocators::build`] takes the same values and
//! returns a [`MapiBuffer`], which frees its memory unless it is given away. A [`BuildError`] leaves
//! nothing behind.
//!
//! | MAPI | Rust |
//! |---|---|
//! | `SPropValue` | [`Property`], [`PropValue`] |
//! | `SPropTagArray`, `SPropProblemArray` | [`PropTags`], [`PropProblems`] |
//! | `SRow`, `SRowSet`, `ADRLIST` | [`Row`], [`RowSet`], [`AddressList`] |
//! | `ENTRYID`, `ENTRYLIST`, `FLATENTRYLIST` | [`EntryId`], [`EntryList`], [`FlatEntryList`] |
//! | `SRestriction`, `SSortOrderSet` | [`Restriction`], [`SortOrderSet`] |
//! | `MAPINAMEID` | [`PropName`] |
//! | `MAPIERROR` | [`DescribedError`] |
//! | `NOTIFICATION` | [`Notification`] |
//!
//! If a string's width depends on a flag, it is a [`MapiStr`].
//!
//! ```
//! use mapi_provider::abi::PR_DISPLAY_NAME_W;
//! use mapi_provider::view::{Allocators, Limits, Property, Row, RowSet};
//!
//! # use mapi_provider_host as host;
//! # let memory = host::Allocators::take()?;
//! # let (allocate, more, free) = (memory.allocate_buffer(), memory.allocate_more(), memory.free_buffer());
//! // SAFETY: these are the functions that MAPI gave.
//! let allocators = unsafe { Allocators::new(Some(allocate), Some(more), Some(free)) };
//! let allocators = allocators.ok_or("MAPI gives all three")?;
//!
//! let inbox = Row::from(vec![Property::new(PR_DISPLAY_NAME_W, "Inbox")]);
//! let buffer = allocators.build(&RowSet(vec![inbox.clone()]))?;
//! let rows: RowSet = buffer.read(&Limits::default())?;
//! assert_eq!(rows[0], inbox);
//! # drop(buffer);
//! # assert!(memory.leaks().is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod buffer;
mod builder;
mod described;
mod entries;
mod error;
mod limits;
mod memory;
mod names;
mod notification;
pub(crate) mod property;
mod reader;
mod reading;
mod restriction;
mod rows;
mod scalar;
mod sort;
mod tags;
mod text;
mod value;
pub(crate) mod wipe;

pub use self::{
    buffer::{MapiBuffer, MapiMemory},
    builder::Build,
    described::DescribedError,
    entries::{EntryId, EntryList, FlatEntryList},
    error::{BuildError, ViewError},
    limits::Limits,
    memory::Allocators,
    names::{NameId, PropName},
    notification::{Notification, ObjectEvent, ObjectNotification, TableEvent},
    property::Property,
    reading::{View, read, read_array, read_optional},
    restriction::{BitTest, RelOp, Restriction},
    rows::{AddressList, Row, RowSet},
    scalar::{Currency, FileTime, TimeOutOfRange},
    sort::{SortDirection, SortOrder, SortOrderSet},
    tags::{PropProblem, PropProblems, PropTags},
    text::MapiStr,
    value::PropValue,
};
