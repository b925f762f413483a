//! The folders of both sides, matched.

mod order;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use order::{parents_first, wanted};

use crate::item::{FolderKey, LocalFolderKey, Role};
use crate::local::LocalFolder;
use crate::names;
use crate::options::Options;
use crate::outcome::{Answer, Settle};
use crate::remote::RemoteFolder;
use crate::report::Warning;
use crate::state::{self, FolderId, FolderRow, State, StateError};

/// Parent and name.
pub(crate) type Place = (FolderId, String);

/// A folder, as it was and as it is.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) row: FolderRow,
    pub(crate) remote: Option<Place>,
    pub(crate) local: Option<Place>,
    /// It is not synchronised, and stays as it is on both sides.
    pub(crate) is_frozen: bool,
    /// What it is for, as each side says this time.
    role_remote: Option<Role>,
    role_local: Option<Role>,
}

impl Node {
    /// Both sides have had it.
    pub(crate) fn is_known(&self) -> bool {
        !self.row.base_remote.1.is_empty() && !self.row.base_local.1.is_empty()
    }

    /// Both sides have had it, and the server has it no more.
    pub(crate) fn is_gone_remote(&self) -> bool {
        self.is_known() && self.row.remote.is_none()
    }

    /// The same for the local side.
    pub(crate) fn is_gone_local(&self) -> bool {
        self.is_known() && self.row.local.is_none()
    }
}

/// All folders, by their numbers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree {
    pub(crate) nodes: BTreeMap<FolderId, Node>,
}

impl Tree {
    /// The folders as the state has them.
    pub(crate) fn load(state: &State) -> Result<Self, StateError> {
        let mut nodes = BTreeMap::new();
        for row in state.folders()? {
            let node = Node {
                remote: row.remote.is_some().then(|| row.base_remote.clone()),
                local: row.local.is_some().then(|| row.base_local.clone()),
                is_frozen: false,
                role_remote: None,
                role_local: None,
                row,
            };
            nodes.insert(node.row.id, node);
        }
        Ok(Self { nodes })
    }

    pub(crate) fn get(&self, id: FolderId) -> Option<&Node> {
        self.nodes.get(&id)
    }

    pub(crate) fn remote_key(&self, id: FolderId) -> Option<&FolderKey> {
        self.get(id)?.row.remote.as_ref()
    }

    pub(crate) fn local_key(&self, id: FolderId) -> Option<&LocalFolderKey> {
        self.get(id)?.row.local.as_ref()
    }

    pub(crate) fn by_remote(&self) -> HashMap<FolderKey, FolderId> {
        let keys = self.nodes.iter();
        keys.filter(|(_, node)| !node.is_frozen)
            .filter_map(|(id, node)| Some((node.row.remote.clone()?, *id)))
            .collect()
    }

    pub(crate) fn by_local(&self) -> HashMap<LocalFolderKey, FolderId> {
        let keys = self.nodes.iter();
        keys.filter_map(|(id, node)| Some((node.row.local.clone()?, *id)))
            .collect()
    }

    /// The folders at the server that have items and are synchronised.
    pub(crate) fn feeds(&self) -> BTreeSet<FolderId> {
        let nodes = self.nodes.values().filter(|node| !node.is_frozen);
        nodes
            .filter(|node| node.row.remote.is_some() && node.row.holds_items)
            .map(|node| node.row.id)
            .collect()
    }

    /// The same, with those that the server does not list this time, and has: something may be in them.
    pub(crate) fn places(&self) -> Vec<FolderId> {
        let nodes = self.nodes.values();
        nodes
            .filter(|node| node.row.remote.is_some() && node.row.holds_items)
            .map(|node| node.row.id)
            .collect()
    }

    /// The path of a folder for people.
    pub(crate) fn path(&self, id: FolderId) -> String {
        let mut parts = Vec::new();
        let mut at = id;
        while let Some(node) = self.get(at)
            && parts.len() < 100
        {
            let place = node.local.as_ref().or(node.remote.as_ref());
            let (parent, name) = place.unwrap_or(&node.row.base_remote);
            parts.push(name.as_str());
            at = *parent;
        }
        parts.reverse();
        parts.join("/")
    }

    /// Whether `below` lies in `above` at the server, at any depth, or is it.
    pub(crate) fn is_below_at_server(&self, below: FolderId, above: FolderId) -> bool {
        let mut at = below;
        for _ in 0..=self.nodes.len() {
            if at == above {
                return true;
            }
            match self.get(at).and_then(|node| node.remote.as_ref()) {
                Some((parent, _)) => at = *parent,
                None => return false,
            }
        }
        true
    }

    /// Keeps the rows of some folders.
    pub(crate) fn save(&self, state: &mut State, ids: &[FolderId]) -> Result<(), StateError> {
        let rows: Vec<&FolderRow> = ids
            .iter()
            .filter_map(|id| self.get(*id))
            .map(|node| &node.row)
            .collect();
        state.write(|tx| state::update_folders(tx, &rows))
    }

    pub(crate) fn save_all(&self, state: &mut State) -> Result<(), StateError> {
        let ids: Vec<FolderId> = self.nodes.keys().copied().collect();
        self.save(state, &ids)
    }

    fn add(&mut self, state: &mut State) -> Result<&mut Node, StateError> {
        let id = state.write(|tx| state::insert_folder(tx))?;
        let row = FolderRow {
            id,
            remote: None,
            identity: None,
            holds_items: true,
            local: None,
            is_fixed: false,
            base_remote: (0, String::new()),
            base_local: (0, String::new()),
        };
        Ok(self.nodes.entry(id).or_insert(Node {
            row,
            remote: None,
            local: None,
            is_frozen: false,
            role_remote: None,
            role_local: None,
        }))
    }

    /// Hears which of its folders the local side still has. It is believed at its word. Answers all that it has, parents
    /// first, for [`hear_new_local`](Self::hear_new_local).
    pub(crate) fn hear_local(&mut self, folders: Vec<LocalFolder>) -> Vec<LocalFolder> {
        let folders = parents_first(
            folders,
            |f| f.key.clone(),
            |f| f.parent.clone(),
            |f| {
                f.parent = None;
            },
        );
        let heard: HashSet<&LocalFolderKey> = folders.iter().map(|f| &f.key).collect();
        for node in self.nodes.values_mut() {
            if node
                .row
                .local
                .as_ref()
                .is_some_and(|key| !heard.contains(key))
            {
                node.row.local = None;
                node.local = None;
            }
        }
        for folder in &folders {
            let known = self.by_local();
            let above = folder.parent.as_ref();
            let parent = above.and_then(|key| known.get(key).copied());
            let id = known.get(&folder.key);
            if let Some(node) = id.and_then(|id| self.nodes.get_mut(id)) {
                node.local = Some((parent.unwrap_or(0), folder.name.clone()));
                node.role_local = folder.role;
            }
        }
        folders
    }

    /// Hears the folders that the local side has made. The server's side was heard before: one may be its own that was
    /// made here by a run of which nothing was kept.
    pub(crate) fn hear_new_local(
        &mut self,
        state: &mut State,
        folders: Vec<LocalFolder>,
    ) -> Result<(), StateError> {
        for folder in folders {
            let known = self.by_local();
            let parent = folder.parent.and_then(|key| known.get(&key).copied());
            let place = (parent.unwrap_or(0), folder.name);
            let id = match known.get(&folder.key) {
                Some(id) => *id,
                None => match self.waiting_for_local(&place, folder.role) {
                    Some(id) => id,
                    None => self.add(state)?.row.id,
                },
            };
            let Some(node) = self.nodes.get_mut(&id) else {
                continue;
            };
            if node.row.local.is_none() {
                node.row.local = Some(folder.key);
                node.row.base_local = (0, String::new());
                if let Some(remote) = &node.remote {
                    node.row.base_remote = remote.clone();
                    node.row.base_local = place.clone();
                }
            }
            node.row.is_fixed = folder.is_fixed;
            node.role_local = folder.role;
            node.local = Some(place);
        }
        Ok(())
    }

    /// A folder that only the server has, for the same purpose or at this place. It may be one that is gone here and was
    /// made again: by people, or by a run that was broken off.
    fn waiting_for_local(&self, place: &Place, role: Option<Role>) -> Option<FolderId> {
        let waiting = || self.nodes.values().filter(|node| node.row.local.is_none());
        let of_role = waiting().find(|node| role.is_some() && node.role_remote == role);
        let at_place = || {
            let is_here = |(parent, name): &Place| {
                *parent == place.0 && names::are_same(&names::safe(name), &place.1)
            };
            // One that is for something else is not this one, whatever it is called.
            let is_free = |node: &&Node| role.is_none() || node.role_remote.is_none();
            waiting()
                .filter(is_free)
                .find(|node| node.remote.as_ref().is_some_and(is_here))
        };
        of_role.or_else(at_place).map(|node| node.row.id)
    }

    /// Hears which folders the server has. One that is left out is asked for by `is_there`. Answers the folders that are
    /// gone.
    pub(crate) fn hear_remote(
        &mut self,
        state: &mut State,
        folders: Vec<RemoteFolder>,
        options: &Options,
        mut is_there: impl FnMut(&FolderKey) -> Answer<bool>,
        mut warn: impl FnMut(Warning),
    ) -> Answer<Vec<FolderId>> {
        let folders = wanted(folders, options, &mut warn);
        let mut matched: HashSet<FolderId> = HashSet::new();
        let mut roles: HashSet<Role> = HashSet::new();
        let mut ids: HashMap<FolderKey, FolderId> = HashMap::new();
        let listed: HashSet<FolderKey> = folders.iter().map(|f| f.0.key.clone()).collect();
        let identities = Identities::of(self, &folders);
        for (folder, is_wanted) in folders {
            let parent = folder.parent.as_ref().and_then(|key| ids.get(key).copied());
            let place = (parent.unwrap_or(0), folder.name.clone());
            let id = identities
                .find(&folder)
                .or_else(|| self.with_key(&folder.key))
                .filter(|id| !matched.contains(id))
                .or_else(|| self.of_role(folder.role, &matched))
                .or_else(|| self.at_place(&place, &matched, &listed));
            let id = match id {
                Some(id) => id,
                None if is_wanted => self.add(state)?.row.id,
                None => continue,
            };
            matched.insert(id);
            ids.insert(folder.key.clone(), id);
            // A key that has another owner now is this one's no more.
            for (other, node) in &mut self.nodes {
                if *other != id && node.row.remote.as_ref() == Some(&folder.key) {
                    node.row.remote = None;
                }
            }
            let Some(node) = self.nodes.get_mut(&id) else {
                continue;
            };
            if node.row.remote.is_none()
                && node.row.base_remote.1.is_empty()
                && let Some(local) = &node.local
            {
                node.row.base_remote = place.clone();
                node.row.base_local = local.clone();
            }
            node.row.remote = Some(folder.key);
            node.row.identity = folder.identity;
            node.row.holds_items = folder.holds_items;
            node.role_remote = folder.role.filter(|role| roles.insert(*role));
            node.remote = Some(place);
            node.is_frozen = !is_wanted;
        }
        let mut gone = Vec::new();
        for (id, node) in &mut self.nodes {
            if matched.contains(id) || (node.row.remote.is_none() && node.remote.is_none()) {
                continue;
            }
            // TWOWAY-07: a listing may leave out a folder. Only opening it tells.
            let is_left_out = match &node.row.remote {
                Some(key) => is_there(key).settle()?.unwrap_or(true),
                None => false,
            };
            if is_left_out {
                node.is_frozen = true;
                warn(Warning::new(
                    &node.row.base_remote.1,
                    "",
                    "the server does not list this folder, but has it; it is left as it is in this run",
                ));
            } else {
                gone.push(*id);
                node.remote = None;
                node.row.remote = None;
            }
        }
        Ok(gone)
    }

    /// The folder that has this key at the server.
    pub(crate) fn with_key(&self, key: &FolderKey) -> Option<FolderId> {
        let mut nodes = self.nodes.values();
        let found = nodes.find(|node| node.row.remote.as_ref() == Some(key));
        found.map(|node| node.row.id)
    }

    /// The folder that the local side has for this purpose, if the server has none for it yet.
    fn of_role(&self, role: Option<Role>, matched: &HashSet<FolderId>) -> Option<FolderId> {
        let role = role?;
        let mut nodes = self.nodes.values();
        let found = nodes.find(|node| {
            let is_free = node.row.remote.is_none() && !matched.contains(&node.row.id);
            is_free && node.role_local == Some(role)
        });
        found.map(|node| node.row.id)
    }

    /// The folder that a new key at a place belongs to, if it is one that is there under no other key.
    fn at_place(
        &self,
        place: &Place,
        matched: &HashSet<FolderId>,
        listed: &HashSet<FolderKey>,
    ) -> Option<FolderId> {
        let free = || {
            self.nodes.values().filter(|node| {
                let has_key = node
                    .row
                    .remote
                    .as_ref()
                    .is_some_and(|key| listed.contains(key));
                !matched.contains(&node.row.id) && !has_key
            })
        };
        // Its parent was renamed, and it with it.
        let along = free().find(|node| node.row.remote.is_some() && node.row.base_remote == *place);
        // The local side has it there: it is not at the server, or it was renamed there by us.
        let here = || {
            free().find(|node| {
                let is_here = |(parent, name): &Place| {
                    *parent == place.0 && names::are_same(name, &names::safe(&place.1))
                };
                let is_moved = node.local.as_ref() != Some(&node.row.base_local);
                let is_new = node.row.remote.is_none();
                (is_new || is_moved) && node.local.as_ref().is_some_and(is_here)
            })
        };
        along.or_else(here).map(|node| node.row.id)
    }

    /// Forgets folders that neither side has and nothing refers to.
    pub(crate) fn prune(&mut self, state: &mut State) -> Result<(), StateError> {
        let mut empty = Vec::new();
        for (id, node) in &self.nodes {
            let is_none = node.row.remote.is_none() && node.row.local.is_none();
            if is_none && !state.is_folder_used(*id)? {
                empty.push(*id);
            }
        }
        for id in empty {
            state.write(|tx| state::remove_folder(tx, id))?;
            self.nodes.remove(&id);
        }
        Ok(())
    }
}

/// Which identities name one folder on each side.
struct Identities {
    known: HashMap<String, Vec<FolderId>>,
    told: HashMap<String, usize>,
}

impl Identities {
    fn of(tree: &Tree, folders: &[(RemoteFolder, bool)]) -> Self {
        let mut known: HashMap<String, Vec<FolderId>> = HashMap::new();
        for node in tree.nodes.values() {
            if let Some(identity) = node
                .row
                .identity
                .clone()
                .filter(|_| node.row.remote.is_some())
            {
                known.entry(identity).or_default().push(node.row.id);
            }
        }
        let mut told: HashMap<String, usize> = HashMap::new();
        for identity in folders
            .iter()
            .filter_map(|(folder, _)| folder.identity.clone())
        {
            *told.entry(identity).or_default() += 1;
        }
        Self { known, told }
    }

    /// The folder that has this identity, if no other has it, on neither side (TWOWAY-14).
    fn find(&self, folder: &RemoteFolder) -> Option<FolderId> {
        // TWOWAY-14
        let identity = folder.identity.as_ref()?;
        let ids = self.known.get(identity)?;
        let is_only = ids.len() == 1 && self.told.get(identity) == Some(&1);
        ids.first().copied().filter(|_| is_only)
    }
}
