//! What became of a message, for people and for programs.

use std::fmt::Write;

use serde_json::{Value as Json, json};

use crate::failure::Failure;
use crate::host::protocol::{Addressee, Fate, Message, Sent};

/// What became of a message.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    sent: Sent,
    recipients: Vec<Addressee>,
    /// The transport has left nothing behind.
    is_clean: bool,
}

impl Outcome {
    pub(super) fn take(&mut self, message: &Message) {
        match message {
            Message::Addressee(addressee) => self.recipients.push(addressee.clone()),
            Message::Sent(sent) => self.sent = sent.clone(),
            Message::Report { lines } => self.is_clean = lines.is_empty(),
            _ => {}
        }
    }

    pub(super) fn to_json(&self) -> Json {
        let mut json = self.sent.to_json();
        let recipients: Vec<Json> = self.recipients.iter().map(Addressee::to_json).collect();
        json["recipients"] = json!(recipients);
        json
    }

    pub(super) fn to_text(&self) -> String {
        let addresses = self.recipients.iter().map(|one| one.address.to_string());
        let width = addresses.map(|address| address.chars().count()).max();
        let width = width.unwrap_or_default().min(40);
        let mut text = String::new();
        for one in &self.recipients {
            let fate = match one.fate {
                Fate::Left => "left in the Outbox",
                fate => fate.name(),
            };
            let address = one.address.to_string();
            let _ = write!(text, "{:<3}  {address:<width$}  {fate}", one.line);
            if let Some(said) = &one.text {
                let _ = write!(text, ": {said}");
            }
            text.push('\n');
        }
        let sent = &self.sent;
        let _ = write!(
            text,
            "\nSubmitMessage answered {} after {:.1} s",
            sent.status, sent.seconds
        );
        if let Some(seconds) = sent.retry_after {
            let _ = write!(text, ": the Outbox tries again in {seconds} s");
        }
        let _ = write!(
            text,
            "\nthe spooler saw: {} × SaveChanges, {} × StatusRecips, {} × SpoolerYield; status “{}”\n",
            sent.saves, sent.reports, sent.yields, sent.row
        );
        if sent.critical_error {
            text.push_str(
                "the transport says that it is of no use in this session (NOTIFY_CRITICAL_ERROR)\n",
            );
        }
        if self.is_clean {
            text.push_str("nothing was left behind\n");
        }
        text
    }

    /// How the command ends.
    pub(super) fn verdict(&self) -> Result<(), Failure> {
        let sent = &self.sent;
        if sent.status.starts_with("MAPI_E_NOT_ME") {
            return Err(Failure::new(
                "the transport does not send this message: its class or the types of its addresses are not in the \
                 manifest (MAPI_E_NOT_ME)",
            ));
        }
        if !sent.ok {
            let status = &sent.status;
            return Err(Failure::new(format!(
                "the message is still in the Outbox: {status}"
            )));
        }
        let all = self.recipients.len();
        let count = |fate| {
            self.recipients
                .iter()
                .filter(|one| one.fate == fate)
                .count()
        };
        match (count(Fate::Refused), count(Fate::Left)) {
            (0, 0) => Ok(()),
            (0, left) => Err(Failure::new(format!(
                "nobody is responsible for {left} of {all} recipients"
            ))),
            (refused, _) => Err(Failure::new(format!(
                "{refused} of {all} recipients were refused"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome() -> Outcome {
        let addressee = |address: &str, fate| Addressee {
            line: "to".to_owned(),
            address: address.into(),
            fate,
            text: (fate == Fate::Refused).then(|| "no\nsuch\u{1b} user".into()),
            ..Addressee::default()
        };
        let mut outcome = Outcome::default();
        outcome.take(&Message::Addressee(addressee("a@example.org", Fate::Taken)));
        outcome.take(&Message::Addressee(addressee("b@x", Fate::Refused)));
        outcome.take(&Message::Addressee(addressee("c@example.org", Fate::Left)));
        outcome.take(&Message::Sent(Sent {
            status: "MAPI_E_WAIT (0x80040500)".to_owned(),
            retry_after: Some(60),
            seconds: 0.52,
            saves: 1,
            reports: 1,
            yields: 3,
            row: "Online".into(),
            ..Sent::default()
        }));
        outcome
    }

    #[test]
    fn an_outcome_looks_like_this() {
        let expected = "\
to   a@example.org  taken
to   b@x            refused: no\\nsuch\\u{1b} user
to   c@example.org  left in the Outbox

SubmitMessage answered MAPI_E_WAIT (0x80040500) after 0.5 s: the Outbox tries again in 60 s
the spooler saw: 1 × SaveChanges, 1 × StatusRecips, 3 × SpoolerYield; status “Online”
";
        assert_eq!(outcome().to_text(), expected);
        let json = outcome().to_json();
        assert_eq!(json["recipients"][1]["outcome"], "refused");
        assert_eq!(json["recipients"][1]["text"], "no\nsuch\u{1b} user");
        assert_eq!(json["retry_after"], 60);
        assert_eq!(json["spooler"]["critical_error"], false);
    }

    #[test]
    fn only_a_message_that_everybody_is_sent_is_a_success() {
        let wrong = |outcome: &Outcome| {
            let verdict = outcome.verdict();
            verdict.expect_err("something is wrong").sentence()
        };
        let mut outcome = outcome();
        assert!(wrong(&outcome).contains("still in the Outbox: MAPI_E_WAIT"));
        outcome.sent.ok = true;
        assert_eq!(wrong(&outcome), "1 of 3 recipients were refused");
        outcome.recipients.remove(1);
        assert!(wrong(&outcome).contains("responsible for 1 of 2"));
        outcome.recipients.remove(1);
        assert!(outcome.verdict().is_ok());
        outcome.sent.status = "MAPI_E_NOT_ME (0x80040502)".to_owned();
        assert!(wrong(&outcome).contains("does not send"));
    }
}
