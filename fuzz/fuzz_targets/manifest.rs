//! `provider.toml`: a provider that can be emitted, or a report that can be shown.

#![no_main]

#[path = "../../codegen/tests/support/survival.rs"]
mod survival;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    survival::survive(&String::from_utf8_lossy(bytes));
});
