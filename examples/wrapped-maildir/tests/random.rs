//! Whatever is done to both sides, and whenever the process is killed: the next run makes them equal, a second
//! one does nothing, and no message is lost or doubled.

mod support;

use std::collections::BTreeMap;

use proptest::prelude::*;
use support::*;

#[derive(Debug, Clone)]
enum Edit {
    PutThere {
        flags: &'static str,
    },
    PutHere {
        flags: &'static str,
    },
    MarkThere {
        message: usize,
        flags: &'static str,
    },
    MarkHere {
        message: usize,
        flags: &'static str,
    },
    RemoveThere {
        message: usize,
    },
    Discard {
        message: usize,
    },
    TakeBack,
    Copy {
        message: usize,
    },
    Sync {
        scope: Scope,
        cancel_at: Option<usize>,
        kill_at: Option<usize>,
    },
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let flags = || prop::sample::select(vec!["", "S", "F", "FS", "RS"]);
    let put_flags = prop::sample::select(vec!["-", "", "S", "F"]);
    let scope = prop::sample::select(vec![FULL, FULL, FULL, UPLOAD, DOWNLOAD, HEADERS]);
    let cancel_at = prop::option::weighted(0.2, 0..4_usize);
    let kill_at = prop::option::weighted(0.6, 0..24_usize);
    let edit = prop_oneof![
        3 => put_flags.prop_map(|flags| Edit::PutThere { flags }),
        3 => flags().prop_map(|flags| Edit::PutHere { flags }),
        2 => (0..8_usize, flags()).prop_map(|(message, flags)| Edit::MarkThere { message, flags }),
        2 => (0..8_usize, flags()).prop_map(|(message, flags)| Edit::MarkHere { message, flags }),
        2 => (0..8_usize).prop_map(|message| Edit::RemoveThere { message }),
        3 => (0..8_usize).prop_map(|message| Edit::Discard { message }),
        2 => Just(Edit::TakeBack),
        1 => (0..8_usize).prop_map(|message| Edit::Copy { message }),
        5 => (scope, cancel_at, kill_at).prop_map(|(scope, cancel_at, kill_at)| Edit::Sync { scope, cancel_at, kill_at }),
    ];
    prop::collection::vec(edit, 0..28)
}

/// What must be found of a message in the end.
#[derive(Debug, Clone, Copy)]
struct Fate {
    /// At least so often.
    least: usize,
    /// And not more often.
    most: usize,
    /// Somebody has deleted it on the server.
    removed: bool,
}

#[derive(Default)]
struct Fates {
    of: BTreeMap<String, Fate>,
    put_so_far: usize,
}

impl Fates {
    fn new_message(&mut self) -> String {
        let subject = format!("m{:02}", self.put_so_far);
        self.put_so_far += 1;
        self.of.insert(
            subject.clone(),
            Fate {
                least: 1,
                most: 1,
                removed: false,
            },
        );
        subject
    }

    fn change(&mut self, subject: &str, change: impl FnOnce(&mut Fate)) {
        change(self.of.get_mut(subject).expect("a message of ours"));
    }
}

fn edit(world: &mut World, fates: &mut Fates, edit: &Edit) {
    let choose_there = |message: usize| {
        let names: Vec<String> = content(&world.server()).into_keys().collect();
        names.get(message.checked_rem(names.len())?).cloned()
    };
    let choose_here = |message: usize| {
        let messages = world.store.messages.borrow();
        message.checked_rem(messages.len())
    };
    match edit {
        Edit::PutThere { flags } => put(&world.server(), &fates.new_message(), flags),
        Edit::PutHere { flags } => world.put_here(&fates.new_message(), flags),
        Edit::MarkThere { message, flags } => {
            if let Some(name) = choose_there(*message) {
                mark(&world.server(), &name, flags);
            }
        }
        Edit::MarkHere { message, flags } => {
            if let Some(place) = choose_here(*message) {
                world.store.messages.borrow_mut()[place].flags =
                    wrapped_maildir32::maildir::Flags::parse(flags);
            }
        }
        Edit::RemoveThere { message } => {
            if let Some(name) = choose_there(*message) {
                let subject = subject_of(&content(&world.server())[&name].1);
                remove(&world.server(), &name);
                fates.change(&subject, |fate| {
                    fate.least = 0;
                    fate.removed = true;
                });
            }
        }
        Edit::Discard { message } => {
            if let Some(place) = choose_here(*message) {
                let message = world.store.messages.borrow_mut().remove(place);
                fates.change(&subject_of(&message.text), |fate| {
                    fate.least = fate.least.saturating_sub(1);
                });
                world.trash.push(message);
            }
        }
        Edit::TakeBack => {
            let Some(last) = world.trash.last().cloned() else {
                return;
            };
            let subject = subject_of(&last.text);
            fates.change(&subject, |fate| {
                // Of the header alone nothing can be made where the server has the message no more.
                fate.least = usize::from(!last.partial && !fate.removed);
                // It was kept, for somebody else has marked it: its user now has both.
                let here = world.here();
                fate.most += usize::from(here.split(' ').any(|one| one.starts_with(&subject)));
            });
            world.take_back();
        }
        Edit::Copy { message } => {
            if let Some(place) = choose_here(*message) {
                let copy = world.store.messages.borrow()[place].clone();
                // A copy of a header is no message.
                if !copy.partial {
                    fates.change(&subject_of(&copy.text), |fate| fate.most += 1);
                    world.store.add(copy);
                }
            }
        }
        Edit::Sync {
            scope,
            cancel_at,
            kill_at,
        } => {
            let disturbance = Disturbance {
                kill_at: *kill_at,
                cancel_at: *cancel_at,
                before_each: None,
            };
            let told = world.run(*scope, &disturbance);
            assert_eq!(told.warnings, [""; 0]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_message_is_lost_or_doubled(edits in edits()) {
        let mut world = World::new();
        let mut fates = Fates::default();
        for one in &edits {
            edit(&mut world, &mut fates, one);
        }
        world.ok(FULL);
        let there = content(&world.server());
        let mut here = world.content_here();
        // A header that was taken back, or whose message was deleted there before anybody knew of both.
        here.retain(|key, (_, text)| there.contains_key(key) || text.contains("\r\n\r\n"));
        prop_assert_eq!(&here, &there);
        for (subject, fate) in &fates.of {
            let found = there.values().filter(|(_, text)| subject_of(text) == *subject).count();
            prop_assert!(
                (fate.least..=fate.most).contains(&found),
                "{} is there {} times, not {:?}", subject, found, fate
            );
        }
        let told = world.ok(FULL);
        prop_assert_eq!(told.steps(), [""; 0]);
    }
}
