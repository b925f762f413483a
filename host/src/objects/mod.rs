//! The objects that MAPI hands to a provider.

mod admin;
mod callback;
mod profile_admin;
mod record;
mod registry;
mod section;
mod service_admin;
mod session;
mod shared;
mod subscriptions;
mod support;
mod table;
mod tags;

pub use self::{
    admin::ProviderAdmin,
    callback::{Call, CallKind, CallbackBuilder, ProgressCallback, callback_count},
    profile_admin::ProfileAdmin,
    record::SupportRecord,
    registry::{Kind, count},
    section::ProfileSection,
    service_admin::ServiceAdmin,
    session::Session,
    shared::Violation,
    support::Support,
    table::Table,
};
pub(crate) use self::{callback::CallbackState, record::SupportState, shared::Shared};
