//! What each logon of an engine has brought for the runs: its section of the profile, and the store inside a wrapped
//! one.

use std::sync::Arc;

use super::ports::{InnerStore, Section};
use super::state::Number;

/// The logons of an engine, as runs see them.
#[derive(Default)]
pub(super) struct Seats(Vec<(Number, Seat)>);

/// What one logon has brought. Shared: to count on a section is a call of MAPI's, which no lock is held across (SYNC-19).
#[derive(Clone, Default)]
pub(super) struct Seat {
    pub(super) section: Option<Arc<dyn Section>>,
    pub(super) store: Option<Arc<dyn InnerStore>>,
}

impl Seats {
    pub(super) fn take(&mut self, logon: Number, section: Option<Arc<dyn Section>>) {
        let seat = Seat {
            section,
            store: None,
        };
        self.0.push((logon, seat));
    }

    pub(super) fn lend(&mut self, logon: Number, store: Arc<dyn InnerStore>) {
        if let Some((_, seat)) = self.0.iter_mut().find(|(number, _)| *number == logon) {
            seat.store = Some(store);
        }
    }

    /// What a run for this logon uses; nothing where it has left meanwhile.
    pub(super) fn of(&self, logon: Number) -> Option<Seat> {
        let found = self.0.iter().find(|(number, _)| *number == logon);
        found.map(|(_, seat)| seat.clone())
    }

    /// Any section: all are the same one, opened by different sessions.
    pub(super) fn any_section(&self) -> Option<Arc<dyn Section>> {
        self.0.iter().find_map(|(_, seat)| seat.section.clone())
    }

    /// All sections, each of which is the same one, as another session has opened it.
    pub(super) fn sections(&self) -> Vec<Arc<dyn Section>> {
        let sections = self.0.iter().map(|(_, seat)| seat.section.clone());
        sections.flatten().collect()
    }

    pub(super) fn leave(&mut self, logon: Number) -> Option<Seat> {
        let place = self.0.iter().position(|(number, _)| *number == logon)?;
        Some(self.0.swap_remove(place).1)
    }
}
