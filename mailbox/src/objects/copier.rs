//! Copies an object into another one, with all that is in it.

use std::collections::BTreeMap;

use mapi_provider_abi::mapi::{
    HRESULT, IMessage, Interface, MAPI_E_COMPUTED, MAPI_E_INTERFACE_NOT_SUPPORTED,
    MAPI_E_NOT_FOUND, MAPI_E_TOO_COMPLEX, MAPI_E_USER_CANCEL, MessageFlags, PR_ATTACH_DATA_OBJ,
    PR_INSTANCE_KEY, PR_MAPPING_SIGNATURE, PR_MESSAGE_ATTACHMENTS, PR_MESSAGE_FLAGS,
    PR_MESSAGE_RECIPIENTS, PR_ROWID, PropTag,
};
use mapi_provider_abi::view::{self, AddressList, PropName, PropValue, Row};

use super::answers::Problems;
use super::computed::{
    AttachmentView, FolderView, MessageView, Properties, RecipientView, SORT_ORDER, Shown,
    StoreView,
};
use super::copying::From;
use super::fault::{Fault, Result};
use super::foreign::{Foreign, ForeignMessage};
use super::progress::Progress;
use super::property_copy::{self, Item};
use super::shared::StoreShared;
use super::which::Which;
use crate::database::{Attachment, DEEPEST, MessageData, Property, PropertySet, Recipient};

/// What of `PR_MESSAGE_FLAGS` is said of the original only: that it waits to be sent, and receipts that wait.
const NOT_COPIED: u32 = MessageFlags::SUBMIT
    .union(MessageFlags::RN_PENDING)
    .union(MessageFlags::NRN_PENDING)
    .bits();

/// How deep an object may lie: in each level of messages there is an attachment.
const DEEPEST_OBJECT: usize = 2 * DEEPEST + 1;

/// How a copy went.
#[derive(Default)]
pub(super) struct Copied {
    /// What went wrong with single properties of the object itself.
    pub(super) problems: Problems,
    /// What has been copied.
    pub(super) done: Vec<PropTag>,
    /// Why the destination has refused a small property, here or in what is in the object.
    pub(super) refused: Option<HRESULT>,
    /// Why it lacks something that people would miss: a large value, recipients, an attachment.
    pub(super) lost: Option<HRESULT>,
}

impl Copied {
    /// Something in the object was copied, as far as this says.
    fn add(&mut self, inner: &Self) {
        self.refused = self.refused.or(inner.refused);
        self.lost = self.lost.or(inner.lost);
    }

    /// A part of the object was copied, or was not.
    fn part(&mut self, tag: PropTag, index: usize, failed: Option<HRESULT>) {
        match failed {
            None => self.done.push(tag),
            Some(status) => {
                self.problems.add(index, tag, status);
                self.lost = self.lost.or(Some(status));
            }
        }
    }
}

/// A copy under way. All that it makes is in one other store.
pub(super) struct Copier<'a> {
    shared: &'a StoreShared,
    /// Whether names have the same IDs there.
    is_same_mapping: bool,
    /// What our IDs of names are there; none for those that can't be.
    names: BTreeMap<u16, Option<u16>>,
    progress: Progress,
}

impl<'a> Copier<'a> {
    pub(super) fn new(shared: &'a StoreShared, to: &Foreign, progress: Progress) -> Self {
        let signature = to.binary(PR_MAPPING_SIGNATURE);
        Self {
            shared,
            is_same_mapping: signature.as_deref() == Some(&shared.identity.uid),
            names: BTreeMap::new(),
            progress,
        }
    }

    /// Copies an object. What is there already stays with `keeps`.
    ///
    /// # Errors
    ///
    /// The destination takes nothing at all; the user gives up; messages are nested too deep.
    pub(super) fn copy(
        &mut self,
        from: From<'_>,
        which: &Which,
        to: &Foreign,
        keeps: bool,
    ) -> Result<Copied> {
        let attachments = match from {
            From::Message(data) => data.attachments.len(),
            _ => 0,
        };
        self.progress.expect(attachments + 2);
        let copied = self.object(from, which, to, keeps, 0)?;
        self.progress.end();
        Ok(copied)
    }

    fn object(
        &mut self,
        from: From<'_>,
        which: &Which,
        to: &Foreign,
        keeps: bool,
        depth: usize,
    ) -> Result<Copied> {
        if depth > DEEPEST_OBJECT {
            let text = "messages are nested too deep";
            return Err(Fault::new(MAPI_E_TOO_COMPLEX, text));
        }
        let kept = if keeps { to.ids()? } else { Vec::new() };
        let mut copied = Copied::default();
        self.properties(from, which, to, &kept, &mut copied)?;
        self.progress_at(depth)?;
        match from {
            From::Message(data) => self.parts(data, which, to, keeps, depth, &mut copied)?,
            From::Attachment(attachment) => {
                let id = PR_ATTACH_DATA_OBJ.id();
                if let Some(data) = &attachment.embedded
                    && which.has(id)
                    && !kept.contains(&id)
                {
                    let inner = self.embedded(data, to, depth);
                    let failed = self.within(inner, &mut copied)?;
                    copied.part(PR_ATTACH_DATA_OBJ, which.index(id, 0), failed);
                }
            }
            From::Folder(_) | From::Store(_) => {}
        }
        Ok(copied)
    }

    /// Progress is shown for the outermost object only.
    fn progress_at(&mut self, depth: usize) -> Result<()> {
        if depth == 0 {
            self.progress.step()
        } else {
            Ok(())
        }
    }

    fn properties(
        &mut self,
        from: From<'_>,
        which: &Which,
        to: &Foreign,
        kept: &[u16],
        copied: &mut Copied,
    ) -> Result<()> {
        let props = props_of(from);
        let wanted: Vec<(usize, u16)> = props
            .iter()
            .enumerate()
            .map(|(place, (id, _))| (place, id))
            .filter(|(_, id)| which.has(*id) && *id != SORT_ORDER)
            .collect();
        self.learn(wanted.iter().map(|(_, id)| *id), to)?;
        let mut items = Vec::with_capacity(wanted.len());
        for (place, id) in wanted {
            let Some(property) = props.get(id) else {
                continue;
            };
            let tag = PropTag::new(id, property.prop_type());
            let index = which.index(id, place);
            match self.there(id) {
                None => {
                    copied.problems.add(index, tag, MAPI_E_NOT_FOUND);
                    copied.refused = copied.refused.or(Some(MAPI_E_NOT_FOUND));
                }
                Some(there) if kept.contains(&there) => {}
                Some(there) => items.push(Item {
                    index,
                    tag,
                    there,
                    property: as_copied(from, tag, property),
                }),
            }
        }
        property_copy::copy(self.shared, to, items, copied)?;
        if let Which::These(tags) = which {
            missing(from, tags, copied);
        }
        Ok(())
    }

    /// Asks what names of ours are there.
    fn learn(&mut self, ids: impl Iterator<Item = u16>, to: &Foreign) -> Result<()> {
        if self.is_same_mapping {
            return Ok(());
        }
        let is_new = |id: &u16| PropTag::new(*id, 0).is_named() && !self.names.contains_key(id);
        let ids: Vec<u16> = ids.filter(is_new).collect();
        let found: Vec<(u16, Option<PropName<'static>>)> = self.shared.read(|reader| {
            let name = |id: &u16| Ok((*id, reader.name_of_id(*id)?));
            ids.iter().map(name).collect()
        })?;
        let (known, names): (Vec<u16>, Vec<PropName<'static>>) = found
            .iter()
            .filter_map(|(id, name)| Some((*id, name.clone()?)))
            .unzip();
        self.names.extend(found.iter().map(|(id, _)| (*id, None)));
        if !names.is_empty()
            && let Ok(there) = to.ids_of_names(&names)
        {
            self.names.extend(known.into_iter().zip(there));
        }
        Ok(())
    }

    /// The ID of a property there.
    fn there(&self, id: u16) -> Option<u16> {
        if self.is_same_mapping || !PropTag::new(id, 0).is_named() {
            return Some(id);
        }
        self.names.get(&id).copied().flatten()
    }

    /// Recipients and attachments.
    fn parts(
        &mut self,
        data: &MessageData,
        which: &Which,
        to: &Foreign,
        keeps: bool,
        depth: usize,
        copied: &mut Copied,
    ) -> Result<()> {
        let recipients = !data.recipients.is_empty() && which.has_part(PR_MESSAGE_RECIPIENTS);
        let attachments = !data.attachments.is_empty() && which.has_part(PR_MESSAGE_ATTACHMENTS);
        if !recipients && !attachments {
            return Ok(());
        }
        let count = props_of(From::Message(data)).len();
        let index = |tag: PropTag| which.index(tag.id(), count);
        let Ok(message) = to.object.cast::<IMessage>() else {
            let wanted = [
                (recipients, PR_MESSAGE_RECIPIENTS),
                (attachments, PR_MESSAGE_ATTACHMENTS),
            ];
            for (_, tag) in wanted.into_iter().filter(|(is_wanted, _)| *is_wanted) {
                copied.part(tag, index(tag), Some(MAPI_E_INTERFACE_NOT_SUPPORTED));
            }
            return Ok(());
        };
        let message = ForeignMessage {
            message,
            allocators: to.allocators,
        };
        if recipients && !(keeps && message.has_recipients()) {
            let failed = self.recipients(&data.recipients, &message)?;
            let tag = PR_MESSAGE_RECIPIENTS;
            copied.part(tag, index(tag), failed.map(|fault| fault.status));
        }
        self.progress_at(depth)?;
        if attachments && !(keeps && message.has_attachments()) {
            let mut first = None;
            for attachment in data.attachments.values() {
                let inner = self.attachment(attachment, &message, depth);
                let failed = self.within(inner, copied)?;
                first = first.or(failed);
                self.progress_at(depth)?;
            }
            let tag = PR_MESSAGE_ATTACHMENTS;
            copied.part(tag, index(tag), first);
        }
        Ok(())
    }

    /// What went wrong within a part: only who gives up, or nests too deep, stops the whole copy.
    fn within(&self, inner: Result<Copied>, copied: &mut Copied) -> Result<Option<HRESULT>> {
        match inner {
            Ok(inner) => {
                copied.add(&inner);
                Ok(inner.lost)
            }
            Err(fault) if [MAPI_E_USER_CANCEL, MAPI_E_TOO_COMPLEX].contains(&fault.status) => {
                Err(fault)
            }
            Err(fault) => Ok(Some(fault.status)),
        }
    }

    /// Recipients, in place of those that are there. Tells what went wrong.
    fn recipients(
        &mut self,
        recipients: &[Recipient],
        to: &ForeignMessage,
    ) -> Result<Option<Fault>> {
        let ids = recipients.iter().flat_map(|one| one.props.iter());
        let ids: Vec<u16> = ids.map(|(id, _)| id).collect();
        self.learn(ids.into_iter(), &to.properties())?;
        let rows = recipients.iter().map(|one| self.entry(one)).collect();
        Ok(to.set_recipients(&AddressList(rows)).err())
    }

    /// A recipient as the other store takes it: rows have numbers of its own.
    fn entry(&self, recipient: &Recipient) -> Row<'static> {
        let view = RecipientView(recipient);
        let tags = view.tags().into_iter();
        let own = [PR_ROWID, PR_INSTANCE_KEY];
        let properties = tags.filter(|tag| !own.contains(tag)).filter_map(|tag| {
            let there = self.there(tag.id())?;
            match view.get(tag.id())? {
                Shown::Value(value) => Some(view::Property::with_id(there, value.into_owned())),
                Shown::Large(_) => None,
            }
        });
        Row::from(properties.collect::<Vec<_>>())
    }

    fn attachment(
        &mut self,
        attachment: &Attachment,
        to: &ForeignMessage,
        depth: usize,
    ) -> Result<Copied> {
        let copy = to.create_attachment()?;
        let from = From::Attachment(attachment);
        let copied = self.object(from, &Which::ALL, &copy, false, depth + 1)?;
        copy.save()?;
        Ok(copied)
    }

    fn embedded(&mut self, data: &MessageData, to: &Foreign, depth: usize) -> Result<Copied> {
        let message: IMessage = to.create(PR_ATTACH_DATA_OBJ, &IMessage::IID, 0)?;
        let copy = Foreign {
            object: message.into(),
            allocators: to.allocators,
        };
        let copied = self.object(From::Message(data), &Which::ALL, &copy, false, depth + 1)?;
        copy.save()?;
        Ok(copied)
    }
}

pub(super) fn props_of(from: From<'_>) -> &PropertySet {
    match from {
        From::Message(message) => &message.props,
        From::Attachment(attachment) => &attachment.props,
        From::Folder(props) | From::Store(props) => props,
    }
}

/// A property as a copy has it.
fn as_copied(from: From<'_>, tag: PropTag, property: &Property) -> Property {
    let is_flags = tag == PR_MESSAGE_FLAGS && matches!(from, From::Message(_));
    let flags = property.value().and_then(PropValue::as_long);
    match flags.filter(|_| is_flags) {
        Some(flags) => {
            let flags = flags.cast_unsigned() & !NOT_COPIED;
            Property::Value(PropValue::Long(flags.cast_signed()))
        }
        None => property.clone(),
    }
}

/// What was named and has no value.
fn missing(from: From<'_>, tags: &[PropTag], copied: &mut Copied) {
    let is_computed: fn(u16) -> bool = match from {
        From::Message(_) => MessageView::is_computed,
        From::Attachment(_) => AttachmentView::is_computed,
        From::Folder(_) => FolderView::is_computed,
        From::Store(_) => StoreView::is_computed,
    };
    let is_embedded = |id| match from {
        From::Message(_) => [PR_MESSAGE_RECIPIENTS.id(), PR_MESSAGE_ATTACHMENTS.id()].contains(&id),
        From::Attachment(attachment) => {
            id == PR_ATTACH_DATA_OBJ.id() && attachment.embedded.is_some()
        }
        From::Folder(_) | From::Store(_) => false,
    };
    for (index, tag) in tags.iter().enumerate() {
        let id = tag.id();
        if props_of(from).contains(id) || is_embedded(id) {
            continue;
        }
        let status = if is_computed(id) {
            MAPI_E_COMPUTED
        } else {
            MAPI_E_NOT_FOUND
        };
        copied.problems.add(index, *tag, status);
    }
}
