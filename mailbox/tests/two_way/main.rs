//! A mailbox as one side of a two-way synchronisation, with the server played.

mod changes;
mod ends;
mod sim;
mod world;
