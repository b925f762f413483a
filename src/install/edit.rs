//! Writing a provider into the lines of `mapisvc.inf`, and taking it out again.
//!
//! Whatever isn't the provider's stays byte for byte, the end of the last line too: where the file had none it has
//! none afterwards, and so removing what was merged gives the file that was there before.

use super::lines::{Content, End, Line, Span, is_name, parse, render, sections, usual_end};
use super::registration::{OwnSection, Registration, SERVICES};
use crate::platform::ansi_to_string;

/// A file with its changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The whole file.
    pub text: Vec<u8>,
    /// What is different; nothing where nothing was to do.
    pub changes: Vec<Change>,
}

/// A line that is different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Whether it came or went. A line with a new value went and came.
    pub kind: ChangeKind,
    /// Its number, from 1: in the old file where it went, in the new one where it came.
    pub line: usize,
    /// Its text.
    pub text: String,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is in the new file alone.
    Added,
    /// It is in the old file alone.
    Removed,
}

/// The file with the provider in it. The text was looked at before: no section is there twice.
pub(super) fn merge(text: &[u8], provider: &Registration) -> Edit {
    let mut editor = Editor::new(text);
    let key = (provider.id.as_str(), provider.name.as_slice());
    let services = editor.section(SERVICES);
    if let Some(services) = services {
        editor.set_entry(services, key);
    }
    for section in &provider.sections {
        match editor.section(&section.name) {
            Some(span) => editor.rewrite(span, section),
            None => editor.append(&section.name, section.entries()),
        }
    }
    if services.is_none() {
        // Behind the provider's own sections, so that it is known for ours when they are removed.
        editor.append(SERVICES, [key].into_iter());
    }
    editor.finish(text)
}

/// The file without the provider.
pub(super) fn remove(text: &[u8], provider: &Registration) -> Edit {
    let mut editor = Editor::new(text);
    if let Some(services) = editor.section(SERVICES) {
        let is_ours = editor.was_made_for(services, provider);
        editor.remove_entry(services, &provider.id);
        if let Some(services) = editor.section(SERVICES).filter(|_| is_ours) {
            editor.cut(services);
        }
    }
    for section in &provider.sections {
        if let Some(span) = editor.section(&section.name) {
            editor.cut(span);
        }
    }
    editor.finish(text)
}

struct Editor {
    lines: Vec<Line>,
    /// How new lines end.
    end: End,
    /// Had the last line no end?
    is_open: bool,
    /// Numbers and texts of lines that are gone or have another text now.
    gone: Vec<(usize, Vec<u8>)>,
}

impl Editor {
    fn new(text: &[u8]) -> Self {
        let mut lines = parse(text);
        let end = usual_end(&lines);
        let open = lines.last_mut().filter(|line| line.end == End::Open);
        let is_open = open.is_some();
        if let Some(last) = open {
            last.end = end;
        }
        Editor {
            lines,
            end,
            is_open,
            gone: Vec::new(),
        }
    }

    fn section(&self, name: &str) -> Option<Span> {
        sections(&self.lines, name).first().copied()
    }

    /// The places of a section's entries, with their keys.
    fn entries(&self, span: Span) -> Vec<usize> {
        (span.header + 1..span.end)
            .filter(|at| matches!(self.lines[*at].content(), Content::Entry { .. }))
            .collect()
    }

    fn has_key(&self, at: usize, name: &str) -> bool {
        matches!(self.lines[at].content(), Content::Entry { key, .. } if is_name(key, name))
    }

    /// Gives one key of a section a value, and leaves the others alone.
    fn set_entry(&mut self, span: Span, (key, value): (&str, &[u8])) {
        let mut places = self.entries(span);
        places.retain(|at| self.has_key(*at, key));
        match places.split_first() {
            Some((first, repeated)) => {
                self.set_value(*first, value);
                self.take_out(repeated);
            }
            None => self.insert(span.end_of_entries(&self.lines), key, value),
        }
    }

    /// Makes the entries of a section those of ours.
    fn rewrite(&mut self, span: Span, section: &OwnSection) {
        let mut missing: Vec<(&str, &[u8])> = section.entries().collect();
        let mut stale = Vec::new();
        for at in self.entries(span) {
            match missing.iter().position(|(key, _)| self.has_key(at, key)) {
                Some(found) => {
                    let (_, value) = missing.remove(found);
                    self.set_value(at, value);
                }
                None => stale.push(at),
            }
        }
        let end = span.end_of_entries(&self.lines);
        for (key, value) in missing.into_iter().rev() {
            self.insert(end, key, value);
        }
        // They are before the place where others came in, or where nothing came in.
        self.take_out(&stale);
    }

    fn set_value(&mut self, at: usize, wanted: &[u8]) {
        let line = &mut self.lines[at];
        if matches!(line.content(), Content::Entry { value, .. } if value == wanted) {
            return;
        }
        if let Some(number) = line.was {
            self.gone.push((number, line.text.clone()));
        }
        line.set_value(wanted);
    }

    fn insert(&mut self, at: usize, key: &str, value: &[u8]) {
        let text = [key.as_bytes(), b"=", value].concat();
        self.lines.insert(at, Line::new(text, self.end));
    }

    /// A new section at the end, with a blank line before it.
    fn append<'a>(&mut self, name: &str, entries: impl Iterator<Item = (&'a str, &'a [u8])>) {
        if !self.lines.is_empty() {
            self.lines.push(Line::new(Vec::new(), self.end));
        }
        let header = format!("[{name}]").into_bytes();
        self.lines.push(Line::new(header, self.end));
        for (key, value) in entries {
            self.insert(self.lines.len(), key, value);
        }
    }

    /// Removes lines; the places are sorted.
    fn take_out(&mut self, places: &[usize]) {
        for at in places.iter().rev() {
            let line = self.lines.remove(*at);
            if let Some(number) = line.was {
                self.gone.push((number, line.text));
            }
        }
    }

    fn remove_entry(&mut self, span: Span, key: &str) {
        let mut places = self.entries(span);
        places.retain(|at| self.has_key(*at, key));
        self.take_out(&places);
    }

    /// Removes a section, with the blank line that `append` has put before it.
    fn cut(&mut self, span: Span) {
        let end = span.end_of_entries(&self.lines);
        let start = span.header - usize::from(self.is_behind_blank(span.header));
        let places: Vec<usize> = (start..end).collect();
        self.take_out(&places);
    }

    fn is_behind_blank(&self, at: usize) -> bool {
        at > 0 && self.lines[at - 1].text.is_empty()
    }

    /// Did [`merge`] make this `[Services]`? Then nothing but our key is in it, and it is behind a section of ours.
    fn was_made_for(&self, services: Span, provider: &Registration) -> bool {
        let entries = self.entries(services);
        let only_ours = entries.iter().all(|at| self.has_key(*at, &provider.id))
            && services.end_of_entries(&self.lines) == services.header + 1 + entries.len();
        let is_behind = |section: &OwnSection| {
            self.section(&section.name)
                .is_some_and(|span| span.end_of_entries(&self.lines) + 1 == services.header)
        };
        only_ours
            && !entries.is_empty()
            && self.is_behind_blank(services.header)
            && provider.sections.iter().any(is_behind)
    }

    fn finish(mut self, before: &[u8]) -> Edit {
        // A blank line without an end would be none.
        let last = self.lines.last_mut().filter(|last| !last.text.is_empty());
        if let Some(last) = last.filter(|_| self.is_open) {
            last.end = End::Open;
        }
        let changes = self.changes();
        let text = if changes.is_empty() {
            before.to_vec()
        } else {
            render(&self.lines)
        };
        Edit { text, changes }
    }

    /// What went and what came, in the order of the file.
    fn changes(&mut self) -> Vec<Change> {
        self.gone.sort_by_key(|(number, _)| *number);
        let mut gone = self.gone.drain(..).peekable();
        let mut changes = Vec::new();
        let removed = |(line, text): (usize, Vec<u8>)| Change {
            kind: ChangeKind::Removed,
            line,
            text: ansi_to_string(&text),
        };
        for (at, line) in self.lines.iter().enumerate() {
            while let Some(before) =
                gone.next_if(|(number, _)| line.was.is_some_and(|was| *number <= was))
            {
                changes.push(removed(before));
            }
            if line.is_changed {
                changes.push(Change {
                    kind: ChangeKind::Added,
                    line: at + 1,
                    text: ansi_to_string(&line.text),
                });
            }
        }
        changes.extend(gone.map(removed));
        changes
    }
}
