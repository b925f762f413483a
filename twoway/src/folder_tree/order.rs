//! The order of folders: each comes after the one that it is in.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::item::FolderKey;
use crate::options::Options;
use crate::remote::RemoteFolder;
use crate::report::Warning;

/// All folders, parents first, each with whether the options take it or one below it. A key that comes twice counts
/// once; parents that don't exist, or are their own children, are left out.
pub(super) fn wanted(
    folders: Vec<RemoteFolder>,
    options: &Options,
    warn: &mut impl FnMut(Warning),
) -> Vec<(RemoteFolder, bool)> {
    let mut seen = HashSet::new();
    let (single, double): (Vec<_>, Vec<_>) = folders.into_iter().partition(|folder| {
        let is_sane = folder.key.as_str().len() <= 4096 && !folder.name.is_empty();
        is_sane && seen.insert(folder.key.clone())
    });
    for folder in double {
        let name: String = folder.name.chars().take(100).collect();
        warn(Warning::new(
            &name,
            "",
            "the server lists this folder twice, or its name is none",
        ));
    }
    let folders = parents_first(
        single,
        |f| f.key.clone(),
        |f| f.parent.clone(),
        |f| {
            f.parent = None;
        },
    );
    let mut paths: HashMap<FolderKey, String> = HashMap::new();
    for folder in &folders {
        let above = folder.parent.as_ref().and_then(|key| paths.get(key));
        let path = match above {
            Some(above) => format!("{above}/{}", folder.name),
            None => folder.name.clone(),
        };
        paths.insert(folder.key.clone(), path);
    }
    let takes = |folder: &RemoteFolder| {
        paths
            .get(&folder.key)
            .is_some_and(|path| options.takes_folder(path))
    };
    let mut needed: HashSet<FolderKey> = HashSet::new();
    for folder in folders.iter().rev() {
        if takes(folder) || needed.contains(&folder.key) {
            needed.insert(folder.key.clone());
            needed.extend(folder.parent.clone());
        }
    }
    folders
        .into_iter()
        .map(|mut folder| {
            folder.holds_items &= takes(&folder);
            let is_needed = needed.contains(&folder.key);
            (folder, is_needed)
        })
        .collect()
}

/// Folders in an order in which each comes after its parent. `detach` makes one a folder at the top: its parent is not
/// there, or is below it.
pub(super) fn parents_first<F, K: Ord + std::hash::Hash + Clone>(
    folders: Vec<F>,
    key: impl Fn(&F) -> K,
    parent: impl Fn(&F) -> Option<K>,
    detach: impl Fn(&mut F),
) -> Vec<F> {
    let keys: HashSet<K> = folders.iter().map(&key).collect();
    let mut children: BTreeMap<Option<K>, Vec<F>> = BTreeMap::new();
    for folder in folders {
        let above = parent(&folder).filter(|above| keys.contains(above));
        children.entry(above).or_default().push(folder);
    }
    let mut ordered = Vec::new();
    let mut waiting: Vec<F> = children.remove(&None).unwrap_or_default();
    for folder in &mut waiting {
        detach(folder);
    }
    waiting.reverse();
    loop {
        while let Some(folder) = waiting.pop() {
            let below = children.remove(&Some(key(&folder))).unwrap_or_default();
            waiting.extend(below.into_iter().rev());
            ordered.push(folder);
        }
        // What is left is circles: each is cut at one place, the same in every run (TWOWAY-02).
        let Some(above) = children.keys().next().cloned() else {
            return ordered;
        };
        let mut circle = children.remove(&above).unwrap_or_default();
        if let Some(first) = circle.first_mut() {
            detach(first);
        }
        let rest = circle.split_off(1.min(circle.len()));
        waiting.extend(circle);
        if !rest.is_empty() {
            children.entry(above).or_default().extend(rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(folders: &[(&str, Option<&str>)]) -> Vec<(String, Option<String>)> {
        let folders = folders
            .iter()
            .map(|(key, parent)| ((*key).to_owned(), parent.map(str::to_owned)))
            .collect();
        parents_first(
            folders,
            |f: &(String, Option<String>)| f.0.clone(),
            |f| f.1.clone(),
            |f| {
                f.1 = None;
            },
        )
    }

    #[test]
    fn parents_come_first_and_circles_are_cut() {
        let keys = |folders: &[(&str, Option<&str>)]| -> Vec<String> {
            order(folders).into_iter().map(|f| f.0).collect()
        };
        assert_eq!(keys(&[("b", Some("a")), ("a", None)]), ["a", "b"]);
        assert_eq!(keys(&[("b", Some("nowhere"))]), ["b"]);
        let circle = order(&[("a", Some("b")), ("b", Some("a")), ("c", Some("c"))]);
        assert_eq!(circle.len(), 3);
        assert_eq!(circle.iter().filter(|f| f.1.is_none()).count(), 2);
        for _ in 0..20 {
            let again = order(&[("b", Some("a")), ("a", Some("b")), ("c", Some("c"))]);
            assert_eq!(
                again[0],
                ("b".to_owned(), None),
                "it is cut at the same place"
            );
        }
    }
}
