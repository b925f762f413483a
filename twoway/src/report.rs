//! Who watches a run, and what it says in the end.

use std::fmt;

use crate::outcome::Stop;
use crate::text::OneLine;

/// A point of a run at which a crash leaves something half done. The comments name those of the contract (C1 to C17).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Point {
    /// What a side told is about to be kept.
    Listed,
    /// Names of pairs are journalled, nothing is sent (C1).
    Journalled,
    /// The server has answered, which is not kept yet (C4, C10, C13, C14).
    Answered,
    /// It is kept; the local side is not told yet (C5).
    Kept,
    /// The local side is written, which is not kept yet (C7, C11).
    Written,
    /// A folder is made, renamed or deleted, which is not kept yet (C15, C16).
    Folder,
    /// The journal is about to be folded into the common state (C17).
    Folding,
}

/// Who watches a run.
pub trait Monitor {
    /// Whether the run is to end. Asked between any two steps; a session asks it while it waits.
    fn is_cancelled(&self) -> bool {
        false
    }

    /// What people call something that the server told with this title: one that came as mail has it may have words in
    /// it that are encoded.
    fn title(&self, told: &str) -> String {
        told.to_owned()
    }

    /// How far the run is.
    fn progress(&self, done: u64, total: u64) {
        let _ = (done, total);
    }

    /// Something was left undone (TWOWAY-30). It is in the report, too.
    fn warning(&self, warning: &Warning) {
        let _ = warning;
    }

    /// The run is at a point at which a crash would leave something half done. Tests break it off here.
    ///
    /// # Errors
    ///
    /// The run ends at once, as by a crash.
    fn at(&self, point: Point) -> Result<(), Stop> {
        let _ = point;
        Ok(())
    }
}

/// Watches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Monitor for Silent {}

/// Something that a run left undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The folder, if it is about one or something in it.
    pub folder: String,
    /// What people call the item.
    pub title: String,
    /// What was left undone, and why.
    pub text: String,
}

impl Warning {
    pub(crate) fn new(folder: &str, title: &str, text: impl Into<String>) -> Self {
        Self {
            folder: folder.to_owned(),
            title: title.to_owned(),
            text: text.into(),
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.folder.is_empty() {
            write!(f, "{}: ", OneLine(&self.folder))?;
        }
        if !self.title.is_empty() {
            write!(f, "\"{}\": ", OneLine(&self.title))?;
        }
        OneLine(&self.text).fmt(f)
    }
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Items that were made at the server.
    pub uploaded: u64,
    /// Items that were made here.
    pub downloaded: u64,
    /// Items that were found to be on both sides, and were not sent.
    pub adopted: u64,
    /// Items that were changed at the server.
    pub changed_remote: u64,
    /// Items that were changed here.
    pub changed_local: u64,
    /// Items that were deleted at the server.
    pub deleted_remote: u64,
    /// Items that were deleted here.
    pub deleted_local: u64,
    /// Folders that were made, renamed or deleted on either side.
    pub folders: u64,
    /// Items of which both edits were kept.
    pub kept_both: u64,
    /// Items that are left at the server by the limits.
    pub left_out: u64,
    /// How often the run connected again.
    pub reconnects: u32,
    /// What was left undone.
    pub warnings: Vec<Warning>,
}

/// How many warnings a report keeps; the rest are counted. A server could have a million bad items.
const MOST_WARNINGS: usize = 200;

impl Report {
    /// Whether neither side was written.
    pub fn is_nothing(&self) -> bool {
        self.uploaded
            + self.downloaded
            + self.changed_remote
            + self.changed_local
            + self.deleted_remote
            + self.deleted_local
            + self.folders
            == 0
    }

    // TWOWAY-30
    pub(crate) fn warn(&mut self, monitor: &dyn Monitor, warning: Warning) {
        monitor.warning(&warning);
        if self.warnings.len() < MOST_WARNINGS && !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} up, {} down, {} changed there, {} changed here, {} deleted there, {} deleted here, {} folders",
            self.uploaded,
            self.downloaded,
            self.changed_remote,
            self.changed_local,
            self.deleted_remote,
            self.deleted_local,
            self.folders
        )?;
        if self.left_out > 0 {
            writeln!(f, "{} left at the server by the limits", self.left_out)?;
        }
        for warning in &self.warnings {
            writeln!(f, "warning: {warning}")?;
        }
        Ok(())
    }
}
