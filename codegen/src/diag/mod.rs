//! Diagnostics: what is wrong with a definition, where, and what to do about it.
//!
//! Every check of this crate reports through here. So a team sees everything that is wrong with its file at once,
//! in the form that it knows from `rustc`: a code, a message, the source with a caret and a help line.

mod code;
mod errors;
mod excerpt;
mod report;
mod source;
mod suggest;
mod visible;

use std::ops::Range;

pub use self::{
    code::Code,
    errors::{Errors, KEPT},
    report::{Report, SHOWN, Style},
    source::Source,
    suggest::{closest, did_you_mean},
    visible::{character, is_invisible, printable, visible},
};

/// What each code means and what to do about it: Markdown, with a section for each code, in the order of [`Code::ALL`].
///
/// It is a function so that code that doesn't call it, above all a build of a provider, doesn't contain the text.
pub fn explanations() -> &'static str {
    include_str!("explanations.md")
}

/// One thing that is wrong. Texts are kept ready to show: invisible characters in quotations are spelled out, and very
/// long ones are cut.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// Which kind of mistake it is; [`explanations`] has more.
    pub code: Code,
    /// The mistake in one sentence, without a full stop.
    pub message: String,
    /// The places concerned; the first is the one that the diagnostic is sorted by.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
    /// Facts behind the rule that was broken.
    pub notes: Vec<String>,
}

/// A place in a source, with a remark.
#[derive(Debug, Clone)]
pub struct Label {
    /// The source that the span points into.
    pub source: Source,
    /// Bytes of the source's text.
    pub span: Range<usize>,
    /// What to say about the place; may be empty.
    pub text: String,
    /// Is it the culprit (`^^^`), or context for it (`---`)?
    pub primary: bool,
}

impl Diagnostic {
    /// A diagnostic about the place `span` of `source`.
    pub fn new(
        code: Code,
        source: &Source,
        span: Range<usize>,
        message: impl Into<String>,
    ) -> Self {
        Diagnostic {
            code,
            message: visible(&message.into()).into_owned(),
            labels: vec![Label {
                source: source.clone(),
                span,
                text: String::new(),
                primary: true,
            }],
            help: None,
            notes: Vec::new(),
        }
    }

    /// Says something at the caret.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        if let Some(first) = self.labels.first_mut() {
            first.text = visible(&text.into()).into_owned();
        }
        self
    }

    /// Points to another place that matters, such as the first use of a name.
    #[must_use]
    pub fn context(mut self, source: &Source, span: Range<usize>, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            source: source.clone(),
            span,
            text: visible(&text.into()).into_owned(),
            primary: false,
        });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(visible::visible_lines(&text.into()));
        self
    }

    /// Says what to do, if there is something to say.
    #[must_use]
    pub fn maybe_help(self, text: Option<String>) -> Self {
        match text {
            Some(text) => self.help(text),
            None => self,
        }
    }

    /// Gives a reason.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(visible(&text.into()).into_owned());
        self
    }
}
