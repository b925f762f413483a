//! Sending a message, in the process that runs the provider.

use std::io::{self, BufRead};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mapi_provider::mime::{Line, Mail, Recipient, Who};
use mapi_provider_host::abi::{
    MAPI_BCC, MAPI_CC, MAPI_E_BUSY, MAPI_E_NOT_ME, PR_DELIVER_TIME, PR_DISPLAY_NAME_W,
    PR_EMAIL_ADDRESS_W, PR_RECIPIENT_TYPE, PR_REPORT_TEXT_W, PR_RESPONSIBILITY, PR_STATUS_STRING_W,
    PropTag, SpoolerNotifyFlags,
};
use mapi_provider_host::outlook::configure;
use mapi_provider_host::{
    Host, OutgoingMessage, Property, Spooler, Status, Submission, SupportRecord, Value,
};

use crate::host::child::Tell;
use crate::host::protocol::{Addressee, Fate, Job, Message, Outgoing, Sent, bounded};

/// The message of these octets; to somebody else, if anybody is named.
pub(super) fn mail(octets: &[u8], to: &[String]) -> Result<Mail, String> {
    let mut mail = Mail::parse(octets).map_err(said)?.into_mail();
    if !to.is_empty() {
        let recipient = |address: &String| Recipient {
            line: Line::To,
            who: Who::new(String::new(), address.clone()),
        };
        mail.recipients = to.iter().map(recipient).collect();
    }
    Ok(mail)
}

/// Logs on, sends the message, logs off, and reports what became of it.
pub(in crate::host) fn carry_out(
    host: Host,
    job: &Job,
    outgoing: &Outgoing,
    tell: Tell<'_>,
) -> Result<(), String> {
    let octets = std::fs::read(&outgoing.file).map_err(said)?;
    let mail = mail(&octets, &outgoing.to)?;
    configure(&host, &job.settings).map_err(said)?;
    let sent = send(&host, job.timeout, &mail);
    let report = host.finish();
    let (sent, recipients) = sent?;
    for recipient in recipients {
        tell(&Message::Addressee(recipient));
    }
    tell(&Message::Sent(sent));
    tell(&Message::Shown);
    tell(&Message::of_report(&report));
    Ok(())
}

fn send(host: &Host, timeout: Duration, mail: &Mail) -> Result<(Sent, Vec<Addressee>), String> {
    let transport = host.init_transport().map_err(said)?;
    let sent = transport.logon().map_err(said).and_then(|spooler| {
        let message = spooler.outbox(mail).map_err(said)?;
        Ok(submit(&spooler, &message, timeout))
    });
    let shut_down = transport.shutdown().map_err(said);
    let sent = sent?;
    shut_down?;
    Ok(sent)
}

fn submit(
    spooler: &Spooler,
    message: &OutgoingMessage,
    timeout: Duration,
) -> (Sent, Vec<Addressee>) {
    let is_ordered = cancellation();
    let begin = Instant::now();
    spooler.on_yield(move || is_ordered.load(Ordering::Acquire) || begin.elapsed() >= timeout);
    let answer = spooler.submit(message);
    let took = begin.elapsed();
    // XP-14, XP-15: a message that was not taken has no end.
    if ![MAPI_E_BUSY, MAPI_E_NOT_ME].contains(&answer.status) {
        // What it says of sending again, the answer has said.
        let _ = spooler.end(answer.reference);
    }
    let record = spooler.record();
    let recipients = message.recipients();
    let recipients = recipients.iter().map(|row| addressee(row, &record));
    (sent(&answer, took, message, &record), recipients.collect())
}

/// Whether the other process has ordered to cancel.
fn cancellation() -> Arc<AtomicBool> {
    let ordered = Arc::<AtomicBool>::default();
    let order = Arc::clone(&ordered);
    // The thread ends with the process: reading standard input can't be stopped.
    thread::spawn(move || {
        // Any word is an order to cancel, and so is the end of the other process.
        let _ = io::stdin().lock().read_line(&mut String::new());
        order.store(true, Ordering::Release);
    });
    ordered
}

fn sent(
    answer: &Submission,
    took: Duration,
    message: &OutgoingMessage,
    record: &SupportRecord,
) -> Sent {
    let status = Status(answer.status);
    let rows = record.status_rows.iter().rev();
    let mut rows = rows.filter_map(|row| text(row, PR_STATUS_STRING_W));
    let notified = &record.spooler_notifications;
    Sent {
        status: status.to_string(),
        ok: status.is_ok(),
        retry_after: (answer.seconds > 0).then_some(answer.seconds as u64),
        seconds: (took.as_secs_f64() * 1000.0).round() / 1000.0,
        saves: message.saves().len() as u64,
        reports: record.reports.len() as u64,
        yields: record.yields as u64,
        critical_error: notified.contains(&SpoolerNotifyFlags::NOTIFY_CRITICAL_ERROR),
        row: bounded(rows.next().unwrap_or_default()),
    }
}

/// What became of a recipient, and what was reported of him.
fn addressee(row: &[Property], record: &SupportRecord) -> Addressee {
    let address = text(row, PR_EMAIL_ADDRESS_W).unwrap_or_default();
    let reports = record.reports.iter().flatten();
    let mut reports = reports.filter(|report| text(report, PR_EMAIL_ADDRESS_W) == Some(address));
    let report = reports.next();
    let is_taken = value(row, PR_RESPONSIBILITY) == Some(&Value::Boolean(true));
    let fate = match report {
        Some(report) if value(report, PR_DELIVER_TIME).is_some() => Fate::Delivered,
        Some(_) => Fate::Refused,
        None if is_taken => Fate::Taken,
        None => Fate::Left,
    };
    let kind = value(row, PR_RECIPIENT_TYPE);
    let is = |line: u32| kind == Some(&Value::Long(line as i32));
    let line = match () {
        () if is(MAPI_CC) => "cc",
        () if is(MAPI_BCC) => "bcc",
        () => "to",
    };
    Addressee {
        line: line.to_owned(),
        name: bounded(text(row, PR_DISPLAY_NAME_W).unwrap_or_default()),
        address: bounded(address),
        fate,
        text: report
            .and_then(|report| text(report, PR_REPORT_TEXT_W))
            .map(bounded),
    }
}

fn value(row: &[Property], tag: PropTag) -> Option<&Value> {
    let found = row.iter().find(|one| one.id == tag.id());
    found.map(|one| &one.value)
}

fn text(row: &[Property], tag: PropTag) -> Option<&str> {
    match value(row, tag) {
        Some(Value::Unicode(text)) => Some(text),
        _ => None,
    }
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}
