//! STORE-30: how much memory large values take, whatever is done with them.
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "every pointer is NULL, to a local, or to what a method has just answered"
)]

#[path = "support/counting_heap/mod.rs"]
mod counting_heap;
#[path = "support/object_support/mod.rs"]
mod object_support;

use std::ptr;

use counting_heap::counted;
use mapi_provider::abi::*;
use mapi_provider::view::PropTags;
use object_support::*;

const BYTES: PropTag = PropTag::new(0x6630, PT_BINARY);
const NARROW: PropTag = PropTag::new(0x6631, PT_STRING8);
const WIDE: PropTag = PropTag::new(0x6631, PT_UNICODE);

/// In the short form of the promise, a value is this large and not a gigabyte.
const MEGABYTES: u32 = 9;
/// What may be taken.
const ALLOWED: usize = 8 << 20;

fn open(object: &IMAPIProp, tag: PropTag, options: u32, flags: OpenPropertyFlags) -> IStream {
    let mut out = ptr::null_mut();
    unsafe {
        let status = object.OpenProperty(tag, &IStream::IID, options, flags, &mut out);
        assert_eq!(status, S_OK);
        IStream::from_raw(out)
    }
}

fn write(stream: &IStream, piece: &[u8]) {
    for _ in 0..MEGABYTES {
        let (count, mut written) = (piece.len() as u32, 0);
        let status = unsafe { stream.Write(piece.as_ptr().cast(), count, &mut written) };
        assert_eq!((status, written), (S_OK, count));
    }
}

fn read(stream: &IStream, piece: &[u8], pieces: u32) {
    let mut bytes = vec![0; piece.len()];
    for _ in 0..pieces {
        let (most, mut count) = (bytes.len() as u32, 0);
        let status = unsafe { stream.Read(bytes.as_mut_ptr().cast(), most, &mut count) };
        assert_eq!((status, count), (S_OK, most));
        assert!(bytes == piece);
    }
}

// One test in this program: others would be counted with it.
#[test]
fn store_30_large_values_take_little_memory() {
    let (folder, path) = place();
    let session = Session::open(file(&path));
    let opened = |name| {
        let folder = session.folder(name);
        let id = folder.entry_id().expect("an ID").into_owned();
        IMAPIProp::from(raw_folder(&session, &id))
    };
    let (object, other) = (opened("From"), opened("To"));
    let create = OpenPropertyFlags::MAPI_CREATE | OpenPropertyFlags::MAPI_MODIFY;
    let reads = OpenPropertyFlags::empty();
    let piece: Vec<u8> = (0..1 << 20).map(|one: u32| (one * 5 / 3) as u8).collect();
    let text = vec![b'x'; 1 << 20];
    let wide: Vec<u8> = text.iter().flat_map(|byte| [*byte, 0]).collect();
    let ((), _, taken) = counted(|| {
        for options in [STGM_TRANSACTED, STGM_DIRECT] {
            let stream = open(&object, BYTES, options, create);
            write(&stream, &piece);
            unsafe {
                assert_eq!(stream.Commit(StreamCommitFlags::empty()), S_OK);
                // The value is shared by now: this is written to a copy.
                assert_eq!(stream.Seek(0, STREAM_SEEK_SET, ptr::null_mut()), S_OK);
                let status = stream.Write(piece.as_ptr().cast(), 10, ptr::null_mut());
                assert_eq!(status, S_OK);
            }
        }
        read(&open(&object, BYTES, 0, reads), &piece, MEGABYTES);
        // In the width that is not kept.
        write(&open(&object, NARROW, 0, create), &text);
        read(&open(&object, NARROW, 0, reads), &text, MEGABYTES);
        read(&open(&object, WIDE, 0, reads), &wide, MEGABYTES);
        // To another object.
        let tags = PropTags::from(&[BYTES][..]);
        let tags = session.allocators().build(&tags).expect("memory");
        unsafe {
            let (to, none, iid) = (other.as_raw(), ptr::null_mut(), IMAPIProp::IID);
            let flags = CopyFlags::empty();
            let status = object.CopyProps(tags.as_ptr(), 0, none, &iid, to, flags, ptr::null_mut());
            assert_eq!(status, S_OK);
        }
        read(&open(&other, BYTES, 0, reads), &piece, MEGABYTES);
    });
    assert!(taken <= ALLOWED, "{taken} bytes were taken");
    assert!(taken > 1 << 16, "it is counted");
    drop((object, other));
    session.close();
    drop(folder);
}
