//! Views of MAPI's structures: what is built can be read back, nothing leaks, and nothing malformed is
//! believed.

mod hostile;
mod lists;
mod malformed;
mod memory;
mod notifications;
mod pools;
mod restrictions;
mod rows;
mod strategies;
mod values;
