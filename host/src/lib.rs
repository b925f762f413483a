//! Plays the MAPI subsystem and Outlook's Send/Receive, so a provider can be tested without Outlook.
//!
//! A [`Host`] runs one provider, linked in or loaded from a library ([`ProviderLibrary`]), with a
//! [`Profile`] in memory or in a file. Everything that a provider can do wrong is an error value or a line
//! in the [`Report`]: leaked or misused memory, objects that nobody released, broken rules.
//!
//! ```no_run
//! # use std::time::Duration;
//! # use mapi_provider::abi::{MSG_SERVICE_CONFIGURE, MSG_SERVICE_CREATE, S_OK};
//! # use mapi_provider_host::*;
//! # fn example(my_provider: &'static mapi_provider::Provider) -> Result<(), Box<dyn std::error::Error>> {
//! let host = Host::new(ProviderLibrary::linked(my_provider), Profile::in_memory())?;
//! host.service(MSG_SERVICE_CREATE, &[])?;
//! host.service(MSG_SERVICE_CONFIGURE, &[Property::with_id(0x6601, "mail.example.org")])?;
//! let provider = host.init()?;
//! let store = provider.logon()?;
//! let callback = host.callback(ProgressCallback::builder());
//! let run = store.synchronize(&SyncRequest::default().session(&host).callback(&callback));
//! assert!(run.started()?.wait(Duration::from_secs(5)));
//! assert_eq!(run.result(), Some(Status(S_OK)));
//! drop((run, callback));
//! store.logoff();
//! provider.shutdown()?;
//! drop(provider);
//! host.finish().assert_clean();
//! # Ok(())
//! # }
//! ```

mod address_book;
mod base;
pub mod channel;
pub mod child;
pub mod conformance;
mod error_text;
mod escapes;
mod graveyard;
mod host;
mod loader;
mod locks;
mod memory;
mod objects;
pub mod outlook;
mod profile;
mod profiles;
mod property;
mod provider;
#[cfg(feature = "pst")]
pub mod pst_file;
mod releases;
mod report;
mod run;
mod sheet;
mod spooler;
mod status;
mod store;
pub mod untrusted;

pub use mapi_provider::abi;

pub use self::address_book::{
    AddressBook, AddressBookOptions, AddressBookProvider, AddressList, BookObject, BookTable,
    Candidate, ListedContainer, Resolved,
};
pub use self::host::{Host, InitOptions, ServiceCall};
pub use self::loader::{Dll, InnerLibrary, LoadError, ProviderLibrary};
pub use self::memory::{Allocators, Leak, MemoryFault, OutOfSets};
pub use self::objects::{
    Call, CallKind, CallbackBuilder, Kind, ProfileSection, ProgressCallback, ProviderAdmin,
    Session, Support, SupportRecord, Table, Violation, callback_count, count,
};
pub use self::profile::{Operation, Profile, ProfileError, Section, SectionUid, is_secure};
pub use self::profiles::{AdminCall, InstalledService, ProfileAdmin, Profiles, ServiceAdmin};
pub use self::property::{Property, PropertyArray, Value};
pub use self::provider::{LogonOptions, Provider};
pub use self::report::{Reference, Report};
pub use self::run::SyncRun;
pub use self::sheet::{ControlKind, Sheet, SheetAnswer, SheetControl, SheetPage};
pub use self::spooler::{
    Attached, MessageCall, OutgoingMessage, Spooler, Started, StatusReport, Submission, Transport,
    TransportOptions,
};
pub use self::status::{Failure, Status};
pub use self::store::{Logoff, Store, SyncRequest};
