use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};

mapi_provider::provider!("manifests/own_store.toml");

#[derive(MapiSync)]
struct Contoso;

impl BackgroundSync for Contoso {
    type Settings = Settings;

    fn open(_: Settings) -> Result<Self, LogonError> {
        Ok(Self)
    }

    fn synchronize(&self, _: &SyncJob) -> Result<(), SyncError> {
        Ok(())
    }
}

struct Board;

fn main() {}
