//! `SubmitMessage` (STORE-34).

use std::ptr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use mapi_provider_abi::mapi::{
    ExpandRecipsFlags, HRESULT, IMessage, Interface, MAPI_E_NO_RECIPIENTS, MAPI_E_NO_SUPPORT,
    MessageFlags, PR_CLIENT_SUBMIT_TIME, PR_RESPONSIBILITY, SpoolerNotifyFlags,
};
use mapi_provider_abi::view::PropValue;

use super::super::fault::{Fault, Result};
use super::super::support::Support;
use super::saving::check_not_queued;
use super::state::{Home, MessageState, Working, flags_of, now, set_flags};
use crate::database::{Error, MessageId, PREPROCESS};

/// What waits for others to hear of a message; nobody reports on his own.
const REPORTS: MessageFlags = MessageFlags::RN_PENDING.union(MessageFlags::NRN_PENDING);

impl MessageState {
    /// Puts the message into the outgoing queue. Afterwards it is open for reading only. `this` is its object, which MAPI
    /// completes the recipients of.
    ///
    /// # Errors
    ///
    /// `MAPI_E_NO_RECIPIENTS`; what MAPI answers; those of a save. The copy is as it was, and open.
    pub(super) fn submit(&self, this: &IMessage) -> Result<()> {
        let Home::Folder { id, associated } = self.home else {
            let text = "a message in an attachment can't be sent by itself";
            return Err(Fault::new(MAPI_E_NO_SUPPORT, text));
        };
        self.flush()?;
        let before = {
            let working = self.writable()?;
            if working.data.recipients.is_empty() {
                let text = "the message has no recipients: nobody would get it";
                return Err(Fault::new(MAPI_E_NO_RECIPIENTS, text));
            }
            Arc::clone(&working.data)
        };
        let submitted = self.submit_prepared(id, associated, this);
        if submitted.is_err() {
            let mut working = self.working();
            // Whoever is called meanwhile may have submitted it, or saved it for good: then it is as he has left it.
            if working.is_writable {
                working.data = before;
            }
        } else {
            self.shared.tell_all();
        }
        // Nothing is locked any more: whoever hears of it may call this object.
        self.follow_parts();
        submitted
    }

    fn submit_prepared(&self, id: MessageId, associated: bool, this: &IMessage) -> Result<()> {
        let shared = &self.shared;
        let is_queued = shared.read(|reader| Ok(reader.queued(id)?.is_some()))?;
        if is_queued && !shared.is_spooler {
            return Err(Error::Submitted.into());
        }
        let support = shared.support();
        // The second time it is the spooler, after a preprocessor: it is as it was submitted, and nothing waits any more.
        let needs = match is_queued {
            true => expand(support.as_ref(), this).map(|_| 0),
            false => self.prepare(support.as_ref(), this),
        }?;
        let mut working = self.writable()?;
        working.make_responsible(false);
        let time = working.data.props.time(PR_CLIENT_SUBMIT_TIME);
        let time = time.unwrap_or_else(now);
        let save = working.to_save(id, associated, false)?;
        let saved = shared.store().write_durably(|tx| {
            check_not_queued(shared, tx, id)?;
            let saved = tx.save_message(&save)?;
            if saved.info.flags & REPORTS.bits() != 0 {
                tx.set_flags(id, 0, REPORTS.bits())?;
            }
            tx.submit(id, time, needs)?;
            Ok(saved)
        })?;
        working.is_saved_as(shared, saved);
        let flags = (flags_of(&working.data.props) - REPORTS) | MessageFlags::SUBMIT;
        set_flags(&mut working.data_mut().props, flags);
        working.is_writable = false;
        Ok(())
    }

    /// What the first submit does before the save, in this order. Tells the flags of the entry in the queue.
    fn prepare(&self, support: Option<&Support>, this: &IMessage) -> Result<u32> {
        if let Some(support) = support
            && !self.shared.is_spooler_told.swap(true, Ordering::Relaxed)
        {
            let ready = SpoolerNotifyFlags::NOTIFY_READYTOSEND;
            // SAFETY: this event has no data. Nothing depends on what it answers: the queue tells the spooler as well.
            let _ = unsafe { support.interface().SpoolerNotify(ready, ptr::null_mut()) };
        }
        let is_resent = {
            let mut working = self.writable()?;
            // What PrepareSubmit says of those who have the message already must stay, so this comes before it.
            working.make_responsible(true);
            flags_of(&working.data.props).contains(MessageFlags::RESEND)
        };
        if let Some(support) = support.filter(|_| is_resent) {
            let mut flags = 0;
            // SAFETY: a message that lives as long as the call, and a live variable.
            done(unsafe { support.interface().PrepareSubmit(this.as_raw(), &mut flags) })?;
        }
        {
            let mut working = self.writable()?;
            let props = &mut working.data_mut().props;
            let flags = flags_of(props) | MessageFlags::SUBMIT | MessageFlags::UNSENT;
            set_flags(props, flags);
            props.set_tag(PR_CLIENT_SUBMIT_TIME, now());
        }
        self.follow_parts();
        let needs = expand(support, this)?;
        let preprocesses = needs.contains(ExpandRecipsFlags::NEEDS_PREPROCESSING);
        Ok(if preprocesses { PREPROCESS } else { 0 })
    }
}

impl Working {
    /// No transport is responsible for the recipients yet: all of them, or those of whom nothing is said.
    fn make_responsible(&mut self, all: bool) {
        let id = PR_RESPONSIBILITY.id();
        for recipient in &mut self.data_mut().recipients {
            if all || !recipient.props.contains(id) {
                let props = Arc::make_mut(&mut recipient.props);
                props.set(id, PropValue::Boolean(false));
            }
        }
    }
}

/// Has MAPI complete the recipients. It calls back, and other code than ours: nothing may be locked, no transaction open.
fn expand(support: Option<&Support>, this: &IMessage) -> Result<ExpandRecipsFlags> {
    let mut needs = ExpandRecipsFlags::empty();
    if let Some(support) = support {
        // SAFETY: a message that lives as long as the call, and a live variable.
        done(unsafe { support.interface().ExpandRecips(this.as_raw(), &mut needs) })?;
    }
    Ok(needs)
}

/// Whoever has no such method has nothing to add.
fn done(status: HRESULT) -> Result<()> {
    if status.is_ok() || status == MAPI_E_NO_SUPPORT {
        Ok(())
    } else {
        Err(status.into())
    }
}
