//! What a logon is made of: the session, and MAPI's support object until TransportLogoff.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::spooler::{Row, Spooler};
use crate::entry::support::Support;
use crate::transport::{MailTransport, Session, Teller};
use mapi_provider_abi::mapi::{SpoolerNotifyFlags, StatusFlags};
use mapi_provider_abi::view::Allocators;

/// A session, with the support object that it came with.
pub(super) struct Attached<L: MailTransport> {
    pub(super) session: Session<L>,
    pub(super) name: &'static str,
    pub(super) allocators: Allocators,
    support: Mutex<Option<Arc<Support>>>,
}

impl<L: MailTransport> Attached<L> {
    pub(super) fn new(
        session: Session<L>,
        name: &'static str,
        allocators: Allocators,
        support: Support,
    ) -> Arc<Self> {
        Arc::new(Self {
            session,
            name,
            allocators,
            support: Mutex::new(Some(Arc::new(support))),
        })
    }

    /// The support object, for one call; none after TransportLogoff. It is counted by us, not by MAPI, because that would
    /// be a foreign call under a lock (SYNC-19).
    pub(super) fn support(&self) -> Option<Arc<Support>> {
        let support = self.support.lock().unwrap_or_else(PoisonError::into_inner);
        support.clone()
    }

    /// What a method asks of MAPI; none after TransportLogoff.
    pub(super) fn spooler(&self) -> Option<Spooler<'_>> {
        Some(Spooler {
            support: self.support()?,
            allocators: self.allocators,
            row: &self.session.row,
        })
    }

    /// Changes the status row (XP-08).
    pub(super) fn change_status(&self, clear: StatusFlags, set: StatusFlags) {
        let Some(spooler) = self.spooler() else {
            return;
        };
        spooler.change(clear, set);
    }

    /// Begins the flushes that the row has told of, and ends those at once that nobody serves (XP-30).
    pub(super) fn flush(&self, begun: StatusFlags) {
        let over = self.session.flush(begun);
        if !over.is_empty() {
            self.change_status(over, StatusFlags::empty());
        }
    }

    /// Tells MAPI the whole row, once, at the logon (XP-07).
    pub(super) fn first_row(&self) -> Result<(), windows_core::HRESULT> {
        let Some(spooler) = self.spooler() else {
            return Ok(());
        };
        let row = Row {
            name: self.name,
            identity: self.session.identity(),
            code: self.session.row.code(),
            text: self.session.row.text(),
        };
        spooler.first_row(&row)
    }

    /// XP-33: ends the session; the support object goes last.
    pub(super) fn log_off(&self) {
        self.session.close();
        let support = {
            let mut support = self.support.lock().unwrap_or_else(PoisonError::into_inner);
            support.take()
        };
        drop(support);
    }
}

/// What the workers tell MAPI. They keep nothing of the logon alive.
impl<L: MailTransport> Teller for Weak<Attached<L>> {
    fn new_mail(&self) {
        let Some(attached) = self.upgrade() else {
            return;
        };
        if let Some(spooler) = attached.spooler() {
            spooler.notify(SpoolerNotifyFlags::NOTIFY_NEWMAIL);
        }
    }

    fn received(&self) {
        if let Some(attached) = self.upgrade() {
            attached.change_status(StatusFlags::INBOUND_FLUSH, StatusFlags::empty());
        }
    }

    fn sent(&self) {
        if let Some(attached) = self.upgrade() {
            attached.change_status(StatusFlags::OUTBOUND_FLUSH, StatusFlags::empty());
        }
    }
}

/// A Release without TransportLogoff is the same as one (XP-33).
impl<L: MailTransport> Drop for Attached<L> {
    fn drop(&mut self) {
        self.log_off();
    }
}
