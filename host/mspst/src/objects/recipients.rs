//! `ModifyRecipients`.

use std::sync::Arc;

use mapi_provider::abi::{
    MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_FOUND, MAPI_TO, ModifyRecipientsFlags, PR_INSTANCE_KEY,
    PR_RECIPIENT_TYPE, PR_ROWID, PT_ERROR, PT_NULL,
};
use mapi_provider::view::{AddressList, PropValue, Row};

use crate::db::{PropSet, Recipient};
use crate::fault::Result;

/// Changes the recipients of a message: replaces all of them without a flag, otherwise adds, modifies or
/// removes some. All of it happens, or nothing.
///
/// # Errors
///
/// There is more than one flag, or a row to modify or remove doesn't exist.
pub(super) fn modify(
    recipients: &mut Vec<Recipient>,
    flags: ModifyRecipientsFlags,
    list: &AddressList<'_>,
) -> Result<()> {
    // An entry without properties stands for nobody.
    let entries = list.iter().filter(|entry| !entry.properties.is_empty());
    let mut new = recipients.clone();
    if flags.is_empty() {
        new.clear();
        entries.for_each(|entry| add(&mut new, entry));
    } else if flags == ModifyRecipientsFlags::MODRECIP_ADD {
        entries.for_each(|entry| add(&mut new, entry));
    } else if flags == ModifyRecipientsFlags::MODRECIP_MODIFY {
        for entry in entries {
            let place = place(&new, entry)?;
            new[place].props = Arc::new(props(entry));
        }
    } else if flags == ModifyRecipientsFlags::MODRECIP_REMOVE {
        for entry in entries {
            let place = place(&new, entry)?;
            new.remove(place);
        }
    } else {
        return Err(MAPI_E_INVALID_PARAMETER.into());
    }
    *recipients = new;
    Ok(())
}

fn add(recipients: &mut Vec<Recipient>, entry: &Row<'_>) {
    let last = recipients.iter().map(|recipient| recipient.row).max();
    recipients.push(Recipient {
        row: last.map_or(0, |last| last.wrapping_add(1)),
        props: Arc::new(props(entry)),
    });
}

/// The recipient of an entry, by `PR_ROWID`.
fn place(recipients: &[Recipient], entry: &Row<'_>) -> Result<usize> {
    let row = entry.get(PR_ROWID).and_then(PropValue::as_long);
    let row = row.ok_or(MAPI_E_INVALID_PARAMETER)? as u32;
    let place = recipients.iter().position(|recipient| recipient.row == row);
    place.ok_or_else(|| MAPI_E_NOT_FOUND.into())
}

/// What is stored of an entry. Without a type, it is a To recipient.
fn props(entry: &Row<'_>) -> PropSet {
    let mut props = PropSet::default();
    props.put(PR_RECIPIENT_TYPE, PropValue::Long(MAPI_TO as i32));
    for property in &entry.properties {
        let (id, kind) = (property.tag.id(), property.tag.prop_type());
        let is_left_out =
            matches!(kind, PT_ERROR | PT_NULL) || id == PR_ROWID.id() || id == PR_INSTANCE_KEY.id();
        if !is_left_out {
            props.set(id, property.value.clone().into_owned());
        }
    }
    props
}

#[cfg(test)]
mod tests {
    use mapi_provider::abi::PR_DISPLAY_NAME_W;
    use mapi_provider::view::Property;

    use super::*;

    fn list(names: &[(Option<i32>, &str)]) -> AddressList<'static> {
        let entry = |(row, name): &(Option<i32>, &str)| {
            let mut entry = vec![Property::new(PR_DISPLAY_NAME_W, *name)];
            entry.extend(row.map(|row| Property::new(PR_ROWID, row)));
            Row::from(entry)
        };
        AddressList(names.iter().map(entry).collect())
    }

    fn names(recipients: &[Recipient]) -> Vec<(u32, String)> {
        let of = |one: &Recipient| (one.row, one.props.text(PR_DISPLAY_NAME_W));
        recipients.iter().map(of).collect()
    }

    fn named(row: u32, name: &str) -> (u32, String) {
        (row, name.to_owned())
    }

    #[test]
    fn each_flag_does_its_own_and_all_or_nothing() {
        let mut all = Vec::new();
        let none = ModifyRecipientsFlags::empty();
        modify(&mut all, none, &list(&[(None, "Ann"), (None, "Bob")])).expect("replaced");
        modify(
            &mut all,
            ModifyRecipientsFlags::MODRECIP_ADD,
            &list(&[(Some(7), "Cid")]),
        )
        .expect("added");
        assert_eq!(
            names(&all),
            [named(0, "Ann"), named(1, "Bob"), named(2, "Cid")]
        );
        let change = ModifyRecipientsFlags::MODRECIP_MODIFY;
        modify(&mut all, change, &list(&[(Some(1), "Bea")])).expect("modified");
        let remove = ModifyRecipientsFlags::MODRECIP_REMOVE;
        modify(&mut all, remove, &list(&[(Some(0), "")])).expect("removed");
        assert_eq!(names(&all), [named(1, "Bea"), named(2, "Cid")]);
        let gone = modify(&mut all, remove, &list(&[(Some(1), ""), (Some(9), "")]));
        assert_eq!(gone.map_err(|fault| fault.status), Err(MAPI_E_NOT_FOUND));
        assert_eq!(all.len(), 2, "nothing was removed");
        assert!(modify(&mut all, change | remove, &list(&[])).is_err());
    }
}
