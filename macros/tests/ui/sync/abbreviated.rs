use mapi_provider::{BackgroundSync, LogonError, MapiSync};

#[derive(MapiSync)]
struct Logic;

impl BackgroundSync for Logic {
    type Settings = String;

    fn open(_: String) -> Result<Self, LogonError> {
        Ok(Self)
    }
}

fn main() {}
