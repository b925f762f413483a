//! The manual's board: a server's verbs, and two-way synchronisation as a part.

mod board;
mod verbs;

use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob, twoway};

use mapi_provider::twoway::Options;

use crate::board::Board;

mapi_provider::provider!("examples/two-way/provider.toml");

/// The provider.
#[derive(MapiSync)]
pub struct Contoso {
    board: Board,
}

impl BackgroundSync for Contoso {
    type Settings = Settings;

    fn open(settings: Settings) -> Result<Self, LogonError> {
        let board = Board::at(&settings.server);
        Ok(Self { board })
    }

    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError> {
        twoway::synchronize(&self.board, job)?;
        Ok(())
    }

    fn plan(&self, job: &SyncJob) -> Result<String, SyncError> {
        let plan = twoway::plan(&self.board, job, &Options::default())?;
        Ok(plan.to_string())
    }
}
