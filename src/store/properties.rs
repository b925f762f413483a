//! Properties of stores, folders, messages and attachments.

use std::borrow::Cow;

use super::calls::{Access, Object};
use super::error::StoreError;
use super::row::Row;
use super::stream::PropertyStream;
use super::{EntryId, values};
use mapi_provider_abi::mapi::{
    IMAPIProp, MAPI_E_INTERFACE_NOT_SUPPORTED, MAPI_E_NO_SUPPORT, MAPI_E_NOT_ENOUGH_MEMORY,
    MAPI_E_NOT_FOUND, MAPI_E_TOO_BIG, PR_ENTRYID, PT_UNSPECIFIED, PropTag,
};
use mapi_provider_abi::view::{PropProblem, PropValue, Property};

/// What stores, folders, messages and attachments have in common: properties, each a tag and a value.
///
/// Those four are used as this by `Deref`: `message.get(…)`, `folder.set(…)`. Values can have any size: large
/// ones go through a stream automatically. Changes to a message or attachment last once it is saved; to a store
/// or folder, at once.
///
/// ```
/// use mapi_provider::abi::{PR_SUBJECT_W, PropTag, PT_BINARY};
/// use mapi_provider::store::{Message, StoreError};
/// use mapi_provider::view::Property;
///
/// /// Where the server’s own key of a message is kept.
/// const KEY: PropTag = PropTag::new(0x6640, PT_BINARY);
///
/// fn mark(message: &Message, key: &[u8]) -> Result<(), StoreError> {
///     if message.get(KEY)?.is_none() {
///         message.set_all(&[
///             Property::new(KEY, key),
///             Property::new(PR_SUBJECT_W, "New subject"),
///         ])?;
///         message.save()?;
///     }
///     Ok(())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Properties<'run> {
    object: Object<'run, IMAPIProp>,
}

/// The answers of objects that have no streams, or none for this property.
const NO_STREAM: [mapi_provider_abi::mapi::HRESULT; 2] =
    [MAPI_E_NO_SUPPORT, MAPI_E_INTERFACE_NOT_SUPPORTED];

/// The answers of objects if a value has to go through a stream.
const TOO_LARGE: [mapi_provider_abi::mapi::HRESULT; 2] = [MAPI_E_NOT_ENOUGH_MEMORY, MAPI_E_TOO_BIG];

impl<'run> Properties<'run> {
    pub(super) fn new(object: Object<'run, IMAPIProp>) -> Self {
        Self { object }
    }

    pub(super) fn object(&self) -> &Object<'run, IMAPIProp> {
        &self.object
    }

    /// The value of a property; `None` if the object doesn’t have it. With `PT_UNSPECIFIED`, the value has
    /// whatever type it has.
    ///
    /// # Errors
    ///
    /// The object refuses it, or the value can’t be read. More than 1 GiB can’t be read as a whole.
    pub fn get(&self, tag: PropTag) -> Result<Option<PropValue<'static>>, StoreError> {
        let mut found = self.object.get_props(&[tag])?;
        match self.whole(found.pop(), tag)? {
            PropValue::Null | PropValue::Unspecified | PropValue::Error(MAPI_E_NOT_FOUND) => {
                Ok(None)
            }
            PropValue::Error(status) => Err(StoreError::new("get a property", status, None)),
            value => Ok(Some(value)),
        }
    }

    /// The values of several properties, in the order of the tags.
    ///
    /// # Errors
    ///
    /// The object can’t be read. If a single property can’t be read, see [`Row::error`].
    pub fn get_all(&self, tags: &[PropTag]) -> Result<Row, StoreError> {
        if tags.is_empty() {
            return Ok(Row::default());
        }
        let mut row = Row::from(self.object.get_props(tags)?);
        self.fetch_large(&mut row, tags)?;
        Ok(row)
    }

    /// All properties that the object has.
    ///
    /// # Errors
    ///
    /// Those of [`get_all`](Self::get_all).
    pub fn all(&self) -> Result<Row, StoreError> {
        self.get_all(&self.tags()?)
    }

    /// The tags of all properties that the object has.
    ///
    /// # Errors
    ///
    /// The object can’t be read.
    pub fn tags(&self) -> Result<Vec<PropTag>, StoreError> {
        self.object.prop_list()
    }

    /// A string; anything in it that isn’t a character becomes U+FFFD.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get).
    pub fn text(&self, tag: PropTag) -> Result<Option<String>, StoreError> {
        Ok(self.get(tag)?.and_then(|value| value.to_text()))
    }

    /// A `PT_LONG` or `PT_I2`.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get).
    pub fn long(&self, tag: PropTag) -> Result<Option<i32>, StoreError> {
        Ok(self.get(tag)?.and_then(|value| value.as_long()))
    }

    /// The bytes of a `PT_BINARY`.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get).
    pub fn binary(&self, tag: PropTag) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.get(tag)?.and_then(|value| match value {
            PropValue::Binary(bytes) => Some(bytes.into_owned()),
            _ => None,
        }))
    }

    /// The object’s own entry ID.
    ///
    /// # Errors
    ///
    /// There is none: a message is inside another one, or the store only gives it one when it is saved.
    pub fn entry_id(&self) -> Result<EntryId, StoreError> {
        self.entry_id_in(PR_ENTRYID)
    }

    /// An entry ID that is the value of a property.
    pub(super) fn entry_id_in(&self, tag: PropTag) -> Result<EntryId, StoreError> {
        let id = self.binary(tag)?;
        let id = id.ok_or_else(|| StoreError::new("find an entry ID", MAPI_E_NOT_FOUND, None))?;
        Ok(EntryId::from(id))
    }

    /// Sets a property.
    ///
    /// # Errors
    ///
    /// The object refuses it, or the value doesn’t match the tag.
    pub fn set<'a>(&self, tag: PropTag, value: impl Into<PropValue<'a>>) -> Result<(), StoreError> {
        self.set_all(&[Property::new(tag, value)])
    }

    /// Sets properties, or fails if one is refused; the others are still set.
    ///
    /// # Errors
    ///
    /// The object refuses properties ([`StoreError::problems`]), or a value doesn’t match its tag.
    pub fn set_all(&self, properties: &[Property<'_>]) -> Result<(), StoreError> {
        let problems = self.set_some(properties)?;
        if problems.is_empty() {
            Ok(())
        } else {
            Err(StoreError::refused("set properties", problems))
        }
    }

    /// Sets those properties that the object accepts, and returns those that it doesn’t.
    ///
    /// # Errors
    ///
    /// The object takes none at all, or a value doesn’t match its tag.
    pub fn set_some(&self, properties: &[Property<'_>]) -> Result<Vec<PropProblem>, StoreError> {
        let (large, small) = (0..properties.len())
            .partition::<Vec<usize>, _>(|index| values::is_large(&properties[*index]));
        let mut problems = self.set_at_once(properties, &small)?;
        for index in large {
            let property = &properties[index];
            match self.write_whole(property) {
                Ok(()) => {}
                // It has no streams, so it has to take the value as it is.
                Err(error) if error.is_any_of(&NO_STREAM) => {
                    problems.extend(self.set_at_once(properties, &[index])?);
                }
                Err(error) => return Err(error),
            }
        }
        problems.sort_by_key(|problem| problem.index);
        Ok(problems)
    }

    /// Sets some of the properties in one call; those that are too large for one, by a stream.
    fn set_at_once(
        &self,
        properties: &[Property<'_>],
        indices: &[usize],
    ) -> Result<Vec<PropProblem>, StoreError> {
        if indices.is_empty() {
            return Ok(Vec::new());
        }
        let chosen: Vec<Property<'_>> = indices
            .iter()
            .map(|index| values::borrowed(&properties[*index]))
            .collect();
        let mut problems = Vec::new();
        for problem in self.object.set_props(&chosen)? {
            let index = indices.get(problem.index as usize).copied();
            let property = index.and_then(|index| properties.get(index));
            let too_large = TOO_LARGE.contains(&problem.status);
            match property.filter(|property| too_large && values::has_bytes(property)) {
                Some(property) if self.write_whole(property).is_ok() => {}
                _ => problems.push(PropProblem {
                    // A number that makes no sense is of no use; the tag says more.
                    index: index.map_or(problem.index, |index| index as u32),
                    ..problem
                }),
            }
        }
        Ok(problems)
    }

    /// Writes the bytes of a value by a stream.
    fn write_whole(&self, property: &Property<'_>) -> Result<(), StoreError> {
        let bytes = values::to_bytes(property)
            .map_err(|error| StoreError::unsayable("set properties", error))?;
        self.writer(property.tag)?.write_whole(&bytes)
    }

    /// Deletes properties. It is not an error if one doesn’t exist.
    ///
    /// # Errors
    ///
    /// The object refuses some: see [`StoreError::problems`].
    pub fn delete(&self, tags: &[PropTag]) -> Result<(), StoreError> {
        if tags.is_empty() {
            return Ok(());
        }
        let mut problems = self.object.delete_props(tags)?;
        problems.retain(|problem| problem.status != MAPI_E_NOT_FOUND);
        if problems.is_empty() {
            Ok(())
        } else {
            Err(StoreError::refused("delete properties", problems))
        }
    }

    /// Opens the bytes of a string or binary property, to read them piece by piece. For a string they are
    /// UTF-16 or in the ANSI code page, as the tag says.
    ///
    /// # Errors
    ///
    /// There is no such property, or no stream of it.
    pub fn reader(&self, tag: PropTag) -> Result<PropertyStream<'run>, StoreError> {
        Ok(PropertyStream::new(
            self.object.open_stream(tag, Access::Read)?,
        ))
    }

    /// Opens the bytes of a string or binary property, to replace them piece by piece. They take effect
    /// with [`PropertyStream::commit`].
    ///
    /// # Errors
    ///
    /// The object refuses it, or has no stream for this property.
    pub fn writer(&self, tag: PropTag) -> Result<PropertyStream<'run>, StoreError> {
        Ok(PropertyStream::new(
            self.object.open_stream(tag, Access::Write)?,
        ))
    }

    /// Gets by streams what was too large for one call.
    fn fetch_large(&self, row: &mut Row, tags: &[PropTag]) -> Result<(), StoreError> {
        for (property, asked) in row.properties_mut().iter_mut().zip(tags) {
            if property.value == PropValue::Error(MAPI_E_NOT_ENOUGH_MEMORY) {
                property.value = self.read_whole(*asked)?;
                property.tag = asked.with_type(property.value.prop_type());
            }
        }
        Ok(())
    }

    /// What GetProps has answered for a tag, or what a stream has where that was too large.
    fn whole(
        &self,
        found: Option<Property<'static>>,
        asked: PropTag,
    ) -> Result<PropValue<'static>, StoreError> {
        match found.filter(|property| property.tag.id() == asked.id()) {
            None => Err(StoreError::senseless(
                "get a property",
                "the answer is another property",
            )),
            Some(property) if property.value == PropValue::Error(MAPI_E_NOT_ENOUGH_MEMORY) => {
                self.read_whole(asked)
            }
            Some(property) => Ok(property.value),
        }
    }

    /// A value that is too large for GetProps, by a stream. What has no stream stays the error that it was.
    fn read_whole(&self, asked: PropTag) -> Result<PropValue<'static>, StoreError> {
        let tag = match asked.prop_type() {
            // A stream wants to know the type.
            PT_UNSPECIFIED => {
                let tags = self.tags()?;
                let known = tags.into_iter().find(|tag| tag.id() == asked.id());
                known.unwrap_or(asked)
            }
            _ => asked,
        };
        if !values::is_of_bytes(tag.prop_type()) {
            return Ok(PropValue::Error(MAPI_E_NOT_ENOUGH_MEMORY));
        }
        match self.reader(tag) {
            Ok(mut stream) => Ok(values::from_bytes(tag, stream.read_rest()?)),
            Err(error) if error.is_any_of(&NO_STREAM) => {
                Ok(PropValue::Error(MAPI_E_NOT_ENOUGH_MEMORY))
            }
            Err(error) => Err(error),
        }
    }
}

/// A string of UTF-16 as a value, with what a string can’t have replaced.
pub(crate) fn text_value(text: &str) -> PropValue<'static> {
    PropValue::from(&*match text.contains('\0') {
        true => Cow::Owned(text.replace('\0', "\u{FFFD}")),
        false => Cow::Borrowed(text),
    })
}
