//! Rules for a transport (XP): its logon and its status row, messages that go out, and messages that come in.
//!
//! A message goes out only where the check was given an address, and each scenario of sending sends one or two. No scenario
//! asks for what the contract marks as *chosen* where pages of MAPI leave transports another choice, but for those choices
//! without which nothing could be played.

mod calls;
mod cancelling;
mod ending;
mod flushing;
mod logon;
mod message;
mod receiving;
mod refusals;
mod sending;
mod telling;

use mapi_provider::abi::{IXPLogon, StatusFlags, TransportNotifyFlags};
use windows_core::HRESULT;

use self::message::{Types, number};
use super::super::kinds::Kinds;
use super::super::stage::{Halt, Played, Stage};
use crate::host::Host;
use crate::objects::SupportRecord;
use crate::property::Property;
use crate::spooler::{OutgoingMessage, Spooler, Transport, TransportOptions};

pub(super) use self::{
    calls::{address_types, end, idle, notify, options, validate},
    cancelling::{cancel, re_entered},
    ending::{logoff, release, status_object},
    flushing::flush,
    logon::{failed_logon, init, logon, null_logon, offline, row, row_fails, two_logons},
    receiving::incoming,
    refusals::{later, no_address, refused},
    sending::{not_me, rows, send},
    telling::{directions, told_without_a_lock},
};

/// Why nothing is sent.
const NO_ADDRESS: &str = "nothing is sent without an address: say `--to ADDRESS`";

/// A transport that is logged on, and all that is around it.
struct Rig {
    spooler: Spooler,
    transport: Transport,
    host: Host,
}

impl Rig {
    fn new(stage: &Stage<'_>) -> Result<Self, Halt> {
        Self::with(stage, &TransportOptions::default())
    }

    fn with(stage: &Stage<'_>, options: &TransportOptions) -> Result<Self, Halt> {
        Self::in_host(stage.configured()?, options)
    }

    fn in_host(host: Host, options: &TransportOptions) -> Result<Self, Halt> {
        let transport = host.init_transport()?;
        let spooler = transport.logon_with(options)?;
        Ok(Self {
            spooler,
            transport,
            host,
        })
    }

    fn logon(&self) -> &IXPLogon {
        self.spooler.interface()
    }

    /// A message to these addresses, in To.
    fn message(&self, to: &[String]) -> OutgoingMessage {
        let kind = Types::of(self.logon()).first();
        let rows: Vec<Vec<Property>> = to.iter().map(|to| message::recipient(&kind, to)).collect();
        self.message_to(&rows)
    }

    fn message_to(&self, rows: &[Vec<Property>]) -> OutgoingMessage {
        self.spooler.message(&message::properties(), rows)
    }

    /// Logs off in order, and checks that nothing is left.
    fn finish(self, stage: &Stage<'_>) {
        stage.step("XP-33", "logging off and shutting down");
        if let Err(failure) = self.spooler.log_off() {
            stage.broken("XP-33", failure.to_string());
        }
        self.finish_after_logoff(stage);
    }

    fn finish_after_logoff(self, stage: &Stage<'_>) {
        stage.step("XP-33", "releasing the logon and the provider");
        drop(self.spooler);
        if let Err(failure) = self.transport.shutdown() {
            stage.broken("XP-33", failure.to_string());
        }
        drop(self.transport);
        stage.end_transport(self.host, "XP-33");
    }
}

/// A transport's plain life: whatever goes wrong here before the logon stops the check.
pub(super) fn basics(stage: &Stage<'_>, kinds: Kinds) -> Played {
    stage.step(
        "ENTRY-01",
        "XPProviderInit, ServiceEntry and TransportLogon",
    );
    let rig = Rig::new(stage)?;
    stage.ready(kinds);
    stage.expect("ENTRY-01", true, String::new);
    stage.step("COM-03", "logging off and shutting down");
    stage.expect("COM-03", true, String::new);
    rig.finish(stage);
    Ok(())
}

/// The addresses that the check may send to; none if it was given none, which is said of these rules.
fn addresses<'s>(stage: &'s Stage<'_>, rules: &[&str]) -> Option<&'s [String]> {
    let to = &stage.subject.to;
    if to.is_empty() {
        rules.iter().for_each(|rule| stage.skip(rule, NO_ADDRESS));
        return None;
    }
    Some(to)
}

/// Calls TransportNotify with a datum, on whatever thread.
fn tell(logon: &IXPLogon, flags: TransportNotifyFlags, datum: usize) -> HRESULT {
    let mut flags = flags;
    let mut data = std::ptr::without_provenance_mut(datum);
    // SAFETY: both places are locals.
    unsafe { logon.TransportNotify(&mut flags, &mut data) }
}

/// A logon that goes along into a closure. IXPLogon is free-threaded.
struct Shared(IXPLogon);

// SAFETY: a transport's logon may be called on any thread, as MAPI does.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

/// The code that MAPI's row has now.
fn code(record: &SupportRecord) -> StatusFlags {
    use mapi_provider::abi::PR_STATUS_CODE;
    let rows = record.status_rows.iter().rev();
    let mut codes = rows.filter_map(|row| number(row, PR_STATUS_CODE));
    StatusFlags::from_bits_retain(codes.next().unwrap_or_default().cast_unsigned())
}
