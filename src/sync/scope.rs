//! What a run should synchronise, from the flags of all requests that it serves.

use mapi_provider_abi::mapi::SyncFlags;

/// Which way, and how much.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Scope {
    /// Somebody wants local changes sent.
    pub(super) uploads: bool,
    /// Somebody wants changes fetched.
    pub(super) downloads: bool,
    /// Headers are enough for everybody who wants something fetched.
    pub(super) headers_only: bool,
}

/// The bits that say which way to synchronise.
const UPLOADS: SyncFlags = SyncFlags::UPLOAD_HIERARCHY.union(SyncFlags::UPLOAD_CONTENTS);
const DOWNLOADS: SyncFlags = SyncFlags::DOWNLOAD_HIERARCHY
    .union(SyncFlags::DOWNLOAD_CONTENTS)
    .union(SyncFlags::HEADERS);

impl Scope {
    /// What one request wants. Without any bit that names a direction, it wants both.
    fn of(flags: SyncFlags) -> Self {
        let both = !flags.intersects(UPLOADS | DOWNLOADS);
        let downloads = both || flags.intersects(DOWNLOADS);
        Self {
            uploads: both || flags.intersects(UPLOADS),
            downloads,
            headers_only: downloads && flags.contains(SyncFlags::HEADERS),
        }
    }

    /// What all requests together want. The union of their flags would not do: one that names no
    /// direction means more than one that names a single one.
    pub(super) fn of_all(requests: impl IntoIterator<Item = SyncFlags>) -> Self {
        let scopes: Vec<Self> = requests.into_iter().map(Self::of).collect();
        let mut downloads = scopes.iter().filter(|scope| scope.downloads).peekable();
        Self {
            uploads: scopes.iter().any(|scope| scope.uploads),
            downloads: downloads.peek().is_some(),
            headers_only: downloads.peek().is_some() && downloads.all(|scope| scope.headers_only),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Scope, SyncFlags};

    fn scope(requests: &[SyncFlags]) -> (bool, bool, bool) {
        let Scope {
            uploads,
            downloads,
            headers_only,
        } = Scope::of_all(requests.iter().copied());
        (uploads, downloads, headers_only)
    }

    #[test]
    fn no_direction_is_both() {
        assert_eq!(scope(&[SyncFlags::empty()]), (true, true, false));
        assert_eq!(scope(&[SyncFlags::ON_DEMAND]), (true, true, false));
    }

    #[test]
    fn a_direction_is_that_one() {
        assert_eq!(scope(&[SyncFlags::UPLOAD_CONTENTS]), (true, false, false));
        assert_eq!(scope(&[SyncFlags::DOWNLOAD_CONTENTS]), (false, true, false));
        assert_eq!(scope(&[SyncFlags::HEADERS]), (false, true, true));
        let both = SyncFlags::HEADERS | SyncFlags::DOWNLOAD_CONTENTS;
        assert_eq!(scope(&[both]), (false, true, true));
    }

    #[test]
    fn sync_15_a_merged_run_does_what_everybody_asked_for() {
        let upload = SyncFlags::UPLOAD_CONTENTS;
        let download = SyncFlags::DOWNLOAD_CONTENTS;
        assert_eq!(scope(&[upload, SyncFlags::empty()]), (true, true, false));
        assert_eq!(scope(&[SyncFlags::HEADERS, download]), (false, true, false));
        assert_eq!(scope(&[SyncFlags::HEADERS, upload]), (true, true, true));
    }
}
