//! Objects cast both ways: ours called through their interfaces, theirs through ours.
//!
//! That functions have the same shape in the same slots is proven without a call, by `facts.rs`. Here is what only
//! a call shows: that arguments arrive in their places, interfaces and structures pass through, failures arrive as
//! such, and that references are counted once.
#![cfg(windows)]
#![allow(non_snake_case, reason = "parameters have MAPI's names")]

mod log;
mod ours;
mod theirs;
