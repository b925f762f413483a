//! How much memory is taken.
//!
//! What the engine has on the heap is counted by this program's allocator; what SQLite has (its page cache above all) is
//! not in it. The peak of a whole process is told by the system, with everything in it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicIsize, Ordering};
use std::{env, fs, io, ptr};

use benches::measure::print_bytes;
use mapi_provider::abi::{
    CreateAttachFlags, CreateMessageFlags, IAttach, IMAPIFolder, IMessage, IStream,
    OpenPropertyFlags, PR_ATTACH_DATA_BIN, PR_IMPORTANCE, SaveChangesFlags, StreamCommitFlags,
};
use mapi_provider::view::SortDirection;
use mapi_provider_mailbox::database::{Special, Store};
use windows_core::Interface;

use crate::face::Session;
use crate::folder::Folder;
use crate::mails::{self, LARGE};

/// Counts what this program has on its heap, while somebody wants to know it: else it only passes on.
pub(crate) struct Counting;

static IS_WANTED: AtomicBool = AtomicBool::new(false);
static NOW: AtomicIsize = AtomicIsize::new(0);
static MOST: AtomicIsize = AtomicIsize::new(0);

fn count(more: usize, less: usize) {
    if IS_WANTED.load(Ordering::Relaxed) {
        let change = more.cast_signed() - less.cast_signed();
        let now = NOW.fetch_add(change, Ordering::Relaxed) + change;
        MOST.fetch_max(now, Ordering::Relaxed);
    }
}

// SAFETY: the system's allocator does it all.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller's word.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: the caller's word.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        // SAFETY: the caller's word.
        unsafe { System.realloc(memory, layout, size) }
    }
}

/// Counts while something is done: what there is more of after it, and at most while it was under way.
fn counted<T>(work: impl FnOnce() -> T) -> (T, u64, u64) {
    NOW.store(0, Ordering::Relaxed);
    MOST.store(0, Ordering::Relaxed);
    IS_WANTED.store(true, Ordering::Relaxed);
    let done = work();
    IS_WANTED.store(false, Ordering::Relaxed);
    let bytes = |count: &AtomicIsize| count.load(Ordering::Relaxed).max(0).cast_unsigned() as u64;
    (done, bytes(&NOW), bytes(&MOST))
}

/// How many messages the large store has.
const MESSAGES: u64 = 100_000;
const MIB: u64 = 1 << 20;
/// How large the attachment is.
const GIGABYTE: u64 = 1 << 30;

/// What this program does when it is called to import: it fills a store, and prints the most memory that it has had.
pub(crate) fn import_alone(path: &Path) -> Result<(), Box<dyn Error>> {
    mails::fill(path, LARGE, MESSAGES)?;
    let status = fs::read_to_string("/proc/self/status")?;
    let mut lines = status.lines();
    let peak = lines.find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|peak| peak.trim().strip_suffix(" kB"));
    let peak: u64 = peak.ok_or("the system does not tell the peak")?.parse()?;
    println!("{}", peak * 1024);
    Ok(())
}

/// Fills a store in a process of its own. Tells the most memory that it has had.
pub(crate) fn import_by_another(path: &Path) -> Result<u64, Box<dyn Error>> {
    let mut program = Command::new(env::current_exe()?);
    let output = program.arg("import").arg(path).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// The peak of the whole process, with its code and SQLite's page cache in it.
pub(crate) fn print_import(peak: u64) -> io::Result<()> {
    print_bytes(
        "memory: importing 100,000 messages, peak of the process",
        peak,
        64 * MIB,
    )
}

/// A table that has a list of all its rows, since no index has its order.
pub(crate) fn measure_table(path: &Path) -> Result<(), Box<dyn Error>> {
    let session = Session::open(path)?;
    let folder = Folder::open(&session, path, LARGE)?;
    let order = folder.order(PR_IMPORTANCE, SortDirection::Ascend, 0);
    let (table, taken, _) = counted(|| {
        let table = folder.sorted(&order);
        folder.rows(&table, 1);
        table
    });
    drop(table);
    print_bytes(
        "memory: an open table of 100,000 rows",
        taken,
        16 * MESSAGES,
    )?;
    drop((order, folder));
    session.close()
}

/// An attachment of a gigabyte, written, saved, and read from the saved message.
pub(crate) fn measure_stream(place: &Path) -> Result<(), Box<dyn Error>> {
    let path = place.join("stream.db");
    let store = Store::open(&path)?;
    let inbox = store.read(|reader| reader.special(Special::Inbox))?;
    let session = Session::open(&path)?;
    let folder = session.folder(store.uid(), inbox)?;
    // A piece of the caller's own, which is not counted.
    let piece: Vec<u8> = (0..MIB).map(|one| (one * 5 / 3) as u8).collect();
    let (done, _, most) = counted(|| through_a_stream(&folder, &piece));
    done?;
    print_bytes(
        "memory: an attachment of 1 GiB through a stream",
        most,
        8 * MIB,
    )?;
    drop((folder, store));
    session.close()
}

fn through_a_stream(folder: &IMAPIFolder, piece: &[u8]) -> windows_core::Result<()> {
    let count = piece.len() as u32;
    let mut bytes = [0; 4096];
    let (mut message, mut attachment, mut number) = (ptr::null_mut(), ptr::null_mut(), 0);
    // SAFETY: live variables; what comes is what was asked for, counted.
    unsafe {
        let flags = CreateMessageFlags::empty();
        folder
            .CreateMessage(ptr::null(), flags, &raw mut message)
            .ok()?;
        let message = IMessage::from_raw(message);
        let flags = CreateAttachFlags::empty();
        let (number, out) = (&raw mut number, &raw mut attachment);
        message.CreateAttach(ptr::null(), flags, number, out).ok()?;
        let attachment = IAttach::from_raw(*out);
        let stream = stream(
            &attachment,
            OpenPropertyFlags::MAPI_CREATE | OpenPropertyFlags::MAPI_MODIFY,
        )?;
        for _ in 0..GIGABYTE / MIB {
            stream
                .Write(piece.as_ptr().cast(), count, ptr::null_mut())
                .ok()?;
        }
        stream.Commit(StreamCommitFlags::empty()).ok()?;
        drop(stream);
        let flags = SaveChangesFlags::KEEP_OPEN_READWRITE;
        attachment.SaveChanges(flags).ok()?;
        message.SaveChanges(flags).ok()?;
        let stream = self::stream(&attachment, OpenPropertyFlags::empty())?;
        let (mut read, mut all) = (1, 0);
        while read > 0 {
            let to = bytes.as_mut_ptr().cast();
            stream.Read(to, bytes.len() as u32, &raw mut read).ok()?;
            all += u64::from(read);
        }
        assert_eq!(all, GIGABYTE);
    }
    Ok(())
}

fn stream(of: &IAttach, flags: OpenPropertyFlags) -> windows_core::Result<IStream> {
    let (tag, mut out) = (PR_ATTACH_DATA_BIN, ptr::null_mut());
    // SAFETY: a live variable; what comes is a stream, counted.
    unsafe {
        of.OpenProperty(tag, &IStream::IID, 0, flags, &raw mut out)
            .ok()?;
        Ok(IStream::from_raw(out))
    }
}
