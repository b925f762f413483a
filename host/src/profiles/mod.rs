//! The profiles of a user and the services that are installed: what `MAPIAdminProfiles` administers.
//!
//! It is simulated: it does what setup programs need of MAPI, and no more. Profiles have the form of
//! [`Profile`](crate::Profile), and no secret is written to their files.

mod profile_admin;
mod service_admin;
mod services;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use mapi_provider::abi::IProfAdmin;
use windows_core::HRESULT;

use crate::locks::lock;
use crate::memory::{Allocators, OutOfSets};
use crate::objects::Shared;
use crate::profile::{Profile, ProfileError};
use crate::property::Property;
use crate::report::Report;

pub use self::profile_admin::ProfileAdmin;
pub use self::service_admin::ServiceAdmin;
pub use self::services::InstalledService;
pub(crate) use self::services::Services;

/// How the file of a profile ends.
const ENDING: &str = "profile";

/// Calls that can be refused on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum AdminCall {
    /// `IProfAdmin::GetProfileTable`
    GetProfileTable,
    /// `IProfAdmin::CreateProfile`
    CreateProfile,
    /// `IProfAdmin::DeleteProfile`
    DeleteProfile,
    /// `IProfAdmin::AdminServices`
    AdminServices,
    /// `IMsgServiceAdmin::GetMsgServiceTable`
    GetMsgServiceTable,
    /// `IMsgServiceAdmin::CreateMsgService`
    CreateMsgService,
    /// `IMsgServiceAdmin2::CreateMsgServiceEx`
    CreateMsgServiceEx,
    /// `IMsgServiceAdmin::ConfigureMsgService`
    ConfigureMsgService,
    /// `IMsgServiceAdmin::DeleteMsgService`
    DeleteMsgService,
}

/// A call that fails on purpose.
#[derive(Clone, Copy, Debug)]
struct Refusal {
    status: HRESULT,
    /// After it has done its work.
    late: bool,
}

/// The profiles of a user, and the services that are installed. Clones share them.
#[derive(Clone)]
pub struct Profiles(Arc<State>);

struct State {
    shared: Arc<Shared>,
    folder: Option<PathBuf>,
    profiles: Mutex<BTreeMap<String, Profile>>,
    default: Mutex<Option<String>>,
    installed: Mutex<Vec<InstalledService>>,
    refusals: Mutex<BTreeMap<AdminCall, Refusal>>,
}

impl Profiles {
    /// No profiles, and room for some that live as long as the process.
    ///
    /// # Errors
    ///
    /// There are too many hosts at the same time.
    pub fn in_memory() -> Result<Self, OutOfSets> {
        Ok(Self::with(None, BTreeMap::new(), Allocators::take()?))
    }

    /// The profiles in a folder: a file `NAME.profile` each.
    ///
    /// # Errors
    ///
    /// The folder or a file can't be read, a file is no profile, or there are too many hosts at the same time.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, Box<dyn std::error::Error>> {
        let folder = folder.into();
        let mut profiles = BTreeMap::new();
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.extension() != Some(OsStr::new(ENDING)) {
                continue;
            }
            if let Some(name) = path.file_stem().and_then(OsStr::to_str) {
                profiles.insert(name.to_owned(), Profile::open(&path)?);
            }
        }
        Ok(Self::with(Some(folder), profiles, Allocators::take()?))
    }

    fn with(
        folder: Option<PathBuf>,
        profiles: BTreeMap<String, Profile>,
        allocators: Allocators,
    ) -> Self {
        Self(Arc::new(State {
            shared: Shared::new(allocators, Profile::in_memory(), Vec::new()),
            folder,
            profiles: Mutex::new(profiles),
            default: Mutex::default(),
            installed: Mutex::default(),
            refusals: Mutex::default(),
        }))
    }

    /// Installs a service, as `mapisvc.inf` would name it.
    pub fn install(&self, service: InstalledService) {
        lock(&self.0.installed).push(service);
    }

    /// The object that `MAPIAdminProfiles` answers.
    pub fn admin(&self) -> IProfAdmin {
        ProfileAdmin::open(self).into_interface()
    }

    /// The allocators of its objects.
    pub fn allocators(&self) -> &Allocators {
        &self.0.shared.allocators
    }

    /// The profile of a name.
    pub fn profile(&self, name: &str) -> Option<Profile> {
        lock(&self.0.profiles).get(name).cloned()
    }

    /// The names of all profiles.
    pub fn names(&self) -> Vec<String> {
        lock(&self.0.profiles).keys().cloned().collect()
    }

    /// Makes an empty profile; one that is there already stays.
    ///
    /// # Errors
    ///
    /// Its file can't be written.
    pub fn create(&self, name: &str) -> Result<(), ProfileError> {
        let mut profiles = lock(&self.0.profiles);
        if !profiles.contains_key(name) {
            let profile = match &self.0.folder {
                Some(folder) => Profile::open(folder.join(format!("{name}.{ENDING}")))?,
                None => Profile::in_memory(),
            };
            Services::of(&profile).name_profile(name)?;
            profiles.insert(name.to_owned(), profile);
        }
        Ok(())
    }

    /// From now on, a call fails with a status and does nothing, until [`heal`](Self::heal).
    pub fn refuse(&self, call: AdminCall, status: HRESULT) {
        let late = false;
        lock(&self.0.refusals).insert(call, Refusal { status, late });
    }

    /// From now on, a call does its work and then answers a failure all the same, until [`heal`](Self::heal).
    pub fn refuse_late(&self, call: AdminCall, status: HRESULT) {
        let late = true;
        lock(&self.0.refusals).insert(call, Refusal { status, late });
    }

    /// All calls work again.
    pub fn heal(&self) {
        lock(&self.0.refusals).clear();
    }

    /// Tells what was left behind: memory, objects.
    pub fn report(&self) -> Report {
        let shared = &self.0.shared;
        Report {
            leaks: shared.allocators.leaks(),
            faults: shared.allocators.faults(),
            objects: shared.registry.counts().into_iter().collect(),
            references: Vec::new(),
            violations: shared.violations(),
            open: 0,
        }
    }

    /// Does the work of a call, unless that is to fail.
    pub(crate) fn unless_refused(
        &self,
        call: AdminCall,
        work: impl FnOnce() -> HRESULT,
    ) -> HRESULT {
        let refusal = lock(&self.0.refusals).get(&call).copied();
        match refusal {
            Some(Refusal {
                status,
                late: false,
            }) => status,
            Some(Refusal { status, .. }) => {
                let _ = work();
                status
            }
            None => work(),
        }
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.0.shared
    }

    /// Deletes a profile; whether there was one.
    pub(crate) fn delete(&self, name: &str) -> bool {
        let gone = lock(&self.0.profiles).remove(name).is_some();
        if let (true, Some(folder)) = (gone, &self.0.folder) {
            // One that can't be removed is seen again the next time.
            let _ = fs::remove_file(folder.join(format!("{name}.{ENDING}")));
        }
        gone
    }

    /// The default profile: the one that was chosen, else the first.
    pub(crate) fn default(&self) -> Option<String> {
        let chosen = lock(&self.0.default).clone();
        chosen.or_else(|| self.names().into_iter().next())
    }

    pub(crate) fn set_default(&self, name: Option<String>) {
        *lock(&self.0.default) = name;
    }

    /// The service of a name; case doesn't matter.
    pub(crate) fn installed(&self, id: &str) -> Option<InstalledService> {
        let installed = lock(&self.0.installed);
        let found = installed.iter().find(|service| service.is(id));
        found.cloned()
    }
}

/// The row of a profile in the table.
pub(crate) fn profile_row(name: &str, is_default: bool) -> Vec<Property> {
    use mapi_provider::abi::{PR_DEFAULT_PROFILE, PR_DISPLAY_NAME_W};
    vec![
        Property::new(PR_DISPLAY_NAME_W, name),
        Property::new(PR_DEFAULT_PROFILE, is_default),
    ]
}
