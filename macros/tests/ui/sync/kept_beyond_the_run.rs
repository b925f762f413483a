use std::sync::Mutex;

use mapi_provider::store::{Folder, Message, PropertyStream, Query, Rows, Store, StoreError};
use mapi_provider::{Session, SyncJob};

static STORE: Mutex<Option<Store<'static>>> = Mutex::new(None);

fn keep_a_store(job: &SyncJob) {
    *STORE.lock().unwrap() = job.store().ok();
}

fn keep_a_session(job: &SyncJob) -> Option<Session<'static>> {
    job.session()
}

fn keep_for_a_thread(job: &SyncJob) {
    let folder = job.store().unwrap().root().unwrap();
    std::thread::spawn(move || folder.name());
}

// What comes of a store lives no longer than the store may.
fn folder<'run>(store: &Store<'run>) -> Result<Folder<'static>, StoreError> {
    store.root()
}

fn message<'run>(folder: &Folder<'run>) -> Result<Message<'static>, StoreError> {
    folder.create_message()
}

fn query<'run>(folder: &Folder<'run>) -> Query<'static> {
    folder.messages()
}

fn rows<'run>(query: &Query<'run>) -> Result<Rows<'static>, StoreError> {
    query.rows()
}

fn stream<'run>(message: &Message<'run>) -> Result<PropertyStream<'static>, StoreError> {
    message.reader(mapi_provider::abi::PR_ENTRYID)
}

fn main() {}
