//! The provider in a host that plays Outlook, around the simulated PST provider: real mail, a real store.

mod both_ways;
mod hostile;
mod kill;
mod messages;
mod mime;
mod rig;
mod rules;
