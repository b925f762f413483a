//! What the contract tests share: the provider in its shapes, the host around it, and logic by script.

#![allow(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "each test program uses a part of it"
)]

mod backend;
pub(crate) mod findable;
mod gate;
pub(crate) mod handles;
pub(crate) mod module;
mod rig;
pub(crate) mod script;

use std::time::Duration;

pub(crate) use self::{
    backend::{Backend, Orders, library_path},
    gate::Gate,
    rig::{Rig, bare_ask, bare_logon, done_order, progress_only, wait_for_call, wait_for_done},
};

/// How long anything that must happen may take. Only a failing test waits this long.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// Expands each body to two tests: against the provider linked in, and against the provider as a shared
/// library. Both run wherever the tests do.
macro_rules! contract_tests {
    ($($(#[$attribute:meta])* fn $name:ident($backend:ident) $body:block)*) => {
        mod bodies {
            #[allow(unused_imports, reason = "what the file imports")]
            use super::*;
            $($(#[$attribute])* pub(super) fn $name($backend: crate::support::Backend) $body)*
        }

        mod linked {
            $(#[test] fn $name() { super::bodies::$name(crate::support::Backend::Linked) })*
        }

        mod library {
            $(#[test] fn $name() { super::bodies::$name(crate::support::Backend::Library) })*
        }
    };
}
pub(crate) use contract_tests;
