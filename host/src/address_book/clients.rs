//! What clients do with an address book, call by call: MFCMAPI, Thunderbird, and Outlook when Ctrl+K is pressed.

use mapi_provider::abi::{
    AddressContainerFlags, GetHierarchyTableFlags, MAPI_AMBIGUOUS, MAPI_RESOLVED, PR_ADDRTYPE_W,
    PR_ANR_W, PR_CONTAINER_FLAGS, PR_DEPTH, PR_DISPLAY_NAME_W, PR_DISPLAY_TYPE, PR_EMAIL_ADDRESS_W,
    PR_ENTRYID, PR_INSTANCE_KEY, PR_OBJECT_TYPE, PR_SUBFOLDERS, PropTag, QueryRowsFlags,
    ResolveNamesFlags, TableFlags,
};
use mapi_provider::view;
use mapi_provider::view::{BitTest, RelOp, Restriction};

use super::logon::AddressBook;
use super::object::BookObject;
use super::table::BookTable;
use crate::property::{Property, Value};
use crate::status::Failure;

/// A container as a client lists it.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedContainer {
    /// How deep it is below the root; 0 is the first level.
    pub depth: i32,
    /// What people read.
    pub name: String,
    /// Its entry ID.
    pub entry_id: Vec<u8>,
    /// `PR_CONTAINER_FLAGS`
    pub flags: AddressContainerFlags,
}

/// Somebody whom a name may mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// `PR_DISPLAY_NAME`
    pub name: String,
    /// `PR_ADDRTYPE`
    pub address_type: String,
    /// `PR_EMAIL_ADDRESS`; none of a list that has none.
    pub address: Option<String>,
    /// `PR_OBJECT_TYPE`
    pub kind: u32,
    /// Its entry ID.
    pub entry_id: Vec<u8>,
}

/// What became of a name.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolved {
    /// Nobody is called so.
    Nobody,
    /// Several are: these, as far as a client shows them.
    Several(Vec<Candidate>),
    /// One is: all that the recipient has now.
    One(Vec<Property>),
}

/// How many of several a client shows.
const SHOWN: i32 = 50;

/// MFCMAPI's columns of a table of containers (core/mapi/columnTags.h).
const CONTAINER_COLUMNS: [PropTag; 5] = [
    PR_DISPLAY_NAME_W,
    PR_ENTRYID,
    PR_INSTANCE_KEY,
    PR_SUBFOLDERS,
    PR_CONTAINER_FLAGS,
];

/// MFCMAPI's columns of a contents table.
const ENTRY_COLUMNS: [PropTag; 7] = [
    PR_INSTANCE_KEY,
    PR_ENTRYID,
    PR_DISPLAY_NAME_W,
    PR_EMAIL_ADDRESS_W,
    PR_DISPLAY_TYPE,
    PR_OBJECT_TYPE,
    PR_ADDRTYPE_W,
];

impl AddressBook {
    /// Lists all containers as MFCMAPI does: the root's hierarchy, all levels at once.
    ///
    /// # Errors
    ///
    /// What a call answers.
    pub fn containers(&self) -> Result<Vec<ListedContainer>, Failure> {
        let table = self
            .root()?
            .hierarchy(GetHierarchyTableFlags::CONVENIENT_DEPTH)?;
        let columns = [&CONTAINER_COLUMNS[..], &[PR_DEPTH]].concat();
        table.set_columns(&columns)?;
        let rows = table.all()?;
        Ok(rows.iter().map(|row| listed(row)).collect())
    }

    /// Lists the containers of the first level that have all of these bits in `PR_CONTAINER_FLAGS` as Thunderbird does: it
    /// restricts the table by a column that it then doesn't show, counts, takes one row at a time, and opens each container.
    ///
    /// # Errors
    ///
    /// What a call answers.
    pub fn folders_by_bits(&self, bits: AddressContainerFlags) -> Result<Vec<BookObject>, Failure> {
        let root = self.root()?;
        let table = root.hierarchy(GetHierarchyTableFlags::empty())?;
        let mut found = Vec::new();
        for row in by_bits(&table, bits)? {
            found.push(root.open(&binary(&row, PR_ENTRYID))?);
        }
        Ok(found)
    }

    /// Thunderbird's list of what names may be looked up in.
    ///
    /// # Errors
    ///
    /// What a call answers.
    pub fn thunderbird_folders(&self) -> Result<Vec<BookObject>, Failure> {
        self.folders_by_bits(AddressContainerFlags::RECIPIENTS)
    }

    /// The containers of the first level that have others, as Thunderbird finds them.
    ///
    /// # Errors
    ///
    /// What a call answers.
    pub fn thunderbird_parents(&self) -> Result<Vec<BookObject>, Failure> {
        self.folders_by_bits(AddressContainerFlags::SUBCONTAINERS)
    }

    /// Resolves names as MAPI's address book does when Ctrl+K is pressed: container by container, by `ResolveNames` without tags,
    /// passing over one that fails; one that finds several ends it.
    ///
    /// # Errors
    ///
    /// There is no list of containers.
    pub fn resolve(&self, names: &[&str]) -> Result<Vec<Resolved>, Failure> {
        let row = |name: &&str| vec![Property::new(PR_DISPLAY_NAME_W, *name)];
        let rows: Vec<_> = names.iter().map(row).collect();
        let mut list = self.list(&rows);
        let mut several: Vec<Vec<Candidate>> = vec![Vec::new(); names.len()];
        for container in self.containers()? {
            if !container.flags.contains(AddressContainerFlags::RECIPIENTS) {
                continue;
            }
            let Ok(opened) = self.open(&container.entry_id) else {
                continue;
            };
            let status = opened.resolve(&[], ResolveNamesFlags::MAPI_UNICODE, &mut list);
            if status.is_err() {
                continue;
            }
            let ambiguous = list.flags().iter().enumerate();
            let ambiguous = ambiguous.filter(|(_, flag)| **flag == MAPI_AMBIGUOUS);
            let ambiguous: Vec<usize> = ambiguous.map(|(index, _)| index).collect();
            for index in &ambiguous {
                several[*index] = opened.matches(names[*index]).unwrap_or_default();
            }
            if !ambiguous.is_empty() {
                break;
            }
        }
        let resolved = several.into_iter().enumerate();
        let resolved = resolved.map(|(index, several)| match list.flags()[index] {
            MAPI_RESOLVED => Resolved::One(list.row(index)),
            MAPI_AMBIGUOUS => Resolved::Several(several),
            _ => Resolved::Nobody,
        });
        Ok(resolved.collect())
    }
}

impl Candidate {
    /// What a row of a table, or a resolved recipient, says of somebody.
    pub fn of_row(row: &[Property]) -> Self {
        Self {
            name: text(row, PR_DISPLAY_NAME_W).unwrap_or_default(),
            address_type: text(row, PR_ADDRTYPE_W).unwrap_or_default(),
            address: text(row, PR_EMAIL_ADDRESS_W),
            kind: long(row, PR_OBJECT_TYPE)
                .unwrap_or_default()
                .cast_unsigned(),
            entry_id: binary(row, PR_ENTRYID),
        }
    }
}

impl BookObject {
    /// All entries of a container, as MFCMAPI lists them.
    ///
    /// # Errors
    ///
    /// What a call answers.
    pub fn entries(&self) -> Result<Vec<Candidate>, Failure> {
        let table = self.contents()?;
        table.set_columns(&ENTRY_COLUMNS)?;
        let rows = table.all()?;
        Ok(rows.iter().map(|row| Candidate::of_row(row)).collect())
    }

    /// The first entry of this name, as MFCMAPI's SearchContentsTableForName finds it.
    ///
    /// # Errors
    ///
    /// What a call answers.
    pub fn search(&self, name: &str) -> Result<Option<Candidate>, Failure> {
        let found = self.found(name, 1)?;
        Ok(found.into_iter().next())
    }

    /// The entries that a name may mean, by PR_ANR: what a client shows of them.
    ///
    /// # Errors
    ///
    /// What a call answers.
    pub fn matches(&self, name: &str) -> Result<Vec<Candidate>, Failure> {
        self.found(name, SHOWN)
    }

    fn found(&self, name: &str, most: i32) -> Result<Vec<Candidate>, Failure> {
        let table = self.contents()?;
        table.set_columns_with(&ENTRY_COLUMNS, TableFlags::TBL_BATCH)?;
        table.seek(0, 0)?;
        let name = view::Property::new(PR_ANR_W, name);
        table.restrict(Some(&Restriction::property(RelOp::Eq, name)))?;
        let rows = table.query(most, QueryRowsFlags::empty())?;
        Ok(rows.iter().map(|row| Candidate::of_row(row)).collect())
    }
}

/// The rows of a table of containers with all of these bits, with nothing but their entry IDs.
fn by_bits(table: &BookTable, bits: AddressContainerFlags) -> Result<Vec<Vec<Property>>, Failure> {
    table.restrict(Some(&Restriction::BitMask {
        test: BitTest::AnySet,
        tag: PR_CONTAINER_FLAGS,
        mask: bits.bits(),
    }))?;
    table.set_columns(&[PR_ENTRYID])?;
    let count = table.count()?;
    let mut rows = Vec::new();
    while (rows.len() as u32) < count {
        let one = table.query(1, QueryRowsFlags::empty())?;
        if one.is_empty() {
            break;
        }
        rows.extend(one);
    }
    Ok(rows)
}

fn listed(row: &[Property]) -> ListedContainer {
    ListedContainer {
        depth: long(row, PR_DEPTH).unwrap_or_default(),
        name: text(row, PR_DISPLAY_NAME_W).unwrap_or_default(),
        entry_id: binary(row, PR_ENTRYID),
        flags: AddressContainerFlags::from_bits_retain(
            long(row, PR_CONTAINER_FLAGS)
                .unwrap_or_default()
                .cast_unsigned(),
        ),
    }
}

fn value(row: &[Property], tag: PropTag) -> Option<&Value> {
    let mut found = row.iter().filter(|property| property.id == tag.id());
    found.next().map(|property| &property.value)
}

fn text(row: &[Property], tag: PropTag) -> Option<String> {
    match value(row, tag) {
        Some(Value::Unicode(text)) => Some(text.clone()),
        _ => None,
    }
}

fn long(row: &[Property], tag: PropTag) -> Option<i32> {
    match value(row, tag) {
        Some(Value::Long(number)) => Some(*number),
        _ => None,
    }
}

fn binary(row: &[Property], tag: PropTag) -> Vec<u8> {
    match value(row, tag) {
        Some(Value::Binary(bytes)) => bytes.clone(),
        _ => Vec::new(),
    }
}
