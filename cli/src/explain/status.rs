//! Status codes: what the catalogue says about them, and where our own code answers them.

use mapi_provider_codegen::catalogue;
use mapi_provider_codegen::diag::Report;
use mapi_provider_codegen::ir::interface::{Method, Module, Named};

use super::number;
use super::sections::{self, Section};
use super::topic::{Kind, Topic};
use crate::failure::Failure;

/// The most methods that are named.
const METHODS: usize = 8;

/// What is known about status codes.
pub(super) struct Statuses {
    statuses: Vec<Named>,
    pages: Vec<Section>,
    rules: Vec<Section>,
}

impl Statuses {
    /// Reads what this version ships.
    ///
    /// # Errors
    ///
    /// None, as long as the tests of the catalogue pass.
    pub(super) fn load() -> Result<Self, Failure> {
        Ok(Self {
            statuses: catalogue::shipped_statuses().map_err(wrong)?,
            pages: sections::status_codes(),
            rules: sections::rules(),
        })
    }

    /// All status codes.
    pub(super) fn all(&self) -> impl Iterator<Item = &Named> {
        self.statuses.iter()
    }

    /// The status code with that name, in any case; the prefix may be left out.
    pub(super) fn by_name(&self, name: &str) -> Option<&Named> {
        let name = name.to_ascii_uppercase();
        let names = ["", "MAPI_E_", "MAPI_W_", "MAPI_"].map(|prefix| format!("{prefix}{name}"));
        names
            .iter()
            .find_map(|name| self.all().find(|status| status.name == *name))
    }

    /// What a number means: a status code, or a Windows error.
    pub(super) fn by_value(&self, bits: u32) -> Option<Topic> {
        if let Some(status) = self.all().find(|status| status.value == bits) {
            return Some(self.topic(status));
        }
        let error = number::windows_error(bits)?;
        let summary = format!(
            "An error of Windows’ own, number {error}. MAPI has no name for it: it comes from the system, a library or \
             the network. `net helpmsg {error}` tells it in words on Windows."
        );
        Some(Topic {
            kind: Kind::Status,
            code: format!("0x{bits:08X}"),
            value: Some(bits),
            part: None,
            summary: Some(summary),
            text: None,
            rules: Vec::new(),
            related: Vec::new(),
        })
    }

    /// What is known about a status code, except the methods that answer it.
    pub(super) fn topic(&self, status: &Named) -> Topic {
        let name = status.name.as_str();
        let page = self.pages.iter().find(|page| page.title == name);
        let rules = self.rules.iter().filter(|rule| mentions(rule.text, name));
        let rules: Vec<String> = rules.map(|rule| rule.title.to_owned()).collect();
        let related = [self.same(status), rules_line(&rules)];
        Topic {
            kind: Kind::Status,
            code: name.to_owned(),
            value: Some(status.value),
            part: None,
            summary: status.summary.clone(),
            text: page.map(|page| page.text.to_owned()),
            rules,
            related: related.into_iter().flatten().collect(),
        }
    }

    /// Other names of the same number.
    fn same(&self, status: &Named) -> Option<String> {
        let others = self
            .all()
            .filter(|other| other.value == status.value && other.name != status.name);
        let others: Vec<&str> = others.map(|other| other.name.as_str()).collect();
        (!others.is_empty()).then(|| format!("The same number: {}.", others.join(", ")))
    }
}

/// The methods whose pages name a status code.
///
/// # Errors
///
/// None, as long as the tests of the catalogue pass.
pub(super) fn methods(status: &str) -> Result<Option<String>, Failure> {
    // Without the property tags, which take the longest to read.
    let catalogue = catalogue::load_own([]).map_err(wrong)?;
    // First those that a provider meets: what is always there and what a store has, then the rest.
    let mut modules: Vec<&Module> = catalogue.modules.iter().collect();
    modules.sort_by_key(|module| match module.feature.as_deref() {
        None => 0,
        Some("store") => 1,
        Some(_) => 2,
    });
    let interfaces = modules.iter().flat_map(|module| &module.interfaces);
    let mut found = Vec::new();
    for interface in interfaces {
        let answers = |method: &&Method| method.results.iter().any(|one| one.status == status);
        let methods = interface.methods.iter().filter(answers);
        found.extend(methods.map(|method| format!("{}::{}", interface.name, method.name)));
    }
    let more = found.len().saturating_sub(METHODS);
    found.truncate(METHODS);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    let line = format!("Methods that answer it: {}{more}.", found.join(", "));
    Ok((!found.is_empty()).then_some(line))
}

fn wrong(report: Report) -> Failure {
    Failure::new(format!("the catalogue is wrong: {report}"))
}

fn rules_line(rules: &[String]) -> Option<String> {
    let first = rules.first()?;
    Some(format!(
        "Rules that name it: {}. `cargo mapi explain {first}` shows one.",
        rules.join(", ")
    ))
}

/// Whether a text contains the name, as a whole word.
fn mentions(text: &str, name: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .any(|word| word == name)
}
