//! `cargo mapi explain`: what a code means, and what to do about it.

mod number;
mod sections;
mod status;
mod topic;
mod topics;
mod wrap;

use serde_json::json;

use self::topic::{Kind, Topic};
use self::topics::Unknown;
use crate::failure::Failure;
use crate::output;

/// Explain a diagnostic, a status code or a rule of the contract
///
/// A diagnostic is what `cargo mapi check` and `provider!` print in brackets. A status code is given by its name or
/// as a number: hexadecimal, decimal, signed. A rule is one that the host's reports name.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo mapi explain unknown-key
  cargo mapi explain MAPI_E_USER_CANCEL
  cargo mapi explain 0x80040113
  cargo mapi explain SYNC-16
  cargo mapi explain --list")]
pub(crate) struct Args {
    /// The code: `unknown-key`, `0x80040113`, `MAPI_E_BUSY`, `SYNC-16`
    #[arg(required_unless_present = "list", allow_hyphen_values = true)]
    code: Option<String>,
    /// List all codes, with a line about each
    #[arg(long, conflicts_with = "code")]
    list: bool,
    /// Print JSON: an object for a code, one object a line for the list
    #[arg(long)]
    json: bool,
}

/// How much of an explanation the list shows.
const LISTED: usize = 80;

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let Some(code) = &args.code else {
        return list(args.json);
    };
    match topics::find(code)? {
        Ok(topic) if args.json => output::json(&json_of(&topic)),
        Ok(mut topic) => {
            if topic.kind == Kind::Status {
                topic.related.extend(status::methods(&topic.code)?);
            }
            output::print(page(&topic).as_bytes())
        }
        Err(unknown) => {
            if args.json {
                let suggestion = &unknown.suggestion;
                output::json(&json!({"kind": "unknown", "code": code, "suggestion": suggestion}))?;
            }
            Err(Failure::new(sentence(code, &unknown)))
        }
    }
}

fn list(json: bool) -> Result<(), Failure> {
    let topics = topics::all()?;
    if json {
        return topics
            .iter()
            .try_for_each(|topic| output::json(&json_of(topic)));
    }
    let widest = topics.iter().map(|topic| topic.code.len()).max();
    let width = widest.unwrap_or_default();
    let lines = topics.iter().map(|topic| {
        let line = wrap::cut(&topic.line(), LISTED);
        format!("{:width$}  {line}\n", topic.code)
    });
    output::print(lines.collect::<String>().as_bytes())
}

/// A topic as a person reads it.
fn page(topic: &Topic) -> String {
    let heading = output::bold(&topic.heading());
    let parts = [topic.summary.as_deref(), topic.text.as_deref()];
    let parts = parts.into_iter().flatten().map(wrap::fill);
    let related = topic.related.iter().map(|line| wrap::fill(line));
    let body: Vec<String> = parts.chain(related).collect();
    format!("{heading}\n\n{}\n", body.join("\n\n"))
}

fn json_of(topic: &Topic) -> serde_json::Value {
    json!({
        "kind": topic.kind.word(),
        "code": topic.code,
        "value": topic.value,
        "summary": topic.summary,
        "text": topic.text,
        "rules": topic.rules,
    })
}

fn sentence(code: &str, unknown: &Unknown) -> String {
    let code = code.escape_debug();
    let known = match &unknown.suggestion {
        Some(suggestion) => format!("did you mean `{suggestion}`?"),
        None => "`cargo mapi explain --list` shows all codes".to_owned(),
    };
    let known = match &unknown.remark {
        Some(remark) => format!("{remark}; {known}"),
        None => known,
    };
    format!("there is no code `{code}`: {known}")
}
