//! Every method of the message fails in turn, and every allocation.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mapi_provider::abi::{MAPI_E_CALL_FAILED, MAPI_E_NOT_ENOUGH_MEMORY, PR_BODY_W, S_OK};

use crate::rig::{Rig, responsible};

/// An allocation that nobody gets to.
const NEVER: u64 = u64::MAX / 2;

fn counting() -> (Arc<AtomicUsize>, Rig) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let rig = Rig::new(move |_, _| {
        counted.fetch_add(1, Ordering::SeqCst);
        Ok(())
    });
    (calls, rig)
}

#[test]
fn xp_16_whatever_call_fails_nobody_is_sent_to_twice() {
    for failing in 0.. {
        let (calls, rig) = counting();
        let message = rig.message(&["a@x"]);
        message.on_call(move |_, number| (number == failing).then_some(MAPI_E_CALL_FAILED));
        let first = rig.spooler.submit(&message);
        let had = message.calls().len();
        message.let_be();
        if first.status != S_OK {
            assert!(first.reference > 1, "{failing}");
            message.reopen();
            assert_eq!(rig.spooler.submit(&message).status, S_OK, "call {failing}");
        }
        assert_eq!(calls.load(Ordering::SeqCst), 1, "call {failing}");
        assert_eq!(responsible(&message), [true], "call {failing}");
        assert_eq!(message.references(), 0, "call {failing}");
        drop(message);
        rig.finish();
        if failing >= had {
            assert!(had > 5, "there are calls to fail: {had}");
            return;
        }
    }
}

#[test]
fn xp_24_whatever_allocation_fails_nothing_is_left() {
    for failing in 1.. {
        let (calls, rig) = counting();
        let message = rig.message(&["a@x"]);
        let before = rig.host.allocators().requests();
        rig.host.allocators().fail_nth(failing);
        let first = rig.spooler.submit(&message);
        let needed = rig.host.allocators().requests() - before;
        rig.host.allocators().fail_nth(NEVER);
        if first.status != S_OK {
            assert_eq!(
                first.status, MAPI_E_NOT_ENOUGH_MEMORY,
                "allocation {failing}"
            );
            message.reopen();
            assert_eq!(
                rig.spooler.submit(&message).status,
                S_OK,
                "allocation {failing}"
            );
        }
        assert_eq!(calls.load(Ordering::SeqCst), 1, "allocation {failing}");
        assert_eq!(responsible(&message), [true], "allocation {failing}");
        drop(message);
        rig.finish();
        if failing > needed {
            return;
        }
    }
}

#[test]
fn xp_18_a_body_of_more_than_a_gigabyte_is_refused_and_not_read() {
    let rig = Rig::new(|_, _| panic!("it is not sent"));
    let message = rig.message(&["a@x", "b@x"]);
    message.set_large(PR_BODY_W, 2 << 30);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    assert_eq!(message.streamed(), 0);
    assert_eq!(responsible(&message), [true, true]);
    let reports = rig.spooler.record().reports;
    assert_eq!(reports.iter().flatten().count(), 2);
    drop(message);
    rig.finish();
}
