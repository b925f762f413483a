//! FlushQueues (XP-30).

use std::ptr;
use std::thread;
use std::time::{Duration, Instant};

use mapi_provider::abi::{FlushQueuesFlags, S_OK, StatusFlags, TransportNotifyFlags};

use super::super::super::stage::{Played, Stage};
use super::{Rig, code, tell};

pub(in super::super) fn flush(stage: &Stage<'_>) -> Played {
    let rig = Rig::new(stage)?;
    let (upload, download) = (
        FlushQueuesFlags::FLUSH_UPLOAD,
        FlushQueuesFlags::FLUSH_DOWNLOAD,
    );
    let flush = |flags: FlushQueuesFlags| {
        stage.step("XP-30", format!("FlushQueues with 0x{:X}", flags.bits()));
        // SAFETY: a call without pointers but NULL.
        let status = unsafe { rig.logon().FlushQueues(0, 0, ptr::null_mut(), flags) };
        stage.answers("XP-30", "FlushQueues", status, S_OK);
    };
    let now = || code(&rig.spooler.record());
    for (flags, end, bit) in [
        (
            upload,
            TransportNotifyFlags::NOTIFY_END_OUTBOUND_FLUSH,
            StatusFlags::OUTBOUND_FLUSH,
        ),
        (
            download,
            TransportNotifyFlags::NOTIFY_END_INBOUND_FLUSH,
            StatusFlags::INBOUND_FLUSH,
        ),
    ] {
        flush(flags);
        stage.step("XP-30", "TransportNotify that the flush ends");
        let status = tell(rig.logon(), end, 0);
        stage.answers("XP-30", "TransportNotify that the flush ends", status, S_OK);
        stage.expect("XP-30", !now().contains(bit), || {
            format!(
                "after the end of the flush, PR_STATUS_CODE is 0x{:X}",
                now().bits()
            )
        });
    }
    // Nothing waits, so it is over by itself.
    flush(upload | download);
    let bits = StatusFlags::OUTBOUND_FLUSH | StatusFlags::INBOUND_FLUSH;
    let end = Instant::now() + stage.soon();
    stage.step(
        "XP-30",
        "the end of a flush with nothing to send and nothing to fetch",
    );
    while now().intersects(bits) && Instant::now() < end {
        // What waits to come in is fetched: only then nothing is left.
        drop(rig.spooler.receive()?);
        thread::sleep(Duration::from_millis(10));
    }
    stage.expect("XP-30", !now().intersects(bits), || {
        format!(
            "nothing is left, and after {:.1} s PR_STATUS_CODE is still 0x{:X}",
            stage.soon().as_secs_f32(),
            now().bits()
        )
    });
    rig.finish(stage);
    Ok(())
}
