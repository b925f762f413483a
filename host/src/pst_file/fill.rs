//! From a PST file into a store.

use std::collections::HashSet;
use std::fmt::Display;

use mapi_provider::abi::{
    MAPI_E_COMPUTED, MAPI_E_NO_ACCESS, PR_ADDRTYPE_W, PR_ATTACH_DATA_BIN,
    PR_ATTACH_LONG_FILENAME_W, PR_DISPLAY_NAME_W, PR_EMAIL_ADDRESS_W, PR_RECIPIENT_TYPE,
    PR_SUBJECT_W, PropTag,
};
use mapi_provider::store::{Folder, Message, Properties, Recipient, RecipientKind, Store};
use mapi_provider::view::{PropValue, Property};

use super::names::Names;
use super::read::{self, Row, Table};
use super::source::{Content, Source, SourceAttachment, SourceFolder, SourceMessage};
use super::subject::cut_subject;
use super::{FillError, Filled};
use crate::status::Status;

/// How deeply folders may be nested, and messages in attachments: a damaged file may say anything.
const DEEPEST: usize = 128;
const DEEPEST_MESSAGE: usize = 16;

/// How many letters of a subject or a folder's name are reported.
const LONGEST_NAME: usize = 100;

/// How many things that are left out are named; the rest are counted, because in a damaged file it may
/// be everything.
const MOST_NAMED: usize = 100;

/// One filling of a store.
pub(super) struct Filling<'a> {
    source: &'a Source,
    store: &'a Store<'a>,
    names: Names,
    /// Folders that have been copied: in a damaged file, one may be inside itself.
    seen: HashSet<u32>,
    /// Where it is: the names of the folders and messages on the way.
    place: Vec<String>,
    pub(super) filled: Filled,
}

impl<'a> Filling<'a> {
    /// A filling that begins at a folder, given by its node.
    pub(super) fn new(source: &'a Source, store: &'a Store, top: u32) -> Self {
        Self {
            names: Names::read(&source.file),
            source,
            store,
            seen: HashSet::from([top]),
            place: Vec::new(),
            filled: Filled::default(),
        }
    }

    /// Something is left out: what, where, and why.
    fn skip(&mut self, what: &str, error: impl Display) {
        if self.filled.skipped.len() == MOST_NAMED {
            self.filled.more_skipped += 1;
            return;
        }
        let place = self.place.join(", ");
        let of = if place.is_empty() { "" } else { ": " };
        let sentence = format!("{place}{of}{what}: {error}");
        self.filled.skipped.push(sentence.into());
    }

    /// Does something within a folder or a message with this name.
    fn within<T>(&mut self, name: String, act: impl FnOnce(&mut Self) -> T) -> T {
        self.place.push(name);
        let done = act(self);
        self.place.pop();
        done
    }

    pub(super) fn folder(
        &mut self,
        from: &SourceFolder,
        to: &Folder,
        depth: usize,
    ) -> Result<(), FillError> {
        self.filled.folders += 1;
        let properties = self.properties(&from.properties, &[PR_DISPLAY_NAME_W]);
        self.set(to, &properties)?;
        for (table, hidden) in [(&from.contents, false), (&from.associated, true)] {
            for (table, row) in self.rows(table.as_ref(), "messages") {
                self.message(table, row, to, hidden)?;
            }
        }
        for (table, row) in self.rows(from.hierarchy.as_ref(), "folders") {
            let name = self.text_of_row(table, row, PR_DISPLAY_NAME_W);
            let name = if name.is_empty() { "Unnamed" } else { &*name };
            self.within(cut(name), |filling| {
                if depth >= DEEPEST || !filling.seen.insert(row.id) {
                    filling.skip("a folder", "it is inside itself");
                    return Ok(());
                }
                match filling.source.folder(row.id) {
                    Ok(child) => {
                        let new = to.open_or_create_folder(name)?;
                        filling.folder(&child, &new, depth + 1)
                    }
                    Err(error) => {
                        filling.skip("a folder", error);
                        Ok(())
                    }
                }
            })?;
        }
        Ok(())
    }

    fn message(
        &mut self,
        table: &Table,
        row: &Row,
        to: &Folder,
        hidden: bool,
    ) -> Result<(), FillError> {
        let new = if hidden {
            to.create_hidden_item()?
        } else {
            to.create_draft()?
        };
        let subject = self.text_of_row(table, row, PR_SUBJECT_W);
        self.within(quoted(&subject), |filling| {
            match filling.source.message(row) {
                Ok(from) => filling.whole_message(&from, &new, 0)?,
                // The table's row at least has what lists show.
                Err(error) => {
                    filling.skip("everything that lists don't show", error);
                    let properties = table.properties(&filling.source.file, row);
                    let properties = filling.in_store(properties, &[]);
                    filling.set_message(&new, properties)?;
                }
            }
            new.save()?;
            filling.filled.messages += 1;
            Ok(())
        })
    }

    /// Properties, recipients and attachments.
    fn whole_message(
        &mut self,
        from: &SourceMessage,
        to: &Message,
        depth: usize,
    ) -> Result<(), FillError> {
        let properties = self.properties(&from.properties, &[]);
        self.set_message(to, properties)?;
        let recipients: Vec<Recipient> = self
            .rows(from.recipients.as_ref(), "recipients")
            .into_iter()
            .map(|(table, row)| recipient(table.properties(&self.source.file, row)))
            .collect();
        if !recipients.is_empty() {
            to.set_recipients(&recipients)?;
        }
        for (table, row) in self.rows(from.attachments.as_ref(), "attachments") {
            match self.source.attachment(from, row) {
                Ok(attachment) => {
                    let name = self.name_of(&attachment);
                    let place = format!("the attachment {}", quoted(&name));
                    self.within(place, |filling| {
                        filling.attachment(&attachment, &name, to, depth)
                    })?;
                }
                Err(error) => {
                    let name = self.text_of_row(table, row, PR_ATTACH_LONG_FILENAME_W);
                    self.skip(&format!("the attachment {}", quoted(&name)), error);
                }
            }
        }
        Ok(())
    }

    fn attachment(
        &mut self,
        from: &SourceAttachment,
        name: &str,
        to: &Message,
        depth: usize,
    ) -> Result<(), FillError> {
        let mut properties = self.properties(&from.properties, &[]);
        let attachment = match &from.content {
            Content::Message(node) => {
                let inner = match self.source.message_of(*node) {
                    Ok(inner) if depth < DEEPEST_MESSAGE => inner,
                    unreadable => {
                        match unreadable {
                            Ok(_) => self.skip("the message in it", "it is nested too deeply"),
                            Err(error) => self.skip("the message in it", error),
                        }
                        return Ok(());
                    }
                };
                to.attach_message(name, |copy| self.whole_message(&inner, copy, depth + 1))?
            }
            Content::Data(data) => {
                let data = PropValue::from(data.clone());
                properties.push(Property::with_id(PR_ATTACH_DATA_BIN.id(), data));
                to.create_attachment()?
            }
            Content::Properties => to.create_attachment()?,
        };
        self.set(&attachment, &properties)?;
        attachment.save()?;
        self.filled.attachments += 1;
        Ok(())
    }

    /// What an attachment is called.
    fn name_of(&self, attachment: &SourceAttachment) -> String {
        let names = [PR_DISPLAY_NAME_W, PR_ATTACH_LONG_FILENAME_W].into_iter();
        let value = |tag: PropTag| attachment.properties.get(&self.source.file, tag.id());
        let mut names = names.filter_map(|tag| value(tag)?.to_text());
        names.next().unwrap_or_default()
    }

    /// The rows of a table; missing ones are reported.
    fn rows<'t>(&mut self, table: Option<&'t Table>, what: &str) -> Vec<(&'t Table, &'t Row)> {
        let Some(table) = table else {
            return Vec::new();
        };
        if table.missing() > 0 {
            let missing = format!("{} {what}", table.missing());
            self.skip(&missing, "the list of them is damaged");
        }
        table.rows().iter().map(|row| (table, row)).collect()
    }

    /// A row's text, without the mark for the prefix of a subject.
    fn text_of_row(&self, table: &Table, row: &Row, tag: PropTag) -> String {
        let properties = table.properties(&self.source.file, row);
        let property = |(id, value)| Property::with_id(id, value);
        let mut properties: Vec<_> = properties.into_iter().map(property).collect();
        cut_subject(&mut properties);
        text(&properties, tag).unwrap_or_default()
    }

    /// Properties of the file as those of the store; those that can't be read are reported.
    fn properties(
        &mut self,
        from: &read::Properties,
        without: &[PropTag],
    ) -> Vec<Property<'static>> {
        let mut readable = Vec::new();
        for (id, value) in from.all(&self.source.file) {
            match value {
                Ok(value) => readable.extend(value.map(|value| (id, value))),
                Err(error) => self.skip(&format!("the property 0x{id:04X}"), error),
            }
        }
        self.in_store(readable, without)
    }

    /// Properties under the IDs that they have in the store.
    fn in_store(
        &mut self,
        from: Vec<(u16, PropValue<'static>)>,
        without: &[PropTag],
    ) -> Vec<Property<'static>> {
        let mut properties = Vec::new();
        for (id, value) in from {
            if without.iter().any(|tag| tag.id() == id) {
                continue;
            }
            match self.names.there(self.store, id, value.prop_type()) {
                Ok(id) => properties.extend(id.map(|id| Property::with_id(id, value))),
                Err(error) => self.skip(&format!("the named property 0x{id:04X}"), error),
            }
        }
        properties
    }

    /// Sets the properties of a message.
    fn set_message(
        &mut self,
        to: &Message,
        mut properties: Vec<Property<'static>>,
    ) -> Result<(), FillError> {
        cut_subject(&mut properties);
        self.set(to, &properties)
    }

    /// Sets properties. A store refuses those that it computes itself, and that is fine.
    fn set(&mut self, to: &Properties, properties: &[Property<'_>]) -> Result<(), FillError> {
        for problem in to.set_some(properties)? {
            if ![MAPI_E_COMPUTED, MAPI_E_NO_ACCESS].contains(&problem.status) {
                let what = format!("the property {}", problem.tag);
                self.skip(&what, Status(problem.status));
            }
        }
        Ok(())
    }
}

/// A subject or a name in a sentence.
fn quoted(name: &str) -> String {
    format!("“{}”", cut(name))
}

fn cut(name: &str) -> String {
    match name.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name.to_owned(),
    }
}

fn text(properties: &[Property<'_>], tag: PropTag) -> Option<String> {
    let mut properties = properties.iter();
    let property = properties.find(|property| property.tag.id() == tag.id());
    property.and_then(|property| property.value.to_text())
}

/// A recipient of these properties.
fn recipient(properties: Vec<(u16, PropValue<'static>)>) -> Recipient {
    let mut recipient = Recipient::to("", "");
    for (id, value) in properties {
        let text = || value.to_text().unwrap_or_default();
        if id == PR_RECIPIENT_TYPE.id() {
            recipient.kind = RecipientKind::from_code(value.as_long().unwrap_or_default());
        } else if id == PR_DISPLAY_NAME_W.id() {
            recipient.name = text();
        } else if id == PR_EMAIL_ADDRESS_W.id() {
            recipient.address = text();
        } else if id == PR_ADDRTYPE_W.id() {
            recipient.address_type = text();
        }
    }
    recipient
}
