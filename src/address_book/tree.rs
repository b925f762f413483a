//! The containers of a directory: a tree of what the logic says (AB-11, AB-12).

use std::collections::{HashMap, HashSet};

use super::logic::Container;

/// The containers, in the order of the tree.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Tree(Vec<Branch>);

/// A container in the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Branch {
    pub(crate) key: String,
    pub(crate) name: String,
    /// Of those on top 0.
    pub(crate) depth: usize,
    pub(crate) has_children: bool,
}

impl Tree {
    /// The tree of some containers. One whose parent is nowhere, or that lies in itself, is on top; of two with one key the
    /// first counts. `name` is that of one that has none.
    pub(super) fn new(containers: Vec<Container>, name: &str) -> Self {
        let mut seen = HashSet::new();
        let mut all = containers;
        all.retain(|one| seen.insert(one.key.clone()));
        let mut below: HashMap<Option<String>, Vec<usize>> = HashMap::new();
        for (place, one) in all.iter().enumerate() {
            let parent = one.parent.clone().filter(|parent| seen.contains(parent));
            below.entry(parent).or_default().push(place);
        }
        let mut tree = Self::default();
        let mut left: HashSet<usize> = (0..all.len()).collect();
        // Those on top first, then those that lie in each other.
        let top = below.remove(&None).unwrap_or_default();
        for place in top.into_iter().chain(0..all.len()) {
            tree.put(&all, &mut below, place, &mut left, name);
        }
        tree
    }

    /// Puts in a container that is left, with all that are below it. Nothing recurses.
    fn put(
        &mut self,
        all: &[Container],
        below: &mut HashMap<Option<String>, Vec<usize>>,
        first: usize,
        left: &mut HashSet<usize>,
        name: &str,
    ) {
        let mut next = vec![(first, 0)];
        while let Some((place, depth)) = next.pop() {
            if !left.remove(&place) {
                continue;
            }
            let one = &all[place];
            let children = below.remove(&Some(one.key.clone())).unwrap_or_default();
            let children: Vec<usize> = children
                .into_iter()
                .filter(|one| left.contains(one))
                .collect();
            self.0.push(Branch {
                key: one.key.clone(),
                name: match &*one.name {
                    "" => name.to_owned(),
                    own => own.to_owned(),
                },
                depth,
                has_children: !children.is_empty(),
            });
            next.extend(children.into_iter().rev().map(|child| (child, depth + 1)));
        }
    }

    /// All containers, each before those below it.
    #[cfg(test)]
    fn all(&self) -> &[Branch] {
        &self.0
    }

    /// A container.
    pub(crate) fn get(&self, key: &str) -> Option<&Branch> {
        self.0.iter().find(|branch| branch.key == key)
    }

    /// The containers below one, or below the root: with those below them, or without.
    pub(crate) fn below(&self, key: Option<&str>, deep: bool) -> Vec<Branch> {
        let (from, top) = match key {
            None => (0, 0),
            Some(key) => match self.0.iter().position(|branch| branch.key == key) {
                Some(place) => (place + 1, self.0[place].depth + 1),
                None => return Vec::new(),
            },
        };
        let inside = self.0[from..].iter().take_while(|one| one.depth >= top);
        let shown = inside.filter(|one| deep || one.depth == top);
        let from_top = |one: &Branch| Branch {
            depth: one.depth - top,
            ..one.clone()
        };
        shown.map(from_top).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(key: &str, parent: Option<&str>) -> Container {
        Container {
            key: key.to_owned(),
            name: String::new(),
            parent: parent.map(str::to_owned),
        }
    }

    fn shown(branches: &[Branch]) -> Vec<(&str, usize, bool)> {
        let one = |branch: &'_ Branch| (branch.depth, branch.has_children);
        branches
            .iter()
            .map(|branch| (&*branch.key, one(branch).0, one(branch).1))
            .collect()
    }

    #[test]
    fn ab_12_containers_are_in_the_order_of_the_tree() {
        let all = [
            container("a", None),
            container("b", None),
            container("a2", Some("a")),
            container("a1", Some("a")),
            container("a2x", Some("a2")),
            container("a", Some("b")),
            container("lost", Some("nowhere")),
        ];
        let tree = Tree::new(all.to_vec(), "Book");
        let expected = [
            ("a", 0, true),
            ("a2", 1, true),
            ("a2x", 2, false),
            ("a1", 1, false),
            ("b", 0, false),
            ("lost", 0, false),
        ];
        assert_eq!(shown(tree.all()), expected);
        let first = [("a", 0, true), ("b", 0, false), ("lost", 0, false)];
        assert_eq!(shown(&tree.below(None, false)), first);
        let below = tree.below(Some("a"), true);
        assert_eq!(
            shown(&below),
            [("a2", 0, true), ("a2x", 1, false), ("a1", 0, false)]
        );
        assert_eq!(tree.get("b").map(|branch| &*branch.name), Some("Book"));
    }

    #[test]
    fn ab_11_containers_that_lie_in_each_other_end_nothing() {
        let all = [
            container("a", Some("b")),
            container("b", Some("a")),
            container("c", Some("c")),
        ];
        let tree = Tree::new(all.to_vec(), "Book");
        assert_eq!(
            shown(tree.all()),
            [("a", 0, true), ("b", 1, false), ("c", 0, false)]
        );
    }
}
