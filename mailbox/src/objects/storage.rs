//! The storage of an attachment: IStorage, which MAPI lays over a stream of ours.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider_abi::mapi::{
    GUID, IUnknown, Interface, MAPI_E_NO_SUPPORT, OpenPropertyFlags, PropTag, StorageFlags,
};

use super::fault::{Fault, Result};
use super::stream::{Owner, StreamState};
use super::stream_object;

/// The IID of `IStorage`.
pub(super) const IID: GUID = GUID::from_u128(0x0000000B_0000_0000_C000_000000000046);

/// A storage over the bytes of a property. What is committed in it goes into the stream, and becomes the value as that
/// of a stream does which is not transacted.
///
/// # Errors
///
/// Those of a stream, and those of MAPI; the store is closed.
pub(super) fn open(
    owner: Arc<dyn Owner>,
    tag: PropTag,
    flags: OpenPropertyFlags,
) -> Result<*mut c_void> {
    let closed = || Fault::new(MAPI_E_NO_SUPPORT, "the store is closed");
    let support = owner.shared().support().ok_or_else(closed)?;
    let creates = flags.contains(OpenPropertyFlags::MAPI_CREATE);
    let writes = creates || flags.contains(OpenPropertyFlags::MAPI_MODIFY);
    let state = StreamState::begin(owner, tag, false, flags)?;
    let mut how = StorageFlags::empty();
    how.set(StorageFlags::STGSTRM_CREATE, creates);
    how.set(StorageFlags::STGSTRM_MODIFY, writes);
    let stream = stream_object::new(Arc::clone(&state));
    let storage = support.storage_from_stream(&stream, how);
    // STORE-30: the value is that of the storage from now on; where MAPI gives none, it is as it was.
    let storage = storage.inspect_err(|_| state.forget())?;
    if let Err(fault) = state.write_back() {
        state.forget();
        // SAFETY: a reference that is ours, and that nobody gets.
        drop(unsafe { IUnknown::from_raw(storage) });
        return Err(fault);
    }
    Ok(storage)
}

#[cfg(test)]
mod tests {
    use mapi_provider_abi::mapi::{
        IStream, MAPI_E_INTERFACE_NOT_SUPPORTED, PR_ATTACH_DATA_OBJ, StreamCommitFlags,
    };

    use super::super::owners::StoreOwner;
    use super::super::shared::lock;
    use super::super::stream;
    use super::super::testing::Stage;
    use super::*;
    use crate::database::Property;

    #[test]
    fn store_30_a_storage_lies_over_the_bytes_of_the_property() {
        let stage = Stage::new();
        let owner = || Arc::new(StoreOwner(Arc::clone(&stage.shared)));
        let create = OpenPropertyFlags::MAPI_CREATE;
        let open = |flags| stream::open(owner(), PR_ATTACH_DATA_OBJ, &IID, 0, flags);
        // In this test the stream itself stands for the storage.
        let storage = open(create).expect("a storage");
        // SAFETY: a reference that is ours, and bytes.
        unsafe {
            let stream = IStream::from_raw(storage);
            let mut written = 0;
            let wrote = stream.Write(b"bytes".as_ptr().cast(), 5, &mut written);
            assert!(wrote.is_ok() && written == 5);
            assert!(stream.Commit(StreamCommitFlags::empty()).is_ok());
        }
        let kept = owner().property(PR_ATTACH_DATA_OBJ.id()).expect("read");
        let Some(Property::Large(large)) = kept else {
            panic!("it is an object: {kept:?}");
        };
        assert_eq!(
            (large.prop_type(), large.size()),
            (mapi_provider_abi::mapi::PT_OBJECT, 5)
        );
        let again = open(OpenPropertyFlags::MAPI_MODIFY).expect("a storage");
        // SAFETY: a reference that is ours.
        drop(unsafe { IStream::from_raw(again) });
        let asked = lock(&stage.storages).clone();
        let modify = StorageFlags::STGSTRM_MODIFY;
        assert_eq!(asked, [modify | StorageFlags::STGSTRM_CREATE, modify]);
        // What is no attachment's data is no storage.
        let tag = PropTag::new(0x6601, mapi_provider_abi::mapi::PT_OBJECT);
        let refused = stream::open(owner(), tag, &IID, 0, create).err();
        assert_eq!(
            refused.expect("refused").status,
            MAPI_E_INTERFACE_NOT_SUPPORTED
        );
        // Without MAPI there is none, and the value stays.
        drop(stage.shared.take_support());
        assert_eq!(open(create).expect_err("refused").status, MAPI_E_NO_SUPPORT);
        let kept = owner().property(PR_ATTACH_DATA_OBJ.id()).expect("read");
        assert!(kept.is_some_and(|kept| kept.size() == 5));
    }
}
