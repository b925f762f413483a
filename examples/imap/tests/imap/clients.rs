//! Several clients that write at once while runs go on: a telephone, a laptop, another program.
//!
//! Each of them touches only what it has brought itself, and so knows what must be there in the end. It is done by chance, the
//! same each time. `IMAP_TEST_CLIENTS=400` is the long form.

use std::collections::BTreeMap;
use std::thread;

use mapi_provider_twoway::Silent;

use crate::changes;
use crate::client::Client;
use crate::dovecot::{BARE, NO_CONDSTORE, WHOLE};
use crate::world::{World, mail};

const FOLDERS: [&str; 3] = ["INBOX", "Work", "Play"];

/// How often each does something.
fn actions() -> usize {
    let told = std::env::var("IMAP_TEST_CLIENTS").ok();
    told.map_or(40, |told| told.parse().expect("a number"))
}

/// Numbers by chance.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 20) as usize % end
    }
}

/// A message, as whoever brought it knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    folder: &'static str,
    text: String,
    flags: Vec<String>,
}

/// By their subjects.
type All = BTreeMap<String, Known>;

/// One of those who write.
struct Writer {
    name: String,
    chance: Chance,
    count: usize,
    all: All,
}

impl Writer {
    fn new(number: u64) -> Self {
        Self {
            name: format!("w{number}"),
            chance: Chance((0x9E37_79B9_7F4A_7C15 ^ (number << 32)) | 1),
            count: 0,
            all: All::new(),
        }
    }

    fn folder(&mut self) -> &'static str {
        FOLDERS[self.chance.below(FOLDERS.len())]
    }

    /// A subject that no other one is a part of.
    fn new_subject(&mut self) -> String {
        self.count += 1;
        format!("{}-{:05}", self.name, self.count)
    }

    fn any(&mut self) -> Option<String> {
        let at = self.chance.below(self.all.len().max(1));
        self.all.keys().nth(at).cloned()
    }

    fn bring(&mut self, subject: String, folder: &'static str) {
        let known = Known {
            folder,
            text: format!("Text of {subject}"),
            flags: Vec::new(),
        };
        self.all.insert(subject, known);
    }

    fn known(&mut self, subject: &str) -> &mut Known {
        self.all.get_mut(subject).expect("it has brought it")
    }

    /// Adds a flag, or takes it away.
    fn turn(&mut self, subject: &str, flag: &str) -> bool {
        let flags = &mut self.known(subject).flags;
        let before = flags.len();
        flags.retain(|one| one != flag);
        let is_new = flags.len() == before;
        if is_new {
            flags.push(flag.to_owned());
        }
        is_new
    }
}

/// What another client does once.
fn act_there(writer: &mut Writer, client: &mut Client) {
    let action = writer.chance.below(8);
    let Some(subject) = writer.any().filter(|_| action > 2) else {
        let (subject, folder) = (writer.new_subject(), writer.folder());
        client.put(folder, mail(&subject).as_bytes(), "");
        return writer.bring(subject, folder);
    };
    let folder = writer.known(&subject).folder;
    match action {
        3 | 4 => {
            let keyword = format!("of-{}", writer.name);
            let flag = if action == 3 { "\\Flagged" } else { &keyword };
            let sign = if writer.turn(&subject, flag) {
                '+'
            } else {
                '-'
            };
            client.store(folder, &subject, &format!("{sign}FLAGS ({flag})"));
        }
        5 | 6 => {
            let to = writer.folder();
            if to != folder {
                let uid = client.uid(folder, &subject);
                client.say(&format!("UID MOVE {uid} {to}"));
                writer.known(&subject).folder = to;
            }
        }
        _ => {
            client.remove(folder, &subject);
            writer.all.remove(&subject);
        }
    }
}

/// What is done here once.
fn act_here(writer: &mut Writer, world: &World) {
    let path = |folder| if folder == "INBOX" { "Inbox" } else { folder };
    let action = writer.chance.below(8);
    let Some(subject) = writer.any().filter(|_| action > 2) else {
        let (subject, folder) = (writer.new_subject(), writer.folder());
        world.write(path(folder), &subject);
        writer.bring(subject.clone(), folder);
        // What is written here is read.
        return writer.known(&subject).flags.push("\\Seen".to_owned());
    };
    match action {
        3 | 4 => {
            let text = format!("Text of {subject}, edited {}", writer.chance.below(1000));
            world.edit_text(&subject, &text);
            writer.known(&subject).text = text;
        }
        5 | 6 => {
            let to = writer.folder();
            if to != writer.known(&subject).folder {
                world.move_to(&subject, path(to));
                writer.known(&subject).folder = to;
            }
        }
        _ => {
            world.delete(&subject);
            writer.all.remove(&subject);
        }
    }
}

/// What the server has of what the writers have brought.
fn there(world: &World) -> All {
    let mut all = All::new();
    for (folder, content, flags) in world.there() {
        let subject = content.split_once("Subject: ").map(|(_, rest)| rest);
        let subject = subject
            .and_then(|rest| rest.lines().next())
            .unwrap_or_default();
        let Some(folder) = FOLDERS.into_iter().find(|one| *one == folder) else {
            continue;
        };
        if !subject.starts_with('w') {
            continue;
        }
        let (_, text) = content.split_once("\r\n\r\n").unwrap_or_default();
        let known = Known {
            folder,
            text: text.trim_end().to_owned(),
            flags: flags.split_whitespace().map(str::to_owned).collect(),
        };
        let is_new = all.insert(subject.to_owned(), known).is_none();
        assert!(is_new, "{subject} is there twice");
    }
    all
}

#[test]
fn twoway_29_what_several_clients_do_at_once_is_all_there_in_the_end() {
    for kind in [WHOLE, NO_CONDSTORE, BARE] {
        let Some(mut world) = changes::world(&[kind]) else {
            return;
        };
        world.client().say("CREATE Play");
        world.run();
        let others: Vec<_> = (1..=3)
            .map(|number| {
                let mut client = world.client();
                thread::spawn(move || {
                    let mut writer = Writer::new(number);
                    for _ in 0..actions() {
                        act_there(&mut writer, &mut client);
                    }
                    writer.all
                })
            })
            .collect();
        let mut ours = Writer::new(0);
        while others.iter().any(|other| !other.is_finished()) || ours.count < actions() / 4 {
            act_here(&mut ours, &world);
            let (ended, report) = world.try_run(&Silent);
            ended.unwrap_or_else(|stop| panic!("{kind:?}: {stop}: {report}"));
        }
        let mut expected = ours.all;
        for other in others {
            expected.extend(other.join().expect("it went well"));
        }
        world.settle();
        for known in expected.values_mut() {
            known.flags.sort_unstable();
        }
        assert_eq!(there(&world), expected, "{kind:?}");
    }
}
