//! What scenarios play on: a host with the provider, and methods to report what is seen.

use std::cell::{Cell, RefCell};
use std::fs;
use std::io;
use std::path::Path;
use std::process;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use mapi_provider::abi::MSG_SERVICE_CREATE;
use mapi_provider::object::ObjectRef;
use windows_core::HRESULT;

use super::kinds::Kinds;
use super::wire::Message;
use super::{Conformance, Scenario, crash};
use crate::channel::Teller;
use crate::host::Host;
use crate::loader::{InnerLibrary, ProviderLibrary};
use crate::locks::lock;
use crate::objects::{Kind, ProgressCallback};
use crate::outlook::configure;
use crate::profile::{Profile, SectionUid};
use crate::property::Property;
use crate::provider::Provider;
use crate::report::Report;
use crate::run::SyncRun;
use crate::status::{Failure, Status};
use crate::store::{Store, SyncRequest};

/// `PR_PROFILE_OFFLINE_STORE_PATH`: where a wrapped store's file is.
const STORE_PATH: u16 = 0x6610;

/// Why a scenario ends before its end.
#[derive(Debug)]
pub(super) enum Halt {
    /// Something that it needs is missing.
    Unplayable(String),
    /// The provider is stuck, which has been reported: see [`Stage::stuck`].
    Stuck,
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Self::Unplayable(failure.to_string())
    }
}

/// How a scenario went.
pub(super) type Played = Result<(), Halt>;

/// Plays a scenario and reports what is seen.
pub(super) fn play(
    subject: &Conformance,
    scenario: &'static Scenario,
    teller: Teller,
) -> io::Result<()> {
    crash::without_dialogs();
    let stage = Stage {
        subject,
        scenario,
        teller: RefCell::new(teller),
        error: RefCell::default(),
        told: Arc::new(Mutex::new(Instant::now())),
        stores: Cell::new(0),
    };
    end_when_forgotten(Arc::clone(&stage.told), subject.time_limit * 2);
    let inner = subject.inner.as_ref().map(InnerLibrary::load).transpose();
    let played = match &inner {
        Ok(_) => (scenario.play)(&stage),
        Err(error) => Err(Halt::Unplayable(error.to_string())),
    };
    if let Err(Halt::Unplayable(why)) = &played {
        stage.tell(&Message::Unplayable { why: why.clone() });
    }
    if !matches!(played, Err(Halt::Stuck)) {
        stage.tell(&Message::End { stuck: false });
    }
    // It ends with the process, because a provider that is stuck may still be in it.
    std::mem::forget(inner);
    stage.error.into_inner().map_or(Ok(()), Err)
}

/// Ends this process once it has been silent for this long. The listener will have ended it long before; but if the
/// listener itself was killed, a provider that hangs must not stay behind.
fn end_when_forgotten(told: Arc<Mutex<Instant>>, limit: Duration) {
    thread::spawn(move || {
        loop {
            let silence = lock(&told).elapsed();
            let Some(left) = limit.checked_sub(silence) else {
                // Anything else that happens at the end may hang as well.
                process::abort();
            };
            thread::sleep(left);
        }
    });
}

/// What a scenario plays on.
pub(super) struct Stage<'a> {
    pub(super) subject: &'a Conformance,
    scenario: &'static Scenario,
    teller: RefCell<Teller>,
    error: RefCell<Option<io::Error>>,
    /// When something was last reported.
    told: Arc<Mutex<Instant>>,
    /// How many stores' files have been named.
    stores: Cell<usize>,
}

/// A host, a provider and a store that is logged on.
pub(super) struct Rig {
    pub(super) store: Store,
    pub(super) provider: Provider,
    pub(super) host: Host,
}

impl Stage<'_> {
    fn tell(&self, message: &Message) {
        *lock(&self.told) = Instant::now();
        if let Err(error) = self.teller.borrow_mut().tell(&message.to_text()) {
            self.error.borrow_mut().get_or_insert(error);
        }
    }

    /// What is tried next: if the provider crashes or hangs in it, this is reported.
    pub(super) fn step(&self, rule: &str, what: impl Into<String>) {
        self.tell(&Message::Step {
            rule: rule.to_owned(),
            what: what.into(),
        });
    }

    /// It could be logged on: whatever happens from now on doesn't stop the other scenarios.
    pub(super) fn ready(&self, kinds: Kinds) {
        self.tell(&Message::Ready(kinds));
    }

    /// A rule is kept, or was seen to be broken.
    pub(super) fn expect(&self, rule: &str, kept: bool, seen: impl FnOnce() -> String) {
        if kept {
            self.tell(&Message::Kept {
                rule: rule.to_owned(),
            });
        } else {
            self.broken(rule, seen());
        }
    }

    /// A call answered what it should, or not.
    pub(super) fn answers(&self, rule: &str, call: &str, answer: HRESULT, expected: HRESULT) {
        self.expect(rule, answer == expected, || {
            format!(
                "{call} answered {}, not {}",
                Status(answer),
                Status(expected)
            )
        });
    }

    /// A rule is broken.
    pub(super) fn broken(&self, rule: &str, what: impl Into<String>) {
        self.tell(&Message::Broken {
            rule: rule.to_owned(),
            what: what.into(),
        });
    }

    /// A rule can't be seen here.
    pub(super) fn skip(&self, rule: &str, why: impl Into<String>) {
        self.tell(&Message::Skipped {
            rule: rule.to_owned(),
            why: why.into(),
        });
    }

    /// The provider is stuck. The listener hears it at once and ends this process: releasing what the scenario
    /// still holds would mean waiting forever, or freeing what is still in use.
    pub(super) fn stuck(&self) -> Halt {
        self.tell(&Message::End { stuck: true });
        Halt::Stuck
    }

    /// What the scenario is called.
    pub(super) fn name(&self) -> &'static str {
        self.scenario.name
    }

    /// The provider's library.
    pub(super) fn load(&self) -> Result<ProviderLibrary, Halt> {
        let loaded = self.subject.load();
        loaded.map_err(|error| Halt::Unplayable(error.to_string()))
    }

    /// How long a run, or anything else that must happen, may take.
    pub(super) fn soon(&self) -> Duration {
        let subject = self.subject;
        subject.patience.unwrap_or(subject.time_limit / 3)
    }

    /// A host around the provider, with an empty profile.
    pub(super) fn host(&self) -> Result<Host, Halt> {
        let library = self.load()?;
        let profile = Profile::in_memory();
        let subject = self.subject;
        if let Some(folder) = &subject.stores {
            self.name_file(&profile, SectionUid::SERVICE, folder, "nst")?;
        }
        if let Some(folder) = &subject.mailboxes {
            self.name_file(&profile, SectionUid::PROVIDER, folder, "db")?;
        }
        Host::new(library, profile).map_err(|error| Halt::Unplayable(error.to_string()))
    }

    /// Says in the profile where the store's file is. Each host has its own store, so no scenario finds what another has
    /// left.
    fn name_file(
        &self,
        profile: &Profile,
        section: SectionUid,
        folder: &Path,
        extension: &str,
    ) -> Result<(), Halt> {
        let number = self.stores.get() + 1;
        self.stores.set(number);
        let file = folder.join(format!("{}-{number}.{extension}", self.scenario.name));
        // What isn't there need not be removed.
        let _ = fs::remove_file(&file);
        let shown = file.to_string_lossy().into_owned();
        let path = Property::with_id(STORE_PATH, shown.as_str());
        let set = profile.set(section, path);
        set.map_err(|error| Halt::Unplayable(error.to_string()))
    }

    /// A host whose service is created and configured.
    pub(super) fn configured(&self) -> Result<Host, Halt> {
        self.configured_with(&self.subject.settings)
    }

    /// A host whose service is created and configured with these settings.
    pub(super) fn configured_with(&self, settings: &[Property]) -> Result<Host, Halt> {
        let host = self.host()?;
        if host.library().service_entry().is_some() {
            host.service(MSG_SERVICE_CREATE, &[])?;
            configure(&host, settings)?;
        }
        Ok(host)
    }

    /// A store that is logged on, with the settings of the check.
    pub(super) fn rig(&self) -> Result<Rig, Halt> {
        self.rig_in(self.configured()?)
    }

    /// A store of this host that is logged on.
    pub(super) fn rig_in(&self, host: Host) -> Result<Rig, Halt> {
        let provider = host.init()?;
        let store = provider.logon()?;
        Ok(Rig {
            store,
            provider,
            host,
        })
    }

    /// Asks for a run, heard by a callback that answers `S_OK` to everything.
    pub(super) fn start(&self, rig: &Rig) -> Result<(SyncRun, ObjectRef<ProgressCallback>), Halt> {
        let callback = rig.host.callback(ProgressCallback::builder());
        let request = SyncRequest::default().session(&rig.host);
        let run = rig.store.synchronize(&request.callback(&callback));
        run.started()?;
        Ok((run, callback))
    }

    /// Waits for a run's end; if it doesn't come, the rule is broken and the provider is stuck.
    pub(super) fn wait(&self, rule: &str, run: &SyncRun) -> Played {
        self.in_time(
            rule,
            run.wait(self.soon()),
            "the run’s event was not signalled",
        )
    }

    /// Something happened in time; otherwise the rule is broken and the provider is stuck.
    pub(super) fn in_time(&self, rule: &str, happened: bool, what: &str) -> Played {
        if happened {
            return Ok(());
        }
        self.broken(
            rule,
            format!("{what} within {:.1} s", self.soon().as_secs_f32()),
        );
        Err(self.stuck())
    }

    /// A run from request to end, and what it called.
    pub(super) fn run(&self, rule: &str, rig: &Rig) -> Result<Status, Halt> {
        let (run, _callback) = self.start(rig)?;
        self.wait(rule, &run)?;
        run.result()
            .ok_or_else(|| Halt::Unplayable("the run ended without calling Done".to_owned()))
    }

    /// Logs off in order, and checks that nothing is left.
    pub(super) fn finish(&self, rig: Rig) {
        self.step("SYNC-16", "logging off and shutting down");
        rig.store.logoff();
        if let Err(failure) = rig.provider.shutdown() {
            self.broken("SYNC-16", failure.to_string());
        }
        drop(rig.provider);
        self.end(rig.host);
    }

    /// As [`finish`](Self::finish), if the provider has been shut down before: MAPI does that once.
    pub(super) fn finish_after_shutdown(&self, rig: Rig) {
        self.step("SYNC-16", "logging off after Shutdown");
        rig.store.logoff();
        drop(rig.provider);
        self.end(rig.host);
    }

    /// Ends a host, and checks what is left.
    pub(super) fn end(&self, host: Host) {
        self.step("SYNC-18", "unloading the library");
        self.look_at(&host.finish(), "ENTRY-05");
    }

    /// Ends a transport's host, and checks what is left; a support object that is kept breaks this rule.
    pub(super) fn end_transport(&self, host: Host, support: &str) {
        self.step("XP-33", "unloading the library");
        self.look_at(&host.finish(), support);
    }

    /// What a host's report says, sorted by rule.
    fn look_at(&self, report: &Report, support: &str) {
        for violation in &report.violations {
            self.broken(violation.rule, violation.what.clone());
        }
        let faults = report.faults.iter().map(ToString::to_string);
        let leaks = report
            .leaks
            .iter()
            .map(|leak| format!("nobody freed {leak}"));
        let memory: Vec<String> = faults.chain(leaks).collect();
        self.expect("COM-07", memory.is_empty(), || shortened(&memory));
        for (kind, count) in &report.objects {
            let rule = match kind {
                Kind::Session => "SYNC-05",
                Kind::ProgressCallback => "SYNC-11",
                Kind::Support => support,
                Kind::Message | Kind::Attachment | Kind::Table if support.starts_with("XP") => {
                    "XP-24"
                }
                _ => "COM-03",
            };
            self.broken(rule, format!("{count} {kind} never released"));
        }
        for reference in &report.references {
            let rule = match reference.what {
                "the session" => "SYNC-05",
                _ => "COM-03",
            };
            self.broken(
                rule,
                format!("references to {} left: {}", reference.what, reference.count),
            );
        }
    }
}

/// The first few of what may be very many, in a sentence.
fn shortened(all: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = all.iter().take(SHOWN).cloned();
    let more = all.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| format!("and {more} more"));
    shown.chain(more).collect::<Vec<_>>().join("; ")
}
