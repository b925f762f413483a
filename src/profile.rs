//! Putting a provider's service into a profile of the user's, with its settings.
//!
//! `cargo mapi profile` and the exports `AddToProfile` and `RemoveFromProfile` of every provider's DLL are made of this; a
//! setup program in Rust can use it too. It asks the MAPI that is installed, which is Outlook's, and so it works on Windows
//! only. Nothing stays half done: a service that can't be configured is taken out again.
//!
//! ```no_run
//! use mapi_provider::profile::{AddOptions, Assignments, Profiles, ServiceSpec};
//!
//! # fn example(provider: &'static mapi_provider::Provider) -> Result<(), Box<dyn std::error::Error>> {
//! let service = ServiceSpec::of(provider);
//! let mut values = Assignments::default();
//! values.assign(service.settings(), "server=mail.example.org")?;
//! Profiles::open()?.add("Outlook", &service, &values, AddOptions::default())?;
//! # Ok(())
//! # }
//! ```

pub use crate::entry::profiles::{
    AddOptions, Added, ProfileError, ProfileRow, Profiles, ServiceRow, ServiceSpec, ServiceUid,
};
pub use crate::settings::assignment::{
    AssignedValue, AssignmentError, Assignments, boolean, integer,
};
