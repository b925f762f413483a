//! The inner provider's library, under the name with which a wrapped store finds it, and what tests say to
//! it.

use std::env;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::ffi::c_void;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use mapi_provider_host::{Host, Profile, Property, ProviderLibrary, SectionUid};

use crate::support::script::{Registered, Script, Variant};

/// PR_PROFILE_OFFLINE_STORE_PATH.
pub(crate) const PATH: u16 = 0x6610;

type Order = unsafe extern "system" fn(*const u8, usize);
type Record = unsafe extern "system" fn(*mut u8, usize) -> usize;

/// The file of the inner provider, as cargo has put it beside this program.
pub(crate) fn built_library() -> PathBuf {
    let program = env::current_exe().expect("a test knows where it is");
    program.with_file_name(format!("{DLL_PREFIX}inner_provider{DLL_SUFFIX}"))
}

/// What the file of Outlook's library of this name is called here.
pub(crate) fn file_name(name: &str) -> String {
    format!("{DLL_PREFIX}{name}{DLL_SUFFIX}")
}

/// The library, loaded for the life of the process.
struct Library {
    library: libloading::Library,
    handle: usize,
    _folder: tempfile::TempDir,
}

fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(file_name("mspst32"));
        std::fs::copy(built_library(), &path).expect("cargo has built it");
        let (library, handle) = open(&path);
        Library {
            library,
            handle,
            _folder: folder,
        }
    })
}

/// The handle of the library, as `hInstance` is spelled in the record.
pub(crate) fn instance() -> String {
    let handle = library().handle as *const c_void;
    format!("{handle:?}")
}

#[cfg(unix)]
use libloading::os::unix as system;
#[cfg(windows)]
use libloading::os::windows as system;

/// A library, and its handle as a number.
fn open(path: &Path) -> (libloading::Library, usize) {
    // SAFETY: the library is ours; the handle goes from one owner to the next.
    unsafe {
        let library = libloading::Library::new(path).expect("a library");
        let handle = system::Library::from(library).into_raw();
        (system::Library::from_raw(handle).into(), handle as usize)
    }
}

/// The inner provider, this test's alone: there is one in the process.
pub(crate) struct Inner {
    _alone: MutexGuard<'static, ()>,
}

impl Inner {
    /// Waits for other tests, and takes all orders back.
    pub(crate) fn take() -> Self {
        static ALONE: Mutex<()> = Mutex::new(());
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let inner = Self { _alone: alone };
        inner.order("");
        inner.clear();
        inner
    }

    /// Gives an order: `name=value`, or a name to take one back.
    pub(crate) fn order(&self, order: &str) {
        // SAFETY: the type is the function's.
        unsafe {
            let function = library().library.get::<Order>(b"InnerOrder\0");
            function.expect("exported")(order.as_ptr(), order.len());
        }
    }

    fn clear(&self) {
        // SAFETY: the type is the function's.
        unsafe {
            let function = library().library.get::<Record>(b"InnerRecord\0");
            function.expect("exported")(std::ptr::null_mut(), 0);
        }
    }

    /// The lines that were written down.
    pub(crate) fn record(&self) -> Vec<String> {
        let mut bytes = vec![0; 1 << 20];
        // SAFETY: the type is the function's; as much room as is told.
        let count = unsafe {
            let function = library().library.get::<Record>(b"InnerRecord\0");
            function.expect("exported")(bytes.as_mut_ptr(), bytes.len())
        };
        bytes.truncate(count);
        let text = String::from_utf8(bytes).expect("text");
        text.lines().map(str::to_owned).collect()
    }

    /// The lines that begin like this.
    pub(crate) fn lines(&self, start: &str) -> Vec<String> {
        let lines = self.record().into_iter();
        lines.filter(|line| line.starts_with(start)).collect()
    }

    /// The value of `name=` in the only line that begins like this.
    #[track_caller]
    pub(crate) fn value(&self, start: &str, name: &str) -> String {
        let lines = self.lines(start);
        assert_eq!(lines.len(), 1, "{start}: {lines:?}");
        let name = format!("{name}=");
        let words = lines[0].split(' ');
        let value = words.into_iter().find_map(|word| word.strip_prefix(&name));
        value.expect("the word is there").to_owned()
    }
}

/// A host with a wrapped store around the inner provider.
pub(crate) struct Rig {
    pub(crate) inner: Inner,
    pub(crate) host: Host,
    script: Registered,
}

impl Rig {
    /// Configured, with logic that has nothing to do.
    pub(crate) fn new() -> Self {
        Self::with(Script::new(|_| Ok(())))
    }

    /// Configured, with this logic.
    pub(crate) fn with(script: Script) -> Self {
        Self::of(Variant::Wrapped, script)
    }

    /// Names the script in another section, with nothing else.
    pub(crate) fn configure_in(&self, section: SectionUid) {
        self.script.configure_in(self.host.profile(), section);
    }

    pub(crate) fn of(variant: Variant, script: Script) -> Self {
        let rig = Self::unconfigured(variant.library(), script);
        let path = Property::with_id(PATH, r"C:\mail\contoso.nst");
        let profile = rig.host.profile();
        profile.set(SectionUid::PROVIDER, path).expect("set");
        rig
    }

    /// Without the path of the store.
    pub(crate) fn unconfigured(library: ProviderLibrary, script: Script) -> Self {
        let inner = Inner::take();
        let script = script.register();
        let profile: Profile = script.profile();
        Self {
            inner,
            host: Host::new(library, profile).expect("a set of allocators"),
            script,
        }
    }

    /// Nothing is left behind.
    #[track_caller]
    pub(crate) fn finish(self) {
        self.host.finish().assert_clean();
    }
}
