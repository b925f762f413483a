//! Forwarding by hand-made objects: slots of unknown signature (WRAP-01) and tear-offs (WRAP-02).
//!
//! Every slot with a known signature is called through a forwarder by `tests/abi`.

mod placeholders;
mod tear_offs;
