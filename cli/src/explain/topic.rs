//! A code with its explanation.

/// The kinds of codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A mistake in a file.
    Diagnostic,
    /// An `HRESULT`.
    Status,
    /// A rule of the contract.
    Rule,
}

impl Kind {
    /// As programs read it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Kind::Diagnostic => "diagnostic",
            Kind::Status => "status",
            Kind::Rule => "rule",
        }
    }
}

/// A code with its explanation.
#[derive(Debug)]
pub(super) struct Topic {
    pub(super) kind: Kind,
    /// As it is printed elsewhere.
    pub(super) code: String,
    /// A status code's number.
    pub(super) value: Option<u32>,
    /// The heading above it.
    pub(super) part: Option<&'static str>,
    /// What it is, in a sentence or two.
    pub(super) summary: Option<String>,
    /// What is behind it, and what to do: Markdown.
    pub(super) text: Option<String>,
    /// The rules that name a status code.
    pub(super) rules: Vec<String>,
    /// Where to read more, one sentence each.
    pub(super) related: Vec<String>,
}

impl Topic {
    /// What a page begins with.
    pub(super) fn heading(&self) -> String {
        let code = &self.code;
        match (self.kind, self.value, self.part) {
            (Kind::Diagnostic, ..) => format!("error[{code}]"),
            (_, Some(bits), _) if code.starts_with("0x") => {
                format!("{code} = {}", bits.cast_signed())
            }
            (_, Some(bits), _) => format!("{code} = 0x{bits:08X} = {}", bits.cast_signed()),
            (_, _, Some(part)) => format!("{code}, of {part}"),
            _ => code.clone(),
        }
    }

    /// The first sentence or so, for lists.
    pub(super) fn line(&self) -> String {
        let text = self.summary.as_deref().or(self.text.as_deref());
        let paragraph = text.unwrap_or_default().split("\n\n").next();
        let words: Vec<&str> = paragraph.unwrap_or_default().split_whitespace().collect();
        let text = words.join(" ");
        let end = text.find(". ").map_or(text.len(), |dot| dot + 1);
        text[..end].to_owned()
    }
}
