//! The dialog, in the process that runs the provider.

use std::sync::{Arc, Mutex, PoisonError};

use mapi_provider_host::abi::{
    MAPI_E_USER_CANCEL, MSG_SERVICE_CONFIGURE, MSG_SERVICE_CREATE, ServiceFlags,
};
use mapi_provider_host::{Failure, Host, SectionUid, ServiceCall, Sheet, SheetAnswer};

use crate::host::child::Tell;
use crate::host::protocol::{Dialog, Job, Message};

/// Has the service ask for its settings, and reports the sheets.
pub(in crate::host) fn carry_out(
    host: Host,
    job: &Job,
    dialog: &Dialog,
    tell: Tell<'_>,
) -> Result<(), String> {
    if !host.profile().has(SectionUid::SERVICE) {
        let created = host.service(MSG_SERVICE_CREATE, &[]);
        created.map_err(|failure| failure.to_string())?;
    }
    let sheets = answer(&host, dialog);
    let configured = configure(&host, job, dialog);
    let sheets = std::mem::take(&mut *sheets.lock().unwrap_or_else(PoisonError::into_inner));
    for sheet in &sheets {
        tell(&Message::of_sheet(&sheet.to_string()));
    }
    let report = host.finish();
    match configured {
        Err(failure) if failure.status.0 == MAPI_E_USER_CANCEL => {
            if !dialog.cancel {
                return Err("the answers were refused, and nothing was written".to_owned());
            }
        }
        configured => configured.map_err(|failure| failure.to_string())?,
    }
    tell(&Message::Shown);
    tell(&Message::of_report(&report));
    Ok(())
}

/// Answers the first sheet; whoever shows another one has refused the answers.
fn answer(host: &Host, dialog: &Dialog) -> Arc<Mutex<Vec<Sheet>>> {
    let shown = Arc::new(Mutex::new(Vec::new()));
    let sheets = Arc::clone(&shown);
    let dialog = dialog.clone();
    host.answer_sheets(move |sheet| {
        let mut sheets = sheets.lock().unwrap_or_else(PoisonError::into_inner);
        sheets.push(sheet.clone());
        match sheets.len() {
            1 if !dialog.cancel => SheetAnswer::Ok(dialog.answers.clone()),
            _ => SheetAnswer::Cancel,
        }
    });
    shown
}

fn configure(host: &Host, job: &Job, dialog: &Dialog) -> Result<(), Failure> {
    let mut flags = ServiceFlags::SERVICE_UI_ALWAYS;
    if dialog.read_only {
        flags |= ServiceFlags::MSG_SERVICE_UI_READ_ONLY;
    }
    host.service_with(&ServiceCall {
        flags: flags.bits(),
        properties: job.settings.clone(),
        ..ServiceCall::new(MSG_SERVICE_CONFIGURE)
    })
}
