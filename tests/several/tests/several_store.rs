//! The rules of stores, kept by one that stands beside a transport.

extern crate several_probe32 as store_probe32;

#[path = "../../../examples/store-probe/tests/store.rs"]
mod store;
