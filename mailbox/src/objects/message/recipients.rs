//! `ModifyRecipients` (STORE-28).

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use mapi_provider_abi::mapi::{
    DT_MAILUSER, MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_FOUND, MAPI_E_TOO_BIG, MAPI_MAILUSER,
    MAPI_TO, ModifyRecipientsFlags, PR_ADDRTYPE_W, PR_DISPLAY_NAME_W, PR_DISPLAY_TYPE,
    PR_EMAIL_ADDRESS_W, PR_ENTRYID, PR_INSTANCE_KEY, PR_OBJECT_TYPE, PR_RECIPIENT_TYPE, PR_ROWID,
    PT_ERROR, PT_NULL, PT_OBJECT, PT_UNSPECIFIED, PropTag,
};
use mapi_provider_abi::view::{AddressList, PropValue, Row};

use super::super::computed::long;
use super::super::fault::{Fault, Result};
use super::one_off;
use super::state::MessageState;
use crate::database::{PropertySet, Recipient};

impl MessageState {
    /// `ModifyRecipients`: replaces all without a flag, else adds, modifies or removes some. All of it happens, or nothing.
    ///
    /// # Errors
    ///
    /// The message is open for reading only. `MAPI_E_INVALID_PARAMETER`: more than one flag, a property of the type
    /// `PT_NULL`, or no `PR_ROWID` where there must be one. `MAPI_E_NOT_FOUND`: no recipient has it.
    pub(super) fn modify_recipients(
        &self,
        flags: ModifyRecipientsFlags,
        list: &AddressList<'_>,
    ) -> Result<()> {
        let mut working = self.writable()?;
        let mut new = List::new(working.data.recipients.clone(), working.next_recipient);
        new.modify(flags, list)?;
        working.next_recipient = new.next;
        working.data_mut().recipients = new.all;
        drop(working);
        self.follow_parts();
        Ok(())
    }
}

/// The recipients of a message.
struct List {
    all: Vec<Recipient>,
    /// Their `PR_ROWID`s.
    used: BTreeSet<u32>,
    /// The least `PR_ROWID` that none has had.
    next: u32,
    /// All below this are used.
    gap: u32,
}

impl List {
    fn new(all: Vec<Recipient>, next: u32) -> Self {
        let used = all.iter().map(|recipient| recipient.row).collect();
        Self {
            all,
            used,
            next,
            gap: 0,
        }
    }

    fn modify(&mut self, flags: ModifyRecipientsFlags, list: &AddressList<'_>) -> Result<()> {
        // An entry without properties stands for nobody.
        let entries = list.iter().filter(|entry| !entry.properties.is_empty());
        match flags {
            flags if flags.is_empty() => {
                self.all.clear();
                self.used.clear();
                self.gap = 0;
                for entry in entries {
                    self.add(entry)?;
                }
            }
            ModifyRecipientsFlags::MODRECIP_ADD => {
                for entry in entries {
                    self.add(entry)?;
                }
            }
            ModifyRecipientsFlags::MODRECIP_MODIFY => {
                // There may be thousands: they are not gone through for each.
                let places = self.all.iter().map(|one| one.row).zip(0..);
                let places: HashMap<u32, usize> = places.collect();
                for entry in entries {
                    let row = asked_row(entry)?;
                    let place = *places.get(&row).ok_or_else(|| unknown(row))?;
                    self.all[place].props = Arc::new(props(entry)?);
                }
            }
            ModifyRecipientsFlags::MODRECIP_REMOVE => {
                for entry in entries {
                    let row = asked_row(entry)?;
                    if !self.used.remove(&row) {
                        return Err(unknown(row));
                    }
                    self.gap = self.gap.min(row);
                }
                let used = &self.used;
                self.all.retain(|one| used.contains(&one.row));
            }
            _ => {
                let text = "recipients are added, modified or removed: one at a time";
                return Err(Fault::new(MAPI_E_INVALID_PARAMETER, text));
            }
        }
        Ok(())
    }

    fn add(&mut self, entry: &Row<'_>) -> Result<()> {
        let props = Arc::new(props(entry)?);
        // A number that is given is kept: ExpandRecips relies on it. One that another has would name two.
        let free = |row: &u32| !self.used.contains(row);
        let row = row_of(entry)
            .filter(free)
            .or_else(|| Some(self.next).filter(free));
        let row = match row {
            Some(row) => row,
            // All numbers up to the last one are gone: take one of those that were left out.
            None => self.left_out()?,
        };
        self.next = self.next.max(row.saturating_add(1));
        self.used.insert(row);
        self.all.push(Recipient { row, props });
        Ok(())
    }

    /// The least `PR_ROWID` that no recipient has now. It is not looked for from the beginning each time.
    fn left_out(&mut self) -> Result<u32> {
        while self.used.contains(&self.gap) {
            self.gap = self.gap.checked_add(1).ok_or(MAPI_E_TOO_BIG)?;
        }
        Ok(self.gap)
    }
}

/// The `PR_ROWID` that says which recipient an entry means.
fn asked_row(entry: &Row<'_>) -> Result<u32> {
    row_of(entry).ok_or_else(|| {
        let text = "an entry has no PR_ROWID, so it is unknown which recipient it means";
        Fault::new(MAPI_E_INVALID_PARAMETER, text)
    })
}

fn unknown(row: u32) -> Fault {
    let text = format!("there is no recipient with the PR_ROWID {row}");
    Fault::new(MAPI_E_NOT_FOUND, text)
}

fn row_of(entry: &Row<'_>) -> Option<u32> {
    let row = entry.get(PR_ROWID).and_then(PropValue::as_long);
    row.map(i32::cast_unsigned)
}

/// What is kept of an entry, with what every recipient has.
fn props(entry: &Row<'_>) -> Result<PropertySet> {
    let mut props = PropertySet::default();
    for property in &entry.properties {
        let (id, prop_type) = (property.tag.id(), property.tag.prop_type());
        if prop_type == PT_NULL {
            let text = format!("the property {} of a recipient has no value", property.tag);
            return Err(Fault::new(MAPI_E_INVALID_PARAMETER, text));
        }
        let is_value = !matches!(prop_type, PT_ERROR | PT_OBJECT | PT_UNSPECIFIED);
        if is_value && id != PR_ROWID.id() && id != PR_INSTANCE_KEY.id() {
            props.set(id, property.value.clone().into_owned());
        }
    }
    complete(&mut props);
    Ok(props)
}

/// Gives a recipient what every row of the table has.
fn complete(props: &mut PropertySet) {
    fill(props, PR_RECIPIENT_TYPE, long(MAPI_TO));
    let entry_id = props.value(PR_ENTRYID.id()).and_then(PropValue::as_binary);
    if let Some(entry_id) = entry_id {
        let one_off = one_off::Address::of(entry_id);
        fill(props, PR_OBJECT_TYPE, long(MAPI_MAILUSER));
        fill(props, PR_DISPLAY_TYPE, long(DT_MAILUSER));
        if let Some(one_off) = one_off {
            fill(props, PR_ADDRTYPE_W, one_off.address_type);
            fill(props, PR_EMAIL_ADDRESS_W, one_off.address);
            fill(props, PR_DISPLAY_NAME_W, one_off.name);
        }
    }
    let address = props.value(PR_EMAIL_ADDRESS_W.id()).cloned();
    fill(
        props,
        PR_DISPLAY_NAME_W,
        address.unwrap_or_else(|| "".into()),
    );
}

/// Sets a property that is not there.
fn fill(props: &mut PropertySet, tag: PropTag, value: PropValue<'static>) {
    if !props.contains(tag.id()) {
        props.set_tag(tag, value);
    }
}

#[cfg(test)]
mod tests {
    use mapi_provider_abi::view::Property;

    use super::*;

    fn list(names: &[(Option<i32>, &str)]) -> AddressList<'static> {
        let entry = |(row, name): &(Option<i32>, &str)| {
            let mut entry = vec![Property::new(PR_DISPLAY_NAME_W, *name).into_owned()];
            entry.extend(row.map(|row| Property::new(PR_ROWID, row)));
            Row::from(entry)
        };
        AddressList(names.iter().map(entry).collect())
    }

    fn names(list: &List) -> Vec<(u32, String)> {
        let of = |one: &Recipient| {
            let name = one.props.text(PR_DISPLAY_NAME_W);
            (one.row, name.unwrap_or_default())
        };
        list.all.iter().map(of).collect()
    }

    fn named(all: &[(u32, &str)]) -> Vec<(u32, String)> {
        all.iter()
            .map(|(row, name)| (*row, (*name).to_owned()))
            .collect()
    }

    fn none() -> List {
        List::new(Vec::new(), 0)
    }

    #[test]
    fn store_28_each_flag_does_its_own() {
        let mut all = none();
        let replace = ModifyRecipientsFlags::empty();
        all.modify(replace, &list(&[(None, "Ann"), (None, "Bob")]))
            .expect("replaced");
        let add = ModifyRecipientsFlags::MODRECIP_ADD;
        all.modify(add, &list(&[(None, "Cid")])).expect("added");
        assert_eq!(names(&all), named(&[(0, "Ann"), (1, "Bob"), (2, "Cid")]));
        let change = ModifyRecipientsFlags::MODRECIP_MODIFY;
        all.modify(change, &list(&[(Some(1), "Bea")]))
            .expect("modified");
        let remove = ModifyRecipientsFlags::MODRECIP_REMOVE;
        all.modify(remove, &list(&[(Some(2), "")]))
            .expect("removed");
        assert_eq!(names(&all), named(&[(0, "Ann"), (1, "Bea")]));
        let status = all
            .modify(change | remove, &list(&[]))
            .map_err(|fault| fault.status);
        assert_eq!(status, Err(MAPI_E_INVALID_PARAMETER));
        let status = all
            .modify(remove, &list(&[(Some(9), "")]))
            .map_err(|fault| fault.status);
        assert_eq!(status, Err(MAPI_E_NOT_FOUND));
        let status = all
            .modify(change, &list(&[(None, "")]))
            .map_err(|fault| fault.status);
        assert_eq!(status, Err(MAPI_E_INVALID_PARAMETER));
    }

    #[test]
    fn store_28_thousands_are_added_changed_and_removed() {
        const MANY: i32 = 20_000;
        let mut all = none();
        // The largest number is taken, so that each of the others takes one that was left out.
        let first = [(Some(-1), "Zoe")];
        let nameless = vec![(None, "Ann"); MANY as usize];
        let replace = ModifyRecipientsFlags::empty();
        let given = list(&[&first[..], &nameless].concat());
        all.modify(replace, &given).expect("replaced");
        let rows: Vec<u32> = all.all.iter().map(|one| one.row).collect();
        let expected = std::iter::once(u32::MAX).chain(0..MANY as u32);
        assert_eq!(rows, expected.collect::<Vec<_>>());
        let changed: Vec<_> = (0..MANY).map(|row| (Some(row), "Bob")).collect();
        let change = ModifyRecipientsFlags::MODRECIP_MODIFY;
        all.modify(change, &list(&changed)).expect("modified");
        assert!(names(&all)[1..].iter().all(|(_, name)| name == "Bob"));
        let remove = ModifyRecipientsFlags::MODRECIP_REMOVE;
        all.modify(remove, &list(&changed)).expect("removed");
        assert_eq!(names(&all), named(&[(u32::MAX, "Zoe")]));
        // One that was left out is free again, and one that is gone can't be removed twice.
        let add = ModifyRecipientsFlags::MODRECIP_ADD;
        all.modify(add, &list(&[(None, "Cid")])).expect("added");
        assert_eq!(names(&all)[1], (0, "Cid".to_owned()));
        let twice = list(&[(Some(0), ""), (Some(0), "")]);
        let status = all.modify(remove, &twice).map_err(|fault| fault.status);
        assert_eq!(status, Err(MAPI_E_NOT_FOUND));
    }

    #[test]
    fn store_28_a_row_id_that_is_given_is_kept_and_none_is_used_twice() {
        let mut all = none();
        let replace = ModifyRecipientsFlags::empty();
        let given = list(&[(Some(7), "Ann"), (Some(7), "Bob"), (Some(-1), "Cid")]);
        all.modify(replace, &given).expect("replaced");
        let expected = [(7, "Ann"), (8, "Bob"), (u32::MAX, "Cid")];
        assert_eq!(names(&all), named(&expected));
        let more = list(&[(None, "Dan")]);
        all.modify(ModifyRecipientsFlags::MODRECIP_ADD, &more)
            .expect("added");
        assert_eq!(names(&all)[3], (0, "Dan".to_owned()));
        let mut all = none();
        all.modify(replace, &list(&[(None, "Ann"), (None, "Bob")]))
            .expect("replaced");
        let remove = ModifyRecipientsFlags::MODRECIP_REMOVE;
        all.modify(remove, &list(&[(Some(1), "")]))
            .expect("removed");
        let add = ModifyRecipientsFlags::MODRECIP_ADD;
        all.modify(add, &list(&[(None, "Cid")])).expect("added");
        assert_eq!(names(&all), named(&[(0, "Ann"), (2, "Cid")]));
    }
}
