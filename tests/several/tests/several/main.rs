//! A service with a store and a transport: one DLL, one set of settings, a section of the profile for each (ENTRY-15).

mod install;
mod library;
mod logic;
mod profiles;
mod rig;
mod settings;
mod three;
mod wrapped;
