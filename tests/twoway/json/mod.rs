//! A server that is nothing like IMAP: JSON over HTTP, with items in several folders at once.

mod client;
mod server;

use std::collections::BTreeSet;

use mapi_provider_twoway::{Report, Silent, Stop};

use crate::sim::server::Kind;
use crate::world::World;
use client::JsonServer;
use server::Server;

fn mail(name: &str) -> String {
    format!("Subject: {name}\r\n\r\nText of {name}\r\n")
}

/// A store and a server.
struct Both {
    world: World,
    server: Server,
}

impl Both {
    /// Three items, one of them in two folders, which both sides have.
    fn new() -> Self {
        let mut both = Self {
            world: World::new(Kind::jmap()),
            server: Server::start(),
        };
        {
            let mut data = both.server.data();
            let inbox = data.make_folder("Inbox", None);
            let work = data.make_folder("Work", None);
            data.make_folder("Deep", Some(work));
            data.add(&[inbox], &mail("a"));
            data.add(&[inbox], &mail("b"));
            data.add(&[inbox, work], &mail("both"));
            data.add(&[work], &mail("d"));
            data.add(&[work], &mail("e"));
        }
        both.settle();
        both
    }

    fn run(&mut self) -> (Result<(), Stop>, Report) {
        let remote = JsonServer(self.server.address);
        self.world.run_with(&remote, &Silent)
    }

    /// Runs until nothing is left to do.
    fn settle(&mut self) {
        for _ in 0..2 {
            let (ended, report) = self.run();
            ended.unwrap_or_else(|stop| panic!("{stop}: {report}"));
            assert_eq!(report.warnings, [], "{report}");
        }
        let (ended, report) = self.run();
        ended.expect("nothing goes wrong");
        assert!(report.is_nothing(), "{report}");
        let here = self.world.here();
        let there = self.there();
        assert_eq!(here.len(), there.len(), "{here:?} {there:?}");
        for (path, content, flags) in here {
            let is_it = |one: &&There| one.1 == content && one.2 == flags && one.0.contains(&path);
            assert!(
                there.iter().any(|one| is_it(&one)),
                "{path} {content:?}: {there:?}"
            );
        }
    }

    /// Paths, content and flags of each item.
    fn there(&self) -> Vec<There> {
        let data = self.server.data();
        let path = |id: &String| {
            let mut names = Vec::new();
            let mut next = id[1..].parse().ok();
            while let Some(id) = next {
                let (name, parent) = &data.folders[&id];
                names.insert(0, name.clone());
                next = *parent;
            }
            names.join("/")
        };
        let items = data.items.values();
        items
            .map(|item| {
                let flags: mapi_provider_twoway::Flags = item.flags.iter().cloned().collect();
                let content = String::from_utf8(item.content.clone()).expect("text");
                (
                    item.folders.iter().map(path).collect(),
                    content,
                    flags.to_string(),
                )
            })
            .collect()
    }

    fn paths(&self, text: &str) -> BTreeSet<String> {
        let there = self.there();
        let found = there.iter().find(|one| one.1.contains(text));
        found
            .unwrap_or_else(|| panic!("no {text}: {there:?}"))
            .0
            .clone()
    }

    fn id(&self, text: &str) -> u64 {
        let data = self.server.data();
        let mut items = data.items.iter();
        let found = items.find(|(_, item)| String::from_utf8_lossy(&item.content).contains(text));
        *found.expect("there").0
    }
}

type There = (BTreeSet<String>, String, String);

/// One change of each kind on each side.
fn change(both: &mut Both) {
    both.world.move_message("a", "Work/Deep");
    both.world.edit("b", "edited");
    both.world.delete("d");
    both.world.write_message("Work", "new here");
    both.world.set_read("both", true);
    both.world.make_folder("Work", "Made");
    let id = both.id("Text of e");
    let mut data = both.server.data();
    data.edit(id, &mail("other"));
    data.touch(id).flags.insert("later".to_owned());
    let play = data.make_folder("Play", None);
    data.add(&[play], &mail("new there"));
}

fn check(both: &Both, what: &str) {
    let there = both.there();
    let texts = [
        "Text of a",
        "edited",
        "Text of both",
        "written here",
        "Text of other",
        "new there",
    ];
    for text in texts {
        let count = there.iter().filter(|one| one.1.contains(text)).count();
        assert_eq!(count, 1, "{text}, {what}: {there:?}");
    }
    assert_eq!(there.len(), texts.len(), "{what}: {there:?}");
}

#[test]
fn a_server_of_json_is_one_side() {
    let mut both = Both::new();
    change(&mut both);
    both.settle();
    check(&both, "once");
    let only = |path: &str| BTreeSet::from([path.to_owned()]);
    assert_eq!(both.paths("Text of a"), only("Work/Deep"));
    let data = both.server.data();
    assert!(data.folders.values().any(|(name, _)| name == "Made"));
}

#[test]
fn an_item_in_two_folders_is_one_here_and_leaves_only_the_folder_that_it_is_moved_from() {
    let mut both = Both::new();
    assert_eq!(both.world.here().len(), 5);
    let was_in = both.world.path_of("both");
    both.world.move_message("both", "Work/Deep");
    both.settle();
    let mut expected = BTreeSet::from(["Inbox".to_owned(), "Work".into(), "Work/Deep".into()]);
    expected.remove(&was_in);
    assert_eq!(both.paths("Text of both"), expected);
}

#[test]
fn twoway_03_a_connection_that_is_cut_at_any_request_loses_and_doubles_nothing() {
    for is_done in [false, true] {
        for at in 1.. {
            let mut both = Both::new();
            change(&mut both);
            {
                let mut data = both.server.data();
                data.requests = 0;
                data.cut = Some((at, is_done));
            }
            let (ended, report) = both.run();
            ended.unwrap_or_else(|stop| panic!("{stop} at {at}: {report}"));
            let was_cut = both.server.data().requests >= at;
            both.settle();
            check(&both, &format!("cut at {at}, done: {is_done}"));
            if !was_cut {
                assert!(at > 10, "only {at} requests");
                break;
            }
        }
    }
}
