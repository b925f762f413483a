//! The two stores that bodies of tests run on.

use mapi_provider::store::{Store, StoreError};

use crate::fake::Fake;
use crate::pst::{Session, place};

/// What a test does with a store.
pub(crate) type Body = fn(&Store) -> Result<(), StoreError>;

/// Expands each body to two tests: with the tests' own store, which is strict about memory and references, and with
/// the simulated PST.
macro_rules! store_tests {
    ($($(#[$attribute:meta])* fn $name:ident($store:ident) $body:block)*) => {
        mod bodies {
            #[allow(unused_imports, reason = "what the file imports")]
            use super::*;
            $(
                $(#[$attribute])*
                pub(super) fn $name($store: &Store) -> Result<(), StoreError> {
                    $body
                    Ok(())
                }
            )*
        }

        mod own {
            $(#[test] fn $name() { crate::stores::on_own(super::bodies::$name) })*
        }

        mod simulated {
            $(#[test] fn $name() { crate::stores::on_simulated(super::bodies::$name) })*
        }
    };
}
pub(crate) use store_tests;

/// Runs a body with the tests' own store, and checks what is left.
pub(crate) fn on_own(body: Body) {
    let fake = Fake::new();
    let store = fake.store();
    body(&store).expect("the store does all of it");
    drop(store);
    fake.assert_clean();
}

/// Runs a body with the simulated PST, and checks what is left.
pub(crate) fn on_simulated(body: Body) {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let store = session.client();
    body(&store).expect("the store does all of it");
    drop(store);
    session.close();
}
