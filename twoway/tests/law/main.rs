//! The laws of two-way synchronisation, with both sides played.

mod random;
mod rules;
mod sim;
