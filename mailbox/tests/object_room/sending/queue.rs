//! What the outgoing queue tells.

use super::*;
use crate::notify::{next, sink, take};

/// The outgoing queue, as a table.
fn outgoing(stage: &Stage) -> IMAPITable {
    let mut out = ptr::null_mut();
    unsafe {
        let store = stage.session.store.interface();
        assert_eq!(store.GetOutgoingQueue(0, &mut out), S_OK);
        IMAPITable::from_raw(out)
    }
}

#[test]
fn store_35_the_queue_tells_each_change() {
    let stage = Stage::new();
    let table = outgoing(&stage);
    let (sink, heard) = sink();
    let mut connection = 0;
    let status = unsafe {
        let events = NotificationEvents::fnevTableModified;
        table.Advise(events, sink.as_raw(), &mut connection)
    };
    assert_eq!(status, S_OK);
    let first = stage.submitted("first");
    assert_eq!(next(&heard), "added first first");
    stage.submitted("second");
    assert_eq!(next(&heard), "added second after");
    let spooler = stage.session.provider.spooler_logon().expect("a logon");
    let modify = OpenEntryFlags::MAPI_MODIFY;
    let opened = open_for(&stage.session, spooler.interface(), &first, modify);
    let (message, _) = opened.expect("the spooler may change it");
    for (state, flags) in [(MSG_LOCKED, LOCKED), (MSG_UNLOCKED, 0)] {
        let status = unsafe { spooler.interface().SetLockState(message.as_raw(), state) };
        assert_eq!(status, S_OK);
        // It saves first, which is a change too; both may be told as one, or by a thread that is telling something already.
        assert_eq!(next(&heard), "modified first", "{state}");
        let flags = Some(PropValue::Long(flags.cast_signed()));
        unsafe {
            let (start, mut sought) = (BOOKMARK_BEGINNING as usize, 0);
            assert_eq!(table.SeekRow(start, 0, &mut sought), S_OK);
        }
        assert_eq!(column(&stage.session, &table, PR_SUBMIT_FLAGS)[0], flags);
    }
    drop(message);
    let client = stage.session.store.interface();
    let mut id = first.clone();
    let (count, bytes) = (id.len() as u32, id.as_mut_ptr().cast());
    assert_eq!(unsafe { client.AbortSubmit(count, bytes, 0) }, S_OK);
    while next(&heard) != "deleted" {}
    assert_eq!(unsafe { table.Unadvise(connection) }, S_OK);
    stage.submitted("third");
    assert_eq!(take(&heard), [""; 0]);
    drop((table, sink));
    spooler.logoff();
    stage.close();
}
