//! The verbs of IMAP that are about one item.

use std::collections::{BTreeSet, HashMap};

use mapi_provider::twoway::{
    Abilities, Answer, Cursor, Deletion, Editing, Failure, Feed, Flags, FolderKey, ItemFailure,
    ItemKey, ItemRef, Keeps, Listed, Listing, Monitor, Part, Placed, RemoteEntry, RemoteFolder,
    Session, Trouble, Upload, Version,
};

use super::ImapServer;
use super::folders::Snapshot;
use super::logon::{self, Capabilities};
use super::names;
use super::open::Open;
use super::value::{Response, Value, argument};
use super::wire::{Done, Hear, Piece, Wire};

pub(crate) struct ImapSession<'r> {
    pub(crate) server: &'r ImapServer,
    pub(crate) monitor: &'r dyn Monitor,
    pub(crate) wire: Wire<'r>,
    can: Capabilities,
    pub(crate) open: Option<Open>,
    /// What listing the folders has said of each, until it is used.
    pub(crate) snapshots: HashMap<String, Snapshot>,
    /// What stands between the names of a path.
    pub(crate) separators: HashMap<String, Option<char>>,
}

impl<'r> ImapSession<'r> {
    pub(crate) fn new(
        server: &'r ImapServer,
        monitor: &'r dyn Monitor,
        wire: Wire<'r>,
        can: Capabilities,
    ) -> Self {
        Self {
            server,
            monitor,
            wire,
            can,
            open: None,
            snapshots: HashMap::new(),
            separators: HashMap::new(),
        }
    }

    pub(crate) fn can(&self, capability: &str) -> bool {
        // QRESYNC is CONDSTORE and more (RFC 7162).
        self.can.contains(capability) || capability == "CONDSTORE" && self.can.contains("QRESYNC")
    }

    /// A command about a folder: its name stands between two texts.
    pub(crate) fn about(
        &mut self,
        verb: &str,
        folder: &str,
        rest: &str,
        hear: Hear<'_>,
    ) -> Answer<Done> {
        let command = [
            Piece::Text(format!("{verb} ")),
            logon::string(folder),
            Piece::Text(rest.to_owned()),
        ];
        self.wire.run(&command, hear)
    }

    /// Opens a folder, again if it is open: only so it is known what is there now.
    pub(crate) fn open_again(&mut self, folder: &FolderKey) -> Answer<&Open> {
        self.open = None;
        self.wire.exists = 0;
        let mut open = Open::new(folder);
        let condstore = if self.can("CONDSTORE") {
            " (CONDSTORE)"
        } else {
            ""
        };
        let done = self.about("SELECT", folder.as_str(), condstore, &mut |response| {
            open.hear(&response);
            Ok(())
        })?;
        if !done.is_ok() {
            return Err(self.refusal(&done));
        }
        open.is_read_only = done.has_code("READ-ONLY");
        if open.validity == 0 {
            return Err(Trouble::failed(
                "the server gives its messages no lasting numbers",
            ));
        }
        Ok(self.open.insert(open))
    }

    /// Opens the folder of an item. Answers the item's UID.
    pub(crate) fn open_item(&mut self, item: &ItemRef) -> Answer<u32> {
        let folder = item.folder.as_ref().ok_or_else(Trouble::stale)?;
        let is_open = self
            .open
            .as_ref()
            .is_some_and(|open| open.folder == folder.as_str());
        if !is_open {
            // It is not known then whether the item is there.
            self.open_again(folder).map_err(|trouble| match trouble {
                Trouble::Item(failure) => ItemFailure::new(Failure::Stale, failure.text).into(),
                stop => stop,
            })?;
        }
        let validity = self.open.as_ref().map_or(0, |open| open.validity);
        // TWOWAY-05: a number of another time is another message's.
        match numbers(&item.key) {
            Some((of, uid)) if of == validity => Ok(uid),
            _ => Err(Trouble::stale()),
        }
    }

    /// The same, to change something in it.
    fn open_to_write(&mut self, item: &ItemRef) -> Answer<u32> {
        let uid = self.open_item(item)?;
        match &self.open {
            Some(open) if open.is_read_only => Err(Trouble::refused("the folder can only be read")),
            _ => Ok(uid),
        }
    }

    pub(crate) fn key(&self, uid: u32) -> ItemKey {
        key(self.open.as_ref().map_or(0, |open| open.validity), uid)
    }

    /// What is found in the open folder.
    pub(crate) fn search(&mut self, what: &str) -> Answer<BTreeSet<u32>> {
        let mut found = BTreeSet::new();
        let done = self
            .wire
            .ask(&format!("UID SEARCH {what}"), &mut |response| {
                found.extend(found_in(&response));
                Ok(())
            })?;
        match done.is_ok() {
            true => Ok(found),
            false => Err(self.refusal(&done)),
        }
    }

    /// An item of the open folder did not do what it was told: is it there at all? Only a search says so, never silence.
    pub(crate) fn check_there(&mut self, uid: u32) -> Answer<()> {
        match self.search(&format!("UID {uid}"))?.contains(&uid) {
            true => Ok(()),
            false => Err(Trouble::gone()),
        }
    }

    /// What a `NO` or `BAD` means for one item.
    pub(crate) fn refusal(&self, done: &Done) -> Trouble {
        let kind = match done
            .code
            .split(' ')
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase()
            .as_str()
        {
            // TWOWAY-20
            "OVERQUOTA" => Failure::Full,
            "TOOBIG" | "LIMIT" | "NOPERM" | "CANNOT" => Failure::Refused,
            "INUSE" | "UNAVAILABLE" | "SERVERBUG" | "TRYCREATE" => Failure::Failed,
            _ if done.status == "NO" => Failure::Refused,
            _ => Failure::Failed,
        };
        let text = format!("the server says {}: {}", done.status, done.text);
        ItemFailure::new(kind, self.server.without_secret(&text)).into()
    }

    fn settle(&self, done: &Done) -> Answer<()> {
        match done.is_ok() {
            true => Ok(()),
            false => Err(self.refusal(done)),
        }
    }

    /// Takes a message out of the open folder (TWOWAY-10).
    fn expunge(&mut self, uid: u32) -> Answer<()> {
        let mut commands = vec![format!("UID STORE {uid} +FLAGS.SILENT (\\Deleted)")];
        // TWOWAY-10: a plain EXPUNGE would take what others have marked. So without UIDPLUS ours stays marked, too.
        if self.can("UIDPLUS") {
            // Both at once: a cut between them would leave it marked.
            commands.push(format!("UID EXPUNGE {uid}"));
        }
        let done = self.wire.ask_all(&commands, &mut |_, _| Ok(()))?;
        done.iter().try_for_each(|done| self.settle(done))
    }
}

impl Session for ImapSession<'_> {
    fn abilities(&self) -> Abilities {
        let mut abilities = Abilities::all();
        abilities.per_folder = true;
        // A token would have to be in the message, which then is another one. What was sent is found by its content.
        abilities.find = false;
        abilities.editing = Editing::ByNewItem;
        abilities
    }

    fn folders(&mut self) -> Answer<Vec<RemoteFolder>> {
        self.list_folders()
    }

    fn has_folder(&mut self, folder: &FolderKey) -> Answer<bool> {
        self.is_folder(folder)
    }

    fn changes(
        &mut self,
        feed: Feed<'_>,
        since: Option<&Cursor>,
        listing: &mut dyn Listing<RemoteEntry, ItemKey>,
    ) -> Answer<Listed> {
        match feed {
            Feed::Folder(folder) => self.list_changes(folder, since, listing),
            Feed::Account => Err(Trouble::unsupported()),
        }
    }

    fn kept_flags(&mut self, folder: &FolderKey) -> Keeps {
        let open = self.open.as_ref();
        let open = open.filter(|open| open.folder == folder.as_str());
        // What was not opened has said nothing of it.
        open.map_or(Keeps::AsBefore, |open| open.keeps.clone())
    }

    fn fetch(&mut self, item: &ItemRef, part: Part) -> Answer<Vec<u8>> {
        let mut content = Err(Trouble::failed("the server does not give it"));
        self.fetch_many(std::slice::from_ref(item), part, &mut |_, answer| {
            content = answer;
            Ok(())
        })?;
        content
    }

    fn fetch_many(
        &mut self,
        items: &[ItemRef],
        part: Part,
        take: &mut dyn FnMut(usize, Answer<Vec<u8>>) -> Answer<()>,
    ) -> Answer<()> {
        self.fetch_contents(items, part, take)
    }

    fn put(&mut self, item: &Upload<'_>) -> Answer<Placed> {
        self.append(item)
    }

    fn mark(&mut self, item: &ItemRef, add: &Flags, remove: &Flags) -> Answer<Option<Version>> {
        let uid = self.open_to_write(item)?;
        let wanted = names::keywords(add);
        // What it has said since it was listed counts.
        let open = self.open.as_ref();
        let takes = |flag: &String| open.is_none_or(|open| open.takes(flag));
        let (add, refused): (Vec<String>, Vec<String>) = wanted.into_iter().partition(takes);
        let remove = names::keywords(remove);
        // TWOWAY-11: never `FLAGS`, which would take away what is not known here.
        let changes = [("+FLAGS", add), ("-FLAGS", remove)];
        let changes = changes.into_iter().filter(|(_, flags)| !flags.is_empty());
        let commands: Vec<String> = changes
            .map(|(verb, flags)| format!("UID STORE {uid} {verb} ({})", flags.join(" ")))
            .collect();
        let mut is_there = false;
        let done = self.wire.ask_all(&commands, &mut |_, response| {
            is_there |= matches!(&response, Response::Numbered { word, values, .. }
                if word == "FETCH" && uid_of(values) == Some(uid));
            Ok(())
        })?;
        done.iter().try_for_each(|done| self.settle(done))?;
        if !is_there {
            self.check_there(uid)?;
        }
        if !refused.is_empty() {
            let text = format!("the folder keeps no flags like {}", refused.join(" "));
            return Err(Trouble::refused(text));
        }
        Ok(None)
    }

    fn move_item(&mut self, item: &ItemRef, _from: &FolderKey, to: &FolderKey) -> Answer<Placed> {
        let uid = self.open_to_write(item)?;
        let has_move = self.can("MOVE");
        let verb = if has_move { "UID MOVE" } else { "UID COPY" };
        let mut copied = None;
        let done = self.about(&format!("{verb} {uid}"), to.as_str(), "", &mut |response| {
            copied = copied
                .take()
                .or_else(|| response.code("COPYUID").map(str::to_owned));
            Ok(())
        })?;
        self.settle(&done)?;
        let copied = copied.or_else(|| argument(&done.code, "COPYUID").map(str::to_owned));
        if !has_move {
            // TWOWAY-13: only now that there are two.
            self.expunge(uid)?;
        }
        let key = copied.as_deref().and_then(copied_key);
        Ok(Placed { key, version: None })
    }

    fn delete(&mut self, deletion: &Deletion<ItemRef>) -> Answer<()> {
        let uid = self.open_to_write(deletion.what())?;
        self.expunge(uid)
    }

    fn create_folder(&mut self, parent: Option<&FolderKey>, name: &str) -> Answer<RemoteFolder> {
        self.make_folder(parent, name)
    }

    fn rename_folder(
        &mut self,
        folder: &FolderKey,
        parent: Option<&FolderKey>,
        name: &str,
    ) -> Answer<RemoteFolder> {
        self.move_folder(folder, parent, name)
    }

    fn delete_folder(&mut self, deletion: &Deletion<FolderKey>) -> Answer<()> {
        self.remove_folder(deletion.what())
    }
}

/// A message's key has its folder's `UIDVALIDITY`, so that a number of another time is seen to be one.
pub(crate) fn key(validity: u32, uid: u32) -> ItemKey {
    ItemKey::new(format!("{validity}.{uid}"))
}

fn numbers(key: &ItemKey) -> Option<(u32, u32)> {
    let (validity, uid) = key.as_str().split_once('.')?;
    Some((validity.parse().ok()?, uid.parse().ok()?))
}

/// The key in `COPYUID 1 5 7`, if it is about one message.
fn copied_key(copied: &str) -> Option<ItemKey> {
    let mut parts = copied.split(' ');
    let (validity, uid) = (parts.next()?, parts.nth(1)?);
    Some(key(validity.parse().ok()?, uid.parse().ok()?))
}

/// The numbers of `* SEARCH 1 2 3`. What follows in brackets is none.
pub(crate) fn found_in(response: &Response) -> impl Iterator<Item = u32> {
    let values = response.data("SEARCH").unwrap_or_default();
    values
        .iter()
        .filter_map(|value| value.number())
        .filter(|uid| *uid != 0)
}

/// The UID of a FETCH response.
pub(crate) fn uid_of(values: &[Value]) -> Option<u32> {
    let list = values.first()?.list()?;
    let uid = attribute(list, |name| name == "UID")?;
    uid.number().filter(|uid| *uid != 0)
}

/// An attribute of a FETCH response.
pub(crate) fn attribute(list: &[Value], is_it: impl Fn(&str) -> bool) -> Option<&Value> {
    let mut pairs = list.chunks_exact(2);
    let found = pairs.find(|pair| {
        let name = pair[0].text().map(str::to_ascii_uppercase);
        name.is_some_and(|name| is_it(&name))
    });
    found.map(|pair| &pair[1])
}
