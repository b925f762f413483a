//! What becomes of one item that both sides have had: a pure function of its three states.

use std::fmt;

use crate::gate::Side;
use crate::item::Flags;
use crate::kept_flags::KeptFlags;
use crate::merge;
use crate::options::Scope;
use crate::remote::Abilities;
use crate::state::{FolderId, NewPair, ToldLocal, ToldRemote};

/// A step with one item.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ItemStep {
    /// Both sides say the same: it is only noted.
    Settle,
    /// It is gone on both sides: it is only noted.
    Forget,
    /// It is gone at the server and changed here: it goes up again.
    RestoreRemote,
    /// It is gone here and changed at the server: it comes down again.
    RestoreLocal,
    /// It is different.
    Change(Change),
    /// It is new at the server.
    Download,
    /// It is new here.
    Upload,
    /// It is gone at the server.
    DeleteLocal,
    /// It is gone here.
    DeleteRemote,
}

/// What is different in an item, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Flags that the server gets, and those that it loses.
    pub(crate) mark_remote: Option<(Flags, Flags)>,
    /// The flags that it has here afterwards.
    pub(crate) mark_local: Option<Flags>,
    /// The folder where it goes at the server.
    pub(crate) move_remote: Option<FolderId>,
    /// The folder where it goes here.
    pub(crate) move_local: Option<FolderId>,
    /// Which side may have another content.
    pub(crate) content: Content,
}

/// Which side may have another content. What it really is, is seen when it is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Content {
    #[default]
    Same,
    Remote,
    Local,
    Both,
}

impl ItemStep {
    /// What is done, without the item's own.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Settle => "note that both sides are equal",
            Self::Forget => "note that it is gone on both sides",
            Self::RestoreRemote => "restore at the server",
            Self::RestoreLocal => "restore here",
            Self::Change(_) => "change",
            Self::Download => "download",
            Self::Upload => "upload",
            Self::DeleteLocal => "delete here",
            Self::DeleteRemote => "delete at the server",
        }
    }

    /// What is done first: nothing is deleted before everything else is where it belongs (TWOWAY-13), and nothing is
    /// restored or forgotten before it is seen whether it was only moved.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Settle => 0,
            Self::RestoreLocal => 1,
            Self::Change(_) => 2,
            Self::Download => 3,
            Self::RestoreRemote | Self::Forget => 4,
            Self::Upload => 5,
            Self::DeleteLocal | Self::DeleteRemote => 6,
        }
    }

    /// The side of which it is believed that an item is gone there.
    pub(crate) fn believes(&self) -> Option<Side> {
        match self {
            Self::RestoreRemote | Self::DeleteLocal => Some(Side::Remote),
            Self::RestoreLocal | Self::DeleteRemote => Some(Side::Local),
            _ => None,
        }
    }

    /// The folder that it is in here afterwards.
    pub(super) fn target(&self, now: FolderId) -> FolderId {
        match self {
            Self::Change(change) => change.move_local.or(change.move_remote).unwrap_or(now),
            _ => now,
        }
    }
}

impl fmt::Display for ItemStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Change(change) = self else {
            return f.write_str(self.word());
        };
        let mut parts = Vec::new();
        if let Some((add, remove)) = &change.mark_remote {
            parts.push(format!("mark there +{add} -{remove}"));
        }
        if let Some(flags) = &change.mark_local {
            parts.push(format!("mark here {flags}"));
        }
        if change.move_remote.is_some() {
            parts.push("move there".to_owned());
        }
        if change.move_local.is_some() {
            parts.push("move here".to_owned());
        }
        match change.content {
            Content::Same => {}
            Content::Remote => parts.push("compare the server's content, and take it".to_owned()),
            Content::Local => parts.push("compare the content here, and send it".to_owned()),
            Content::Both => parts.push("compare both contents".to_owned()),
        }
        f.write_str(&parts.join(", "))
    }
}

/// What can be done at all.
pub(super) struct Rules<'a> {
    pub(super) abilities: Abilities,
    pub(super) scope: Scope,
    pub(super) kept_flags: &'a KeptFlags,
}

/// What becomes of an item, and what of it can't be done.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) step: Option<ItemStep>,
    pub(super) held_back: Vec<&'static str>,
}

impl From<ItemStep> for Decision {
    fn from(step: ItemStep) -> Self {
        Self {
            step: Some(step),
            held_back: Vec::new(),
        }
    }
}

/// Decides what becomes of an item that both sides have had. `remote` and `local` are what was told since; none: nothing.
pub(super) fn decide(
    pair: &NewPair,
    remote: Option<&ToldRemote>,
    local: Option<&ToldLocal>,
    rules: &Rules<'_>,
) -> Decision {
    // What has left all folders that are synchronised is as good as gone, but for this: the server has it still.
    let is_gone_there = remote.is_some_and(|told| told.is_gone);
    let has_left = remote.is_some_and(ToldRemote::has_left);
    let is_gone_here = local.is_some_and(|told| told.is_gone);
    let decision = match (is_gone_there || has_left, is_gone_here) {
        (true, true) => ItemStep::Forget.into(),
        // TWOWAY-09: the change wins over the deletion.
        (true, false) if is_changed_here(pair, local, rules) && is_gone_there => {
            ItemStep::RestoreRemote.into()
        }
        // The server has it still, elsewhere: what was changed here goes there first.
        (true, false) if is_changed_here(pair, local, rules) => change(pair, remote, local, rules),
        (true, false) => ItemStep::DeleteLocal.into(),
        (false, true) if is_changed_there(pair, remote, rules) => ItemStep::RestoreLocal.into(),
        (false, true) => ItemStep::DeleteRemote.into(),
        (false, false) => change(pair, remote, local, rules),
    };
    within(decision, rules)
}

fn is_changed_here(pair: &NewPair, local: Option<&ToldLocal>, rules: &Rules<'_>) -> bool {
    // A flag that the server can't have is no reason for it to get an item back that was deleted there.
    let kept = |flags| rules.kept_flags.kept(pair.folder, flags);
    local.is_some_and(|told| {
        told.revision != pair.revision
            || kept(&told.flags) != kept(&pair.flags)
            || told.folder != pair.folder
    })
}

fn is_changed_there(pair: &NewPair, remote: Option<&ToldRemote>, rules: &Rules<'_>) -> bool {
    remote.is_some_and(|told| {
        let folder = told.home(pair.folder);
        told.version != pair.version
            || rules.kept_flags.as_meant(folder, &told.flags, &pair.flags) != pair.flags
            || !told.folders.contains(&pair.folder)
    })
}

/// What this run, with this server, does of a decision.
fn within(mut decision: Decision, rules: &Rules<'_>) -> Decision {
    let Rules {
        abilities, scope, ..
    } = rules;
    let (writes_there, writes_here) = match &decision.step {
        Some(ItemStep::DeleteRemote | ItemStep::RestoreRemote) => (true, false),
        Some(ItemStep::DeleteLocal | ItemStep::RestoreLocal) => (false, true),
        _ => (false, false),
    };
    if writes_there && !scope.upload || writes_here && !scope.download {
        return Decision::default();
    }
    let is_deletion = decision.step == Some(ItemStep::DeleteRemote);
    if is_deletion && !abilities.delete {
        decision.step = None;
        decision
            .held_back
            .push("what is deleted here stays at the server: it deletes nothing");
    }
    decision
}

fn change(
    pair: &NewPair,
    remote: Option<&ToldRemote>,
    local: Option<&ToldLocal>,
    rules: &Rules<'_>,
) -> Decision {
    let mut held_back = Vec::new();
    let flags_here = local.map_or(&pair.flags, |told| &told.flags);
    let (move_remote, move_local) = moves(pair, remote, local);
    let has = remote.map_or(&pair.flags, |told| &told.flags);
    let home = remote.map_or(pair.folder, |told| told.home(pair.folder));
    // TWOWAY-11: what the server can't have, nobody has taken away there.
    let flags_there = rules.kept_flags.as_meant(home, has, &pair.flags);
    let merged = merge::flags(&pair.flags, &flags_there, flags_here);
    let added = merged.without(has);
    // TWOWAY-20: what it can't keep is not sent again and again.
    let add = rules.kept_flags.kept(move_remote.unwrap_or(home), &added);
    let remove = has.without(&merged);
    let stays_here = added.without(&add).without(&pair.flags);
    if !stays_here.is_empty() {
        held_back.push("some flags stay here: the server keeps no such flags in this folder");
    }
    let content = contents(pair, remote, local, rules);
    let is_marked = !add.is_empty() || !remove.is_empty();
    let mut change = Change {
        mark_remote: is_marked.then(|| (add.clone(), remove)),
        mark_local: (merged != *flags_here).then_some(merged),
        move_remote,
        move_local,
        content,
    };
    let whole = change.clone();
    let Rules {
        abilities, scope, ..
    } = rules;
    if change.mark_remote.is_some() && !abilities.mark {
        change.mark_remote = None;
        held_back.push("flags stay here: the server keeps none");
    }
    if change.move_remote.is_some() && !abilities.move_item {
        change.move_remote = None;
        held_back.push("what is moved here stays where it is at the server: it moves nothing");
    }
    if matches!(change.content, Content::Local | Content::Both) && !super::can_edit(abilities) {
        change.content = Content::Same;
        held_back.push("edits stay here: the server takes none");
    }
    if matches!(change.content, Content::Local | Content::Both) && pair.header_only {
        change.content = Content::Same;
        held_back.push("edits stay here: the rest of the item is not here yet");
    }
    if !scope.upload {
        change.mark_remote = None;
        change.move_remote = None;
        if change.content != Content::Remote {
            change.content = Content::Same;
        }
    }
    if !scope.download {
        change.mark_local = None;
        change.move_local = None;
        if change.content != Content::Local {
            change.content = Content::Same;
        }
    }
    let is_nothing = change == Change::default();
    let is_all = change == whole && stays_here.is_empty();
    let step = match (is_nothing, is_all) {
        (false, _) => Some(ItemStep::Change(change)),
        (true, true) => Some(ItemStep::Settle),
        (true, false) => None,
    };
    Decision { step, held_back }
}

/// Where it goes: there, and here.
fn moves(
    pair: &NewPair,
    remote: Option<&ToldRemote>,
    local: Option<&ToldLocal>,
) -> (Option<FolderId>, Option<FolderId>) {
    let here = local.map_or(pair.folder, |told| told.folder);
    let Some(remote) = remote else {
        return ((here != pair.folder).then_some(here), None);
    };
    if remote.folders.contains(&here) {
        return (None, None);
    }
    if remote.folders.contains(&pair.folder) {
        // Only moved here.
        return (Some(here), None);
    }
    // Moved there, or on both sides to different places: the server's holds.
    (None, remote.folders.first().copied())
}

fn contents(
    pair: &NewPair,
    remote: Option<&ToldRemote>,
    local: Option<&ToldLocal>,
    rules: &Rules<'_>,
) -> Content {
    let is_edited_there = remote.is_some_and(|told| told.version != pair.version);
    let is_edited_here = local.is_some_and(|told| told.revision != pair.revision);
    let is_to_complete = pair.header_only && !rules.scope.headers_only && rules.scope.download;
    match (is_edited_there || is_to_complete, is_edited_here) {
        (false, false) => Content::Same,
        (true, false) => Content::Remote,
        (false, true) => Content::Local,
        (true, true) => Content::Both,
    }
}

#[cfg(test)]
mod tests;
