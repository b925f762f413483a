//! The server as a run has it: its verbs, each with a fault where the story says so.

use super::*;

/// A server as a run has it.
pub(crate) struct SimRemote {
    pub(crate) server: Shared,
    pub(crate) chaos: Chaos,
}

impl Remote for SimRemote {
    fn account(&self) -> String {
        "sim".to_owned()
    }

    fn connect<'r>(&'r self, _monitor: &'r dyn Monitor) -> Answer<Box<dyn Session + 'r>> {
        self.chaos.logon();
        if !self.server.borrow().takes_password {
            return Err(Stop::Logon("no".to_owned()).into());
        }
        Ok(Box::new(SimSession(self)))
    }
}

struct SimSession<'r>(&'r SimRemote);

impl SimSession<'_> {
    fn verb<T>(
        &self,
        name: &str,
        writes: bool,
        effect: impl FnOnce(&mut Server) -> Answer<T>,
    ) -> Answer<T> {
        let server = &self.0.server;
        self.0
            .chaos
            .verb(name, writes, || effect(&mut server.borrow_mut()))
    }
}

impl Session for SimSession<'_> {
    fn abilities(&self) -> Abilities {
        self.0.server.borrow().kind.abilities
    }

    fn folders(&mut self) -> Answer<Vec<RemoteFolder>> {
        self.verb("folders", false, |server| {
            let ids = server.folders.iter();
            let shown = ids.filter(|(id, _)| !server.folders_left_out.contains(id));
            Ok(shown
                .map(|(id, folder)| {
                    let mut told = RemoteFolder::new(server.key(*id), &folder.name);
                    told.parent = folder.parent.map(|id| server.key(id));
                    told.identity = Some(folder.validity.to_string());
                    told.role = server.roles.get(id).copied();
                    told
                })
                .collect())
        })
    }

    fn has_folder(&mut self, folder: &FolderKey) -> Answer<bool> {
        self.verb("has_folder", false, |server| {
            Ok(server.folder(folder).is_ok())
        })
    }

    fn changes(
        &mut self,
        feed: Feed<'_>,
        since: Option<&Cursor>,
        listing: &mut dyn Listing<RemoteEntry, ItemKey>,
    ) -> Answer<Listed> {
        self.verb("changes", false, |server| server.list(feed, since, listing))
    }

    fn kept_flags(&mut self, folder: &FolderKey) -> Keeps {
        let mut server = self.0.server.borrow_mut();
        let kept = server.folder(folder).ok();
        let kept = kept.and_then(|id| server.kept_flags.get(&id)).cloned();
        match kept {
            None => Keeps::Any,
            // It says so when it is opened, and opens it once.
            Some(_) if server.has_said_flags => Keeps::AsBefore,
            Some(kept) => {
                server.has_said_flags = true;
                Keeps::Only(kept)
            }
        }
    }

    fn fetch(&mut self, item: &ItemRef, part: Part) -> Answer<Vec<u8>> {
        self.verb("fetch", false, |server| {
            let key = server.item(item)?;
            let content = &server.items[&key].content;
            if server.refused.contains(content) || server.unreadable.contains(&key) {
                return Err(Trouble::refused("it can't be read"));
            }
            Ok(match part {
                Part::Whole => content.clone().into_bytes(),
                Part::Header => content[..1].to_owned().into_bytes(),
            })
        })
    }

    fn put(&mut self, item: &Upload<'_>) -> Answer<Placed> {
        self.verb("put", true, |server| {
            let content = String::from_utf8(item.content.to_vec()).expect("text");
            if !server.has_room {
                return Err(ItemFailure::new(Failure::Full, "over quota").into());
            }
            if server.refused.contains(&content) {
                return Err(Trouble::refused("too strange"));
            }
            let folder = server.folder(item.folder)?;
            let content = if server.changes_contents {
                format!("{content}, scanned")
            } else {
                content
            };
            let key = server.put(folder, &content, item.flags.clone());
            let new = server.items.get_mut(&key).expect("made");
            new.token = Some(item.token.clone());
            new.date = item.date;
            Ok(server.placed(key))
        })
    }

    fn find(
        &mut self,
        folder: &FolderKey,
        token: &PairId,
        _marker: Option<&str>,
    ) -> Answer<Vec<RemoteEntry>> {
        self.verb("find", false, |server| {
            if !server.kind.abilities.find {
                return Err(Trouble::unsupported());
            }
            let folder = server.folder(folder)?;
            let items = server.items.iter();
            Ok(items
                .filter(|(_, item)| item.token.as_ref() == Some(token))
                .filter(|(_, item)| item.folders.contains(&folder))
                .map(|(key, _)| server.entry(*key))
                .collect())
        })
    }

    fn mark(&mut self, item: &ItemRef, add: &Flags, remove: &Flags) -> Answer<Option<Version>> {
        self.verb("mark", true, |server| {
            let key = server.item(item)?;
            let item = server.touch(key);
            for flag in add.iter() {
                item.flags.insert(flag);
            }
            for flag in remove.iter() {
                item.flags.remove(flag);
            }
            server.drop_flags(key);
            Ok(None)
        })
    }

    fn move_item(&mut self, item: &ItemRef, from: &FolderKey, to: &FolderKey) -> Answer<Placed> {
        self.verb("move", true, |server| {
            let key = server.item(item)?;
            let (from, to) = (server.folder(from)?, server.folder(to)?);
            let is_as_known = item.version == server.version(&server.items[&key]);
            let key = server.move_item(key, from, to);
            let mut placed = server.placed(key);
            placed.version = placed.version.filter(|_| is_as_known);
            Ok(placed)
        })
    }

    fn replace(&mut self, item: &ItemRef, content: &[u8]) -> Answer<Placed> {
        self.verb("replace", true, |server| {
            let key = server.item(item)?;
            let now = server.version(&server.items[&key]);
            if item.version != now {
                return Err(Trouble::stale());
            }
            server.edit(key, str::from_utf8(content).expect("text"));
            Ok(server.placed(key))
        })
    }

    fn delete(&mut self, deletion: &Deletion<ItemRef>) -> Answer<()> {
        self.verb("delete", true, |server| {
            let key = server.item(deletion.what())?;
            let version = &deletion.what().version;
            if version.is_some() && *version != server.version(&server.items[&key]) {
                return Err(Trouble::stale());
            }
            server.remove(key);
            Ok(())
        })
    }

    fn create_folder(&mut self, parent: Option<&FolderKey>, name: &str) -> Answer<RemoteFolder> {
        self.verb("create_folder", true, |server| {
            let parent = parent.map(|key| server.folder(key)).transpose()?;
            let mut folders = server.folders.iter();
            let there = folders.find(|(_, one)| one.parent == parent && one.name == name);
            let id = match there.map(|(id, _)| *id) {
                Some(id) => id,
                None => server.make_folder(parent, name),
            };
            let id = server.claims_folder.unwrap_or(id);
            let mut made = RemoteFolder::new(server.key(id), name);
            made.identity = Some(server.folders[&id].validity.to_string());
            Ok(made)
        })
    }

    fn rename_folder(
        &mut self,
        folder: &FolderKey,
        parent: Option<&FolderKey>,
        name: &str,
    ) -> Answer<RemoteFolder> {
        self.verb("rename_folder", true, |server| {
            let id = server.folder(folder)?;
            let parent = parent.map(|key| server.folder(key)).transpose()?;
            let mut above = parent;
            while let Some(at) = above {
                if at == id {
                    return Err(Trouble::refused("a folder can't be in itself"));
                }
                above = server.folders[&at].parent;
            }
            let mut folders = server.folders.values();
            if folders.any(|one| one.parent == parent && one.name == name) {
                return Err(Trouble::refused("there is one of that name"));
            }
            let one = server.folders.get_mut(&id).expect("there");
            (one.parent, one.name) = (parent, name.to_owned());
            let id = server.claims_folder.unwrap_or(id);
            let mut made = RemoteFolder::new(server.key(id), name);
            made.identity = Some(server.folders[&id].validity.to_string());
            Ok(made)
        })
    }

    fn delete_folder(&mut self, deletion: &Deletion<FolderKey>) -> Answer<()> {
        self.verb("delete_folder", true, |server| {
            let id = server.folder(deletion.what())?;
            let is_used = server.items.values().any(|item| item.folders.contains(&id));
            if is_used || !server.children(id).is_empty() {
                return Err(Trouble::stale());
            }
            server.folders.remove(&id);
            Ok(())
        })
    }
}
