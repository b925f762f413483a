//! Folders: their names, what they are for, and what is made of them.

use std::collections::{BTreeMap, BTreeSet};

use mapi_provider::twoway::{Answer, FolderKey, RemoteFolder, Role, Trouble};

use super::logon::string;
use super::names;
use super::session::{ImapSession, attribute};
use super::value::Value;
use super::wire::{Done, Piece};

/// What the server says of a folder without opening it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) validity: u32,
    pub(crate) next: u32,
    pub(crate) modseq: u64,
    pub(crate) messages: u32,
}

/// What folders are for (RFC 6154), in small letters.
const ROLES: [(&str, Role); 5] = [
    ("\\sent", Role::Sent),
    ("\\trash", Role::Trash),
    ("\\drafts", Role::Drafts),
    ("\\junk", Role::Junk),
    ("\\archive", Role::Archive),
];

/// So many folders are asked about at once.
const AT_ONCE: usize = 20;

/// A folder as `LIST` tells it.
#[derive(Debug)]
struct Listed {
    attributes: BTreeSet<String>,
    separator: Option<char>,
    name: String,
}

impl ImapSession<'_> {
    pub(crate) fn list_folders(&mut self) -> Answer<Vec<RemoteFolder>> {
        let has_status = self.can("LIST-STATUS");
        let mut options = Vec::new();
        if self.can("SPECIAL-USE") {
            options.push("SPECIAL-USE".to_owned());
        }
        if has_status {
            options.push(format!("STATUS ({})", self.status_items()));
        }
        let command = match options.is_empty() {
            true => "LIST \"\" \"*\"".to_owned(),
            false => format!("LIST \"\" \"*\" RETURN ({})", options.join(" ")),
        };
        let mut listed = BTreeMap::new();
        let mut snapshots = Vec::new();
        let done = self.wire.ask(&command, &mut |response| {
            if let Some(folder) = response.data("LIST").and_then(listed_folder) {
                listed.insert(folder.name.clone(), folder);
            }
            snapshots.extend(response.data("STATUS").and_then(snapshot));
            Ok(())
        })?;
        if !done.is_ok() {
            return Err(self.refusal(&done));
        }
        add_missing(&mut listed);
        self.separators = listed
            .iter()
            .map(|(name, one)| (name.clone(), one.separator))
            .collect();
        self.snapshots = snapshots.into_iter().collect();
        if !has_status {
            self.ask_status(listed.values().filter(|folder| folder.holds_items()))?;
        }
        Ok(listed
            .values()
            .map(|folder| self.describe(folder))
            .collect())
    }

    fn status_items(&self) -> &'static str {
        match self.can("CONDSTORE") {
            true => "MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ",
            false => "MESSAGES UIDNEXT UIDVALIDITY",
        }
    }

    fn ask_status<'l>(&mut self, folders: impl Iterator<Item = &'l Listed>) -> Answer<()> {
        let items = self.status_items();
        // Names that can't be quoted are asked for when they are opened.
        let names = folders.map(|folder| &folder.name);
        let commands: Vec<String> = names
            .filter(|name| {
                name.bytes()
                    .all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\')
            })
            .map(|name| format!("STATUS \"{name}\" ({items})"))
            .collect();
        for some in commands.chunks(AT_ONCE) {
            let snapshots = &mut self.snapshots;
            self.wire.ask_all(some, &mut |_, response| {
                snapshots.extend(response.data("STATUS").and_then(snapshot));
                Ok(())
            })?;
        }
        Ok(())
    }

    /// What the server says of a folder now; none: it has no such folder.
    pub(crate) fn status(&mut self, folder: &str) -> Answer<Option<Snapshot>> {
        let items = format!(" ({})", self.status_items());
        let mut found = None;
        let done = self.about("STATUS", folder, &items, &mut |response| {
            found = found.or(response
                .data("STATUS")
                .and_then(snapshot)
                .map(|(_, found)| found));
            Ok(())
        })?;
        // TWOWAY-07: only a plain refusal says that there is none.
        match done.is_ok() {
            true => Ok(Some(found.unwrap_or_default())),
            false if is_absence(&done) => Ok(None),
            false => Err(self.refusal(&done)),
        }
    }

    pub(crate) fn is_folder(&mut self, folder: &FolderKey) -> Answer<bool> {
        Ok(self.status(folder.as_str())?.is_some())
    }

    fn describe(&self, folder: &Listed) -> RemoteFolder {
        let (parent, name) = split(&folder.name, folder.separator);
        let name = match folder.name.as_str() {
            "INBOX" => "Inbox".to_owned(),
            _ => names::decode(name),
        };
        let mut described = RemoteFolder::new(FolderKey::new(&folder.name), name);
        described.parent = parent.map(FolderKey::new);
        described.holds_items = folder.holds_items();
        described.role = self.role(folder);
        // TWOWAY-14: it stays when the folder gets another name.
        let snapshot = self.snapshots.get(&folder.name);
        let validity = snapshot
            .map(|one| one.validity)
            .filter(|validity| *validity != 0);
        described.identity = validity.map(|validity| validity.to_string());
        described
    }

    /// What a folder is for. Where sent mail is, the settings may say.
    fn role(&self, folder: &Listed) -> Option<Role> {
        let name = names::decode(&folder.name);
        let told = ROLES
            .iter()
            .find(|(use_, _)| folder.attributes.contains(*use_));
        let role = match told {
            _ if folder.name == "INBOX" => Some(Role::Inbox),
            Some((_, role)) => Some(*role),
            // A server that tells no roles at all.
            None if !self.can("SPECIAL-USE") => Role::by_name(&name),
            None => None,
        };
        match &self.server.sent_folder {
            Some(sent) if *sent == name => Some(Role::Sent),
            Some(_) => role.filter(|role| *role != Role::Sent),
            None => role,
        }
    }

    /// The name that a folder has at the server.
    fn name_at(&self, parent: Option<&FolderKey>, name: &str) -> Answer<(String, Option<char>)> {
        if parent.is_none() && name.eq_ignore_ascii_case("INBOX") {
            return Ok(("INBOX".to_owned(), self.separator("INBOX")));
        }
        let separator = self.separator(parent.map_or("INBOX", FolderKey::as_str));
        // TWOWAY-16: a separator within a name would make two folders of one.
        let bad = |c: char| c.is_control() || Some(c) == separator;
        let name: String = name.chars().map(|c| if bad(c) { '_' } else { c }).collect();
        let name = names::encode(&name, |_| false);
        match (parent, separator) {
            (None, _) => Ok((name, separator)),
            (Some(parent), Some(separator)) => {
                Ok((format!("{parent}{separator}{name}"), Some(separator)))
            }
            (Some(_), None) => Err(Trouble::refused("the server has no folders in folders")),
        }
    }

    fn separator(&self, folder: &str) -> Option<char> {
        let any = || self.separators.values().find_map(|separator| *separator);
        self.separators.get(folder).copied().unwrap_or_else(any)
    }

    pub(crate) fn make_folder(
        &mut self,
        parent: Option<&FolderKey>,
        name: &str,
    ) -> Answer<RemoteFolder> {
        let (name, separator) = self.name_at(parent, name)?;
        let done = self.about("CREATE", &name, "", &mut |_| Ok(()))?;
        // If there is one of that name, it is that one.
        if !done.is_ok() && self.status(&name)?.is_none() {
            return Err(self.refusal(&done));
        }
        self.made(name, separator)
    }

    /// A folder that has its name since just now.
    fn made(&mut self, name: String, separator: Option<char>) -> Answer<RemoteFolder> {
        // Other clients show only what is subscribed to. Where that can't be, nothing is lost.
        self.about("SUBSCRIBE", &name, "", &mut |_| Ok(()))?;
        let status = self.status(&name)?;
        self.snapshots
            .insert(name.clone(), status.unwrap_or_default());
        self.separators.insert(name.clone(), separator);
        Ok(self.describe(&Listed {
            attributes: BTreeSet::new(),
            separator,
            name,
        }))
    }

    pub(crate) fn move_folder(
        &mut self,
        folder: &FolderKey,
        parent: Option<&FolderKey>,
        name: &str,
    ) -> Answer<RemoteFolder> {
        let (name, separator) = self.name_at(parent, name)?;
        if folder.as_str() == "INBOX" {
            // RENAME would move its messages and leave it there.
            return Err(Trouble::refused("the Inbox keeps its name"));
        }
        self.leave(folder)?;
        let command = [
            Piece::Text("RENAME ".to_owned()),
            string(folder.as_str()),
            Piece::Text(" ".to_owned()),
            string(&name),
        ];
        let done = self.wire.run(&command, &mut |_| Ok(()))?;
        if !done.is_ok() {
            return Err(self.refusal(&done));
        }
        self.about("UNSUBSCRIBE", folder.as_str(), "", &mut |_| Ok(()))?;
        self.made(name, separator)
    }

    /// Opens another folder than this one, of which the name is going to change.
    fn leave(&mut self, folder: &FolderKey) -> Answer<()> {
        if self
            .open
            .as_ref()
            .is_some_and(|open| open.folder == folder.as_str())
        {
            self.open_again(&FolderKey::new("INBOX"))?;
        }
        Ok(())
    }

    /// Deletes a folder with nothing in it. What is only marked as deleted is nothing.
    pub(crate) fn remove_folder(&mut self, folder: &FolderKey) -> Answer<()> {
        let Some(status) = self.status(folder.as_str())? else {
            return Err(Trouble::gone());
        };
        // TWOWAY-15
        if status.messages > 0 {
            self.open_again(folder)?;
            if !self.search("UNDELETED")?.is_empty() {
                return Err(Trouble::stale());
            }
        }
        if let Some(separator) = self.separator(folder.as_str()) {
            let below = format!("{folder}{separator}%");
            let mut has_below = false;
            self.about("LIST \"\"", &below, "", &mut |response| {
                let listed = response.data("LIST").and_then(listed_folder);
                has_below |= listed.is_some_and(|listed| listed.name != folder.as_str());
                Ok(())
            })?;
            if has_below {
                return Err(Trouble::stale());
            }
        }
        self.leave(folder)?;
        let done = self.about("DELETE", folder.as_str(), "", &mut |_| Ok(()))?;
        if !done.is_ok() {
            return Err(self.refusal(&done));
        }
        self.about("UNSUBSCRIBE", folder.as_str(), "", &mut |_| Ok(()))?;
        Ok(())
    }
}

impl Listed {
    fn holds_items(&self) -> bool {
        !["\\noselect", "\\nonexistent"]
            .iter()
            .any(|one| self.attributes.contains(*one))
    }
}

/// A `NO` that says: there is no such folder. One that says why it can't be told now is none.
fn is_absence(done: &Done) -> bool {
    let others = [
        "UNAVAILABLE",
        "SERVERBUG",
        "INUSE",
        "NOPERM",
        "LIMIT",
        "CONTACTADMIN",
        "CORRUPTION",
    ];
    done.status == "NO" && !others.iter().any(|code| done.has_code(code))
}

/// A folder of a LIST response. One whose name can't be sent back is left out.
fn listed_folder(values: &[Value]) -> Option<Listed> {
    let [attributes, separator, name, ..] = values else {
        return None;
    };
    let separator = match separator {
        Value::Octets(octets) => std::str::from_utf8(octets).ok()?.chars().next(),
        _ => None,
    };
    let name = name.text()?;
    let is_sane = !name.is_empty() && !name.contains(['\0', '\r', '\n']);
    is_sane.then(|| Listed {
        attributes: attributes.texts().map(str::to_ascii_lowercase).collect(),
        separator,
        name: canonical(name, separator),
    })
}

/// `inbox/a` is in `INBOX` (TWOWAY-16).
fn canonical(name: &str, separator: Option<char>) -> String {
    let end = separator
        .and_then(|separator| name.find(separator))
        .unwrap_or(name.len());
    match name[..end].eq_ignore_ascii_case("INBOX") {
        true => format!("INBOX{}", &name[end..]),
        false => name.to_owned(),
    }
}

fn split(name: &str, separator: Option<char>) -> (Option<&str>, &str) {
    match separator.and_then(|separator| name.rsplit_once(separator)) {
        Some((parent, name)) => (Some(parent), name),
        None => (None, name),
    }
}

/// The Inbox is always there. So is what others are in, if only as a place.
fn add_missing(listed: &mut BTreeMap<String, Listed>) {
    let separator = listed.values().find_map(|folder| folder.separator);
    let inbox = Listed {
        attributes: BTreeSet::new(),
        separator,
        name: "INBOX".to_owned(),
    };
    listed.entry("INBOX".to_owned()).or_insert(inbox);
    let mut names: Vec<(String, Option<char>)> = listed
        .values()
        .map(|folder| (folder.name.clone(), folder.separator))
        .collect();
    while let Some((name, separator)) = names.pop() {
        let Some(parent) = split(&name, separator).0 else {
            continue;
        };
        if !parent.is_empty() && !listed.contains_key(parent) {
            let place = Listed {
                attributes: BTreeSet::from(["\\noselect".to_owned()]),
                separator,
                name: parent.to_owned(),
            };
            listed.insert(parent.to_owned(), place);
            names.push((parent.to_owned(), separator));
        }
    }
}

/// The folder and the numbers of a STATUS response.
fn snapshot(values: &[Value]) -> Option<(String, Snapshot)> {
    let name = values.first()?.text()?;
    let list = values.get(1)?.list()?;
    let number = |wanted: &str| {
        let found = attribute(list, |name| name == wanted);
        found.and_then(Value::number::<u64>).unwrap_or_default()
    };
    let small = |wanted: &str| u32::try_from(number(wanted)).unwrap_or_default();
    let name = match name.eq_ignore_ascii_case("INBOX") {
        true => "INBOX",
        false => name,
    };
    let snapshot = Snapshot {
        validity: small("UIDVALIDITY"),
        next: small("UIDNEXT"),
        modseq: number("HIGHESTMODSEQ"),
        messages: small("MESSAGES"),
    };
    Some((name.to_owned(), snapshot))
}
