//! The manual's wrapped store.

use mapi_provider::abi::{PR_ENTRYID, PT_BINARY, PropTag};
use mapi_provider::store::{Folder, StoreError};
use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};

mapi_provider::provider!("examples/wrapped/provider.toml");

/// A mail server's client, which a team has already.
struct Client {
    server: String,
}

/// A message on the server.
struct Mail {
    id: String,
    subject: String,
    text: String,
}

impl Client {
    fn inbox(&self) -> Vec<Mail> {
        vec![Mail {
            id: format!("1@{}", self.server),
            subject: "Welcome".to_owned(),
            text: "This is your new mailbox.".to_owned(),
        }]
    }
}

/// The provider.
#[derive(MapiSync)]
pub struct Contoso {
    client: Client,
}

/// Where the server's own name of a message is kept.
const SERVER_ID: PropTag = PropTag::new(0x6640, PT_BINARY);

impl BackgroundSync for Contoso {
    type Settings = Settings;

    fn open(settings: Settings) -> Result<Self, LogonError> {
        let server = settings.server;
        let client = Client { server };
        Ok(Self { client })
    }

    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError> {
        let inbox = job.store()?.ipm_subtree()?.open_or_create_folder("Inbox")?;
        let mail = self.client.inbox();
        for (done, message) in mail.iter().enumerate() {
            job.progress(&message.subject, done, mail.len())?;
            if !is_there(&inbox, &message.id)? {
                deliver(&inbox, message)?;
            }
        }
        job.progress("Finished", mail.len(), mail.len())
    }
}

fn deliver(inbox: &Folder, mail: &Mail) -> Result<(), StoreError> {
    let message = inbox.create_message()?;
    message.set(SERVER_ID, mail.id.as_bytes())?;
    message.set_subject(&mail.subject)?;
    message.set_body(&mail.text)?;
    message.save().map(drop)
}

fn is_there(folder: &Folder, id: &str) -> Result<bool, StoreError> {
    for row in folder.messages().columns(&[PR_ENTRYID, SERVER_ID]).rows()? {
        if row?.binary(SERVER_ID) == Some(id.as_bytes()) {
            return Ok(true);
        }
    }
    Ok(false)
}
