//! `ServiceEntry`: contexts, settings, secrets.

use mapi_provider::abi::{
    MAPI_E_CALL_FAILED, MAPI_E_NO_ACCESS, MAPI_E_NO_SUPPORT, MAPI_E_UNCONFIGURED,
    MSG_SERVICE_CONFIGURE, MSG_SERVICE_CREATE, MSG_SERVICE_DELETE, MSG_SERVICE_INSTALL,
    MSG_SERVICE_PROVIDER_CREATE, MSG_SERVICE_PROVIDER_DELETE, MSG_SERVICE_UNINSTALL,
};
use windows_core::HRESULT;

use super::super::stage::{Played, Rig, Stage};
use crate::host::ServiceCall;
use crate::objects::{CallKind, ProgressCallback};
use crate::profile::{Operation, SectionUid, is_secure};
use crate::property::Value;
use crate::status::Status;
use crate::store::SyncRequest;

const NOT_EXPORTED: &str = "ServiceEntry is not exported: the provider can’t be configured";

pub(super) fn contexts(stage: &Stage<'_>) -> Played {
    let host = stage.host()?;
    if host.library().service_entry().is_none() {
        stage.skip("ENTRY-07", NOT_EXPORTED);
        stage.end(host);
        return Ok(());
    }
    let accepted = [
        ("INSTALL", MSG_SERVICE_INSTALL),
        ("CREATE", MSG_SERVICE_CREATE),
        ("DELETE", MSG_SERVICE_DELETE),
        ("UNINSTALL", MSG_SERVICE_UNINSTALL),
    ];
    for (name, context) in accepted {
        for support in [true, false] {
            // CREATE needs it, because it has something to write.
            if !support && context == MSG_SERVICE_CREATE {
                continue;
            }
            let with = if support { "with" } else { "without" };
            let call = format!("MSG_SERVICE_{name} {with} a support object");
            stage.step("ENTRY-07", call.clone());
            let answer = host.service_with(&ServiceCall {
                support,
                ..ServiceCall::new(context)
            });
            stage.expect("ENTRY-07", answer.is_ok(), || {
                format!(
                    "{call}: {}",
                    answer.map_or_else(|failure| failure.to_string(), |()| String::new())
                )
            });
        }
    }
    let refused = [
        ("MSG_SERVICE_PROVIDER_CREATE", MSG_SERVICE_PROVIDER_CREATE),
        ("MSG_SERVICE_PROVIDER_DELETE", MSG_SERVICE_PROVIDER_DELETE),
        ("the unknown context 99", 99),
    ];
    for (name, context) in refused {
        stage.step("ENTRY-07", name);
        let answer = host.service(context, &[]);
        let status = answer.map_or_else(|failure| failure.status, |()| Status::OK);
        stage.answers("ENTRY-07", name, status.0, MAPI_E_NO_SUPPORT);
    }
    stage.step("ENTRY-07", "MSG_SERVICE_CONFIGURE without settings");
    if let Err(failure) = host.service(MSG_SERVICE_CREATE, &[]) {
        stage.broken(
            "ENTRY-07",
            format!("MSG_SERVICE_CREATE a second time: {failure}"),
        );
    }
    let answer = host.service(MSG_SERVICE_CONFIGURE, &[]);
    let status = answer.map_or_else(|failure| failure.status, |()| Status::OK);
    let fine = status.is_ok() || status.0 == MAPI_E_UNCONFIGURED;
    stage.expect("ENTRY-07", fine, || {
        format!("MSG_SERVICE_CONFIGURE without settings answered {status}, neither S_OK nor MAPI_E_UNCONFIGURED")
    });
    stage.end(host);
    Ok(())
}

pub(super) fn all_or_nothing(stage: &Stage<'_>) -> Played {
    let host = stage.host()?;
    let settings = &stage.subject.settings;
    if host.library().service_entry().is_none() || settings.is_empty() {
        stage.skip("ENTRY-07", "no settings were given");
        stage.end(host);
        return Ok(());
    }
    host.service(MSG_SERVICE_CREATE, &[])?;
    let sections =
        || [SectionUid::SERVICE, SectionUid::PROVIDER].map(|uid| host.profile().section(uid));
    for operation in [Operation::SaveChanges, Operation::SetProps] {
        stage.step(
            "ENTRY-07",
            format!("MSG_SERVICE_CONFIGURE where {operation:?} fails"),
        );
        let before = sections();
        host.profile().fail(operation, MAPI_E_NO_ACCESS);
        let answer = host.service(MSG_SERVICE_CONFIGURE, settings);
        host.profile().heal();
        stage.expect("ENTRY-07", answer.is_err(), || {
            format!("MSG_SERVICE_CONFIGURE answered S_OK although {operation:?} failed")
        });
        stage.expect("ENTRY-07", sections() == before, || {
            format!(
                "MSG_SERVICE_CONFIGURE wrote part of its settings although {operation:?} failed"
            )
        });
    }
    stage.end(host);
    Ok(())
}

/// ENTRY-11 for everything that a run has reported, and for what is said about an error.
pub(super) fn no_secret_is_told(
    stage: &Stage<'_>,
    rig: &Rig,
    callback: &ProgressCallback,
    error: HRESULT,
) {
    let secrets = stage.subject.secrets();
    let text = |kind| match kind {
        CallKind::Progress { text, .. } | CallKind::Error { text, .. } => Some(text),
        CallKind::Done { .. } => None,
    };
    let heard = callback.kinds().into_iter().filter_map(text);
    let said: Vec<String> = heard.chain(rig.store.last_error(error)).collect();
    if !secrets.is_empty() {
        let is_told = |secret: &&str| said.iter().any(|text| text.contains(secret));
        let told = secrets.iter().any(is_told);
        stage.expect("ENTRY-11", !told, || {
            "a secret is in what the callback was told, or in GetLastError’s text".to_owned()
        });
    }
}

pub(super) fn secrets(stage: &Stage<'_>) -> Played {
    let secrets = stage.subject.secrets();
    if secrets.is_empty() {
        stage.skip(
            "ENTRY-11",
            "no secret of four letters or more was given among the settings",
        );
        return Ok(());
    }
    stage.step("ENTRY-11", "a run with secrets among the settings");
    let rig = stage.rig()?;
    let callback = rig.host.callback(ProgressCallback::builder());
    let run = rig
        .store
        .synchronize(&SyncRequest::default().callback(&callback));
    run.started()?;
    stage.wait("ENTRY-11", &run)?;
    no_secret_is_told(stage, &rig, &callback, MAPI_E_CALL_FAILED);
    let leaks = |text: &str| secrets.iter().any(|secret| text.contains(secret));
    for uid in [SectionUid::SERVICE, SectionUid::PROVIDER] {
        for (id, value) in rig.host.profile().section(uid) {
            let text = match &value {
                Value::Unicode(text) => text.clone(),
                Value::String8(bytes) | Value::Binary(bytes) => {
                    String::from_utf8_lossy(bytes).into_owned()
                }
                _ => continue,
            };
            stage.expect("ENTRY-11", is_secure(id) || !leaks(&text), || {
                format!(
                    "a secret is in property 0x{id:04X} of the profile, outside of 0x67F0 to 0x67FF"
                )
            });
        }
    }
    drop((run, callback));
    stage.finish(rig);
    Ok(())
}
