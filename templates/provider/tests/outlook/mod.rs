//! Plays Outlook, on any system. The host notices memory that nobody frees, objects that nobody releases, and broken
{%- if kind == "wrapped-store" %}
//! MAPI rules. A simulated PST provider keeps the mail.
{%- else %}
//! MAPI rules.
{%- endif %}

use std::fs;
use std::path::{Path, PathBuf};
{%- if kind == "store" %}

use mapi_provider::store::{Folder, Row};
use mapi_provider_host::abi::{PR_DISPLAY_NAME_W, PR_ENTRYID, PR_MESSAGE_FLAGS, PR_SUBJECT_W};
{%- elsif kind == "wrapped-store" %}

use mapi_provider::store::{Folder, Row};
use mapi_provider_host::abi::{
    MSG_SERVICE_CREATE, PR_DISPLAY_NAME_W, PR_ENTRYID, PR_MESSAGE_FLAGS, PR_SUBJECT_W,
};
{%- else %}
{% endif %}
use mapi_provider_host::outlook::{Cancellation, Event, Options, Stop, send_receive};
{%- if kind == "store-object" %}
use mapi_provider_host::{Host, Profile, Property, ProviderLibrary, Status};
{%- else %}
use mapi_provider_host::{Host, Profile, Property, ProviderLibrary, SectionUid, Status, Store};
{%- endif %}
use tempfile::TempDir;

use {{id}}32::PROVIDER;

/// A server, a place for messages, and a profile, which outlive a run as Outlook's do.
pub struct World {
    folder: TempDir,
    pub profile: Profile,
}

/// How a run went: its result, and what the user saw.
pub struct Run {
    pub result: Result<Status, Stop>,
    pub seen: Vec<String>,
}

impl Run {
    /// Checks that the user has seen a text that begins so.
    pub fn assert_told(&self, text: &str) {
        let told = self.seen.iter().any(|seen| seen.starts_with(text));
        assert!(told, "{text:?} is not in {:?}", self.seen);
    }
}

/// The settings, by the tags that they have in provider.toml.
pub fn settings(folder: &Path, server: &str) -> Vec<Property> {
{%- if kind == "store-object" %}
    vec![
        setting(0x6601, &folder.join(server)),
        setting(0x6602, &folder.join("local")),
    ]
{%- else %}
    vec![setting(0x6601, &folder.join(server))]
{%- endif %}
}

fn setting(id: u16, path: &Path) -> Property {
    Property::with_id(id, path.to_str().expect("UTF-8"))
}

impl World {
    pub fn new(messages: &str) -> Self {
        let world = Self {
            folder: tempfile::tempdir().expect("a folder"),
            profile: Profile::in_memory(),
        };
        fs::write(world.server(), messages).expect("writable");
{%- if kind == "store" %}
        // The profile says where the mailbox is; the path in provider.toml is for profiles that don't.
        let path = setting(0x6610, &world.folder.path().join("store.db"));
        let set = world.profile.set(SectionUid::PROVIDER, path);
        set.expect("a profile in memory can be changed");
{%- elsif kind == "wrapped-store" %}
        world.create_service();
{%- endif %}
        world
    }
{%- if kind == "wrapped-store" %}

    /// Adds the provider to the profile. The profile says where the store is; the path in provider.toml is for
    /// profiles that don't.
    fn create_service(&self) {
        let path = setting(0x6610, &self.folder.path().join("store.nst"));
        let set = self.profile.set(SectionUid::SERVICE, path);
        set.expect("a profile in memory can be changed");
        let host = self.host();
        let created = host.service(MSG_SERVICE_CREATE, &[]);
        created.expect("the provider can be added");
        host.finish().assert_clean();
    }
{%- endif %}

    /// The file that plays the server.
    pub fn server(&self) -> PathBuf {
        self.folder.path().join("server.txt")
    }

    fn host(&self) -> Host {
        let provider = ProviderLibrary::linked(&PROVIDER);
        Host::new(provider, self.profile.clone()).expect("a host")
    }

    /// Starts Outlook, synchronises, and ends Outlook.
    pub fn run(&self) -> Run {
        self.run_until(&Cancellation::default())
    }

    pub fn run_until(&self, cancellation: &Cancellation) -> Run {
        self.run_with(settings(self.folder.path(), "server.txt"), cancellation)
    }

    pub fn run_with(&self, settings: Vec<Property>, cancellation: &Cancellation) -> Run {
        let options = Options {
            settings,
            ..Options::default()
        };
        let mut seen = Vec::new();
        let host = self.host();
        let outcome = send_receive(host, &options, cancellation, &mut |event| match event {
            Event::Progress { text, .. } | Event::Error { text, .. } => seen.push(text),
            _ => {}
        });
        // Whatever happens to the run, nothing may be left behind.
        outcome.report.expect("the run ended").assert_clean();
        Run {
            result: outcome.result,
            seen,
        }
    }
{%- if kind != "store-object" %}

    /// What the server has.
    pub fn text(&self) -> String {
        fs::read_to_string(self.server()).expect("readable")
    }

    /// The messages that Outlook would show, as the server would have them.
    pub fn shown(&self) -> Vec<String> {
        let mut lines = Vec::new();
        self.each_folder(|path, folder| {
            for message in messages(folder) {
                let mark = if message.is_read() == Some(true) {
                    "[x]"
                } else {
                    "[ ]"
                };
                lines.push(format!("{mark} {path}: {}", subject(&message)));
            }
        });
        lines.sort();
        lines
    }

    /// Does as a user would: marks a message as read or unread.
    pub fn mark(&self, wanted: &str, read: bool) {
        let mut found = 0;
        self.each_folder(|_, folder| {
            let named = messages(folder).filter(|message| subject(message) == wanted);
            let ids: Vec<_> = named.filter_map(|message| message.entry_id()).collect();
            found += ids.len();
            folder.set_read(&ids, read).expect("can be marked");
        });
        assert_eq!(found, 1, "messages {wanted:?}");
    }

    /// Does something with each folder that users see, by its path.
    fn each_folder(&self, mut what: impl FnMut(&str, &Folder)) {
        self.in_outlook(|store| {
            let top = store.client().ipm_subtree().expect("folders");
            let mut waiting = vec![(String::new(), top)];
            while let Some((path, folder)) = waiting.pop() {
                what(&path, &folder);
                let names = folder.folders().columns(&[PR_DISPLAY_NAME_W]).rows();
                for row in names.expect("readable") {
                    let name = row.expect("readable").text(PR_DISPLAY_NAME_W);
                    let name = name.expect("a name");
                    let inner = folder.folder(&name).expect("readable").expect("there");
                    let path = format!("{path}/{name}");
                    waiting.push((path.trim_start_matches('/').to_owned(), inner));
                }
            }
        });
    }

    /// Starts Outlook, does something with the store, and ends Outlook.
    fn in_outlook(&self, what: impl FnOnce(&Store)) {
        let host = self.host();
        let provider = host.init().expect("the provider starts");
        let store = provider.logon().expect("a logon");
        what(&store);
        store.logoff();
        provider.shutdown().expect("the provider ends");
        drop(provider);
        host.finish().assert_clean();
    }
{%- else %}

    /// The messages that have arrived.
    pub fn arrived(&self) -> Vec<String> {
        let Ok(files) = fs::read_dir(self.folder.path().join("local")) else {
            return Vec::new();
        };
        let mut messages: Vec<_> = files
            .map(|file| fs::read_to_string(file.expect("readable").path()).expect("text"))
            .collect();
        messages.sort();
        messages
    }
{%- endif %}
}
{%- if kind != "store-object" %}

fn messages(folder: &Folder) -> impl Iterator<Item = Row> {
    let columns = [PR_ENTRYID, PR_SUBJECT_W, PR_MESSAGE_FLAGS];
    let rows = folder.messages().columns(&columns).rows();
    rows.expect("readable").map(|row| row.expect("readable"))
}

fn subject(message: &Row) -> String {
    message.text(PR_SUBJECT_W).unwrap_or_default()
}
{%- endif %}
