//! The objects that MAPI hands to a provider.

mod admin;
mod callback;
mod record;
mod registry;
mod section;
mod session;
mod shared;
mod subscriptions;
mod support;
mod table;
pub(crate) mod tags;

pub(crate) use self::support::read_list;
pub use self::{
    admin::ProviderAdmin,
    callback::{Call, CallKind, CallbackBuilder, ProgressCallback, callback_count},
    record::SupportRecord,
    registry::{Kind, count},
    section::ProfileSection,
    session::Session,
    shared::Violation,
    support::Support,
    table::Table,
};
pub(crate) use self::{
    callback::CallbackState, record::SupportState, registry::Live, shared::Shared,
};
