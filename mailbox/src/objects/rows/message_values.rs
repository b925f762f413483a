//! Properties of messages as rows have them: the narrow row where it knows, all properties of the message where not.

use mapi_provider_abi::mapi::{PR_DISPLAY_BCC_W, PR_PARENT_DISPLAY_W};
use mapi_provider_abi::view::PropValue;

use super::super::computed::{Lists, MessageView, Shown};
use super::super::fault::Result;
use super::super::identity::Identity;
use crate::database::{self, Cell, MessageId, Property, PropertySet, Reader, Row};
use mapi_provider_table::table::{PropId, Values};

/// A row of a table of messages.
pub(super) struct MessageRow<'a> {
    pub(super) reader: &'a Reader<'a>,
    pub(super) identity: &'a Identity,
    pub(super) row: &'a Row,
    /// It is one of a search folder, which tells in which folder the message lies.
    pub(super) is_hit: bool,
}

impl MessageRow<'_> {
    /// Whether the narrow row knows a property.
    pub(super) fn knows(row: &Row, property: PropId) -> bool {
        property != PR_DISPLAY_BCC_W.id()
            && property != PR_PARENT_DISPLAY_W.id()
            && (MessageView::is_of_row(property) || row.knows(property))
    }

    /// What has to be read of a message besides its narrow row, of one that is not odd, for some properties: nothing if the
    /// row knows all.
    pub(super) fn needed(properties: &[PropId]) -> Vec<PropId> {
        let is_known = |id: &PropId| MessageView::is_of_row(*id) || Row::has_column(*id);
        let needs_more = |id: &PropId| !is_known(id) && *id != PR_PARENT_DISPLAY_W.id();
        match properties.iter().any(needs_more) {
            true => Self::with_bases(properties),
            false => Vec::new(),
        }
    }

    /// Properties, and those that they are worked out from.
    fn with_bases(properties: &[PropId]) -> Vec<PropId> {
        let bases = properties.iter().flat_map(|id| MessageView::bases(*id));
        let bases = bases.map(|tag| tag.id());
        properties.iter().copied().chain(bases).collect()
    }

    /// Values of properties, in the order asked for; `props` where somebody has read them already.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub(super) fn values(
        &self,
        properties: &[PropId],
        props: Option<&PropertySet>,
    ) -> database::Result<Values> {
        let needs_props = |property: &PropId| !Self::knows(self.row, *property);
        let read;
        let props = match props {
            Some(props) => props,
            None if properties.iter().any(needs_props) => {
                let ids = Self::with_bases(properties);
                read = self.reader.some_message_props(self.row.info.id, &ids)?;
                &read
            }
            None => {
                read = PropertySet::default();
                &read
            }
        };
        let recipients = match properties.contains(&PR_DISPLAY_BCC_W.id()) {
            true => self.reader.recipients(self.row.info.id)?,
            false => Vec::new(),
        };
        let view = MessageView {
            attachment: None,
            identity: self.identity,
            place: Some((self.row.info.id, self.row.info.folder)),
            version: Some(self.row.info.version),
            flags: self.row.message_flags(),
            status: self.row.info.status,
            size: self.row.info.size,
            writable: true,
            props,
            lists: Lists::Row {
                to: &self.row.display_to,
                cc: &self.row.display_cc,
                recipients: &recipients,
            },
        };
        // It is known how many there are: collecting results, the list would grow as it goes.
        let mut values = Vec::with_capacity(properties.len());
        for property in properties {
            values.push(self.value(&view, *property)?);
        }
        Ok(values)
    }

    fn value(
        &self,
        view: &MessageView<'_>,
        property: PropId,
    ) -> database::Result<Option<PropValue<'static>>> {
        if property == PR_PARENT_DISPLAY_W.id() {
            return self.parent_display();
        }
        if !MessageView::is_of_row(property) {
            match self.row.cell(property) {
                Cell::Value(value) => return Ok(Some(value)),
                Cell::None => return Ok(None),
                Cell::Elsewhere => {}
            }
        }
        if let Some(subject) = view.subject_apart(property) {
            let subject = self.reader.load_start(subject, MOST)?;
            let part = view.part_of(&subject.to_text().unwrap_or_default(), property);
            return Ok(Some(part.into_owned()));
        }
        whole(self.reader, view.props, property, view.get(property))
    }

    /// STORE-25: in a search folder the name of the folder that the message lies in.
    fn parent_display(&self) -> database::Result<Option<PropValue<'static>>> {
        if !self.is_hit {
            return Ok(None);
        }
        let folder = self.reader.folder(self.row.info.folder)?;
        Ok(folder.map(|folder| PropValue::from(&*folder.name)))
    }
}

/// How much of a large value is read for a row: several copies of it must fit into the memory of a process of 32 bits.
const MOST: u64 = 16 * 1024 * 1024;

/// A value, read from where it lies if it is a large one: orders and restrictions use the whole value (STORE-12), of one
/// beyond 16 MiB its beginning.
pub(super) fn whole(
    reader: &Reader<'_>,
    props: &PropertySet,
    property: PropId,
    shown: Option<Shown<'_>>,
) -> database::Result<Option<PropValue<'static>>> {
    Ok(match shown {
        None => None,
        Some(Shown::Value(value)) => Some(value.into_owned()),
        Some(Shown::Large(_)) => match props.get(property) {
            Some(Property::Large(large)) => Some(reader.load_start(large, MOST)?),
            _ => None,
        },
    })
}

/// How many bytes a large value of a message has; none where the property is none.
///
/// # Errors
///
/// The store can't be read.
pub(super) fn whole_size(
    reader: &Reader<'_>,
    id: MessageId,
    property: PropId,
) -> database::Result<Option<u64>> {
    let props = reader.some_message_props(id, &[property])?;
    Ok(match props.get(property) {
        Some(Property::Large(large)) => Some(large.size()),
        _ => None,
    })
}

/// Turns what the table room says into what a walk through the database understands, and keeps it.
pub(super) fn visited(
    result: Result<()>,
    kept: &mut Option<mapi_provider_table::table::Fault>,
) -> std::ops::ControlFlow<()> {
    match result {
        Ok(()) => std::ops::ControlFlow::Continue(()),
        Err(fault) => {
            *kept = Some(fault);
            std::ops::ControlFlow::Break(())
        }
    }
}
