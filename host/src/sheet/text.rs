//! A sheet as text.

use std::fmt;

use mapi_provider::abi::ControlFlags;

use super::{ControlKind, Sheet, SheetControl, SheetPage};
use crate::property::Value;

/// ```text
/// Contoso Mail
///   Server
///     Server    [mail.example.org]  required
///     Password  [•••]               hidden, required
///     TLS       [x]
/// ```
impl fmt::Display for Sheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.title)?;
        for page in &self.pages {
            write!(f, "\n{page}")?;
        }
        Ok(())
    }
}

impl fmt::Display for SheetPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {}", self.title)?;
        let lines = lines(&self.controls);
        let width = |cell: fn(&Line) -> &str| {
            let cells = lines.iter().filter(|line| line.control.is_some());
            cells.map(|line| cell(line).chars().count()).max()
        };
        let label = width(|line| &line.label).unwrap_or_default();
        let control = width(|line| line.control.as_deref().unwrap_or_default());
        let control = control.unwrap_or_default();
        for line in &lines {
            let text = match &line.control {
                Some(shown) => format!("{:label$}  {shown:control$}  {}", line.label, line.words),
                None => line.label.clone(),
            };
            write!(f, "\n    {}", text.trim_end())?;
        }
        Ok(())
    }
}

/// A control and the label before it, or a label alone.
struct Line {
    label: String,
    control: Option<String>,
    words: String,
}

fn lines(controls: &[SheetControl]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for control in controls {
        let shown = match &control.kind {
            ControlKind::Label { text } => {
                lines.push(Line {
                    label: plain(text),
                    control: None,
                    words: String::new(),
                });
                continue;
            }
            ControlKind::Edit { .. } => format!("[{}]", value(control)),
            ControlKind::CheckBox { text, .. } => {
                let mark = match control.value {
                    Some(Value::Boolean(true)) => "x",
                    _ => " ",
                };
                let shown = format!("[{mark}] {}", plain(text));
                shown.trim_end().to_owned()
            }
        };
        let words = words(control);
        match lines.last_mut().filter(|line| line.control.is_none()) {
            Some(line) => {
                line.control = Some(shown);
                line.words = words;
            }
            None => lines.push(Line {
                label: String::new(),
                control: Some(shown),
                words,
            }),
        }
    }
    lines
}

/// What a field shows. Of a secret not even its length.
fn value(control: &SheetControl) -> String {
    match &control.value {
        Some(Value::Unicode(text)) if control.is_hidden() && text.is_empty() => String::new(),
        Some(_) if control.is_hidden() => "•••".to_owned(),
        Some(Value::Unicode(text)) => text.clone(),
        Some(Value::String8(text)) => text.iter().copied().map(char::from).collect(),
        _ => String::new(),
    }
}

fn words(control: &SheetControl) -> String {
    let mut words = Vec::new();
    if control.is_hidden() {
        words.push("hidden");
    }
    if control.flags.contains(ControlFlags::DT_REQUIRED) {
        words.push("required");
    }
    if !control.flags.contains(ControlFlags::DT_EDITABLE) {
        words.push("read-only");
    }
    words.join(", ")
}

/// A text without the marks of letters.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '&' => plain.extend(characters.next()),
            c => plain.push(c),
        }
    }
    plain
}
