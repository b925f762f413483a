//! A section of the profile: settings and the cursor.

use std::mem;
use std::ptr;

use windows_core::HRESULT;

use super::changes::Changes;
use super::limits;
use super::outgoing::Outgoing;
use super::properties::Value;
use super::tags::{cursor_tag, setting_type};
use crate::log;
use crate::settings::{SettingKind, SettingSpec, SettingValue};
use mapi_provider_abi::internal::Wiped;
use mapi_provider_abi::mapi::{
    IProfSect, MAPI_E_CALL_FAILED, PT_STRING8, PT_UNICODE, PropTag, SPropProblemArray, SPropValue,
    SaveChangesFlags, UnicodeFlags,
};
use mapi_provider_abi::view::{Allocators, Limits, PropProblems, PropTags};

/// An open profile section; it may be used from any thread.
#[derive(Clone)]
pub(crate) struct ProfileSection {
    section: IProfSect,
    allocators: Allocators,
}

impl ProfileSection {
    pub(crate) fn new(section: IProfSect, allocators: Allocators) -> Self {
        Self {
            section,
            allocators,
        }
    }

    /// The interface, counted.
    pub(super) fn interface(&self) -> IProfSect {
        self.section.clone()
    }

    /// The values of properties; `None` for one that the section does not have.
    ///
    /// # Errors
    ///
    /// The section can't be read.
    pub(crate) fn read(&self, tags: &[PropTag]) -> Result<Vec<Option<Value>>, HRESULT> {
        if tags.is_empty() {
            return Ok(Vec::new());
        }
        let mut array = PropTags::from(tags).to_longs()?;
        let (mut count, mut values) = (0, ptr::null_mut());
        // SAFETY: the array is one, and the variables are live.
        let result = unsafe {
            self.section.GetProps(
                array.as_mut_ptr().cast(),
                UnicodeFlags::MAPI_UNICODE,
                &raw mut count,
                &raw mut values,
            )
        };
        if result.is_err() {
            return Err(result);
        }
        // SAFETY: GetProps has answered an array of that many.
        let found = unsafe { self.take(values, count) };
        Ok(tags.iter().map(|tag| found_value(&found, *tag)).collect())
    }

    /// Copies an array of properties and frees it.
    ///
    /// # Safety
    ///
    /// `values` is NULL or a root of `count` properties that is ours to free.
    unsafe fn take(&self, values: *mut SPropValue, count: u32) -> Vec<(u16, Value)> {
        // SAFETY: the caller's word.
        let Some(values) = (unsafe { self.allocators.adopt(values, count) }) else {
            return Vec::new();
        };
        // ENTRY-11: one of them may be a secret.
        // SAFETY: GetProps allocates the values with the array.
        let values = unsafe { Wiped::new(values, limits::properties()) };
        // A count that makes no sense is no property.
        let properties = values.read().unwrap_or_default();
        properties
            .iter()
            .filter_map(|property| Some((property.tag().id(), Value::new(property.value()?)?)))
            .collect()
    }

    /// The values of settings, in the order of their declarations.
    ///
    /// # Errors
    ///
    /// The section can't be read.
    pub(crate) fn read_settings(
        &self,
        specs: &[SettingSpec],
    ) -> Result<Vec<Option<SettingValue>>, HRESULT> {
        let tags: Vec<PropTag> = specs
            .iter()
            .map(|spec| PropTag::new(spec.tag, setting_type(spec.kind)))
            .collect();
        let wide = self.read(&tags)?;
        // What an ANSI program has written is there as PT_STRING8 only.
        let narrow: Vec<PropTag> = specs
            .iter()
            .map(|spec| PropTag::new(spec.tag, narrow_type(spec.kind)))
            .collect();
        let missing = wide.iter().any(Option::is_none);
        let narrow = if missing {
            self.read(&narrow)?
        } else {
            Vec::new()
        };
        let values = wide
            .into_iter()
            .zip(narrow.into_iter().chain(std::iter::repeat(None)));
        Ok(values
            .map(|(wide, narrow)| wide.or(narrow).and_then(setting_value))
            .collect())
    }

    /// Writes the value of a setting and saves; all as it was where that fails.
    ///
    /// # Errors
    ///
    /// The section can't be written to or saved.
    pub(crate) fn write_setting(
        &self,
        spec: &SettingSpec,
        value: SettingValue,
    ) -> Result<(), HRESULT> {
        let tag = PropTag::new(spec.tag, setting_type(spec.kind));
        let value = match value {
            SettingValue::Text(text) => Value::Text(text),
            SettingValue::Integer(number) => Value::Long(number),
            SettingValue::Boolean(yes) => Value::Boolean(yes),
        };
        self.write(&[(tag, value)])
    }

    /// The bytes of a property, if there is one.
    ///
    /// # Errors
    ///
    /// The section can't be read.
    pub(crate) fn read_binary(&self, id: u16) -> Result<Option<Vec<u8>>, HRESULT> {
        let mut values = self.read(&[cursor_tag(id)])?;
        Ok(match values.pop().flatten().as_mut() {
            Some(Value::Binary(bytes)) => Some(mem::take(bytes)),
            _ => None,
        })
    }

    /// Writes the bytes of a property and saves; if that fails, everything is as before.
    ///
    /// # Errors
    ///
    /// The section can't be written to or saved.
    pub(crate) fn write_binary(&self, id: u16, bytes: &[u8]) -> Result<(), HRESULT> {
        self.write(&[(cursor_tag(id), Value::Binary(bytes.to_vec()))])
    }

    /// Writes properties and saves: all of them or none.
    ///
    /// # Errors
    ///
    /// The section can't be written to or saved.
    pub(crate) fn write(&self, properties: &[(PropTag, Value)]) -> Result<(), HRESULT> {
        self.change(&Changes::from(properties.to_vec()))
    }

    /// Writes properties, takes others out and saves: all of it or nothing.
    ///
    /// # Errors
    ///
    /// The section can't be written to or saved.
    pub(super) fn change(&self, changes: &Changes) -> Result<(), HRESULT> {
        if changes.is_empty() {
            return Ok(());
        }
        let tags = changes.tags();
        let old = self.read(&tags)?;
        self.set(&changes.set)
            .and_then(|()| self.delete(&changes.gone))
            .and_then(|()| self.save())
            .inspect_err(|_| {
                // What was not saved must not be saved later by accident.
                self.restore(&tags, old);
            })
    }

    fn set(&self, properties: &[(PropTag, Value)]) -> Result<(), HRESULT> {
        // SetProps takes no empty list.
        if properties.is_empty() {
            return Ok(());
        }
        let mut outgoing = Outgoing::new(properties);
        let mut problems: *mut SPropProblemArray = ptr::null_mut();
        // SAFETY: the properties outlive the call.
        let result = unsafe {
            self.section
                .SetProps(outgoing.count(), outgoing.as_mut_ptr(), &raw mut problems)
        };
        if result.is_err() {
            return Err(result);
        }
        // SAFETY: SetProps has answered NULL or an array that is ours to free.
        unsafe { self.check(problems) }
    }

    /// The first of a list of problems as an error.
    ///
    /// # Safety
    ///
    /// `problems` is NULL or a root that is ours to free.
    unsafe fn check(&self, problems: *mut SPropProblemArray) -> Result<(), HRESULT> {
        // SAFETY: the caller's word.
        let Some(problems) = (unsafe { self.allocators.adopt(problems, 1) }) else {
            return Ok(());
        };
        // There are problems even if they can't be read.
        let problems = problems.read::<PropProblems>(&Limits::default());
        let problems = problems.map_err(|_| MAPI_E_CALL_FAILED)?;
        match problems.0.first().map(|problem| problem.status) {
            None => Ok(()),
            Some(why) if why.is_err() => Err(why),
            Some(_) => Err(MAPI_E_CALL_FAILED),
        }
    }

    pub(super) fn save(&self) -> Result<(), HRESULT> {
        // SAFETY: a call without pointers.
        unsafe {
            self.section
                .SaveChanges(SaveChangesFlags::KEEP_OPEN_READWRITE)
        }
        .ok()
        .map_err(|error| error.code())
    }

    /// Puts the open section back to what is saved. Best effort: the failure that led here is what
    /// counts.
    pub(super) fn restore(&self, tags: &[PropTag], old: Vec<Option<Value>>) {
        let (mut there, mut gone) = (Vec::new(), Vec::new());
        for (tag, value) in tags.iter().zip(old) {
            match value {
                Some(value) => there.push((*tag, value)),
                None => gone.push(*tag),
            }
        }
        if self.set(&there).is_err() {
            log::warn!("the profile section could not be put back");
        }
        // What can't be deleted may never have been there.
        let _ = self.delete(&gone);
    }

    fn delete(&self, tags: &[PropTag]) -> Result<(), HRESULT> {
        // DeleteProps takes no empty list.
        if tags.is_empty() {
            return Ok(());
        }
        let mut array = PropTags::from(tags).to_longs()?;
        let mut problems: *mut SPropProblemArray = ptr::null_mut();
        // SAFETY: the array is one, and the variable is live.
        let result = unsafe {
            self.section
                .DeleteProps(array.as_mut_ptr().cast(), &raw mut problems)
        };
        // What a failed call has left there belongs to nobody.
        if result.is_err() {
            return Err(result);
        }
        // SAFETY: DeleteProps has answered NULL or an array that is ours to free.
        unsafe { self.check(problems) }
    }
}

fn narrow_type(kind: SettingKind) -> u32 {
    match setting_type(kind) {
        PT_UNICODE => PT_STRING8,
        other => other,
    }
}

fn found_value(found: &[(u16, Value)], tag: PropTag) -> Option<Value> {
    found
        .iter()
        .find(|(id, _)| *id == tag.id())
        .map(|(_, value)| value.clone())
}

pub(crate) fn setting_value(mut value: Value) -> Option<SettingValue> {
    match &mut value {
        Value::Text(text) => Some(SettingValue::Text(mem::take(text))),
        Value::Long(number) => Some(SettingValue::Integer(*number)),
        Value::Boolean(yes) => Some(SettingValue::Boolean(*yes)),
        Value::Binary(_) => None,
    }
}
