//! The probe, linked in or as a shared library, and its orders.

use std::env;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use mapi_provider_host::{Profile, ProviderLibrary};

use super::Rig;

/// The shapes in which a provider comes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Backend {
    /// Part of the test program.
    Linked,
    /// A shared library, or a DLL.
    Library,
}

impl Backend {
    /// The probe in this shape.
    pub(crate) fn provider(self) -> ProviderLibrary {
        match self {
            Self::Linked => ProviderLibrary::linked(&probe32::PROVIDER),
            Self::Library => {
                // One reference stays: some loaders leak a little each time a library comes and goes.
                static KEPT: OnceLock<ProviderLibrary> = OnceLock::new();
                KEPT.get_or_init(load);
                load()
            }
        }
    }

    /// The probe, logged on, with the orders that it has during the test.
    pub(crate) fn rig(self, orders: Orders) -> Rig {
        let given = orders.give();
        Rig::open(self.provider(), Profile::in_memory()).holding(given)
    }
}

fn load() -> ProviderLibrary {
    let path = library_path();
    ProviderLibrary::load(&path).unwrap_or_else(|error| panic!("{error}"))
}

/// The path of the probe's library: as the environment says, or beside the test program, where cargo puts
/// the libraries that a test depends on.
pub(crate) fn library_path() -> PathBuf {
    if let Some(path) = env::var_os("MAPI_TEST_PROBE_DLL") {
        return path.into();
    }
    let program = env::current_exe().expect("a test knows where it is");
    program.with_file_name(format!("{DLL_PREFIX}probe32{DLL_SUFFIX}"))
}

/// What the probe does in a run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Orders {
    pub(crate) steps: u32,
    pub(crate) step_ms: u32,
    pub(crate) fail: Option<u32>,
    pub(crate) panic: bool,
}

/// The orders hold as long as this lives.
pub(crate) struct Given(#[allow(dead_code, reason = "held")] MutexGuard<'static, ()>);

impl Orders {
    /// Steps that take no time.
    pub(crate) fn steps(steps: u32) -> Self {
        Self {
            steps,
            ..Self::default()
        }
    }

    /// Steps that last until somebody cancels.
    pub(crate) fn until_cancelled() -> Self {
        Self {
            steps: 3,
            step_ms: 600_000,
            ..Self::default()
        }
    }

    /// Tells the probe, which reads the environment. There is only one environment, so tests of the probe
    /// run one after another.
    pub(crate) fn give(self) -> Given {
        static ENVIRONMENT: Mutex<()> = Mutex::new(());
        let given = Given(ENVIRONMENT.lock().unwrap_or_else(PoisonError::into_inner));
        given.change(self);
        given
    }
}

impl Given {
    /// Other orders for the runs to come; none is starting now.
    pub(crate) fn change(&self, orders: Orders) {
        let fail = orders
            .fail
            .map(|code| format!("{code:x}"))
            .unwrap_or_default();
        let values = [
            ("SYNC_TEST_STEPS", orders.steps.to_string()),
            ("SYNC_TEST_STEP_MS", orders.step_ms.to_string()),
            ("SYNC_TEST_FAIL", fail),
            ("SYNC_TEST_PANIC", u32::from(orders.panic).to_string()),
        ];
        for (name, value) in values {
            // SAFETY: whoever reads or writes these variables in this process holds the lock, and the
            // others are not written at all.
            unsafe { env::set_var(name, value) };
        }
    }
}
