//! The SMTP provider against real servers on this computer, and against servers that misbehave.
//!
//! A machine without Dovecot and Postfix skips the tests that need them, and says so.

mod rig;
mod scripted;

mod provider;
mod real;
mod safety;
mod sending;
