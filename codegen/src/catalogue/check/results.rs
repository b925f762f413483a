//! What is said about a method besides its signature, and small things: features and GUIDs.

use super::{Check, is_placeholder, parse_guid, raw};
use crate::diag::{Code, Diagnostic, Source};
use crate::ir::interface as ir;
use crate::toml_tree::Spanned;

impl Check<'_> {
    /// Each status must be in the catalogue, because documentation links to it.
    pub(super) fn results(&self, source: &Source, raw: &[raw::Outcome]) -> Vec<ir::Outcome> {
        for outcome in raw {
            let status = &outcome.status;
            if self.statuses.contains(status.value.as_str())
                || self.errors.is_left_out(&status.value)
            {
                continue;
            }
            let message = format!("there is no status code `{}`", status.value.escape_debug());
            let mistake = Diagnostic::new(Code::UnknownValue, source, status.span.clone(), message);
            let known = || self.statuses.iter().copied().collect();
            let help = self.errors.did_you_mean(&status.value, known);
            let help =
                help.unwrap_or_else(|| "correct the name, or define it: `status = [...]`".into());
            self.errors.push(mistake.help(help));
        }
        let outcomes = raw.iter().map(|outcome| ir::Outcome {
            status: outcome.status.value.clone(),
            when: super::line(&outcome.when.value),
        });
        outcomes.collect()
    }

    /// Nobody knows what a placeholder takes and answers, so nothing may be said about
    /// that.
    pub(super) fn placeholder(&self, source: &Source, raw: &raw::Method) {
        if !is_placeholder(raw) {
            return;
        }
        let said = [
            (raw.params.first().map(|param| &param.name), "parameters"),
            (raw.returns.as_ref(), "return type"),
            (raw.results.first().map(|result| &result.status), "results"),
        ];
        for (at, what) in said {
            let Some(at) = at else {
                continue;
            };
            let message = format!(
                "`{}` is a placeholder, so nobody knows its {what}",
                raw.name.value
            );
            let help = "leave `placeholder` out if the signature is known, or the rest if not";
            self.report(Code::BadParameter, source, at, message, help);
        }
    }

    /// The name of a cargo feature.
    pub(super) fn feature(&self, source: &Source, file: &raw::File) -> Option<String> {
        let feature = file.feature.as_ref()?;
        let starts = feature.value.starts_with(|c: char| c.is_ascii_lowercase());
        let rest = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b);
        if !starts || !feature.value.bytes().all(rest) {
            let message = format!(
                "`{}` is not the name of a feature",
                feature.value.escape_debug()
            );
            let help = "use lowercase letters, digits, `-` and `_`, and begin with a letter";
            self.report(Code::BadIdentifier, source, feature, message, help);
        }
        Some(feature.value.clone())
    }

    pub(super) fn guid(&self, source: &Source, raw: &raw::NamedGuid) -> Option<ir::NamedGuid> {
        Some(ir::NamedGuid {
            name: raw.name.value.clone(),
            value: self.digits(source, &raw.value, "GUID", &raw.name.value)?,
            summary: super::text(&raw.summary),
        })
    }

    /// The number that a GUID's digits make; reported if they don't.
    pub(super) fn digits(
        &self,
        source: &Source,
        digits: &Spanned<String>,
        what: &str,
        name: &str,
    ) -> Option<u128> {
        let number = parse_guid(&digits.value);
        match number {
            None => {
                let message = format!("the {what} of `{name}` is not written as one");
                let help = "8-4-4-4-12 hexadecimal digits, without braces";
                self.report(Code::BadIid, source, digits, message, help);
            }
            // An interface without an IID is asked for by zeros, and nothing may answer
            // that.
            Some(0) if what == "IID" => {
                let message = format!("the IID of `{name}` is all zeros");
                let help = "leave `iid` out if nobody has published one";
                self.report(Code::BadIid, source, digits, message, help);
                return None;
            }
            Some(_) => {}
        }
        number
    }
}
