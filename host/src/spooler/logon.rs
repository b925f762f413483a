//! A transport's logon, as the spooler has it.

use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::sync::Arc;

use mapi_provider::abi::{
    EndMessageFlags, IXPLogon, TransportLogonFlags, TransportNotifyFlags, TransportSubmitFlags,
};
use windows_core::{HRESULT, Interface};

use super::message::OutgoingMessage;
use crate::base::Core;
use crate::locks::lock;
use crate::objects::{SupportRecord, SupportState};
use crate::property::Property;
use crate::status::Failure;

/// The spooler with one transport: its `IXPLogon`. Logged off and released on drop.
pub struct Spooler {
    core: Arc<Core>,
    logon: ManuallyDrop<IXPLogon>,
    state: Arc<SupportState>,
    flags: TransportLogonFlags,
}

/// What SubmitMessage has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The answer.
    pub status: HRESULT,
    /// `*lpulMsgRef`
    pub reference: usize,
    /// `*lpulReturnParm`
    pub seconds: usize,
}

/// What StartMessage has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Started {
    /// The answer.
    pub status: HRESULT,
    /// `*lpulMsgRef`; 0 where the transport has put none.
    pub reference: usize,
}

impl Spooler {
    pub(super) fn new(
        core: Arc<Core>,
        logon: IXPLogon,
        state: Arc<SupportState>,
        flags: TransportLogonFlags,
    ) -> Self {
        Self {
            core,
            logon: ManuallyDrop::new(logon),
            state,
            flags,
        }
    }

    /// The interface, for calls by hand.
    pub fn interface(&self) -> &IXPLogon {
        &self.logon
    }

    /// What the logon asks of the spooler.
    pub fn flags(&self) -> TransportLogonFlags {
        self.flags
    }

    /// What the transport has done with its support object.
    pub fn record(&self) -> SupportRecord {
        self.state.record()
    }

    /// A message in the Outbox, for this spooler to send.
    pub fn message(
        &self,
        properties: &[Property],
        recipients: &[Vec<Property>],
    ) -> OutgoingMessage {
        OutgoingMessage::new(&self.core.shared, properties, recipients)
    }

    /// A new message, for the transport to fill with what has come in.
    pub fn empty_message(&self) -> OutgoingMessage {
        OutgoingMessage::new(&self.core.shared, &[], &[])
    }

    /// Calls `Poll`, with garbage in the place for the number.
    ///
    /// # Errors
    ///
    /// What it answers.
    pub fn poll(&self) -> Result<u32, Failure> {
        let mut count = u32::MAX;
        // SAFETY: the place is a local.
        let status = unsafe { self.logon.Poll(&mut count) };
        match status.is_ok() {
            true => Ok(count),
            false => Err(Failure::new("IXPLogon::Poll", status)),
        }
    }

    /// Calls `StartMessage`.
    pub fn start(&self, message: &OutgoingMessage) -> Started {
        let mut reference = 0;
        let object = message.interface();
        // SAFETY: the message is alive, and the place is a local.
        let status = unsafe { self.logon.StartMessage(0, object.as_raw(), &mut reference) };
        Started { status, reference }
    }

    /// Receives as the spooler does: asks, and has each message that is ready written into a new one. Those that were saved.
    ///
    /// # Errors
    ///
    /// What `Poll` answers.
    pub fn receive(&self) -> Result<Vec<OutgoingMessage>, Failure> {
        let mut received = Vec::new();
        while self.poll()? > 0 {
            let message = self.empty_message();
            let started = self.start(&message);
            if started.status.is_err() || message.saves().is_empty() {
                break;
            }
            received.push(message);
            self.end(started.reference)?;
        }
        Ok(received)
    }

    /// From now on this is called in each `SpoolerYield`; true cancels the message.
    pub fn on_yield(&self, on_yield: impl Fn() -> bool + Send + Sync + 'static) {
        *lock(&self.state.spooler.on_yield) = Some(Arc::new(on_yield));
    }

    /// From now on this is called in each `ModifyStatusRow`.
    pub fn on_row(&self, on_row: impl Fn() + Send + Sync + 'static) {
        *lock(&self.state.spooler.on_row) = Some(Arc::new(on_row));
    }

    /// From now on `StatusRecips` answers this.
    pub fn fail_reports(&self, status: Option<HRESULT>) {
        *lock(&self.state.spooler.report_fails) = status;
    }

    /// Calls `SubmitMessage`, with garbage in the places for what it answers.
    pub fn submit(&self, message: &OutgoingMessage) -> Submission {
        let (mut reference, mut seconds) = (usize::MAX, usize::MAX);
        let object = message.interface();
        // SAFETY: the message is alive, and the places are locals.
        let status = unsafe {
            self.logon.SubmitMessage(
                TransportSubmitFlags::empty(),
                object.as_raw(),
                &mut reference,
                &mut seconds,
            )
        };
        Submission {
            status,
            reference,
            seconds,
        }
    }

    /// Calls `EndMessage`, and answers the flags that it has set.
    ///
    /// # Errors
    ///
    /// What it answers.
    pub fn end(&self, reference: usize) -> Result<EndMessageFlags, Failure> {
        let mut flags = EndMessageFlags::from_bits_retain(u32::MAX);
        // SAFETY: the place for the flags is a local.
        let status = unsafe { self.logon.EndMessage(reference, &mut flags) };
        match status.is_ok() {
            true => Ok(flags),
            false => Err(Failure::new("IXPLogon::EndMessage", status)),
        }
    }

    /// Calls `TransportNotify` with a datum, and answers what it says and what is in both places then.
    pub fn notify(
        &self,
        flags: TransportNotifyFlags,
        datum: usize,
    ) -> (HRESULT, TransportNotifyFlags, usize) {
        let mut after = flags;
        let mut data: *mut c_void = std::ptr::without_provenance_mut(datum);
        // SAFETY: the places are locals.
        let status = unsafe { self.logon.TransportNotify(&mut after, &mut data) };
        (status, after, data.addr())
    }

    /// Calls `TransportLogoff`.
    ///
    /// # Errors
    ///
    /// What it answers.
    pub fn log_off(&self) -> Result<(), Failure> {
        // SAFETY: a call without pointers.
        let status = unsafe { self.logon.TransportLogoff(0) };
        match status.is_ok() {
            true => Ok(()),
            false => Err(Failure::new("IXPLogon::TransportLogoff", status)),
        }
    }

    /// Gives the logon up without TransportLogoff, as a spooler that forgets it does, and answers what was done with its
    /// support object by then.
    pub fn forget(self) -> SupportRecord {
        let state = Arc::clone(&self.state);
        let mut this = ManuallyDrop::new(self);
        // SAFETY: both are taken once; nothing else of the value needs dropping but the state and flags.
        unsafe {
            let logon = ManuallyDrop::take(&mut this.logon);
            this.core.release("IXPLogon", logon);
            std::ptr::drop_in_place(&raw mut this.core);
            std::ptr::drop_in_place(&raw mut this.state);
        }
        state.record()
    }
}

impl Drop for Spooler {
    fn drop(&mut self) {
        // SAFETY: a call without pointers; what it answers changes nothing here.
        let _ = unsafe { self.logon.TransportLogoff(0) };
        // SAFETY: taken once, here.
        let logon = unsafe { ManuallyDrop::take(&mut self.logon) };
        self.core.release("IXPLogon", logon);
    }
}
