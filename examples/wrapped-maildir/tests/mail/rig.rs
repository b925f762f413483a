//! A server's Maildir, a store's file, and Outlook's part: logon, Send/Receive, and a look at the store.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mapi_provider::abi::{
    MSG_SERVICE_CONFIGURE, MSG_SERVICE_CREATE, PR_ENTRYID, PR_SUBJECT_W, S_OK, SyncFlags,
};
use mapi_provider::store::{EntryId, Folder, Message, Store};
use mapi_provider::view::Allocators;
use mapi_provider_host::{
    CallKind, Host, Profile, ProgressCallback, Property, Provider, ProviderLibrary, Status,
    SyncRequest,
};
use wrapped_maildir32::maildir::Maildir;

/// PR_PROFILE_OFFLINE_STORE_PATH.
const STORE_PATH: u16 = 0x6610;
const SERVER: u16 = 0x6601;

/// Long enough for anything that isn't stuck.
const SOON: Duration = Duration::from_secs(60);

pub(crate) const FULL: SyncFlags = SyncFlags::empty();
pub(crate) const HEADERS: SyncFlags = SyncFlags::HEADERS;

/// Where the server's Maildir and the store's file are.
pub(crate) struct Place {
    _folder: Option<tempfile::TempDir>,
    root: PathBuf,
}

impl Place {
    /// A folder of its own, with an empty Maildir and no store.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Self::at(folder.path());
        Maildir::new(place.server()).create().expect("writable");
        Self {
            _folder: Some(folder),
            ..place
        }
    }

    /// A folder that another process has made.
    pub(crate) fn at(root: &Path) -> Self {
        Self {
            _folder: None,
            root: root.to_owned(),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn server(&self) -> PathBuf {
        self.root.join("server")
    }

    /// Delivers a message to the server.
    pub(crate) fn deliver(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.server().join("new").join(name), text).expect("writable");
    }

    /// Logs on.
    pub(crate) fn open(&self) -> Session {
        let library = ProviderLibrary::linked(&wrapped_maildir32::PROVIDER);
        let host = Host::new(library, Profile::in_memory()).expect("a host");
        host.service(MSG_SERVICE_CREATE, &[]).expect("CREATE");
        let text = |id, path: PathBuf| Property::with_id(id, &*path.to_string_lossy());
        let settings = [
            text(SERVER, self.server()),
            text(STORE_PATH, self.root.join("mail.nst")),
        ];
        host.service(MSG_SERVICE_CONFIGURE, &settings)
            .expect("CONFIGURE");
        let provider = host.init().expect("MSProviderInit");
        let store = provider.logon().expect("Logon");
        Session {
            store,
            provider,
            host,
        }
    }
}

/// A store that is open, through the provider.
pub(crate) struct Session {
    pub(crate) store: mapi_provider_host::Store,
    provider: Provider,
    host: Host,
}

/// What a run told.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) status: Status,
    pub(crate) steps: Vec<String>,
    pub(crate) warnings: Vec<String>,
}

impl Session {
    /// Send/Receive, whatever comes of it.
    pub(crate) fn synchronise(&self, flags: SyncFlags) -> Told {
        self.synchronise_hearing(flags, |_| {})
    }

    /// Send/Receive; each call of the callback is heard.
    pub(crate) fn synchronise_hearing(
        &self,
        flags: SyncFlags,
        hear: impl Fn(&CallKind) + Send + Sync + 'static,
    ) -> Told {
        let callback = self
            .host
            .callback(ProgressCallback::builder().hook(move |call| {
                hear(call);
                S_OK
            }));
        let request = SyncRequest::new(flags)
            .session(&self.host)
            .callback(&callback);
        let run = self.store.synchronize(&request);
        assert!(run.started().expect("accepted").wait(SOON), "the run ends");
        let mut told = Told {
            status: run.result().expect("Done was called"),
            steps: Vec::new(),
            warnings: Vec::new(),
        };
        for call in callback.calls() {
            match call.kind {
                CallKind::Progress { text, .. } => told.steps.push(text),
                CallKind::Error { text, .. } => told.warnings.push(text),
                _ => {}
            }
        }
        told
    }

    /// Send/Receive that goes well.
    pub(crate) fn ok(&self, flags: SyncFlags) -> Told {
        let told = self.synchronise(flags);
        assert!(
            told.status == Status(S_OK) && told.warnings.is_empty(),
            "{told:?}"
        );
        told
    }

    /// The store as Outlook sees it: through the provider.
    pub(crate) fn seen(&self) -> Store<'static> {
        let memory = self.host.allocators();
        // SAFETY: the host's own functions, which live as long as the host.
        let allocators = unsafe {
            Allocators::new(
                Some(memory.allocate_buffer()),
                Some(memory.allocate_more()),
                Some(memory.free_buffer()),
            )
        };
        Store::from_interface(
            self.store.interface().clone(),
            allocators.expect("all three"),
        )
    }

    /// The folder that the server's outermost Maildir is.
    pub(crate) fn inbox(&self) -> Folder<'static> {
        self.folder("Inbox")
    }

    /// A folder that users see, which is made if it is not there.
    pub(crate) fn folder(&self, path: &str) -> Folder<'static> {
        let mut folder = self.seen().ipm_subtree().expect("a subtree");
        for name in path.split('/') {
            folder = folder.open_or_create_folder(name).expect("a folder");
        }
        folder
    }

    /// The entry ID of the message with this subject.
    pub(crate) fn id_of(&self, subject: &str) -> EntryId {
        let query = self.inbox().messages().columns(&[PR_ENTRYID, PR_SUBJECT_W]);
        let rows = query
            .rows()
            .expect("a table")
            .map(|row| row.expect("a row"));
        let mut found = rows.filter(|row| row.text(PR_SUBJECT_W).as_deref() == Some(subject));
        let row = found
            .next()
            .unwrap_or_else(|| panic!("no message {subject}"));
        row.entry_id().expect("an entry ID")
    }

    pub(crate) fn message(&self, subject: &str) -> Message<'static> {
        self.inbox()
            .open_message(&self.id_of(subject))
            .expect("it opens")
    }

    /// The subjects in the inbox, sorted.
    pub(crate) fn subjects(&self) -> Vec<String> {
        self.subjects_in("Inbox")
    }

    pub(crate) fn subjects_in(&self, path: &str) -> Vec<String> {
        let rows = self.folder(path).messages().columns(&[PR_SUBJECT_W]).rows();
        let text = |row: mapi_provider::store::Row| row.text(PR_SUBJECT_W).unwrap_or_default();
        let mut subjects: Vec<String> = rows
            .expect("a table")
            .map(|row| text(row.expect("a row")))
            .collect();
        subjects.sort();
        subjects
    }

    /// Logs off; nothing must be left behind.
    pub(crate) fn close(self) {
        self.store.logoff();
        self.provider.shutdown().expect("Shutdown");
        drop(self.provider);
        self.host.finish().assert_clean();
    }
}
