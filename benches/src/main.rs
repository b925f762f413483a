//! `cargo xtask bench` runs this program and makes a table of what it prints: one JSON object a
//! line.

use std::error::Error;
use std::hint::black_box;
use std::process::ExitCode;

use benches::measure::{Pair, Plan, measure, timed};
use benches::{limit, ours, theirs};
use mapi_provider::abi::{IMAPIProp, IMAPIProviderShutdown, IMsgStore};
use windows_core::{GUID, IUnknown, Interface};

mod calls;
mod start;
mod tables;

fn main() -> ExitCode {
    match measure_all() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

fn measure_all() -> Result<(), Box<dyn Error>> {
    let calls = [
        plain(
            "call, no out parameter",
            ours::QUERY_FAST_SHUTDOWN,
            theirs::QUERY_FAST_SHUTDOWN,
        ),
        plain(
            "call, whose body makes a call",
            ours::NOTIFY_PROCESS_SHUTDOWN,
            theirs::NOTIFY_PROCESS_SHUTDOWN,
        ),
        compare(),
        count(),
        count_beside_the_limit(),
        query_beside_the_limit(),
    ];
    for pair in calls.into_iter().chain(queries()).chain(forwards()) {
        measure(pair, Plan::CALLS).print()?;
    }
    start::measure_start()?.print()?;
    tables::measure_table()?.print()?;
    Ok(())
}

/// An object that stays; its calls are measured. Its origin is hidden from the optimiser.
fn opaque<I: Interface>(object: I) -> I {
    black_box(object)
}

fn plain(name: &'static str, ours_slot: usize, other_slot: usize) -> Pair<'static> {
    let (ours, other) = (opaque(ours::shutdown()), opaque(theirs::shutdown()));
    // SAFETY: live objects, and the slots of their methods.
    unsafe {
        Pair {
            name,
            bar: 1.2,
            ours: timed(move |times| calls::plain(ours.as_raw(), ours_slot, times)),
            other: timed(move |times| calls::plain(other.as_raw(), other_slot, times)),
        }
    }
}

fn compare() -> Pair<'static> {
    let (ours, other) = (opaque(ours::store()), opaque(theirs::store()));
    // SAFETY: live objects, and the slots of their methods.
    unsafe {
        Pair {
            name: "call, required out parameter",
            bar: 1.2,
            ours: timed(move |times| calls::compare(ours.as_raw(), ours::COMPARE_ENTRY_IDS, times)),
            other: timed(move |times| {
                calls::compare(other.as_raw(), theirs::COMPARE_ENTRY_IDS, times)
            }),
        }
    }
}

fn count() -> Pair<'static> {
    let (ours, other) = (opaque(ours::store()), opaque(theirs::store()));
    // SAFETY: live objects.
    unsafe {
        Pair {
            name: "AddRef + Release",
            bar: 1.0,
            ours: timed(move |times| calls::count(ours.as_raw(), times)),
            other: timed(move |times| calls::count(other.as_raw(), times)),
        }
    }
}

/// Two locked instructions through a vtable are the least that counting costs.
fn count_beside_the_limit() -> Pair<'static> {
    let (ours, other) = (opaque(ours::store()), opaque(limit::object()));
    // SAFETY: live objects.
    unsafe {
        Pair {
            name: "AddRef + Release, against two locked instructions",
            bar: 1.1,
            ours: timed(move |times| calls::count(ours.as_raw(), times)),
            other: timed(move |times| calls::count(other.as_raw(), times)),
        }
    }
}

fn query_beside_the_limit() -> Pair<'static> {
    let (ours, other) = (opaque(ours::store()), opaque(limit::object()));
    let iid = IMsgStore::IID;
    // SAFETY: live objects.
    unsafe {
        Pair {
            name: "QueryInterface + Release, against two locked instructions",
            bar: 1.1,
            ours: timed(move |times| calls::query(ours.as_raw(), &iid, times)),
            other: timed(move |times| calls::query(other.as_raw(), &iid, times)),
        }
    }
}

/// Each kind of interface that an object can be asked for, because what is found first costs
/// least.
fn queries() -> impl Iterator<Item = Pair<'static>> {
    [
        (
            "QueryInterface + Release, first interface",
            IMsgStore::IID,
            theirs::IStore::IID,
        ),
        (
            "QueryInterface + Release, its base",
            IMAPIProp::IID,
            theirs::IProp::IID,
        ),
        (
            "QueryInterface + Release, second interface",
            IMAPIProviderShutdown::IID,
            theirs::IShutdown::IID,
        ),
        (
            "QueryInterface + Release, IUnknown",
            IUnknown::IID,
            IUnknown::IID,
        ),
    ]
    .into_iter()
    .map(|(name, ours, other)| query(name, ours, other))
}

fn query(name: &'static str, ours_iid: GUID, other_iid: GUID) -> Pair<'static> {
    let (ours, other) = (opaque(ours::store()), opaque(theirs::store()));
    // SAFETY: live objects.
    unsafe {
        Pair {
            name,
            bar: 0.85,
            ours: timed(move |times| calls::query(ours.as_raw(), &ours_iid, times)),
            other: timed(move |times| calls::query(other.as_raw(), &other_iid, times)),
        }
    }
}

fn forwards() -> [Pair<'static>; 2] {
    let plain = (opaque(ours::wrapper(ours::store())), opaque(ours::store()));
    let compare = (opaque(ours::wrapper(ours::store())), opaque(ours::store()));
    // SAFETY: live objects, and the slots of their methods.
    unsafe {
        [
            Pair {
                name: "forwarded call, no out parameter",
                bar: 1.6,
                ours: timed(move |times| {
                    calls::with_number(plain.0.as_raw(), ours::UNADVISE, times)
                }),
                other: timed(move |times| {
                    calls::with_number(plain.1.as_raw(), ours::UNADVISE, times)
                }),
            },
            Pair {
                name: "forwarded call, required out parameter",
                bar: 1.6,
                ours: timed(move |times| {
                    calls::compare(compare.0.as_raw(), ours::COMPARE_ENTRY_IDS, times)
                }),
                other: timed(move |times| {
                    calls::compare(compare.1.as_raw(), ours::COMPARE_ENTRY_IDS, times)
                }),
            },
        ]
    }
}
