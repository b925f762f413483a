//! What has become of each action, as it was told, and how it is shown.

use mapi_provider_host::untrusted::Untrusted;
use serde_json::{Value as Json, json};

use crate::date;
use crate::host::protocol::{Action, Done, Mail, Step};

/// So many of the messages that may be meant are listed.
const MOST_CANDIDATES: usize = 50;

/// All actions, and what has become of them.
#[derive(Debug)]
pub(super) struct Report {
    actions: Vec<Action>,
    done: Vec<Done>,
    /// Whether one more was begun.
    begun: bool,
    candidates: Vec<Candidate>,
    more_candidates: usize,
}

/// A message that may be meant.
#[derive(Debug)]
struct Candidate {
    mail: Mail,
    place: Vec<Untrusted>,
}

/// What has become of an action.
enum State<'r> {
    Done(&'r Done),
    Failed,
    /// The process has ended in the middle of it.
    Unknown,
    NotBegun,
}

impl State<'_> {
    fn name(&self) -> &'static str {
        match self {
            Self::Done(_) => "done",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::NotBegun => "not begun",
        }
    }
}

impl Report {
    pub(super) fn new(actions: &[Action]) -> Self {
        Self {
            actions: actions.to_vec(),
            done: Vec::new(),
            begun: false,
            candidates: Vec::new(),
            more_candidates: 0,
        }
    }

    pub(super) fn take(&mut self, step: &Step) {
        match step {
            Step::Begun => self.begun = true,
            Step::Done(done) => {
                self.done.push(Done::clone(done));
                self.begun = false;
            }
            Step::Candidate { mail, place } if self.candidates.len() < MOST_CANDIDATES => {
                self.candidates.push(Candidate {
                    mail: Mail::clone(mail),
                    place: place.clone(),
                });
            }
            Step::Candidate { .. } => self.more_candidates += 1,
        }
    }

    /// The actions with their states. One that was begun has failed if the store has told so.
    fn states(&self, told: bool) -> impl Iterator<Item = (&Action, State<'_>)> {
        let state = move |place: usize| match self.done.get(place) {
            Some(done) => State::Done(done),
            None if place > self.done.len() || !self.begun => State::NotBegun,
            None if told => State::Failed,
            None => State::Unknown,
        };
        let actions = self.actions.iter().enumerate();
        actions.map(move |(place, action)| (action, state(place)))
    }

    /// One line an action; then the messages that may be meant.
    pub(super) fn to_text(&self, failed: bool, told: bool) -> String {
        let mut text = String::new();
        for (action, state) in self.states(told) {
            let line = format!("{:<11}{}", state.name(), Untrusted::from(action.words()));
            text.push_str(&line);
            if let State::Done(done) = state {
                text.push_str(&done.to_text());
            }
            text.push('\n');
        }
        if failed && self.done.is_empty() && !self.begun {
            text.push_str("Nothing was changed.\n");
        }
        for candidate in &self.candidates {
            text.push_str(&candidate.to_text());
        }
        if self.more_candidates > 0 {
            text.push_str(&format!("and {} more\n", self.more_candidates));
        }
        text
    }

    /// With the sentence of the failure, if there is one: it belongs to the action that has failed.
    pub(super) fn to_json(&self, failure: Option<&str>, told: bool) -> Json {
        let actions: Vec<Json> = self
            .states(told)
            .map(|(action, state)| {
                let mut json = action.to_json();
                json["state"] = json!(state.name());
                json["error"] = match state {
                    State::Failed | State::Unknown => json!(failure),
                    State::Done(_) | State::NotBegun => Json::Null,
                };
                if let State::Done(done) = state {
                    done.add_to(&mut json);
                }
                json
            })
            .collect();
        let candidates: Vec<Json> = self.candidates.iter().map(Candidate::to_json).collect();
        json!({"actions": actions, "error": failure, "candidates": candidates})
    }
}

impl Done {
    /// ` (Inbox / 2026): moved to Deleted Items`.
    fn to_text(&self) -> String {
        let place = match self.place.as_slice() {
            [] => String::new(),
            names => format!(" ({})", path(names)),
        };
        let detail = self.detail.as_ref();
        let detail = detail.map_or_else(String::new, |detail| format!(": {detail}"));
        format!("{place}{detail}")
    }

    fn add_to(&self, json: &mut Json) {
        json["entry_id"] = json!(self.entry_id);
        json["subject"] = json!(self.subject.raw());
        json["place"] = raw(&self.place);
        json["detail"] = json!(self.detail.as_ref().map(Untrusted::raw));
    }
}

impl Candidate {
    fn to_text(&self) -> String {
        let Self { mail, place } = self;
        let date = mail.date.as_deref().map(date::words).unwrap_or_default();
        let parts = [
            mail.entry_id.clone(),
            path(place),
            mail.from.to_string(),
            date,
        ];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        format!("  {}\n", parts.join("  "))
    }

    fn to_json(&self) -> Json {
        let mut json = self.mail.to_json();
        json["place"] = raw(&self.place);
        json
    }
}

fn path(names: &[Untrusted]) -> String {
    let names: Vec<String> = names.iter().map(Untrusted::to_string).collect();
    names.join(" / ")
}

fn raw(names: &[Untrusted]) -> Json {
    json!(names.iter().map(Untrusted::raw).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let actions = ["A", "B", "C"].map(|path| Action::NewFolder {
            path: path.to_owned(),
        });
        let mut report = Report::new(&actions);
        report.take(&Step::Begun);
        report.take(&Step::Done(Box::new(Done {
            detail: Some("made".into()),
            place: vec!["In\nbox".into(), "A".into()],
            ..Done::default()
        })));
        report
    }

    #[test]
    fn each_action_says_what_has_become_of_it() {
        let mut report = report();
        report.take(&Step::Begun);
        assert_eq!(
            report.to_text(true, true),
            "done       new-folder A (In\\nbox / A): made\nfailed     new-folder B\nnot begun  new-folder C\n"
        );
        assert!(
            report
                .to_text(true, false)
                .contains("unknown    new-folder B\n")
        );
        let json = report.to_json(Some("no"), true);
        assert_eq!(json["actions"][0]["place"], json!(["In\nbox", "A"]));
        assert_eq!(json["actions"][0]["error"], Json::Null);
        assert_eq!(json["actions"][1]["error"], "no");
        assert_eq!(json["actions"][2]["state"], "not begun");
    }

    #[test]
    fn a_failure_between_actions_is_none_of_theirs() {
        let report = report();
        let text = report.to_text(true, true);
        assert!(text.ends_with("not begun  new-folder B\nnot begun  new-folder C\n"));
        let json = report.to_json(Some("no"), true);
        assert_eq!(json["actions"][1]["error"], Json::Null);
        assert_eq!(json["error"], "no");
    }

    #[test]
    fn no_more_candidates_are_listed_than_can_be_read() {
        let mut report = Report::new(&[]);
        for _ in 0..MOST_CANDIDATES + 3 {
            report.take(&Step::Candidate {
                mail: Box::new(Mail {
                    entry_id: "00ff".to_owned(),
                    date: Some("2026-03-06T08:12:44Z".to_owned()),
                    ..Mail::default()
                }),
                place: vec!["Inbox".into()],
            });
        }
        let text = report.to_text(true, true);
        assert!(text.starts_with("Nothing was changed.\n  00ff  Inbox  6 Mar 2026 08:12\n"));
        assert!(text.ends_with("and 3 more\n"));
    }
}
