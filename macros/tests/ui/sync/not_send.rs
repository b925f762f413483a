use std::rc::Rc;

use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};

#[derive(MapiSync)]
struct Logic {
    cache: Rc<str>,
}

impl BackgroundSync for Logic {
    type Settings = ();

    fn open(_: ()) -> Result<Self, LogonError> {
        unreachable!()
    }

    fn synchronize(&self, _: &SyncJob) -> Result<(), SyncError> {
        unreachable!()
    }
}

fn main() {}
