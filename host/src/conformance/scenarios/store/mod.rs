//! Rules for a store that shows mail (STORE): folders, tables, messages, and what is told of them.
//!
//! A scenario works in a folder of its own, which it makes below the folders that users see and deletes at its end. What
//! a store doesn't claim in `PR_STORE_SUPPORT_MASK` is not asked of it, and no scenario asks for what the contract
//! marks as *chosen* where pages of MAPI leave stores another choice.

mod attachments;
mod calls;
mod categories;
mod conditions;
mod copies;
mod cursor;
mod deliveries;
mod folders;
mod habits;
mod identity;
mod keys;
mod marks;
mod properties;
mod recipients;
mod refusals;
mod rows;
mod runs;
mod saving;
mod search;
mod sending;
mod sink;
mod speed;
mod spooler;
mod streams;
mod table;
mod table_events;

use mapi_provider::abi::{
    GetContentsTableFlags, GetHierarchyTableFlags, IMAPIFolder, IMessage, IMsgStore, MAPI_FOLDER,
    OpenEntryFlags, PR_ENTRYID, PR_STORE_SUPPORT_MASK, PropTag, StoreSupportMask,
};
use mapi_provider::store::{EntryId, Folder, Message, StoreError};
use mapi_provider::view::PropValue;
use windows_core::HRESULT;

use self::calls::{Answer, Caller, cast};
use self::table::Table;
use super::super::stage::{Halt, Played, Rig, Stage};
use crate::property::Value;
use crate::status::Status;

pub(super) use self::{
    attachments::{attachments, embedded},
    categories::{categories, value_rows},
    conditions::conditions,
    copies::{copies, folder_operations},
    cursor::{cursor, find, order},
    deliveries::{events, new_mail, second_logon},
    folders::{counts, doors, names, receive_folders, special_folders},
    habits::{attachment_by_copy, browsed, marks_at_the_top},
    identity::{entry_ids, foreign_ids, mask, store_properties},
    keys::keys,
    marks::{flags, read_flags, status},
    properties::{derived, outlooks_marks, set_props, strings},
    recipients::recipients,
    refusals::not_promised,
    rows::{columns, long_values, rows},
    runs::seen_while_it_runs,
    saving::{conflicts, reopened, unsaved},
    search::search_folder,
    sending::{queue, submit},
    speed::large_folders,
    spooler::{moved_out, spooler_locks, taken_back},
    streams::{bodies, streams},
    table_events::{table_events, unread_table_events},
};

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Unplayable(error.to_string())
    }
}

/// Why a wrapped store's mail is not looked at unless somebody asks for it: its team can't mend what is inside.
const INSIDE: &str = "a wrapped store’s mail is that of the inner store: ask for STORE to check it";

/// A store that shows mail, and a folder in it for the scenario.
pub(super) struct Mail<'a> {
    stage: &'a Stage<'a>,
    rig: &'a Rig,
    caller: Caller,
    mask: StoreSupportMask,
    folder: Folder<'a>,
}

/// Plays a scenario with a store that shows mail and has all these bits of the support mask. With any other it says why
/// the rules don't apply.
pub(super) fn with_mail(
    stage: &Stage<'_>,
    rules: &[&str],
    needs: StoreSupportMask,
    play: impl FnOnce(&Mail<'_>) -> Played,
) -> Played {
    if stage.subject.stores.is_some() && stage.subject.wanted.is_empty() {
        rules.iter().for_each(|rule| stage.skip(rule, INSIDE));
        return Ok(());
    }
    let rule = rules.first().copied().unwrap_or("STORE-01");
    stage.step(rule, "opening the folders of the store");
    let rig = stage.rig()?;
    match shown(&rig, needs) {
        Ok(mask) => {
            let mail = Mail::new(stage, &rig, mask)?;
            play(&mail)?;
            stage.step(rule, "deleting the folder of this check");
            mail.leave()?;
        }
        Err(why) => rules.iter().for_each(|rule| stage.skip(rule, why.clone())),
    }
    stage.finish(rig);
    Ok(())
}

/// The support mask of a store that shows mail and has these bits; else why there is nothing to see.
fn shown(rig: &Rig, needs: StoreSupportMask) -> Result<StoreSupportMask, String> {
    let store = rig.store.interface();
    let caller = Caller {
        allocators: rig.host.allocators().for_views(),
    };
    let root = caller.open(store, &[], OpenEntryFlags::empty());
    match root {
        Ok((MAPI_FOLDER, _)) => {}
        Ok(_) => return Err("the store shows no mail: its root is no folder".to_owned()),
        Err(failure) => {
            let status = failure.status;
            return Err(format!(
                "the store shows no mail: opening its root answers {status}"
            ));
        }
    }
    let mask = rig.store.properties(&[PR_STORE_SUPPORT_MASK]);
    let mask = mask.ok().and_then(|read| match read.first() {
        Some(property) => match property.value {
            Value::Long(mask) => Some(mask.cast_unsigned()),
            _ => None,
        },
        None => None,
    });
    let mask = StoreSupportMask::from_bits_retain(mask.unwrap_or_default());
    let basic = StoreSupportMask::CREATE_OK | StoreSupportMask::MODIFY_OK;
    let lacks = (needs | basic).difference(mask);
    if lacks.is_empty() {
        return Ok(mask);
    }
    let names: Vec<String> = lacks
        .iter_names()
        .map(|(name, _)| format!("STORE_{name}"))
        .collect();
    let names = names.join(" and ");
    Err(format!("PR_STORE_SUPPORT_MASK has no {names}"))
}

impl<'a> Mail<'a> {
    fn new(stage: &'a Stage<'a>, rig: &'a Rig, mask: StoreSupportMask) -> Result<Self, Halt> {
        let parent = rig.store.client().ipm_subtree()?;
        let name = format!("Check {}", stage.name());
        // One may be left from a check that was broken off.
        if let Some(left) = parent.folder(&name)? {
            parent.delete_folder_tree(&left.entry_id()?)?;
        }
        Ok(Self {
            stage,
            rig,
            caller: Caller {
                allocators: rig.host.allocators().for_views(),
            },
            mask,
            folder: parent.create_folder(&name)?,
        })
    }

    /// Deletes the scenario's folder.
    fn leave(self) -> Played {
        let parent = self.rig.store.client().ipm_subtree()?;
        let id = self.folder.entry_id()?;
        // A folder that is open may not be deleted in every store.
        drop(self.folder);
        Ok(parent.delete_folder_tree(&id)?)
    }

    fn store(&self) -> &'a IMsgStore {
        self.rig.store.interface()
    }

    fn client(&self) -> mapi_provider::store::Store<'a> {
        self.rig.store.client()
    }

    /// The scenario's folder by its interface.
    fn raw_folder(&self) -> Result<IMAPIFolder, Halt> {
        let id = self.folder.entry_id()?;
        Ok(self.caller.folder(self.store(), id.as_bytes())?)
    }

    /// A message by its interface, open for changes.
    fn raw_message(&self, id: &EntryId) -> Answer<IMessage> {
        self.caller.message(self.store(), id.as_bytes())
    }

    /// A contents table of the scenario's folder, which is opened afresh, with these columns.
    fn table(&self, columns: &[PropTag]) -> Result<Table, Halt> {
        let folder = self.raw_folder()?;
        self.table_of(&folder, columns)
    }

    fn table_of(&self, folder: &IMAPIFolder, columns: &[PropTag]) -> Result<Table, Halt> {
        let none = GetContentsTableFlags::empty();
        let table = self.caller.contents(folder, none)?;
        let table = Table::new(table, self.caller.allocators);
        Ok(table.with_columns(columns)?)
    }

    fn tree_of(
        &self,
        folder: &IMAPIFolder,
        flags: GetHierarchyTableFlags,
        columns: &[PropTag],
    ) -> Result<Table, Halt> {
        let table = self.caller.hierarchy(folder, flags)?;
        let table = Table::new(table, self.caller.allocators);
        Ok(table.with_columns(columns)?)
    }

    /// A saved message of the scenario's folder.
    fn deliver(&self, subject: &str) -> Result<EntryId, Halt> {
        self.deliver_with(subject, |_| Ok(()))
    }

    /// A saved message of the scenario's folder, with more than a subject.
    fn deliver_with(
        &self,
        subject: &str,
        fill: impl FnOnce(&Message<'a>) -> Result<(), StoreError>,
    ) -> Result<EntryId, Halt> {
        let message = self.folder.create_message()?;
        message.set_subject(subject)?;
        fill(&message)?;
        message.save()?;
        let id = message.entry_id()?;
        Ok(EntryId::from(id.as_bytes().to_vec()))
    }

    /// What is tried next.
    fn step(&self, rule: &str, what: &str) {
        self.stage.step(rule, what);
    }

    /// Two things are the same, as a rule wants.
    fn same<T: PartialEq + std::fmt::Debug>(&self, rule: &str, what: &str, came: &T, expected: &T) {
        self.stage.expect(rule, came == expected, || {
            format!("{what}: expected {}, got {}", brief(expected), brief(came))
        });
    }

    /// A rule wants this to be so.
    fn holds(&self, rule: &str, kept: bool, what: impl FnOnce() -> String) {
        self.stage.expect(rule, kept, what);
    }

    /// A call must fail, with one of these codes.
    fn refuses<T>(&self, rule: &str, what: &str, answer: Answer<T>, codes: &[HRESULT]) {
        let status = match &answer {
            Ok(_) => mapi_provider::abi::S_OK,
            Err(failure) => failure.status.0,
        };
        self.answers(rule, what, status, codes);
    }

    /// A call must answer one of these codes.
    fn answers(&self, rule: &str, what: &str, status: HRESULT, codes: &[HRESULT]) {
        self.stage.expect(rule, codes.contains(&status), || {
            let codes: Vec<String> = codes.iter().map(|code| Status(*code).to_string()).collect();
            format!(
                "{what} answered {}, not {}",
                Status(status),
                codes.join(" or ")
            )
        });
    }

    /// The entry ID of a folder or message.
    fn id_of(&self, object: &mapi_provider::abi::IMAPIProp) -> Answer<Vec<u8>> {
        let value = self.caller.value(object, PR_ENTRYID)?;
        let id = value.as_binary().map(<[u8]>::to_vec);
        id.ok_or_else(|| calls::senseless("IMAPIProp::GetProps", "there is no PR_ENTRYID"))
    }
}

/// The error in place of a value, if there is one.
fn error_of(value: &PropValue<'_>) -> Option<HRESULT> {
    match value {
        PropValue::Error(status) => Some(*status),
        _ => None,
    }
}

/// The status of what `mapi_provider::store` has done.
fn store_status<T>(result: &Result<T, StoreError>) -> HRESULT {
    let failed = |error: &StoreError| error.status();
    result
        .as_ref()
        .err()
        .map_or(mapi_provider::abi::S_OK, failed)
}

/// A value as a finding shows it: not all of something long.
fn brief<T: std::fmt::Debug>(value: &T) -> String {
    const LONGEST: usize = 200;
    let text = format!("{value:?}");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
