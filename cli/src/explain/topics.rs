//! Everything that can be explained, and how it is found.

use mapi_provider_codegen::diag::closest;

use super::number;
use super::sections::{self, Section};
use super::status::Statuses;
use super::topic::{Kind, Topic};
use crate::failure::Failure;

/// There is no such code.
pub(super) struct Unknown {
    /// The one that was probably meant.
    pub(super) suggestion: Option<String>,
    /// What can be said anyway.
    pub(super) remark: Option<String>,
}

/// Finds what a person means by a code.
///
/// # Errors
///
/// The catalogue can't be read; inside, there is no such code.
pub(super) fn find(code: &str) -> Result<Result<Topic, Unknown>, Failure> {
    let code = bare(code);
    if let Some(topic) = diagnostic(code).or_else(|| rule(code)) {
        return Ok(Ok(topic));
    }
    let statuses = Statuses::load()?;
    if let Some(bits) = number::parse(code) {
        return Ok(statuses
            .by_value(bits)
            .ok_or_else(|| unknown_number(&statuses, bits)));
    }
    if let Some(status) = statuses.by_name(code) {
        return Ok(Ok(statuses.topic(status)));
    }
    let all = all_with(&statuses);
    let suggestion = closest(code, all.iter().map(|topic| topic.code.as_str()));
    Ok(Err(Unknown {
        suggestion: suggestion.map(str::to_owned),
        remark: None,
    }))
}

/// Every code: diagnostics, then rules, then status codes.
///
/// # Errors
///
/// The catalogue can't be read.
pub(super) fn all() -> Result<Vec<Topic>, Failure> {
    Ok(all_with(&Statuses::load()?))
}

fn all_with(statuses: &Statuses) -> Vec<Topic> {
    let diagnostics = sections::diagnostics().into_iter().map(of_diagnostic);
    let rules = sections::rules().into_iter().map(of_rule);
    let statuses = statuses.all().map(|status| statuses.topic(status));
    diagnostics.chain(rules).chain(statuses).collect()
}

/// The code in what was copied from a message: `error[unknown-key]`.
fn bare(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix("error[")
        .or_else(|| text.strip_prefix('['))
        .and_then(|rest| rest.split(']').next())
        .unwrap_or(text)
}

fn diagnostic(code: &str) -> Option<Topic> {
    let code = code.replace('_', "-");
    let found = sections::diagnostics()
        .into_iter()
        .find(|section| section.title.eq_ignore_ascii_case(&code));
    found.map(of_diagnostic)
}

/// A rule by its id: `SYNC-08`, `sync_08`, `sync-8`.
fn rule(code: &str) -> Option<Topic> {
    let (family, number) = code.split_once(['-', '_'])?;
    let number: u32 = number.parse().ok()?;
    let id = format!("{}-{number:02}", family.to_ascii_uppercase());
    let found = sections::rules().into_iter().find(|rule| rule.title == id);
    found.map(of_rule)
}

fn of_diagnostic(section: Section) -> Topic {
    Topic {
        kind: Kind::Diagnostic,
        code: section.title.to_owned(),
        value: None,
        part: Some(section.part),
        summary: None,
        text: Some(section.text.to_owned()),
        rules: Vec::new(),
        related: Vec::new(),
    }
}

fn of_rule(section: Section) -> Topic {
    let chosen = section.text.strip_suffix(" *chosen*");
    let remark = chosen
        .map(|_| "No Microsoft page says so: it is our choice, and the defensive one.".to_owned());
    Topic {
        kind: Kind::Rule,
        code: section.title.to_owned(),
        value: None,
        part: Some(section.part),
        summary: None,
        text: Some(chosen.unwrap_or(section.text).to_owned()),
        rules: Vec::new(),
        related: remark.into_iter().collect(),
    }
}

fn unknown_number(statuses: &Statuses, bits: u32) -> Unknown {
    // A bare Windows error: 5 is 0x80070005.
    let wrapped = 0x8007_0000 | bits;
    let known = bits <= 0xFFFF && statuses.all().any(|status| status.value == wrapped);
    let remark = match bits >> 16 {
        _ if known => None,
        0x8004 => Some("codes that begin with 0x8004 mean what the method that answered says"),
        _ if bits < 0x8000_0000 => Some("it is not a failure"),
        _ => None,
    };
    Unknown {
        suggestion: known.then(|| format!("0x{wrapped:08X}")),
        remark: remark.map(str::to_owned),
    }
}
