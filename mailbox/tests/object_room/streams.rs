//! Properties as streams: of the store, and of folders.

use crate::object_support;
use std::ffi::c_void;
use std::ptr;
use std::sync::{Arc, Mutex};

use mapi_provider::MapiObject;
use mapi_provider::abi::*;
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::view::{PropValue, Property};
use object_support::*;

/// Properties of ours, as teams have them.
const BINARY: PropTag = PropTag::new(0x6610, PT_BINARY);
const WIDE: PropTag = PropTag::new(0x6611, PT_UNICODE);
const NARROW: PropTag = PropTag::new(0x6611, PT_STRING8);

const READ: OpenPropertyFlags = OpenPropertyFlags::empty();
const MODIFY: OpenPropertyFlags = OpenPropertyFlags::MAPI_MODIFY;
const CREATE: OpenPropertyFlags =
    OpenPropertyFlags::MAPI_CREATE.union(OpenPropertyFlags::MAPI_MODIFY);

fn open(
    object: &IMAPIProp,
    tag: PropTag,
    options: u32,
    flags: OpenPropertyFlags,
) -> Result<IStream, HRESULT> {
    let mut out = ptr::null_mut();
    unsafe {
        let status = object.OpenProperty(tag, &IStream::IID, options, flags, &mut out);
        if status.is_err() {
            assert!(out.is_null());
            return Err(status);
        }
        Ok(IStream::from_raw(out))
    }
}

fn stream(object: &IMAPIProp, tag: PropTag, options: u32, flags: OpenPropertyFlags) -> IStream {
    open(object, tag, options, flags).expect("a stream")
}

fn write(stream: &IStream, bytes: &[u8]) -> HRESULT {
    let mut written = 0;
    let status = unsafe {
        let count = bytes.len() as u32;
        stream.Write(bytes.as_ptr().cast(), count, &mut written)
    };
    assert_eq!(
        written as usize,
        if status.is_ok() { bytes.len() } else { 0 }
    );
    status
}

fn read(stream: &IStream, most: usize) -> Vec<u8> {
    let mut bytes = vec![0xAA; most];
    let mut count = 0;
    let status = unsafe { stream.Read(bytes.as_mut_ptr().cast(), most as u32, &mut count) };
    assert_eq!(status, S_OK);
    bytes.truncate(count as usize);
    bytes
}

fn seek(stream: &IStream, by: i64, origin: u32) -> Result<u64, HRESULT> {
    let mut place = 77;
    let status = unsafe { stream.Seek(by, origin, &mut place) };
    if status.is_ok() {
        Ok(place)
    } else {
        Err(status)
    }
}

fn rewind(stream: &IStream) {
    assert_eq!(seek(stream, 0, STREAM_SEEK_SET), Ok(0));
}

fn size(stream: &IStream) -> u64 {
    stat(stream).cbSize
}

fn stat(stream: &IStream) -> STATSTG {
    let mut stat = unsafe { std::mem::zeroed::<STATSTG>() };
    assert_eq!(unsafe { stream.Stat(&mut stat, STATFLAG_NONAME) }, S_OK);
    stat
}

fn commit(stream: &IStream) -> HRESULT {
    unsafe { stream.Commit(StreamCommitFlags::empty()) }
}

/// What another stream says the value is.
fn value(object: &IMAPIProp, tag: PropTag) -> Result<Vec<u8>, HRESULT> {
    let stream = open(object, tag, 0, READ)?;
    let size = usize::try_from(size(&stream)).expect("small");
    Ok(read(&stream, size + 1))
}

fn objects(session: &Session) -> Vec<IMAPIProp> {
    let id = session
        .folder("Mail")
        .entry_id()
        .expect("an ID")
        .into_owned();
    let store: IMAPIProp = session.store.interface().clone().into();
    vec![store, raw_folder(session, &id).into()]
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn store_30_create_empties_the_value_at_once() {
    let (session, _store) = Session::in_memory();
    for object in objects(&session) {
        assert_eq!(open(&object, BINARY, 0, READ).err(), Some(MAPI_E_NOT_FOUND));
        assert_eq!(
            open(&object, BINARY, 0, MODIFY).err(),
            Some(MAPI_E_NOT_FOUND)
        );
        let old = [Property::new(BINARY, &b"old"[..])];
        assert_eq!(set_props(&session, &object, &old), (S_OK, vec![]));
        let new = stream(&object, BINARY, 0, CREATE);
        assert_eq!(size(&new), 0);
        assert_eq!(value(&object, BINARY), Ok(vec![]));
        drop(new);
        assert_eq!(value(&object, BINARY), Ok(vec![]));
    }
    session.close();
}

#[test]
fn store_30_a_direct_stream_is_the_value_when_it_is_committed_or_let_go() {
    let (session, _store) = Session::in_memory();
    for object in objects(&session) {
        let first = stream(&object, BINARY, 0, CREATE);
        assert_eq!(write(&first, b"abc"), S_OK);
        assert_eq!(commit(&first), S_OK);
        assert_eq!(value(&object, BINARY), Ok(b"abc".to_vec()));
        assert_eq!(write(&first, b"def"), S_OK);
        assert_eq!(unsafe { first.Revert() }, S_OK, "of nothing");
        drop(first);
        assert_eq!(value(&object, BINARY), Ok(b"abcdef".to_vec()));
        let again = stream(&object, BINARY, 0, MODIFY);
        assert_eq!(seek(&again, -2, STREAM_SEEK_END), Ok(4));
        assert_eq!(write(&again, b"XYZ"), S_OK);
        drop(again);
        assert_eq!(value(&object, BINARY), Ok(b"abcdXYZ".to_vec()));
    }
    session.close();
}

#[test]
fn store_30_a_transacted_stream_is_the_value_from_its_commit_on() {
    let (session, _store) = Session::in_memory();
    for (object, length) in objects(&session).into_iter().zip([10, 300_000]) {
        let old = vec![1; length];
        let first = stream(&object, BINARY, 0, CREATE);
        assert_eq!(write(&first, &old), S_OK);
        drop(first);
        let changed = stream(&object, BINARY, STGM_TRANSACTED, MODIFY);
        assert_eq!(stat(&changed).grfMode, STGM_READWRITE | STGM_TRANSACTED);
        assert_eq!(write(&changed, &[2, 2]), S_OK);
        assert_eq!(value(&object, BINARY), Ok(old.clone()));
        assert_eq!(unsafe { changed.Revert() }, S_OK);
        rewind(&changed);
        assert_eq!(read(&changed, length), old);
        rewind(&changed);
        assert_eq!(write(&changed, &[3, 3]), S_OK);
        assert_eq!(commit(&changed), S_OK);
        let mut new = old.clone();
        new[..2].fill(3);
        assert_eq!(value(&object, BINARY), Ok(new.clone()));
        // What was committed does not change with what is written next, and that goes with the stream.
        assert_eq!(write(&changed, &[4; 5]), S_OK);
        assert_eq!(value(&object, BINARY), Ok(new.clone()));
        assert_eq!(unsafe { changed.Revert() }, S_OK);
        rewind(&changed);
        assert_eq!(read(&changed, length), new);
        assert_eq!(write(&changed, &[5]), S_OK);
        drop(changed);
        assert_eq!(value(&object, BINARY), Ok(new));
    }
    session.close();
}

#[test]
fn store_30_what_is_written_past_the_end_fills_the_gap_with_zeros() {
    let (session, _store) = Session::in_memory();
    let object = objects(&session).remove(1);
    let stream = stream(&object, BINARY, 0, CREATE);
    assert_eq!(seek(&stream, 4, STREAM_SEEK_SET), Ok(4));
    assert_eq!(read(&stream, 10), b"");
    assert_eq!(write(&stream, b"x"), S_OK);
    assert_eq!(seek(&stream, 100_000, STREAM_SEEK_CUR), Ok(100_005));
    assert_eq!(size(&stream), 5, "to seek is not to write");
    assert_eq!(write(&stream, b""), S_OK);
    assert_eq!(size(&stream), 5, "nor is to write nothing");
    assert_eq!(write(&stream, b"y"), S_OK);
    rewind(&stream);
    let all = read(&stream, 200_000);
    assert_eq!(all.len(), 100_006);
    assert_eq!((all[4], all[100_005]), (b'x', b'y'));
    assert!(all[5..100_005].iter().all(|byte| *byte == 0));
    unsafe {
        assert_eq!(stream.SetSize(6), S_OK);
        assert_eq!(seek(&stream, 0, STREAM_SEEK_CUR), Ok(100_006), "it stays");
        assert_eq!(stream.SetSize(8), S_OK);
    }
    drop(stream);
    assert_eq!(value(&object, BINARY), Ok(b"\0\0\0\0x\0\0\0".to_vec()));
    drop(object);
    session.close();
}

#[test]
fn store_30_strings_have_either_width() {
    let (session, _store) = Session::in_memory();
    let short = "Grüße".to_owned();
    let long = "Grüße ".repeat(40_000);
    for (object, text) in objects(&session).into_iter().zip([short, long]) {
        let ansi = match PropValue::ansi(&text) {
            PropValue::String8(bytes) => bytes.into_owned(),
            other => panic!("a string: {other:?}"),
        };
        let narrow = stream(&object, NARROW, 0, CREATE);
        assert_eq!(write(&narrow, &ansi), S_OK);
        drop(narrow);
        assert_eq!(value(&object, WIDE), Ok(utf16(&text)));
        assert_eq!(value(&object, NARROW), Ok(ansi.clone()));
        // A terminator that is written is none of the text.
        let wide = stream(&object, WIDE, 0, CREATE);
        assert_eq!(write(&wide, &utf16(&format!("{text}!\0"))), S_OK);
        drop(wide);
        assert_eq!(value(&object, WIDE), Ok(utf16(&format!("{text}!"))));
        let status = open(&object, WIDE.with_type(PT_BINARY), 0, READ).err();
        assert_eq!(status, Some(MAPI_E_NOT_FOUND));
    }
    session.close();
}

#[test]
fn store_30_who_may_not_write_is_refused() {
    let (session, _store) = Session::in_memory();
    let [object, folder] = objects(&session).try_into().expect("two");
    for object in [&object, &folder] {
        let value = [Property::new(BINARY, &b"abc"[..])];
        assert_eq!(set_props(&session, object, &value), (S_OK, vec![]));
        for flags in [MODIFY, CREATE] {
            let computed = open(object, PR_ENTRYID, 0, flags).err();
            assert_eq!(computed, Some(MAPI_E_COMPUTED));
        }
        assert!(open(object, PR_ENTRYID, 0, READ).is_ok());
        // The flags say who writes, not the options.
        let reader = stream(object, BINARY, STGM_READWRITE, READ);
        assert_eq!(stat(&reader).grfMode, STGM_READ);
        assert_eq!(write(&reader, b"x"), STG_E_ACCESSDENIED);
        assert_eq!(unsafe { reader.SetSize(0) }, STG_E_ACCESSDENIED);
        assert_eq!(read(&reader, 9), b"abc");
    }
    let id = get_props(&session, &folder, Some(&[PR_ENTRYID]));
    let mut id = id[0].value.as_binary().expect("bytes").to_vec();
    let (mut kind, mut out) = (0, ptr::null_mut());
    let reading: IMAPIProp = unsafe {
        let flags = OpenEntryFlags::empty();
        let (count, id) = (id.len() as u32, id.as_mut_ptr().cast());
        let store = session.store.interface();
        let status = store.OpenEntry(count, id, ptr::null(), flags, &mut kind, &mut out);
        assert_eq!(status, S_OK);
        IUnknown::from_raw(out).cast().expect("properties")
    };
    for flags in [MODIFY, CREATE] {
        assert_eq!(
            open(&reading, BINARY, 0, flags).err(),
            Some(MAPI_E_NO_ACCESS)
        );
    }
    drop((object, folder, reading));
    session.close();
}

#[test]
fn store_30_only_strings_and_bytes_are_streams_and_only_data_is_a_storage() {
    let (session, _store) = Session::in_memory();
    let object = objects(&session).remove(1);
    let storage = GUID::from_u128(0x0000000B_0000_0000_C000_000000000046);
    let data = PR_ATTACH_DATA_OBJ.with_type(PT_BINARY);
    let long = PropTag::new(0x6612, PT_LONG);
    let refused = [
        (long, IStream::IID),
        (BINARY.with_type(PT_UNSPECIFIED), IStream::IID),
        (BINARY, IMessage::IID),
        (BINARY, IID_IStreamDocfile),
        (BINARY, storage),
        (BINARY.with_type(PT_OBJECT), storage),
        (data, storage),
        (PR_ATTACH_DATA_OBJ, IStream::IID),
        (PR_ATTACH_DATA_OBJ, IMessage::IID),
    ];
    for (tag, iid) in refused {
        let mut out = ptr::null_mut();
        let status = unsafe { object.OpenProperty(tag, &iid, 0, CREATE, &mut out) };
        assert_eq!(status, MAPI_E_INTERFACE_NOT_SUPPORTED, "{tag}");
        assert!(out.is_null());
    }
    // The same bytes under both tags.
    let mut out = ptr::null_mut();
    let docfile = unsafe {
        let iid = IID_IStreamDocfile;
        let status = object.OpenProperty(PR_ATTACH_DATA_OBJ, &iid, 0, CREATE, &mut out);
        assert_eq!(status, S_OK);
        IStream::from_raw(out)
    };
    assert_eq!(write(&docfile, b"\xD0\xCF"), S_OK);
    drop(docfile);
    assert_eq!(value(&object, data), Ok(b"\xD0\xCF".to_vec()));
    let changed = stream(&object, data, 0, MODIFY);
    assert_eq!(write(&changed, b"abc"), S_OK);
    drop(changed);
    let mut tags = ptr::null_mut();
    unsafe {
        let flags = UnicodeFlags::MAPI_UNICODE;
        assert_eq!(object.GetPropList(flags, &mut tags), S_OK);
        let tags = session.allocators().adopt(tags, 1).expect("tags");
        let limits = mapi_provider::view::Limits::default();
        let tags: mapi_provider::view::PropTags<'_> = tags.read(&limits).expect("tags");
        assert!(tags.contains(&PR_ATTACH_DATA_OBJ), "it is an object still");
    }
    assert_eq!(value(&object, data), Ok(b"abc".to_vec()));
    drop(object);
    session.close();
}

#[test]
fn store_30_clones_have_the_bytes_together_and_places_of_their_own() {
    let (session, _store) = Session::in_memory();
    let object = objects(&session).remove(1);
    let first = stream(&object, BINARY, STGM_TRANSACTED, CREATE);
    assert_eq!(write(&first, b"abcdef"), S_OK);
    let mut out = ptr::null_mut();
    let second = unsafe {
        assert_eq!(first.Clone(&mut out), S_OK);
        IStream::from_raw(out)
    };
    assert_eq!(seek(&second, 0, STREAM_SEEK_CUR), Ok(6));
    assert_eq!(seek(&second, 2, STREAM_SEEK_SET), Ok(2));
    assert_eq!(seek(&first, 0, STREAM_SEEK_CUR), Ok(6));
    assert_eq!(write(&first, b"g"), S_OK);
    assert_eq!(read(&second, 9), b"cdefg");
    drop(first);
    assert_eq!(commit(&second), S_OK);
    drop(second);
    assert_eq!(value(&object, BINARY), Ok(b"abcdefg".to_vec()));
    drop(object);
    session.close();
}

#[test]
fn store_30_bytes_are_copied_from_stream_to_stream() {
    let (session, _store) = Session::in_memory();
    let object = objects(&session).remove(1);
    let from = stream(&object, BINARY, 0, CREATE);
    let bytes: Vec<u8> = (0..200_000_u32).map(|one| (one * 7 / 3) as u8).collect();
    assert_eq!(write(&from, &bytes), S_OK);
    assert_eq!(seek(&from, 1, STREAM_SEEK_SET), Ok(1));
    let to = stream(&object, PropTag::new(0x6613, PT_BINARY), 0, CREATE);
    let copy = |from: &IStream, to: &IStream, count: u64| {
        let (mut read, mut written) = (7, 7);
        let status = unsafe { from.CopyTo(to.as_raw(), count, &mut read, &mut written) };
        (status, read, written)
    };
    assert_eq!(copy(&from, &to, 100_000), (S_OK, 100_000, 100_000));
    assert_eq!(copy(&from, &to, u64::MAX), (S_OK, 99_999, 99_999));
    assert_eq!(copy(&from, &to, u64::MAX), (S_OK, 0, 0));
    rewind(&to);
    assert_eq!(read(&to, 300_000), bytes[1..]);
    // One that is copied to its own end ends nevertheless.
    rewind(&from);
    assert_eq!(copy(&from, &from, 5), (S_OK, 5, 5));
    let mut out = ptr::null_mut();
    let clone = unsafe {
        assert_eq!(from.Clone(&mut out), S_OK);
        IStream::from_raw(out)
    };
    rewind(&from);
    seek(&clone, 0, STREAM_SEEK_END).expect("the end");
    assert_eq!(copy(&from, &clone, u64::MAX), (S_OK, 200_000, 200_000));
    assert_eq!(size(&from), 400_000);
    // To one that can't be written to.
    let reader = stream(&object, BINARY, 0, READ);
    rewind(&from);
    assert_eq!(copy(&from, &reader, 10), (STG_E_ACCESSDENIED, 0, 0));
    drop((from, to, clone, reader, object));
    session.close();
}

#[test]
fn store_30_hostile_arguments_change_nothing() {
    let (session, _store) = Session::in_memory();
    let object = objects(&session).remove(1);
    let stream = stream(&object, BINARY, 0, CREATE);
    assert_eq!(write(&stream, b"abc"), S_OK);
    assert_eq!(seek(&stream, 1, STREAM_SEEK_SET), Ok(1));
    for (by, origin) in [
        (-2, STREAM_SEEK_CUR),
        (-4, STREAM_SEEK_END),
        (i64::MIN, STREAM_SEEK_CUR),
        (i64::MIN, STREAM_SEEK_END),
        (0, 3),
        (0, u32::MAX),
    ] {
        assert_eq!(seek(&stream, by, origin), Err(STG_E_INVALIDFUNCTION));
    }
    let null = ptr::null_mut::<c_void>();
    unsafe {
        assert_eq!(seek(&stream, 0, STREAM_SEEK_CUR), Ok(1), "it has not moved");
        assert_eq!(
            stream.Read(null, 5, ptr::null_mut()),
            MAPI_E_INVALID_PARAMETER
        );
        assert_eq!(
            stream.Write(null, 5, ptr::null_mut()),
            MAPI_E_INVALID_PARAMETER
        );
        assert_eq!(
            stream.CopyTo(null, 5, ptr::null_mut(), ptr::null_mut()),
            MAPI_E_INVALID_PARAMETER
        );
        assert!(stream.Stat(ptr::null_mut(), 0).is_err());
        assert!(stream.Clone(ptr::null_mut()).is_err());
        let mut stat = std::mem::zeroed::<STATSTG>();
        assert_eq!(stream.Stat(&mut stat, 9), STG_E_INVALIDFLAG);
        for call in [stream.LockRegion(0, 1, 1), stream.UnlockRegion(0, 1, 1)] {
            assert_eq!(call, STG_E_INVALIDFUNCTION);
        }
        for size in [u64::MAX, u64::MAX - 1, i64::MAX as u64, 1 << 40] {
            assert_eq!(stream.SetSize(size), STG_E_MEDIUMFULL);
        }
        // More is asked for than there is, and than there is room for.
        let mut few = [0_u8; 3];
        let mut count = 0;
        let read = stream.Read(few.as_mut_ptr().cast(), u32::MAX, &mut count);
        assert_eq!((read, count, few), (S_OK, 2, *b"bc\0"));
        for place in [u64::MAX, u64::MAX - 2, 1 << 40] {
            let moved = seek(&stream, place.cast_signed(), STREAM_SEEK_SET);
            assert_eq!(moved, Ok(place));
            assert_eq!(read_none(&stream), (S_OK, 0));
            assert_eq!(write(&stream, b"abc"), STG_E_MEDIUMFULL);
            assert_eq!(seek(&stream, 0, STREAM_SEEK_CUR), Ok(place));
        }
        assert_eq!(
            seek(&stream, i64::MAX, STREAM_SEEK_SET),
            Ok(i64::MAX as u64)
        );
        assert!(seek(&stream, i64::MAX, STREAM_SEEK_CUR).is_ok());
        assert_eq!(
            seek(&stream, i64::MAX, STREAM_SEEK_CUR),
            Err(STG_E_INVALIDFUNCTION)
        );
    }
    assert_eq!(size(&stream), 3);
    drop(stream);
    assert_eq!(value(&object, BINARY), Ok(b"abc".to_vec()));
    drop(object);
    session.close();
}

fn read_none(stream: &IStream) -> (HRESULT, u32) {
    let mut count = 9;
    let mut byte = [0_u8; 8];
    let status = unsafe { stream.Read(byte.as_mut_ptr().cast(), 8, &mut count) };
    (status, count)
}

#[test]
fn store_30_what_is_read_stays_whatever_becomes_of_the_value() {
    let (folder, path) = place();
    let session = Session::open(file(&path));
    let object = objects(&session).remove(1);
    let bytes = vec![7; 500_000];
    let first = stream(&object, BINARY, 0, CREATE);
    assert_eq!(write(&first, &bytes), S_OK);
    drop(first);
    let reader = stream(&object, BINARY, 0, READ);
    let second = stream(&object, BINARY, 0, CREATE);
    assert_eq!(write(&second, b"new"), S_OK);
    drop(second);
    assert_eq!(read(&reader, 600_000), bytes);
    assert_eq!(value(&object, BINARY), Ok(b"new".to_vec()));
    drop((reader, object));
    session.close();
    drop(folder);
}

#[test]
fn store_30_much_goes_through_in_pieces() {
    let (folder, path) = place();
    let session = Session::open(file(&path));
    let object = objects(&session).remove(1);
    let piece: Vec<u8> = (0..1 << 20).map(|one: u32| (one * 5 / 3) as u8).collect();
    let writer = stream(&object, BINARY, STGM_TRANSACTED, CREATE);
    let megabytes = 48;
    for _ in 0..megabytes {
        assert_eq!(write(&writer, &piece), S_OK);
    }
    assert_eq!(commit(&writer), S_OK);
    drop(writer);
    let reader = stream(&object, BINARY, 0, READ);
    assert_eq!(size(&reader), megabytes << 20);
    for _ in 0..megabytes {
        assert!(read(&reader, piece.len()) == piece);
    }
    assert_eq!(read(&reader, 1), b"");
    drop((reader, object));
    session.close();
    drop(folder);
}

/// A sink that writes on in the stream whose commit it is told of.
#[derive(MapiObject)]
#[mapi(implements(IMAPIAdviseSink))]
struct Sink(Arc<Mutex<Option<IStream>>>);

impl IMAPIAdviseSink_Impl for Sink {
    unsafe fn OnNotify(this: &Object<Self>, _: u32, _: *mut NOTIFICATION) -> u32 {
        let stream = this.0.lock().expect("sound").take();
        if let Some(stream) = stream {
            // On another thread, which no lock of this one lets in.
            let other = stream.clone();
            let written = std::thread::spawn(move || write(&other, b"!"));
            assert_eq!(written.join().expect("no panic"), S_OK);
            assert_eq!(commit(&stream), S_OK);
        }
        0
    }
}

#[test]
fn store_30_nothing_is_locked_while_a_commit_is_told() {
    let (session, _store) = Session::in_memory();
    let object = objects(&session).remove(1);
    let stream = stream(&object, BINARY, STGM_TRANSACTED, CREATE);
    let waiting = Arc::new(Mutex::new(Some(stream.clone())));
    let sink: IMAPIAdviseSink = ObjectRef::new(Sink(Arc::clone(&waiting))).into_interface();
    let mut connection = 0;
    unsafe {
        let events = NotificationEvents::fnevObjectModified;
        let store = session.store.interface();
        let advised = store.Advise(0, ptr::null_mut(), events, sink.as_raw(), &mut connection);
        assert_eq!(advised, S_OK);
        assert_eq!(write(&stream, b"told"), S_OK);
        assert_eq!(commit(&stream), S_OK);
        assert_eq!(store.Unadvise(connection), S_OK);
    }
    assert!(
        waiting.lock().expect("sound").is_none(),
        "the sink was told"
    );
    assert_eq!(value(&object, BINARY), Ok(b"told!".to_vec()));
    drop((stream, sink, object));
    session.close();
}
