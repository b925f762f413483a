//! What the user sees of a run: a bar on a terminal, lines in a pipe, or JSON.

use std::io::{self, IsTerminal};

use mapi_provider_host::untrusted::Untrusted;

use super::bar::{self, Bar};
use super::protocol::Message;
use crate::failure::Failure;
use crate::output;

/// Where a run is shown.
pub(super) struct Screen {
    form: Form,
}

enum Form {
    Json,
    Lines,
    Bar(Bar),
}

impl Screen {
    pub(super) fn new(json: bool) -> Self {
        let terminal = io::stdout().is_terminal() && io::stderr().is_terminal();
        let form = match (json, terminal) {
            (true, _) => Form::Json,
            (false, true) => Form::Bar(Bar::new()),
            (false, false) => Form::Lines,
        };
        Self { form }
    }

    /// Shows a message.
    pub(super) fn show(&self, message: &Message) -> Result<(), Failure> {
        match (&self.form, message) {
            // `failed` says at the end how it failed.
            (_, Message::Manifest(_) | Message::Failure { .. }) => Ok(()),
            (
                _,
                Message::Folder { .. }
                | Message::Mail(_)
                | Message::Part(_)
                | Message::Step(_)
                | Message::Addressee(_)
                | Message::Sent(_)
                | Message::Book(_)
                | Message::Shown,
            ) => Ok(()),
            (Form::Json, message) => output::json(&message.to_json()),
            (Form::Bar(bar), Message::Progress { text, index, max }) => {
                bar.show(text, *index, *max);
                Ok(())
            }
            (Form::Bar(_), Message::Done { .. }) => {
                self.finish()?;
                self.line(&self.words(message))
            }
            (_, message) => self.line(&self.words(message)),
        }
    }

    /// Shows a line that the provider printed. With JSON and in pipes it goes to standard error, so
    /// standard output is ours alone.
    pub(super) fn printed(&self, line: &Untrusted) {
        match &self.form {
            Form::Bar(bar) => bar.suspend(|| eprintln!("{line}")),
            Form::Json | Form::Lines => eprintln!("{line}"),
        }
    }

    /// Shows a remark at the end, for people.
    pub(super) fn remark(&self, words: &str) -> Result<(), Failure> {
        match &self.form {
            Form::Json => Ok(()),
            Form::Bar(_) | Form::Lines => self.line(words),
        }
    }

    /// Shows what a run would do.
    pub(super) fn plan(&self, lines: &[Untrusted]) -> Result<(), Failure> {
        if matches!(self.form, Form::Json) {
            let lines: Vec<&str> = lines.iter().map(Untrusted::raw).collect();
            return output::json(&serde_json::json!({"event": "plan", "lines": lines}));
        }
        lines
            .iter()
            .try_for_each(|line| self.line(&line.to_string()))
    }

    /// The command fails, and says why on standard error; in JSON it is said there too.
    pub(super) fn failed(&self, failure: &Failure) -> Result<(), Failure> {
        match (&self.form, failure) {
            (Form::Json, Failure::Sentence(text) | Failure::Exit { sentence: text, .. }) => {
                let failure = Message::Failure {
                    text: text.as_str().into(),
                    hangs: false,
                };
                output::json(&failure.to_json())
            }
            _ => Ok(()),
        }
    }

    /// No progress will be shown any more. A bar goes, and where the run stood stays, however it ended.
    pub(super) fn finish(&self) -> Result<(), Failure> {
        let Form::Bar(bar) = &self.form else {
            return Ok(());
        };
        match bar.finish() {
            Some(last) => self.line(&last),
            None => Ok(()),
        }
    }

    fn line(&self, text: &str) -> Result<(), Failure> {
        let print = || output::print(format!("{text}\n").as_bytes());
        match &self.form {
            Form::Bar(bar) => bar.suspend(print),
            Form::Json | Form::Lines => print(),
        }
    }

    /// A message as a line, or several.
    fn words(&self, message: &Message) -> String {
        match message {
            Message::LeftOut { text } => format!("left out: {text}"),
            Message::Filled {
                folders,
                messages,
                attachments,
                more_left_out,
                ..
            } => {
                let more = match more_left_out {
                    0 => String::new(),
                    more => format!("left out: {more} more\n"),
                };
                format!(
                    "{more}filled: {messages} messages with {attachments} attachments in {folders} folders"
                )
            }
            Message::Progress { text, index, max } => bar::words(&text.to_string(), *index, *max),
            Message::Error {
                warning: true,
                text,
                ..
            } => format!("warning: {text}"),
            Message::Error { status, text, .. } => format!("error: {text} ({status})"),
            Message::Cancelling => "cancelling ...".to_owned(),
            Message::Done {
                status, seconds, ..
            } => format!("done in {seconds:.1} s: {status}"),
            Message::Report { lines } if lines.is_empty() => "nothing was left behind".to_owned(),
            Message::Report { lines } => {
                let lines: Vec<String> = lines.iter().map(Untrusted::to_string).collect();
                lines.join("\n")
            }
            // They are not for this screen.
            Message::Manifest(_)
            | Message::Failure { .. }
            | Message::Folder { .. }
            | Message::Mail(_)
            | Message::Part(_)
            | Message::Step(_)
            | Message::Addressee(_)
            | Message::Sent(_)
            | Message::Book(_)
            | Message::Sheet { .. }
            | Message::Shown => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(message: &Message) -> String {
        Screen { form: Form::Lines }.words(message)
    }

    #[test]
    fn lines_say_what_happens() {
        let progress = |max| Message::Progress {
            text: "a\x1b[2J\nb".into(),
            index: 1,
            max,
        };
        assert_eq!(words(&progress(3)), r"[1/3] a\u{1b}[2J\nb");
        assert_eq!(words(&progress(0)), r"a\u{1b}[2J\nb");
        let error = |warning| Message::Error {
            warning,
            status: "S".to_owned(),
            text: "t".into(),
        };
        assert_eq!(words(&error(true)), "warning: t");
        assert_eq!(words(&error(false)), "error: t (S)");
        let filled = |more_left_out| Message::Filled {
            folders: 2,
            messages: 7,
            attachments: 1,
            left_out: 100 + more_left_out,
            more_left_out,
        };
        let summary = "filled: 7 messages with 1 attachments in 2 folders";
        assert_eq!(words(&filled(0)), summary);
        assert_eq!(
            words(&filled(4711)),
            format!("left out: 4711 more\n{summary}")
        );
        let done = Message::Done {
            ok: true,
            cancelled: false,
            status: "S_OK (0x00000000)".to_owned(),
            seconds: 0.52,
        };
        assert_eq!(words(&done), "done in 0.5 s: S_OK (0x00000000)");
        assert_eq!(
            words(&Message::Report { lines: vec![] }),
            "nothing was left behind"
        );
        assert_eq!(
            words(&Message::Report {
                lines: vec!["a".into(), "b\n".into()]
            }),
            "a\nb"
        );
    }
}
