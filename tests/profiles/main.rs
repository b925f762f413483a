//! A service in a profile: added, configured and removed through MAPI's administration, which the host plays. Directly,
//! as `cargo mapi profile` does it, and, on Windows, by `rundll32` from a provider's DLL with a stand-in for `mapi32.dll`.

mod adding;
mod exports;
mod manifest;
mod refusals;
mod rundll;

use mapi_provider::abi::{MSGSERVICEENTRY, PR_DISPLAY_NAME_W, PR_SERVICE_NAME_W};
use mapi_provider::profile::{Assignments, ProfileError, Profiles, ServiceSpec, ServiceUid};
use mapi_provider_host::{
    self as host, InstalledService, ProviderLibrary, Section, SectionUid, Value,
};

use self::manifest::{init, service_entry, spec};

/// A user with the profile "Outlook", and the service of the tests installed.
struct User {
    mapi: host::Profiles,
    service: ServiceSpec,
}

impl User {
    fn new() -> Self {
        Self::with(service_entry)
    }

    /// With another entry point of the service.
    fn with(entry: MSGSERVICEENTRY) -> Self {
        let mapi = host::Profiles::in_memory().expect("a set of allocators");
        mapi.create("Outlook").expect("made");
        mapi.install(InstalledService::new("tested", "Tested", move || {
            Ok(ProviderLibrary::from_functions(init, Some(entry)))
        }));
        User {
            mapi,
            service: spec(),
        }
    }

    /// What a setup program works with.
    fn profiles(&self) -> Profiles {
        Profiles::from_interface(self.mapi.admin(), self.mapi.allocators().for_views())
    }

    fn values(&self, texts: &[&str]) -> Assignments {
        let mut values = Assignments::default();
        for text in texts {
            values.assign(self.service.settings(), text).expect("right");
        }
        values
    }

    /// All that a new service needs.
    fn complete(&self) -> Assignments {
        self.values(&["server=mail.example.org", "password=hunter2"])
    }

    /// The services of a profile, by uid and name in `mapisvc.inf`.
    fn services(&self, profile: &str) -> Vec<ServiceUid> {
        let profile = self.mapi.profile(profile).expect("there");
        let sections = profile.sections().into_iter();
        sections
            .filter(|uid| profile.get(*uid, PR_SERVICE_NAME_W.id()).is_some())
            .map(|uid| ServiceUid(uid.0))
            .collect()
    }

    /// The section that the settings of a service are in: that of its provider.
    fn settings(&self, profile: &str, service: ServiceUid) -> Section {
        let profile = self.mapi.profile(profile).expect("there");
        let provider = profile.get(SectionUid(service.0), 0x67E2);
        let Some(Value::Binary(provider)) = provider else {
            panic!("the service has no provider")
        };
        profile.section(SectionUid(provider.try_into().expect("a uid")))
    }

    /// How many sections a profile has: one is its own.
    fn sections(&self, profile: &str) -> usize {
        self.mapi.profile(profile).expect("there").sections().len()
    }

    /// What is left behind when all is done: nothing.
    fn assert_clean(&self) {
        self.mapi.report().assert_clean();
    }
}

/// Whether a failure says what to do, in a sentence without a full stop.
fn told(error: &ProfileError) -> String {
    let (text, help) = (error.to_string(), error.help());
    for sentence in [&text, &help] {
        assert!(
            !sentence.is_empty() && !sentence.ends_with('.'),
            "{sentence}"
        );
        assert!(!sentence.contains("hunter2"), "{sentence}");
    }
    text
}

/// What users see of a service.
fn name_of(user: &User, service: ServiceUid) -> Option<Value> {
    let profile = user.mapi.profile("Outlook").expect("there");
    profile.get(SectionUid(service.0), PR_DISPLAY_NAME_W.id())
}
