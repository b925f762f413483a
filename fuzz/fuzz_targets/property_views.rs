//! MAPI's structures, of arbitrary numbers: read or refused, and what was read can be built.

#![no_main]

#[path = "../../tests/views/memory.rs"]
#[allow(dead_code, reason = "the tests of views use more of it")]
mod memory;
#[path = "../../tests/views/pools.rs"]
mod pools;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let numbers: Vec<u32> = bytes
        .as_chunks()
        .0
        .iter()
        .map(|number| u32::from_le_bytes(*number))
        .collect();
    if !numbers.is_empty() {
        pools::outcomes(numbers);
    }
});
