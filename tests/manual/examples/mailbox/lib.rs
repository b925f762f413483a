//! The manual's mailbox: a store that keeps its mail itself.

use mapi_provider::mailbox::database::{ObjectId, Part};
use mapi_provider::mailbox::logic::{Local, Mailbox};
use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};

mapi_provider::provider!("examples/mailbox/provider.toml");

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

/// What has happened on the server since a cursor, some messages at a time.
struct Page {
    mail: Vec<Mail>,
    gone: Vec<String>,
    cursor: Vec<u8>,
}

impl Client {
    fn pages(&self, since: Option<&[u8]>) -> Vec<Page> {
        let welcome = || Mail {
            id: format!("1@{}", self.server),
            subject: "Welcome".to_owned(),
            text: "This is your new mailbox.".to_owned(),
        };
        let first = || Page {
            mail: vec![welcome()],
            gone: Vec::new(),
            cursor: b"1".to_vec(),
        };
        since.is_none().then(first).into_iter().collect()
    }

    fn mark(&self, _id: &str, _read: bool) -> Result<(), SyncError> {
        Ok(())
    }

    fn delete(&self, _id: &str) -> Result<(), SyncError> {
        Ok(())
    }
}

/// The provider.
#[derive(MapiSync)]
pub struct Contoso {
    client: Client,
}

impl BackgroundSync for Contoso {
    type Settings = Settings;

    fn open(settings: Settings) -> Result<Self, LogonError> {
        let server = settings.server;
        let client = Client { server };
        Ok(Self { client })
    }

    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError> {
        let mailbox = job.mailbox()?;
        if job.uploads() {
            send(&self.client, &mailbox)?;
        }
        if job.downloads() {
            fetch(&self.client, &mailbox, job)?;
        }
        Ok(())
    }
}

fn fetch(client: &Client, mailbox: &Mailbox, job: &SyncJob) -> Result<(), SyncError> {
    let inbox = mailbox.inbox()?;
    let pages = client.pages(mailbox.cursor()?.as_deref());
    for (done, page) in pages.iter().enumerate() {
        job.progress("Downloading", done, pages.len())?;
        let mut batch = mailbox.batch();
        for mail in &page.mail {
            batch.upsert(inbox, &mail.id, |message| {
                message.subject(&mail.subject);
                message.body(&mail.text);
            })?;
        }
        batch.remove(&page.gone)?;
        batch.commit_with(&page.cursor)?;
    }
    job.progress("Finished", pages.len(), pages.len())
}

fn send(client: &Client, mailbox: &Mailbox) -> Result<(), SyncError> {
    for change in mailbox.local_changes()? {
        let (ObjectId::Message(_), Some(remote)) = (change.object, &change.remote) else {
            continue; // This example sends neither folders nor new messages.
        };
        match change.what {
            Local::Deleted => {
                client.delete(&remote.server_id)?;
                change.acknowledge()?;
            }
            Local::Changed {
                read: Some(read), ..
            } => {
                client.mark(&remote.server_id, read)?;
                change.acknowledge_part(Part::Read)?;
            }
            // What is not sent is not acknowledged: it is told again.
            Local::Created | Local::Changed { .. } => {}
        }
    }
    Ok(())
}
