//! Streams: large values, and bytes written piece by piece.

use std::io::{Read, Seek, SeekFrom, Write};
use std::ptr;

use crate::support::*;
use mapi_provider::abi::*;
use mapi_provider::view::PropValue;

const UNICODE: UnicodeFlags = UnicodeFlags::MAPI_UNICODE;
/// A binary property that belongs to nobody.
const BINARY: PropTag = PropTag::new(0x6640, PT_BINARY);

fn stream(message: &IMessage, tag: PropTag, flags: OpenPropertyFlags) -> Result<IStream, HRESULT> {
    let mut out = ptr::null_mut();
    unsafe {
        match message.OpenProperty(tag, &IStream::IID, 0, flags, &mut out) {
            S_OK => Ok(IStream::from_raw(out)),
            status => Err(status),
        }
    }
}

#[test]
fn large_values_are_read_and_written_by_streams() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &[]);
    let message = folder.create_message().expect("a message");
    message.set_subject("large").expect("set");
    let body = "Grüße aus Köln. ".repeat(2000);
    message.set_body(&body).expect("set");
    message.set(BINARY, &[7_u8; 9000][..]).expect("set");
    let id = message.save().expect("saved");
    let raw = raw_message(&session, &id);
    let refused = get_prop(&session, &raw, PR_BODY_W, UNICODE).value;
    assert_eq!(refused, PropValue::Error(MAPI_E_NOT_ENOUGH_MEMORY));
    assert_eq!(
        message.text(PR_BODY_W).expect("by a stream").as_deref(),
        Some(&*body)
    );
    assert_eq!(
        message.binary(BINARY).expect("by a stream"),
        Some(vec![7; 9000])
    );
    // In the ANSI code page too.
    let mut ansi = Vec::new();
    message
        .reader(PR_BODY_A)
        .expect("a stream")
        .read_to_end(&mut ansi)
        .expect("read");
    assert_eq!(
        PropValue::String8(ansi.into()).to_text().as_deref(),
        Some(&*body)
    );
    drop((raw, message, folder));
    session.close();
}

#[test]
fn streams_seek_grow_and_are_written_back_on_commit_or_save() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &[]);
    let id = add(&folder, "a");
    let message = session.client().open_message(&id).expect("opens");
    let mut stream = message.writer(BINARY).expect("a stream");
    stream.write_all(b"hello").expect("written");
    stream.seek(SeekFrom::Start(8)).expect("sought");
    stream.write_all(b"x").expect("written");
    stream.seek(SeekFrom::End(-3)).expect("sought");
    let mut end = Vec::new();
    stream.read_to_end(&mut end).expect("read");
    assert_eq!(end, b"\0\0x");
    assert!(stream.seek(SeekFrom::End(-99)).is_err());
    assert_eq!(stream.size().expect("a size"), 9);
    // Saved with the message, though nobody has committed it.
    message.save().expect("saved");
    let read = session
        .client()
        .open_message(&id)
        .expect("opens")
        .binary(BINARY);
    assert_eq!(read.expect("there"), Some(b"hello\0\0\0x".to_vec()));
    drop((stream, message, folder));
    session.close();
}

#[test]
fn streams_are_refused_where_there_is_nothing_to_stream() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &[]);
    let id = add(&folder, "a");
    let message = raw_message(&session, &id);
    let read = OpenPropertyFlags::empty();
    let create = OpenPropertyFlags::MAPI_CREATE | OpenPropertyFlags::MAPI_MODIFY;
    let refused = |tag, flags| stream(&message, tag, flags).map(drop);
    assert_eq!(refused(BINARY, read), Err(MAPI_E_NOT_FOUND));
    assert_eq!(
        refused(PR_IMPORTANCE, read),
        Err(MAPI_E_INTERFACE_NOT_SUPPORTED)
    );
    assert_eq!(refused(PR_ENTRYID, create), Err(MAPI_E_COMPUTED));
    let subject = stream(&message, PR_SUBJECT_W, read).expect("a stream");
    let clone = unsafe {
        let mut out = ptr::null_mut();
        assert_eq!(
            subject.Write([0_u8; 2].as_ptr().cast(), 2, ptr::null_mut()),
            STG_E_ACCESSDENIED
        );
        assert_eq!(subject.SetSize(0), STG_E_ACCESSDENIED);
        assert_eq!(
            subject.Read(ptr::null_mut(), 2, ptr::null_mut()),
            MAPI_E_INVALID_PARAMETER
        );
        assert_eq!(IStream::Clone(&subject, &mut out), S_OK);
        IStream::from_raw(out)
    };
    let written = stream(&message, BINARY, create).expect("a stream");
    let (mut read, mut copied) = (0, 0);
    unsafe {
        let to = written.as_raw();
        assert_eq!(clone.CopyTo(to, u64::MAX, &mut read, &mut copied), S_OK);
        assert_eq!(written.SetSize(u64::MAX), STG_E_MEDIUMFULL);
        assert_eq!(written.Commit(StreamCommitFlags::empty()), S_OK);
    }
    assert_eq!((read, copied), (2, 2));
    let value = get_prop(&session, &message, BINARY, UNICODE).value;
    assert_eq!(value.as_binary(), Some(&b"a\0"[..]));
    drop((subject, clone, written, message, folder));
    session.close();
}
