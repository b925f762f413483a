//! The board of the chapter on two-way synchronisation: what it promises, with a connection that is lost at any call.

#[path = "../examples/two-way/board.rs"]
mod board;
#[path = "../examples/two-way/verbs.rs"]
mod verbs;

use std::collections::BTreeSet;

use board::{Board, Ticket};
use mapi_provider::SyncJob;
use mapi_provider::abi::PR_SUBJECT_W;
use mapi_provider::mailbox::database::{MessageId, Options, Special, Store};
use mapi_provider::mailbox::logic::Mailbox;
use mapi_provider::twoway::{self, Faulty, Lost, Remote};

/// Both sides.
struct World {
    board: Board,
    mailbox: Mailbox,
    _folder: tempfile::TempDir,
}

impl World {
    /// A board with three tickets, and a mailbox that has them.
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let options = Options::new().track_local_changes(true);
        let store = Store::open_with(&folder.path().join("board.db"), options).expect("a store");
        let world = Self {
            board: Board::at("test"),
            mailbox: Mailbox::new(store),
            _folder: folder,
        };
        for (label, subject) in [("Bugs", "Crash"), ("Bugs", "Typo"), ("Ideas", "Dark mode")] {
            world.create(label, subject);
        }
        world.run(&world.board).expect("nothing is in the way");
        world
    }

    fn create(&self, label: &str, subject: &str) -> String {
        self.board.ask().create(Ticket {
            label: label.to_owned(),
            text: format!("Subject: {subject}\r\n\r\nText\r\n").into_bytes(),
            ..Ticket::default()
        })
    }

    fn run(&self, server: &dyn Remote) -> Result<twoway::Report, mapi_provider::SyncError> {
        let test = SyncJob::for_test().mailbox(self.mailbox.clone());
        twoway::synchronize(server, &test.job())
    }

    /// What people do on both sides.
    fn change_both(&self) {
        self.create("Bugs", "Slow start");
        let id = self.id("Typo");
        self.board.ask().delete(&id);
        let (crash, idea) = (self.message("Crash"), self.message("Dark mode"));
        let path = self.mailbox.store().path().expect("a file");
        let client = Store::open_existing(path).expect("there");
        let changed = client.write(|tx| {
            tx.set_read(&[crash], true)?;
            tx.delete_messages(&[idea]).map(drop)
        });
        changed.expect("writable");
    }

    fn message(&self, subject: &str) -> MessageId {
        let all = self.messages().into_iter();
        let found = all.into_iter().find(|(_, text, _)| text.1 == subject);
        found.expect("there").0
    }

    fn messages(&self) -> Vec<(MessageId, (String, String), bool)> {
        let read = self.mailbox.store().read(|reader| {
            let top = reader.special(Special::IpmSubtree)?;
            let mut all = Vec::new();
            for (_, folder) in reader.tree(top)? {
                for id in reader.message_ids(folder.id)? {
                    let info = reader.message_info(id)?.expect("there");
                    let props = reader.some_message_props(id, &[PR_SUBJECT_W.id()])?;
                    let subject = props.text(PR_SUBJECT_W).unwrap_or_default();
                    all.push((id, (folder.name.clone(), subject), info.read));
                }
            }
            Ok(all)
        });
        read.expect("readable")
    }

    fn here(&self) -> BTreeSet<(String, String, bool)> {
        let all = self.messages();
        let count = all.len();
        let set: BTreeSet<_> = all
            .into_iter()
            .map(|(_, (folder, subject), read)| (folder, subject, read))
            .collect();
        assert_eq!(set.len(), count, "a message is there twice: {set:?}");
        set
    }

    /// Both sides are equal, and the next run has nothing to do.
    fn check_settled(&self) {
        self.run(&self.board).expect("nothing is in the way");
        assert_eq!(self.here(), self.there());
        let report = self.run(&self.board).expect("nothing is in the way");
        assert!(report.is_nothing(), "{report}");
    }

    fn id(&self, subject: &str) -> String {
        let tickets = self.board.ask();
        let mut all = tickets.all.iter();
        let found = all.find(|(_, ticket)| self::subject(&ticket.text) == subject);
        found.expect("there").0.clone()
    }

    fn there(&self) -> BTreeSet<(String, String, bool)> {
        let tickets = self.board.ask();
        let one = |ticket: &Ticket| (ticket.label.clone(), subject(&ticket.text), ticket.done);
        let all: Vec<_> = tickets.all.values().map(one).collect();
        let set: BTreeSet<_> = all.iter().cloned().collect();
        assert_eq!(set.len(), all.len(), "a ticket is there twice: {all:?}");
        set
    }
}

fn subject(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let line = text.lines().find_map(|line| line.strip_prefix("Subject: "));
    line.unwrap_or_default().to_owned()
}

fn expected() -> BTreeSet<(String, String, bool)> {
    [("Bugs", "Crash", true), ("Bugs", "Slow start", false)]
        .map(|(label, subject, done)| (label.to_owned(), subject.to_owned(), done))
        .into()
}

#[test]
fn both_sides_become_equal() {
    let world = World::new();
    assert_eq!(world.here(), world.there());
    world.change_both();
    world.check_settled();
    assert_eq!(world.here(), expected());
}

#[test]
fn every_call_may_be_lost() {
    for lost in [Lost::Request, Lost::Answer] {
        for call in 1.. {
            let world = World::new();
            world.change_both();
            let server = Faulty::new(world.board.clone(), call, lost);
            // It connects again by itself; if it does not, the next run goes on.
            let _ = world.run(&server);
            world.check_settled();
            assert_eq!(world.here(), expected(), "{lost:?} at call {call}");
            if server.calls() < call {
                assert!(call > 5, "a run has more than {call} calls");
                break;
            }
        }
    }
}
