//! What the user sees of a run: a bar on a terminal, lines in a pipe, or JSON.

use std::io::{self, IsTerminal};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use super::protocol::Message;
use crate::failure::Failure;
use crate::output;

/// Where a run is shown.
pub(super) struct Screen {
    form: Form,
    started: Instant,
}

enum Form {
    Json,
    Lines,
    Bar(ProgressBar),
}

impl Screen {
    pub(super) fn new(json: bool) -> Self {
        let terminal = io::stdout().is_terminal() && io::stderr().is_terminal();
        let form = match (json, terminal) {
            (true, _) => Form::Json,
            (false, true) => Form::Bar(bar()),
            (false, false) => Form::Lines,
        };
        Self {
            form,
            started: Instant::now(),
        }
    }

    /// Shows a message.
    pub(super) fn show(&self, message: &Message) -> Result<(), Failure> {
        match (&self.form, message) {
            // How it failed is said at the end, by `failed`.
            (_, Message::Manifest(_) | Message::Failure { .. }) => Ok(()),
            (Form::Json, message) => output::print(format!("{}\n", message.to_json()).as_bytes()),
            (Form::Bar(bar), Message::Progress { text, index, max }) => {
                bar.set_length(*max);
                bar.set_position(*index);
                bar.set_message(plain(text));
                Ok(())
            }
            (form, message) => {
                if let (Form::Bar(bar), Message::Done { .. }) = (form, message) {
                    bar.finish_and_clear();
                }
                self.line(&self.words(message))
            }
        }
    }

    /// Shows a line that the provider printed. In JSON and in pipes it goes to standard error, so that
    /// standard output is ours alone.
    pub(super) fn printed(&self, line: &str) {
        match &self.form {
            Form::Bar(bar) => bar.suspend(|| eprintln!("{line}")),
            Form::Json | Form::Lines => eprintln!("{line}"),
        }
    }

    /// The command fails, and says why on standard error; in JSON it is said there too.
    pub(super) fn failed(&self, failure: &Failure) -> Result<(), Failure> {
        match (&self.form, failure) {
            (Form::Json, Failure::Sentence(text) | Failure::Exit { sentence: text, .. }) => {
                let failure = Message::Failure {
                    text: text.clone(),
                    hangs: false,
                };
                output::print(format!("{}\n", failure.to_json()).as_bytes())
            }
            _ => Ok(()),
        }
    }

    /// Nothing more will be shown.
    pub(super) fn finish(&self) {
        if let Form::Bar(bar) = &self.form {
            bar.finish_and_clear();
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
            Message::Filled {
                folders,
                messages,
                skipped,
            } => {
                let mut words = format!("filled: {messages} messages in {folders} folders");
                for what in skipped {
                    words += &format!("\nleft out: {}", plain(what));
                }
                words
            }
            Message::Progress { text, max: 0, .. } => plain(text),
            Message::Progress { text, index, max } => format!("[{index}/{max}] {}", plain(text)),
            Message::Error {
                warning: true,
                text,
                ..
            } => format!("warning: {}", plain(text)),
            Message::Error { status, text, .. } => format!("error: {} ({status})", plain(text)),
            Message::Cancelling => "cancelling ...".to_owned(),
            Message::Done { status, .. } => format!(
                "done in {:.1} s: {status}",
                self.started.elapsed().as_secs_f64()
            ),
            Message::Report { lines } if lines.is_empty() => "nothing was left behind".to_owned(),
            Message::Report { lines } => plain_lines(lines),
            Message::Manifest(_) | Message::Failure { .. } => String::new(),
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:32} {pos}/{len} {wide_msg}") {
        bar.set_style(style);
    }
    bar
}

/// A provider's text on one line, without anything that a terminal would obey.
fn plain(text: &str) -> String {
    text.chars()
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .collect()
}

fn plain_lines(lines: &[String]) -> String {
    lines
        .iter()
        .map(|line| plain(line))
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(message: &Message) -> String {
        Screen {
            form: Form::Lines,
            started: Instant::now(),
        }
        .words(message)
    }

    #[test]
    fn lines_say_what_happens() {
        let progress = |max| Message::Progress {
            text: "a\x1b[2J\nb".to_owned(),
            index: 1,
            max,
        };
        assert_eq!(words(&progress(3)), "[1/3] a [2J b");
        assert_eq!(words(&progress(0)), "a [2J b");
        let error = |warning| Message::Error {
            warning,
            status: "S".to_owned(),
            text: "t".to_owned(),
        };
        assert_eq!(words(&error(true)), "warning: t");
        assert_eq!(words(&error(false)), "error: t (S)");
        let done = Message::Done {
            ok: true,
            cancelled: false,
            status: "S_OK (0x00000000)".to_owned(),
        };
        assert_eq!(words(&done), "done in 0.0 s: S_OK (0x00000000)");
        assert_eq!(
            words(&Message::Report { lines: vec![] }),
            "nothing was left behind"
        );
        assert_eq!(
            words(&Message::Report {
                lines: vec!["a".to_owned(), "b".to_owned()]
            }),
            "a\nb"
        );
    }
}
