//! Type parameters, constants, bounds of either kind, attributes in parts, interfaces by path.

use mapi_provider::abi::{self, HRESULT, IMAPISync_Impl, MAPISIB, S_OK};
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::{BackgroundSync, LogonError, MapiObject, MapiSync, SyncError, SyncJob};

#[derive(MapiObject)]
#[mapi(implements(abi::IMAPISync))]
#[mapi(forwards(abi::IMsgStore = inner), outer = outer)]
struct Part<L: Send, const N: usize>
where
    L: Sync + 'static,
{
    logic: [L; N],
    inner: abi::IMsgStore,
    outer: abi::IMsgStore,
}

impl<L: Send + Sync + 'static, const N: usize> IMAPISync_Impl for Part<L, N> {
    unsafe fn SynchronizeInBackground(this: &Object<Self>, _: *mut MAPISIB) -> HRESULT {
        let _ = &this.logic;
        S_OK
    }
}

impl<L: Send + Sync + 'static, const N: usize> abi::IMsgStore_Forward for Part<L, N> {}

#[derive(MapiSync)]
enum Logic<C>
where
    C: Send + Sync + 'static,
{
    Server(C),
}

impl<C: Send + Sync + 'static> BackgroundSync for Logic<C> {
    type Settings = ();

    fn open(_: ()) -> Result<Self, LogonError> {
        Err(LogonError::unconfigured("no server"))
    }

    fn synchronize(&self, _: &SyncJob) -> Result<(), SyncError> {
        let Self::Server(_) = self;
        Ok(())
    }
}

fn main() {
    let _: Option<ObjectRef<Part<u32, 2>>> = None;
    assert!(Logic::<u32>::open(()).is_err());
}
