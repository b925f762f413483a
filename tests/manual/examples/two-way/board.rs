//! A ticket board's client, which a team has already: tickets with labels, one list of changes for the whole board.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A board on a server. Here it is in memory; clones are the same one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Board {
    pub(crate) name: String,
    tickets: Arc<Mutex<Tickets>>,
}

#[derive(Debug, Default)]
pub(crate) struct Tickets {
    pub(crate) all: BTreeMap<String, Ticket>,
    /// IDs of those that are deleted, with the revision that did it.
    pub(crate) gone: BTreeMap<String, u64>,
    pub(crate) labels: BTreeSet<String>,
    pub(crate) revision: u64,
}

/// A ticket, as the server has it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Ticket {
    pub(crate) label: String,
    pub(crate) text: Vec<u8>,
    pub(crate) done: bool,
    pub(crate) created: i64,
    /// What the client called it when it made it.
    pub(crate) client_id: Option<String>,
    /// When the text was changed, and when anything was.
    pub(crate) text_revision: u64,
    pub(crate) revision: u64,
}

impl Board {
    pub(crate) fn at(server: &str) -> Self {
        Self {
            name: server.to_owned(),
            ..Self::default()
        }
    }

    /// One request to the server.
    pub(crate) fn ask(&self) -> MutexGuard<'_, Tickets> {
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tickets {
    /// Makes a ticket, and answers its ID.
    pub(crate) fn create(&mut self, mut ticket: Ticket) -> String {
        self.revision += 1;
        ticket.revision = self.revision;
        ticket.text_revision = self.revision;
        self.labels.insert(ticket.label.clone());
        let id = format!("T{}", self.revision);
        self.all.insert(id.clone(), ticket);
        id
    }

    /// Changes a ticket, if there is one.
    pub(crate) fn change(&mut self, id: &str, change: impl FnOnce(&mut Ticket)) -> Option<&Ticket> {
        let ticket = self.all.get_mut(id)?;
        self.revision += 1;
        ticket.revision = self.revision;
        let text = ticket.text.clone();
        change(ticket);
        if ticket.text != text {
            ticket.text_revision = self.revision;
        }
        self.labels.insert(ticket.label.clone());
        Some(ticket)
    }

    /// Deletes a ticket; says whether there was one.
    pub(crate) fn delete(&mut self, id: &str) -> bool {
        self.revision += 1;
        self.gone.insert(id.to_owned(), self.revision);
        self.all.remove(id).is_some()
    }
}
