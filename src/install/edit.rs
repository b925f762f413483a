//! Writing a provider into the lines of `mapisvc.inf`, and taking it out again.
//!
//! Whatever isn't the provider's stays byte for byte, including the end of the last line: if the file had none, it
//! has none afterwards. So removing what was merged restores the file.
//!
//! The lines that were read keep their places until the end: what goes is marked, what comes is noted with its place,
//! and one pass makes the new file. So the work grows as the file does, and no faster.

use std::borrow::Cow;
use std::mem;

use super::lines::{Content, End, Fate, Line, Span, is_name, parse, sections, usual_end};
use super::registration::{OwnSection, Registration, SERVICES};
use mapi_provider_abi::internal::ansi_to_string;

/// A file with its changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The whole file.
    pub text: Vec<u8>,
    /// What is different; empty if there was nothing to do.
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

/// What happened to a line.
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
        // After the provider's own sections, so it is recognised as ours when they are removed.
        editor.append(SERVICES, [key].into_iter());
    }
    editor.finish(text)
}

/// The file without the provider.
pub(super) fn remove(text: &[u8], provider: &Registration) -> Edit {
    let mut editor = Editor::new(text);
    if let Some(services) = editor.section(SERVICES) {
        if editor.was_made_for(services, provider) {
            editor.cut(services);
        }
        editor.remove_entry(services, &provider.id);
    }
    for section in &provider.sections {
        if let Some(span) = editor.section(&section.name) {
            editor.cut(span);
        }
    }
    editor.finish(text)
}

struct Editor<'a> {
    /// The file's lines, in their places until the end.
    lines: Vec<Line<'a>>,
    /// Lines that come, each with the place of the line that it comes before, in order.
    added: Vec<(usize, Line<'a>)>,
    /// Lines of new sections, behind all others.
    appended: Vec<Line<'a>>,
    /// Places of lines that have another text now, in order, and the text that they had.
    replaced: Vec<(usize, Cow<'a, [u8]>)>,
    /// How new lines end.
    end: End,
    /// Had the last line no end?
    is_open: bool,
}

impl<'a> Editor<'a> {
    fn new(text: &'a [u8]) -> Self {
        let mut lines = parse(text);
        let end = usual_end(&lines);
        let open = lines.last_mut().filter(|line| line.end == End::Open);
        let is_open = open.is_some();
        if let Some(last) = open {
            last.end = end;
        }
        Editor {
            lines,
            added: Vec::new(),
            appended: Vec::new(),
            replaced: Vec::new(),
            end,
            is_open,
        }
    }

    fn section(&self, name: &str) -> Option<Span> {
        sections(&self.lines, name).first().copied()
    }

    /// The places of a section's entries.
    fn entries(&self, span: Span) -> Vec<usize> {
        span.entries(&self.lines).map(|(at, ..)| at).collect()
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
        for (key, value) in missing {
            self.insert(end, key, value);
        }
        self.take_out(&stale);
    }

    fn set_value(&mut self, at: usize, wanted: &[u8]) {
        let line = &mut self.lines[at];
        if matches!(line.content(), Content::Entry { value, .. } if value == wanted) {
            return;
        }
        let text = line.with_value(wanted);
        let old = mem::replace(&mut line.text, text.into());
        line.fate = Fate::Changed;
        put(&mut self.replaced, at, old);
    }

    fn insert(&mut self, at: usize, key: &str, value: &[u8]) {
        let line = self.entry(key, value);
        put(&mut self.added, at, line);
    }

    fn entry(&self, key: &str, value: &[u8]) -> Line<'a> {
        Line::new([key.as_bytes(), b"=", value].concat(), self.end)
    }

    /// A new section at the end, with a blank line before it.
    fn append<'b>(&mut self, name: &str, entries: impl Iterator<Item = (&'b str, &'b [u8])>) {
        if !self.lines.is_empty() || !self.appended.is_empty() {
            self.appended.push(Line::new(Vec::new(), self.end));
        }
        let header = format!("[{name}]").into_bytes();
        self.appended.push(Line::new(header, self.end));
        for (key, value) in entries {
            self.appended.push(self.entry(key, value));
        }
    }

    fn take_out(&mut self, places: &[usize]) {
        for at in places {
            self.lines[*at].fate = Fate::Gone;
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

    /// The new file, in one pass.
    fn finish(self, before: &[u8]) -> Edit {
        let mut added = self.added.iter().peekable();
        let mut replaced = self.replaced.iter();
        let mut new = NewFile::default();
        for (at, line) in self.lines.iter().enumerate() {
            while let Some((_, line)) = added.next_if(|(place, _)| *place == at) {
                new.add(line);
            }
            match line.fate {
                Fate::Kept => new.push(line),
                Fate::Gone => new.tell(ChangeKind::Removed, at + 1, &line.text),
                Fate::Changed => {
                    if let Some((_, old)) = replaced.next() {
                        new.tell(ChangeKind::Removed, at + 1, old);
                    }
                    new.add(line);
                }
            }
        }
        let behind = added.map(|(_, line)| line);
        for line in behind.chain(&self.appended) {
            new.add(line);
        }
        new.finish(self.is_open, before)
    }
}

/// Puts something at its place of a list, behind what has the same. Few lines of a file change, and code that sorts is
/// large: it would be in every DLL.
fn put<T>(list: &mut Vec<(usize, T)>, at: usize, item: T) {
    let place = list.partition_point(|(other, _)| *other <= at);
    list.insert(place, (at, item));
}

/// The new file in the making.
#[derive(Default)]
struct NewFile {
    text: Vec<u8>,
    /// The end of the line before, which is not written yet: the last line may have none.
    end: Option<End>,
    is_blank: bool,
    count: usize,
    changes: Vec<Change>,
}

impl NewFile {
    fn push(&mut self, line: &Line<'_>) {
        self.text
            .extend_from_slice(self.end.map_or(b"", End::as_bytes));
        self.text.extend_from_slice(&line.text);
        self.end = Some(line.end);
        self.is_blank = line.text.is_empty();
        self.count += 1;
    }

    /// A line that is told as new.
    fn add(&mut self, line: &Line<'_>) {
        self.push(line);
        self.tell(ChangeKind::Added, self.count, &line.text);
    }

    fn tell(&mut self, kind: ChangeKind, line: usize, text: &[u8]) {
        let text = ansi_to_string(text);
        self.changes.push(Change { kind, line, text });
    }

    fn finish(mut self, is_open: bool, before: &[u8]) -> Edit {
        // A blank line without an end would be none.
        if !is_open || self.is_blank {
            self.text
                .extend_from_slice(self.end.map_or(b"", End::as_bytes));
        }
        let text = if self.changes.is_empty() {
            before.to_vec()
        } else {
            self.text
        };
        Edit {
            text,
            changes: self.changes,
        }
    }
}
