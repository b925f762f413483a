//! A run for unit tests of sync logic: what it is given, and what the logic did with it.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use super::cancel::CancelToken;
use super::cursor;
use super::job::SyncJob;
use super::job_settings::checked;
use super::progress::Told;
use crate::error::SyncError;
use crate::settings::{SettingType, SettingValue, WritableSetting};
use mapi_provider_abi::mapi::SyncFlags;
#[cfg(feature = "mailbox")]
use mapi_provider_mailbox::logic::Mailbox;

/// A run for a unit test of sync logic, made by [`SyncJob::for_test`].
///
/// First it says what the logic meets, then [`job`](Self::job) gives a [`SyncJob`] as a worker has one, and then it tells
/// what the logic did. Nothing sleeps, and everything the logic tells is noted, at whatever rate.
///
/// ```
/// use mapi_provider::{SyncError, SyncJob};
///
/// fn download(new: &[&str], job: &SyncJob) -> Result<(), SyncError> {
///     for (done, subject) in new.iter().enumerate() {
///         job.progress(subject, done, new.len())?;
///         job.save_cursor(subject)?;
///     }
///     Ok(())
/// }
///
/// let test = SyncJob::for_test().cancel_at(1);
/// let result = download(&["Lunch?", "Invoice"], &test.job());
/// assert!(result.is_err_and(|error| error.is_cancelled()));
/// assert_eq!(test.texts(), ["Lunch?", "Invoice"]);
/// assert_eq!(test.saved_cursors(), [b"Lunch?"]);
/// ```
///
/// The same value serves several runs, one after another: each finds the cursor that the last one saved.
///
/// A test's job has no session and no store. What uses them is tested through the host, `mapi-provider-host`.
#[derive(Default)]
pub struct TestRun<'a> {
    flags: SyncFlags,
    cancel_at: Option<usize>,
    cancelled: bool,
    no_profile: bool,
    on_progress: Option<Hook<'a>>,
    /// What keeps the mail.
    #[cfg(feature = "mailbox")]
    mailbox: Option<Mailbox>,
    /// What the next run finds.
    cursor: RefCell<Option<Vec<u8>>>,
    /// The settings that the profile has, by their tags.
    settings: RefCell<HashMap<u16, SettingValue>>,
    /// What the last run did.
    noted: RefCell<Noted>,
    /// How often it told where it stands.
    steps: Cell<usize>,
}

/// What a test does at each step, of which it gets the text.
type Hook<'a> = Box<dyn Fn(&str) + 'a>;

/// What a run did.
#[derive(Default)]
struct Noted {
    progress: Vec<(String, usize, usize)>,
    warnings: Vec<String>,
    cursors: Vec<Vec<u8>>,
    waits: Vec<Duration>,
}

impl<'a> TestRun<'a> {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// What is asked for; without it nothing in particular, which is both directions.
    #[must_use]
    pub fn flags(self, flags: SyncFlags) -> Self {
        Self { flags, ..self }
    }

    /// The cursor that the run finds; without it there is none.
    #[must_use]
    pub fn cursor(self, cursor: impl Into<Vec<u8>>) -> Self {
        self.cursor.replace(Some(cursor.into()));
        self
    }

    /// A writable setting that the profile has; without it there is none.
    ///
    /// # Panics
    ///
    /// No profile could keep the value: a path that isn't Unicode, a text of more than 16 KiB or with a NUL in it.
    #[must_use]
    pub fn setting<T: SettingType>(self, setting: WritableSetting<T>, value: T) -> Self {
        let spec = setting.spec();
        let value = checked(spec, value.to_stored()).expect("a profile can keep the value");
        self.write(spec.tag, value);
        self
    }

    /// The run is cancelled when it tells its step of this number; the first one is 0.
    #[must_use]
    pub fn cancel_at(self, step: usize) -> Self {
        Self {
            cancel_at: Some(step),
            ..self
        }
    }

    /// The run is cancelled before it begins.
    #[must_use]
    pub fn cancelled(self) -> Self {
        Self {
            cancelled: true,
            ..self
        }
    }

    /// There is no profile to keep anything in: saving fails with `MAPI_E_NO_ACCESS`.
    #[must_use]
    pub fn without_profile(self) -> Self {
        Self {
            no_profile: true,
            ..self
        }
    }

    /// The mailbox that [`SyncJob::mailbox`] gives; without it there is none. `Store::in_memory` makes one for a test.
    #[cfg(feature = "mailbox")]
    #[must_use]
    pub fn mailbox(self, mailbox: Mailbox) -> Self {
        Self {
            mailbox: Some(mailbox),
            ..self
        }
    }

    /// Called with the text of each step before it is noted: a test changes the world there.
    #[must_use]
    pub fn on_progress(self, call: impl Fn(&str) + 'a) -> Self {
        Self {
            on_progress: Some(Box::new(call)),
            ..self
        }
    }

    /// A job, as a worker has one. What the last one did is forgotten, but for what it has saved.
    pub fn job(&self) -> SyncJob<'_> {
        self.noted.take();
        self.steps.set(0);
        let token = CancelToken::default();
        if self.cancelled {
            token.cancel();
        }
        let cursor = self.cursor.borrow().clone();
        SyncJob::of_test(self, token, self.flags, cursor)
    }

    /// Where the run stood, each time it told: text, done, total.
    pub fn progress(&self) -> Vec<(String, usize, usize)> {
        self.noted.borrow().progress.clone()
    }

    /// The texts of [`progress`](Self::progress).
    pub fn texts(&self) -> Vec<String> {
        let noted = self.noted.borrow();
        noted
            .progress
            .iter()
            .map(|(text, ..)| text.clone())
            .collect()
    }

    /// What the run warned of.
    pub fn warnings(&self) -> Vec<String> {
        self.noted.borrow().warnings.clone()
    }

    /// The cursors that the run saved, the last one last.
    pub fn saved_cursors(&self) -> Vec<Vec<u8>> {
        self.noted.borrow().cursors.clone()
    }

    /// The cursor that the next run finds.
    pub fn next_cursor(&self) -> Option<Vec<u8>> {
        self.cursor.borrow().clone()
    }

    /// A writable setting as the next run finds it: what was written last.
    pub fn next_setting<T: SettingType>(&self, setting: WritableSetting<T>) -> Option<T> {
        T::from_stored(self.read(setting.spec().tag)?)
    }

    /// How long the run wanted to sleep, each time it did.
    pub fn waits(&self) -> Vec<Duration> {
        self.noted.borrow().waits.clone()
    }

    #[cfg(feature = "mailbox")]
    pub(super) fn given_mailbox(&self) -> Option<Mailbox> {
        self.mailbox.clone()
    }

    pub(super) fn tell(&self, text: &str, done: usize, total: usize) -> Told {
        if let Some(call) = &self.on_progress {
            call(text);
        }
        let step = self.steps.replace(self.steps.get() + 1);
        let mut noted = self.noted.borrow_mut();
        noted.progress.push((text.to_owned(), done, total));
        match self.cancel_at {
            Some(last) if step >= last => Told::Cancel,
            _ => Told::GoOn,
        }
    }

    pub(super) fn warn(&self, text: &str) {
        self.noted.borrow_mut().warnings.push(text.to_owned());
    }

    pub(super) fn note_wait(&self, duration: Duration) {
        self.noted.borrow_mut().waits.push(duration);
    }

    pub(super) fn has_profile(&self) -> bool {
        !self.no_profile
    }

    pub(super) fn read(&self, tag: u16) -> Option<SettingValue> {
        self.settings.borrow().get(&tag).cloned()
    }

    pub(super) fn write(&self, tag: u16, value: SettingValue) {
        self.settings.borrow_mut().insert(tag, value);
    }

    pub(super) fn save_cursor(&self, cursor: &[u8]) -> Result<(), SyncError> {
        cursor::check_size(cursor)?;
        if self.no_profile {
            return Err(cursor::nowhere());
        }
        self.noted.borrow_mut().cursors.push(cursor.to_owned());
        self.cursor.replace(Some(cursor.to_owned()));
        Ok(())
    }
}

impl fmt::Debug for TestRun<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestRun")
            .field("flags", &self.flags)
            .field("cancel_at", &self.cancel_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mapi_provider_abi::mapi::{MAPI_E_NO_ACCESS, MAPI_E_TOO_BIG};

    #[test]
    fn a_job_meets_what_the_test_says() {
        let test = SyncJob::for_test()
            .flags(SyncFlags::UPLOAD_CONTENTS)
            .cursor("7");
        let job = test.job();
        assert_eq!(job.cursor(), Some(&b"7"[..]));
        assert_eq!((job.uploads(), job.downloads()), (true, false));
        assert!(job.session().is_none() && !job.is_cancelled());
    }

    #[test]
    fn a_test_hears_all_that_the_logic_tells() {
        let test = SyncJob::for_test();
        let job = test.job();
        for step in 0..1000 {
            job.progress(format!("{step}"), step, 1000)
                .expect("going on");
            job.warn("odd");
        }
        job.wait(Duration::from_secs(3600)).expect("going on");
        assert_eq!(test.progress().len(), 1000);
        assert_eq!(test.warnings().len(), 1000);
        assert_eq!(test.waits(), [Duration::from_secs(3600)]);
    }

    #[test]
    fn a_run_is_cancelled_where_the_test_says() {
        let test = SyncJob::for_test().cancel_at(2);
        for _ in 0..2 {
            let job = test.job();
            let token = job.cancellation();
            job.progress("a", 0, 3).expect("going on");
            job.progress("b", 1, 3).expect("going on");
            assert!(!token.is_cancelled());
            assert!(job.progress("c", 2, 3).is_err_and(|e| e.is_cancelled()));
            assert!(token.is_cancelled() && job.check().is_err());
            assert_eq!(test.texts(), ["a", "b", "c"]);
        }
        assert!(SyncJob::for_test().cancelled().job().check().is_err());
    }

    #[test]
    fn a_cursor_is_found_by_the_next_run() {
        let test = SyncJob::for_test();
        test.job().save_cursor("1").expect("room");
        let job = test.job();
        assert_eq!(job.cursor(), Some(&b"1"[..]));
        job.save_cursor("2").expect("room");
        // As in a worker's, the cursor is where the last run left off.
        assert_eq!(job.cursor(), Some(&b"1"[..]));
        let error = job.save_cursor([0; (16 << 10) + 1]).expect_err("too long");
        assert_eq!(error.code(), MAPI_E_TOO_BIG);
        assert_eq!(test.saved_cursors(), [b"2"]);
        assert_eq!(test.next_cursor().as_deref(), Some(&b"2"[..]));
        let lost = SyncJob::for_test().without_profile();
        let error = lost.job().save_cursor("1").expect_err("nowhere");
        assert_eq!(error.code(), MAPI_E_NO_ACCESS);
    }
}
