//! Fills a store from a PST file, which Microsoft's own crate reads: to see real folders and messages where
//! otherwise there would be invented ones.

mod error;
mod names;
mod source;
mod value;

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::rc::Rc;

use mapi_provider::abi::{
    IMsgStore, PR_ADDRTYPE_W, PR_ATTACH_LONG_FILENAME_W, PR_DISPLAY_NAME_W, PR_EMAIL_ADDRESS_W,
    PR_RECIPIENT_TYPE, PropTag,
};
use mapi_provider::store::{Folder, Message, Properties, Recipient, RecipientKind, Store};
use mapi_provider::view::{Allocators, PropValue, Property};
use outlook_pst::ltp::prop_context::PropertyValue;
use outlook_pst::ltp::table_context::{TableContext, TableRowData};
use outlook_pst::messaging::attachment::AttachmentData;
use outlook_pst::messaging::{folder, message};
use outlook_pst::ndb::node_id::NodeId;

pub use self::error::FillError;
use self::names::Names;
use self::source::{Source, SourceMessage};
use self::value::{cut_subject, property, value_of};

/// How much a store was filled with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Filled {
    /// Folders, those that were there already included.
    pub folders: usize,
    /// Messages, those in attachments left out.
    pub messages: usize,
    /// Attachments.
    pub attachments: usize,
    /// What could not be read, or the store did not take: a sentence each.
    pub skipped: Vec<String>,
}

/// How deep folders may lie in one another: a damaged file may say anything.
const DEEPEST: usize = 128;

/// Copies the folders of a PST file into a store: those that its user sees, with their messages, and with the
/// properties, recipients and attachments of these. Folders that the store has already are filled up.
///
/// `allocators` are those that the store was opened with. What can't be read is skipped, and told.
///
/// # Errors
///
/// The file is no PST file or can't be read at all, or the store takes no folders or messages.
pub fn fill(store: &IMsgStore, allocators: Allocators, path: &Path) -> Result<Filled, FillError> {
    let store = Store::from_interface(store.clone(), allocators);
    // The reader trusts what a file says of itself: a damaged one may make it panic.
    let filled = catch_unwind(AssertUnwindSafe(|| {
        let source = Source::open(path).map_err(|error| FillError::read(path, error))?;
        let root = source.top_folder();
        let root = root.map_err(|error| FillError::read(path, error))?;
        let mut filling = Filling {
            names: Names::read(&source),
            source,
            store: store.clone(),
            seen: HashSet::new(),
            filled: Filled::default(),
        };
        filling.folder(&*root, &store.ipm_subtree()?, 0)?;
        Ok(filling.filled)
    }));
    filled.unwrap_or_else(|_| Err(FillError::damaged(path)))
}

/// One filling of a store.
struct Filling {
    source: Source,
    names: Names,
    store: Store<'static>,
    /// Folders that have been copied: in a damaged file one may lie in itself.
    seen: HashSet<u32>,
    filled: Filled,
}

impl Filling {
    fn skip(&mut self, what: &str, error: impl std::fmt::Display) {
        self.filled.skipped.push(format!("{what}: {error}"));
    }

    fn folder(
        &mut self,
        from: &dyn folder::Folder,
        to: &Folder,
        depth: usize,
    ) -> Result<(), FillError> {
        self.filled.folders += 1;
        let properties = from.properties().iter();
        let properties = self.properties(properties, &[PR_DISPLAY_NAME_W]);
        self.set(to, &properties)?;
        for (table, hidden) in [
            (from.contents_table(), false),
            (from.associated_table(), true),
        ] {
            let Some(table) = table else {
                continue;
            };
            for row in table.rows_matrix() {
                self.message(&**table, row, to, hidden)?;
            }
        }
        for node in rows(from.hierarchy_table()) {
            if depth >= DEEPEST || !self.seen.insert(u32::from(node)) {
                self.skip("a folder", "it lies within itself");
                continue;
            }
            let child = match self.source.folder(node) {
                Ok(child) => child,
                Err(error) => {
                    self.skip("a folder", error);
                    continue;
                }
            };
            let name = child.properties().display_name().unwrap_or_default();
            let name = if name.is_empty() { "Unnamed" } else { &*name };
            let new = to.open_or_create_folder(name)?;
            self.folder(&*child, &new, depth + 1)?;
        }
        Ok(())
    }

    fn message(
        &mut self,
        table: &dyn TableContext,
        row: &TableRowData,
        to: &Folder,
        hidden: bool,
    ) -> Result<(), FillError> {
        let new = if hidden {
            to.create_hidden_item()?
        } else {
            to.create_draft()?
        };
        match self.source.message(node(row)) {
            Ok(from) => self.whole_message(&from, &new)?,
            // The row of the table tells at least what is shown in lists.
            Err(error) => {
                self.skip("more of a message than its row", error);
                let properties = row_properties(table, row);
                let properties = properties.iter().map(|(id, value)| (id, value));
                let properties = self.properties(properties, &[]);
                self.set_message(&new, properties)?;
            }
        }
        new.save()?;
        self.filled.messages += 1;
        Ok(())
    }

    fn whole_message(&mut self, from: &SourceMessage, to: &Message) -> Result<(), FillError> {
        self.message_content(from.message(), to)?;
        for node in rows(from.message().attachment_table()) {
            match from.attachment(node) {
                Ok(attachment) => self.attachment(&*attachment, to)?,
                Err(error) => self.skip("an attachment", error),
            }
        }
        Ok(())
    }

    /// Properties and recipients.
    fn message_content(
        &mut self,
        from: &dyn message::Message,
        to: &Message,
    ) -> Result<(), FillError> {
        let properties = self.properties(from.properties().iter(), &[]);
        self.set_message(to, properties)?;
        let recipients = recipients(from.recipient_table());
        if !recipients.is_empty() {
            to.set_recipients(&recipients)?;
        }
        Ok(())
    }

    fn attachment(
        &mut self,
        from: &dyn outlook_pst::messaging::attachment::Attachment,
        to: &Message,
    ) -> Result<(), FillError> {
        let properties = self.properties(from.properties().iter(), &[]);
        let attachment = match from.data() {
            Some(AttachmentData::Message(inner)) => {
                if rows(inner.attachment_table()).next().is_some() {
                    self.skip(
                        "attachments of a message in an attachment",
                        "they can't be read",
                    );
                }
                let name = text(&properties, PR_DISPLAY_NAME_W);
                to.attach_message(&name, |copy| self.message_content(&**inner, copy))?
            }
            // The data are one of the properties.
            Some(AttachmentData::Binary(_)) | None => to.create_attachment()?,
        };
        self.set(&attachment, &properties)?;
        attachment.save()?;
        self.filled.attachments += 1;
        Ok(())
    }

    /// Properties of the file as those of the store, named ones under the IDs that they have there.
    fn properties<'p>(
        &mut self,
        from: impl Iterator<Item = (&'p u16, &'p PropertyValue)>,
        without: &[PropTag],
    ) -> Vec<Property<'static>> {
        let mut properties = Vec::new();
        for (id, value) in from {
            let Some(value) = value_of(value) else {
                continue;
            };
            if without.iter().any(|tag| tag.id() == *id) {
                continue;
            }
            match self.names.there(&self.store, *id, value.prop_type()) {
                Ok(id) => properties.extend(id.map(|id| property(id, value))),
                Err(error) => self.skip("a named property", error),
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

    /// Sets properties. What a store works out by itself it does not take, and that is as it should be.
    fn set(&mut self, to: &Properties, properties: &[Property<'_>]) -> Result<(), FillError> {
        let expected = [
            mapi_provider::abi::MAPI_E_COMPUTED,
            mapi_provider::abi::MAPI_E_NO_ACCESS,
        ];
        for problem in to.set_some(properties)? {
            if !expected.contains(&problem.status) {
                let what = format!("the property {}", problem.tag);
                self.skip(&what, crate::Status(problem.status));
            }
        }
        Ok(())
    }
}

/// The nodes that the rows of a table stand for.
fn rows(table: Option<&Rc<dyn TableContext>>) -> impl Iterator<Item = NodeId> {
    let rows = table.map(|table| table.rows_matrix().map(node).collect::<Vec<NodeId>>());
    rows.unwrap_or_default().into_iter()
}

/// The node that a row of a table stands for.
fn node(row: &TableRowData) -> NodeId {
    NodeId::from(u32::from(row.id()))
}

/// The properties that a row of a table has, those that can be read.
fn row_properties(table: &dyn TableContext, row: &TableRowData) -> Vec<(u16, PropertyValue)> {
    let context = table.context();
    let records = row.columns(context).unwrap_or_default();
    let columns = context.columns().iter().zip(records);
    let property = columns.filter_map(|(column, record)| {
        let value = table.read_column(&record?, column.prop_type()).ok()?;
        Some((column.prop_id(), value))
    });
    property.collect()
}

fn text(properties: &[Property<'_>], tag: PropTag) -> String {
    let found = [tag, PR_ATTACH_LONG_FILENAME_W]
        .into_iter()
        .find_map(|tag| {
            let property = properties
                .iter()
                .find(|property| property.tag.id() == tag.id());
            property.and_then(|property| property.value.to_text())
        });
    found.unwrap_or_default()
}

/// The recipients of a message.
fn recipients(table: Option<&Rc<dyn TableContext>>) -> Vec<Recipient> {
    let Some(table) = table else {
        return Vec::new();
    };
    let recipient = |row: &TableRowData| {
        let mut recipient = Recipient::to("", "");
        for (id, value) in row_properties(&**table, row) {
            let Some(value) = value_of(&value) else {
                continue;
            };
            if id == PR_RECIPIENT_TYPE.id() {
                let code = value.as_long().unwrap_or_default();
                recipient.kind = RecipientKind::from_code(code);
            } else if id == PR_DISPLAY_NAME_W.id() {
                recipient.name = shown(&value);
            } else if id == PR_EMAIL_ADDRESS_W.id() {
                recipient.address = shown(&value);
            } else if id == PR_ADDRTYPE_W.id() {
                recipient.address_type = shown(&value);
            }
        }
        recipient
    };
    table.rows_matrix().map(recipient).collect()
}

fn shown(value: &PropValue<'_>) -> String {
    value.to_text().unwrap_or_default()
}
