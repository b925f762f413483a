//! Values as streams, and the bodies of a message.

use mapi_provider::abi::{
    IMessage, IStream, MAPI_E_COMPUTED, MAPI_E_NO_ACCESS, MAPI_E_NOT_FOUND, OpenEntryFlags,
    OpenPropertyFlags, PR_BODY_W, PR_ENTRYID, PR_HTML, PR_RTF_COMPRESSED, PR_RTF_IN_SYNC,
    PT_BINARY, PropTag, S_OK, STGM_READ, STGM_READWRITE, STGM_TRANSACTED, STREAM_SEEK_END,
    STREAM_SEEK_SET, SaveChangesFlags, StoreSupportMask, StreamCommitFlags,
};
use mapi_provider::view::PropValue;
use windows_core::HRESULT;

use super::calls::{Answer, done, save};
use super::{Mail, Played, Stage, error_of, with_mail};

const RULE: &str = "STORE-30";
const NONE: StoreSupportMask = StoreSupportMask::empty();
/// A property of the check's own, that no store knows.
const BYTES: PropTag = PropTag::new(0x6721, PT_BINARY);
const READWRITE: SaveChangesFlags = SaveChangesFlags::KEEP_OPEN_READWRITE;
const STG_E_ACCESSDENIED: HRESULT = mapi_provider::abi::STG_E_ACCESSDENIED;

fn write(stream: &IStream, bytes: &[u8]) -> Answer<u32> {
    let mut count = 0;
    // SAFETY: as many bytes as it says, and a live variable.
    done("IStream::Write", unsafe {
        stream.Write(bytes.as_ptr().cast(), bytes.len() as u32, &mut count)
    })?;
    Ok(count)
}

fn read(stream: &IStream, most: usize) -> Answer<Vec<u8>> {
    let mut bytes = vec![0; most];
    let mut count = 0;
    // SAFETY: room for as many bytes as it says, and a live variable.
    done("IStream::Read", unsafe {
        stream.Read(bytes.as_mut_ptr().cast(), most as u32, &mut count)
    })?;
    bytes.truncate(count as usize);
    Ok(bytes)
}

fn seek(stream: &IStream, by: i64, origin: u32) -> Answer<u64> {
    let mut position = u64::MAX;
    // SAFETY: a live variable.
    done("IStream::Seek", unsafe {
        stream.Seek(by, origin, &mut position)
    })?;
    Ok(position)
}

fn commit(stream: &IStream) -> Answer<()> {
    // SAFETY: it takes nothing but a number.
    done("IStream::Commit", unsafe {
        stream.Commit(StreamCommitFlags::empty())
    })
}

/// Opens the property of a message as a stream.
fn open(
    mail: &Mail<'_>,
    message: &IMessage,
    tag: PropTag,
    options: u32,
    flags: OpenPropertyFlags,
) -> Answer<IStream> {
    mail.caller.open_property(message, tag, options, flags)
}

pub(in super::super) fn streams(stage: &Stage<'_>) -> Played {
    with_mail(stage, &[RULE], NONE, |mail| {
        let create = OpenPropertyFlags::MAPI_CREATE | OpenPropertyFlags::MAPI_MODIFY;
        let modify = OpenPropertyFlags::MAPI_MODIFY;
        let id = mail.deliver("streams")?;
        let message = mail.raw_message(&id)?;
        let value = || mail.caller.value(&message, BYTES);
        mail.step(RULE, "writing a stream");
        let stream = open(mail, &message, BYTES, STGM_READWRITE, create)?;
        mail.same(
            RULE,
            "how many bytes Write took",
            &write(&stream, b"0123456789")?,
            &10,
        );
        mail.same(
            RULE,
            "the position after Seek from the end",
            &seek(&stream, -4, STREAM_SEEK_END)?,
            &6,
        );
        mail.same(
            RULE,
            "how many bytes Write past the end took",
            &write(&stream, b"abcdefgh")?,
            &8,
        );
        seek(&stream, 0, STREAM_SEEK_SET)?;
        mail.same(
            RULE,
            "what is read of a stream that was written past its end",
            &read(&stream, 100)?.as_slice(),
            &&b"012345abcdefgh"[..],
        );
        mail.same(
            RULE,
            "Read at the end of a stream",
            &read(&stream, 10)?.len(),
            &0,
        );
        // SAFETY: it takes nothing but a number.
        done("IStream::SetSize", unsafe { stream.SetSize(8) })?;
        commit(&stream)?;
        drop(stream);
        mail.same(
            RULE,
            "the value after Commit",
            &value()?,
            &PropValue::from(b"012345ab".to_vec()),
        );
        let elsewhere = mail.caller.value(&*mail.raw_message(&id)?, BYTES)?;
        mail.same(
            RULE,
            "the value after Commit, and before SaveChanges, for another opener",
            &error_of(&elsewhere),
            &Some(MAPI_E_NOT_FOUND),
        );
        mail.answers(RULE, "SaveChanges", save(&message, READWRITE), &[S_OK]);
        let elsewhere = mail.caller.value(&*mail.raw_message(&id)?, BYTES)?;
        mail.same(
            RULE,
            "the value after SaveChanges, for another opener",
            &elsewhere,
            &PropValue::from(b"012345ab".to_vec()),
        );

        mail.step(
            RULE,
            "OpenProperty with MAPI_CREATE of a value that is there",
        );
        let stream = open(mail, &message, BYTES, STGM_READWRITE, create)?;
        mail.same(
            RULE,
            "the length of a stream that was opened with MAPI_CREATE",
            &seek(&stream, 0, STREAM_SEEK_END)?,
            &0,
        );
        write(&stream, b"new")?;
        commit(&stream)?;
        drop(stream);
        mail.same(
            RULE,
            "the value after that",
            &value()?,
            &PropValue::from(b"new".to_vec()),
        );

        mail.step(RULE, "Revert of a stream with STGM_TRANSACTED");
        if let Ok(stream) = open(
            mail,
            &message,
            BYTES,
            STGM_READWRITE | STGM_TRANSACTED,
            modify,
        ) {
            write(&stream, b"lost")?;
            // SAFETY: it takes nothing.
            done("IStream::Revert", unsafe { stream.Revert() })?;
            commit(&stream)?;
            drop(stream);
            mail.same(
                RULE,
                "the value after Revert",
                &value()?,
                &PropValue::from(b"new".to_vec()),
            );
        }
        refused(mail, &id)
    })
}

fn refused(mail: &Mail<'_>, id: &mapi_provider::store::EntryId) -> Played {
    let (none, modify) = (OpenPropertyFlags::empty(), OpenPropertyFlags::MAPI_MODIFY);
    mail.step(RULE, "streams for reading");
    let (_, object) = mail
        .caller
        .open(mail.store(), id.as_bytes(), OpenEntryFlags::empty())?;
    let message: IMessage = super::cast("QueryInterface for IMessage", &object)?;
    let answer =
        open(mail, &message, BYTES, STGM_READWRITE, modify).and_then(|stream| write(&stream, b"x"));
    let closed = [MAPI_E_NO_ACCESS, STG_E_ACCESSDENIED];
    mail.refuses(
        RULE,
        "writing a stream of a message that is open for reading",
        answer,
        &closed,
    );
    let answer =
        open(mail, &message, BYTES, STGM_READ, none).and_then(|stream| write(&stream, b"x"));
    mail.refuses(
        RULE,
        "writing a stream that is open for reading",
        answer,
        &closed,
    );
    let missing = PropTag::new(0x6722, PT_BINARY);
    mail.refuses(
        RULE,
        "OpenProperty of a property that is not there",
        open(mail, &message, missing, STGM_READ, none),
        &[MAPI_E_NOT_FOUND],
    );
    mail.step(RULE, "a stream of a property that the store works out");
    let writable = mail.raw_message(id)?;
    let answer = open(mail, &writable, PR_ENTRYID, STGM_READWRITE, modify)
        .and_then(|stream| write(&stream, b"x"));
    mail.refuses(
        RULE,
        "writing PR_ENTRYID as a stream",
        answer,
        &[MAPI_E_NO_ACCESS, MAPI_E_COMPUTED, STG_E_ACCESSDENIED],
    );
    Ok(())
}

pub(in super::super) fn bodies(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-31";
    with_mail(stage, &[RULE], NONE, |mail| {
        if mail.mask.contains(StoreSupportMask::RTF_OK) {
            stage.skip(
                RULE,
                "the store has STORE_RTF_OK: it makes one body of another",
            );
            return Ok(());
        }
        let bodies = [
            ("PR_BODY", PR_BODY_W),
            ("PR_HTML", PR_HTML),
            ("PR_RTF_COMPRESSED", PR_RTF_COMPRESSED),
        ];
        let values = [
            PropValue::from("plain"),
            PropValue::from(b"<p>html</p>".to_vec()),
            PropValue::from(b"\x10\0\0\0\x04\0\0\0MELA\0\0\0\0{\\rtf1}".to_vec()),
        ];
        for (set, (name, tag)) in bodies.into_iter().enumerate() {
            mail.step(RULE, &format!("a message with {name} alone"));
            let id = mail.deliver_with(name, |message| message.set(tag, values[set].clone()))?;
            let message = mail.raw_message(&id)?;
            for (other, (other_name, tag)) in bodies.into_iter().enumerate() {
                let value = mail.caller.value(&message, tag)?;
                if other == set {
                    mail.same(RULE, &format!("{name}, read again"), &value, &values[set]);
                } else {
                    mail.same(
                        RULE,
                        &format!("{other_name} of a message with {name} alone"),
                        &error_of(&value),
                        &Some(MAPI_E_NOT_FOUND),
                    );
                }
            }
            if tag == PR_RTF_COMPRESSED {
                let in_sync = mail.caller.value(&message, PR_RTF_IN_SYNC)?.as_bool();
                mail.same(
                    RULE,
                    "PR_RTF_IN_SYNC where RTF is the only body",
                    &in_sync,
                    &Some(true),
                );
            }
        }
        Ok(())
    })
}
