//! An account of a test's own: a server, the files of a profile, and Outlook's part.

use std::env;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};
use std::time::Duration;

use mapi_provider_host::abi::{
    MSG_SERVICE_CONFIGURE, MSG_SERVICE_CREATE, PR_ENTRYID, PR_SUBJECT_W, S_OK,
};
use mapi_provider_host::{
    Host, Profile, ProgressCallback, Property, Provider, ProviderLibrary, Status, Store,
    SyncRequest,
};

use mapi_provider::store::{self, EntryId, Folder};

use crate::client::Client;
use crate::dovecot::{Dovecot, Setting, WHOLE};
use crate::{LIBRARY, STORE};

/// No wait is for so long, but for one that has failed.
const SOON: Duration = Duration::from_secs(300);

/// The IDs of provider.toml.
const SERVER: u16 = 0x6601;
const PORT: u16 = 0x6602;
const SECURITY: u16 = 0x6603;
const USER: u16 = 0x6604;
const PASSWORD: u16 = 0x67f0;
/// `PR_PROFILE_OFFLINE_STORE_PATH`.
const STORE_PATH: u16 = 0x6610;

/// Where there is a server for one life of each provider, if the machine has none of its own.
const GIVEN: &str = "IMAP_TEST_PORT";

/// A server, with a user whose password is `secret`.
pub(crate) struct Server {
    pub(crate) port: u16,
    pub(crate) user: String,
    pub(crate) own: Option<Dovecot>,
}

impl Server {
    /// A server of the test's own.
    pub(crate) fn own(setting: Setting) -> Option<Self> {
        if env::var_os(GIVEN).is_some() {
            eprintln!("skipped: it needs a server of its own");
            return None;
        }
        let own = Dovecot::start(&[setting])?;
        Some(Self {
            port: own.port,
            user: "alice".to_owned(),
            own: Some(own),
        })
    }

    /// A server where the provider's user has nothing yet.
    pub(crate) fn any() -> Option<Self> {
        let Ok(given) = env::var(GIVEN) else {
            return Self::own(WHOLE);
        };
        let Ok(port) = given.parse() else {
            eprintln!("skipped: there is no server for it");
            return None;
        };
        Some(Self {
            port,
            user: LIBRARY.to_owned(),
            own: None,
        })
    }

    /// Another client of the same account.
    pub(crate) fn client(&self) -> Client {
        Client::of(self.port, &self.user)
    }
}

/// A profile that is in use: Outlook runs.
pub(crate) struct Session {
    store: Store,
    provider: Provider,
    host: Host,
}

impl Session {
    /// Starts with the profile of a folder, and makes it if it is not there.
    pub(crate) fn open(folder: &Path, port: u16, user: &str, password: &str) -> Self {
        let profile = folder.join("profile");
        let is_new = !profile.exists();
        let profile = Profile::open(profile).expect("readable");
        let library = ProviderLibrary::load(library()).expect("cargo has built it");
        let host = Host::new(library, profile).expect("a host");
        if is_new {
            host.service(MSG_SERVICE_CREATE, &[]).expect("CREATE");
        }
        let path = folder.join(STORE);
        let settings = [
            Property::with_id(SERVER, "127.0.0.1"),
            Property::with_id(PORT, i32::from(port)),
            Property::with_id(SECURITY, "none"),
            Property::with_id(USER, user),
            Property::with_id(PASSWORD, password),
            Property::with_id(STORE_PATH, &*path.to_string_lossy()),
        ];
        host.service(MSG_SERVICE_CONFIGURE, &settings)
            .expect("CONFIGURE");
        let provider = host.init().expect("MSProviderInit");
        let store = provider.logon().expect("Logon");
        Self {
            store,
            provider,
            host,
        }
    }

    pub(crate) fn at(folder: &Path, server: &Server) -> Self {
        Self::open(folder, server.port, &server.user, "secret")
    }

    /// Send/Receive, whatever comes of it.
    pub(crate) fn try_synchronise(&self) -> Status {
        let callback = self.host.callback(ProgressCallback::builder());
        let request = SyncRequest::default().callback(&callback);
        let run = self.store.synchronize(&request);
        assert!(run.wait(SOON), "the run ends");
        callback.results()[0]
    }

    /// Send/Receive that goes well.
    pub(crate) fn synchronise(&self) {
        assert_eq!(self.try_synchronise(), Status(S_OK));
    }

    /// The store as Outlook sees it.
    pub(crate) fn seen(&self) -> store::Store<'_> {
        self.store.client()
    }

    /// A folder that users see.
    pub(crate) fn folder(&self, path: &str) -> Folder<'_> {
        let mut folder = self.seen().ipm_subtree().expect("a subtree");
        for name in path.split('/') {
            folder = folder.folder(name).expect("readable").expect("it is there");
        }
        folder
    }

    /// The message of a folder with this subject.
    pub(crate) fn id_of(&self, folder: &str, subject: &str) -> EntryId {
        let query = self.folder(folder).messages();
        let rows = query.columns(&[PR_ENTRYID, PR_SUBJECT_W]).rows();
        let mut rows = rows.expect("rows").map(|row| row.expect("a row"));
        let row = rows.find(|row| row.text(PR_SUBJECT_W).as_deref() == Some(subject));
        let row = row.unwrap_or_else(|| panic!("no {subject} in {folder}"));
        row.entry_id().expect("it has one")
    }

    pub(crate) fn write(&self, folder: &str, subject: &str, text: &str) {
        let message = self.folder(folder).create_message().expect("a message");
        message.set_subject(subject).expect("set");
        message.set_body(text).expect("set");
        message.save().expect("saved");
    }

    pub(crate) fn edit(&self, folder: &str, subject: &str, text: &str) {
        let id = self.id_of(folder, subject);
        let message = self.folder(folder).open_message(&id).expect("it is there");
        message.set_body(text).expect("set");
        message.save().expect("saved");
    }

    pub(crate) fn mark_read(&self, folder: &str, subject: &str) {
        let id = self.id_of(folder, subject);
        self.folder(folder).set_read(&[id], true).expect("marked");
    }

    pub(crate) fn move_to(&self, folder: &str, subject: &str, to: &str) {
        let id = self.id_of(folder, subject);
        let to = self.folder(to);
        self.folder(folder)
            .move_messages(&[id], &to)
            .expect("moved");
    }

    pub(crate) fn delete(&self, folder: &str, subject: &str) {
        let id = self.id_of(folder, subject);
        self.folder(folder).delete_messages(&[id]).expect("deleted");
    }

    /// Ends as Outlook does. Nothing is left behind.
    pub(crate) fn close(self) {
        self.store.logoff();
        self.provider.shutdown().expect("Shutdown");
        drop(self.provider);
        self.host.finish().assert_clean();
    }
}

/// The library that cargo has built for this program, beside it.
fn library() -> PathBuf {
    let program = env::current_exe().expect("a test knows where it is");
    program.with_file_name(format!("{DLL_PREFIX}{LIBRARY}{DLL_SUFFIX}"))
}
