//! What of a provider a profile has to know.

use crate::manifest::{Kind, Manifest, Provider};
use crate::settings::{SettingKind, SettingSpec};

/// A message service: its names, and what can be set for it.
#[derive(Debug, Clone)]
pub struct ServiceSpec {
    id: String,
    name: String,
    settings: Vec<SettingSpec>,
}

/// What every service takes beside its own settings.
const NAME: SettingSpec = optional("PR_DISPLAY_NAME", 0x3001);

/// Where the store's file is. It is no path here, for it may begin with a `%VARIABLE%`.
const STORE_PATH: SettingSpec = optional("PR_PROFILE_OFFLINE_STORE_PATH", 0x6610);

const fn optional(name: &'static str, tag: u16) -> SettingSpec {
    SettingSpec {
        name,
        tag,
        kind: SettingKind::String,
        required: false,
        default: None,
        // The dialog shows the settings of the manifest alone.
        label: name,
        page: "",
    }
}

impl ServiceSpec {
    /// The service of a provider that is linked in.
    pub fn of(provider: &Provider) -> Self {
        Self::of_manifest(provider.manifest)
    }

    pub(super) fn of_manifest(manifest: &Manifest) -> Self {
        let has_file = manifest.has(Kind::WrappedStore) || manifest.store_path.is_some();
        Self::new(manifest.id, manifest.name, manifest.settings, has_file)
    }

    /// The service with this name in `mapisvc.inf`, this name for users and these settings; `has_file`, if it is that of a
    /// store with a file: a wrapped store, or a mailbox.
    pub fn new(id: &str, name: &str, settings: &[SettingSpec], has_file: bool) -> Self {
        let others = [Some(NAME), has_file.then_some(STORE_PATH)];
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            settings: settings
                .iter()
                .copied()
                .chain(others.into_iter().flatten())
                .collect(),
        }
    }

    /// Its name in `mapisvc.inf`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What users see.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What can be set: the settings of its manifest, then `PR_DISPLAY_NAME`, then, for a store with a file,
    /// `PR_PROFILE_OFFLINE_STORE_PATH`.
    pub fn settings(&self) -> &[SettingSpec] {
        &self.settings
    }
}
