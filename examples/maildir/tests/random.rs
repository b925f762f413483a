//! Whatever is done to both sides, a run makes them equal, a second one does nothing, and no message is lost.

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use proptest::prelude::*;
use support::*;

#[derive(Debug, Clone)]
enum Edit {
    Put {
        local: bool,
        flags: &'static str,
    },
    Mark {
        local: bool,
        message: usize,
        flags: &'static str,
    },
    Remove {
        local: bool,
        message: usize,
    },
    Sync {
        scope: Scope,
        cancel_at: Option<usize>,
    },
    LoseState,
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let flags = || prop::sample::select(vec!["", "S", "F", "FS", "RS"]);
    let put_flags = prop::sample::select(vec!["-", "", "S", "F"]);
    let scope = prop::sample::select(vec![FULL, UPLOAD, DOWNLOAD, HEADERS]);
    let edit = prop_oneof![
        4 => (any::<bool>(), put_flags).prop_map(|(local, flags)| Edit::Put { local, flags }),
        4 => (any::<bool>(), 0..8_usize, flags()).prop_map(|(local, message, flags)| Edit::Mark { local, message, flags }),
        3 => (any::<bool>(), 0..8_usize).prop_map(|(local, message)| Edit::Remove { local, message }),
        4 => (scope, prop::option::of(0..4_usize)).prop_map(|(scope, cancel_at)| Edit::Sync { scope, cancel_at }),
        1 => Just(Edit::LoseState),
    ];
    prop::collection::vec(edit, 0..24)
}

/// The name of one of a side's messages, if it has any.
fn choose(root: &Path, message: usize) -> Option<String> {
    let names: Vec<String> = content(root).into_keys().collect();
    names.get(message.checked_rem(names.len())?).cloned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_sides_become_equal_and_nothing_is_lost(edits in edits()) {
        let mut world = World::new();
        world.ok(DOWNLOAD);
        let (mut put_so_far, mut removed) = (0, BTreeSet::new());
        for edit in &edits {
            let side = |local: bool| if local { world.local() } else { world.server() };
            match edit {
                Edit::Put { local, flags } => {
                    put(&side(*local), &format!("m{put_so_far:02}"), flags);
                    put_so_far += 1;
                }
                Edit::Mark { local, message, flags } => {
                    if let Some(name) = choose(&side(*local), *message) {
                        mark(&side(*local), &name, flags);
                    }
                }
                Edit::Remove { local, message } => {
                    if let Some(name) = choose(&side(*local), *message) {
                        remove(&side(*local), &name);
                        removed.insert(name);
                    }
                }
                Edit::Sync { scope, cancel_at } => {
                    let (server, local) = (content(&world.server()), content(&world.local()));
                    let told = world.run(*scope, *cancel_at, &|_| {});
                    prop_assert_eq!(told.warnings, [""; 0]);
                    if *scope == DOWNLOAD || *scope == HEADERS {
                        prop_assert_eq!(&content(&world.server()), &server, "a download changed the server");
                    }
                    if *scope == UPLOAD {
                        prop_assert_eq!(&content(&world.local()), &local, "an upload changed the local folder");
                    }
                }
                Edit::LoseState => world.cursor = None,
            }
        }

        world.ok(FULL);
        let mut server = content(&world.server());
        let mut local = content(&world.local());
        // A header whose message was deleted on the server before the state was lost stays here, alone.
        let stub = |text: &str| text.starts_with("X-Maildir-Partial:");
        local.retain(|name, (_, text)| !(stub(text) && removed.contains(name)) );
        prop_assert_eq!(&server, &local);
        server.retain(|_, (_, text)| !stub(text));
        prop_assert_eq!(server.len(), local.len(), "a header was uploaded or not completed");
        for number in 0..put_so_far {
            let name = format!("m{number:02}");
            prop_assert!(removed.contains(&name) || server[&name].1 == message(&name), "{} is lost", name);
        }
        let told = world.ok(FULL);
        prop_assert_eq!(told.steps(), [""; 0]);
        let leftovers = files(&world.local()).into_iter().chain(files(&world.server()));
        prop_assert_eq!(leftovers.filter(|name| name.starts_with("tmp/")).count(), 0);
    }
}
