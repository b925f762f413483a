//! How a command fails: what is said, and the exit code.

use std::{
    env,
    io::{self, IsTerminal, Write},
    process::ExitCode,
};

use mapi_provider_codegen::{
    diag::{Report, Style},
    manifest::LoadError,
};
use mapi_provider_host::untrusted::shown_lines;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Mistakes in a file.
    Mistakes {
        /// The file.
        shown: String,
        /// The mistakes.
        report: Report,
    },
    /// Something else, in a sentence.
    Sentence(String),
    /// Something that has an exit code of its own, in a sentence.
    Exit {
        /// The exit code.
        code: u8,
        /// The sentence.
        sentence: String,
    },
}

impl Failure {
    /// A failure that is described in a sentence, without a full stop.
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Failure::Sentence(sentence.into())
    }

    /// The failure to load the file that is called `shown`.
    pub(crate) fn loading(shown: &str, error: LoadError) -> Self {
        match error {
            LoadError::Wrong(report) => Failure::Mistakes {
                shown: shown.into(),
                report,
            },
            unreadable @ LoadError::Unreadable { .. } => Failure::new(unreadable.to_string()),
        }
    }

    /// How many mistakes there are, without a full stop.
    pub(crate) fn count_of(report: &Report, shown: &str) -> String {
        let shown = shown_lines(shown);
        match report.count() {
            1 => format!("1 mistake in {shown}"),
            count => format!("{count} mistakes in {shown}"),
        }
    }

    /// What it is, in a sentence without a full stop.
    pub(crate) fn sentence(&self) -> String {
        match self {
            Failure::Mistakes { shown, report } => Failure::count_of(report, shown),
            Failure::Sentence(sentence) | Failure::Exit { sentence, .. } => sentence.clone(),
        }
    }

    /// Tells the user, in colours if a terminal shows them.
    pub(crate) fn show(&self) {
        let text = match self {
            Failure::Mistakes { shown, report } => {
                let count = Failure::count_of(report, shown);
                let report_text = report.render(style());
                let first = report.diagnostics().first();
                let first = first.map_or("CODE", |diagnostic| diagnostic.code.name());
                format!("{report_text}\n\nerror: {count}; `cargo mapi explain {first}` says more\n")
            }
            Failure::Sentence(sentence) | Failure::Exit { sentence, .. } => {
                // It may contain a file's name, or what somebody else said.
                format!("error: {}\n", shown_lines(sentence))
            }
        };
        // If even that can't be printed, the exit code must do.
        let _ = io::stderr().write_all(text.as_bytes());
    }

    /// 1: what was asked for is wrong. (2, for a command line that is wrong, comes from clap.)
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Exit { code, .. } => ExitCode::from(*code),
            Failure::Mistakes { .. } | Failure::Sentence(_) => ExitCode::from(1),
        }
    }
}

/// Colours are for terminals whose user wants them (<https://no-color.org>).
fn style() -> Style {
    let unwanted = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if io::stderr().is_terminal() && !unwanted {
        Style::Coloured
    } else {
        Style::Plain
    }
}
