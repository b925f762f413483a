//! A table by their traits, called through our interface: all of its slots.

use std::ptr::{dangling_mut, null_mut};

use mapi_provider::abi::{HRESULT, IMAPITable, Interface, MAPI_E_BUSY, S_OK};
use outlook_mapi_sys::Microsoft::Office::Outlook::MAPI::Win32 as theirs;
use windows_core::{Error, Ref, Result, implement};

use crate::log::{Log, words};

/// A table that notes what it is called with.
#[implement(theirs::IMAPITable)]
struct Table {
    log: Log,
}

/// Methods that note their arguments, and succeed.
macro_rules! notes {
    ($(fn $method:ident(&self $(, $argument:ident: $ty:ty)*);)*) => {
        $(fn $method(&self $(, $argument: $ty)*) -> Result<()> {
            self.log.note(stringify!($method), words![$($argument),*]);
            Ok(())
        })*
    };
}

impl theirs::IMAPITable_Impl for Table_Impl {
    notes! {
        fn GetLastError(&self, result: HRESULT, flags: u32, error: *mut *mut theirs::MAPIERROR);
        fn Advise(&self, mask: u32, sink: Ref<theirs::IMAPIAdviseSink>, connection: *mut usize);
        fn Unadvise(&self, connection: usize);
        fn GetStatus(&self, status: *mut u32, kind: *mut u32);
        fn SetColumns(&self, tags: *mut theirs::SPropTagArray, flags: u32);
        fn QueryColumns(&self, flags: u32, tags: *mut *mut theirs::SPropTagArray);
        fn GetRowCount(&self, flags: u32, count: *mut u32);
        fn SeekRow(&self, origin: usize, count: i32, sought: *mut i32);
        fn SeekRowApprox(&self, numerator: u32, denominator: u32);
        fn QueryPosition(&self, row: *mut u32, numerator: *mut u32, denominator: *mut u32);
        fn FindRow(&self, restriction: *mut theirs::SRestriction, origin: usize, flags: u32);
        fn Restrict(&self, restriction: *mut theirs::SRestriction, flags: u32);
        fn CreateBookmark(&self, position: *mut usize);
        fn FreeBookmark(&self, position: usize);
        fn SortTable(&self, order: *mut theirs::SSortOrderSet, flags: u32);
        fn QuerySortOrder(&self, order: *mut *mut theirs::SSortOrderSet);
        fn QueryRows(&self, count: i32, flags: u32, rows: *mut *mut theirs::SRowSet);
        fn ExpandRow(
            &self, size: u32, key: *mut u8, count: u32, flags: u32, rows: *mut *mut theirs::SRowSet, more: *mut u32
        );
        fn CollapseRow(&self, size: u32, key: *mut u8, flags: u32, count: *mut u32);
        fn WaitForCompletion(&self, flags: u32, timeout: u32, status: *mut u32);
        fn GetCollapseState(
            &self, flags: u32, size: u32, key: *mut u8, state_size: *mut u32, state: *mut *mut u8
        );
        fn SetCollapseState(&self, flags: u32, size: u32, state: *mut u8, position: *mut usize);
    }

    fn Abort(&self) -> Result<()> {
        self.log.note("Abort", &[]);
        Err(Error::from_hresult(MAPI_E_BUSY))
    }
}

fn table(log: &Log) -> IMAPITable {
    let theirs: theirs::IMAPITable = Table { log: log.clone() }.into();
    theirs.cast().expect("a table answers to the IID")
}

/// A number as whatever type the parameter has: a number, flags, or a pointer that nobody follows.
fn arg<T>(value: usize) -> T {
    assert!(size_of::<T>() <= size_of::<usize>());
    // SAFETY: parameters are numbers, transparent types around numbers, and raw pointers; Windows stores the
    // lower bytes first.
    unsafe { std::mem::transmute_copy(&value) }
}

/// Calls each method with the numbers, and expects the same to arrive.
macro_rules! arrives {
    ($table:ident, $log:ident: $($method:ident($($value:literal),*);)*) => {
        $(
            // SAFETY: the object notes its arguments and follows no pointer.
            let status = unsafe { $table.$method($(arg($value)),*) };
            assert_eq!(status, S_OK, stringify!($method));
            $log.expect(stringify!($method), words![$($value as usize),*]);
        )*
    };
}

#[test]
fn every_slot_is_the_method_of_its_name() {
    let log = Log::default();
    let table = table(&log);
    arrives! { table, log:
        GetLastError(1, 2, 3);
        Unadvise(4);
        GetStatus(5, 6);
        SetColumns(7, 8);
        QueryColumns(9, 10);
        GetRowCount(11, 12);
        SeekRow(13, 14, 15);
        SeekRowApprox(16, 17);
        QueryPosition(18, 19, 20);
        FindRow(21, 22, 23);
        Restrict(24, 25);
        CreateBookmark(26);
        FreeBookmark(27);
        SortTable(28, 29);
        QuerySortOrder(30);
        QueryRows(31, 32, 33);
        ExpandRow(34, 35, 36, 37, 38, 39);
        CollapseRow(40, 41, 42, 43);
        WaitForCompletion(44, 45, 46);
        GetCollapseState(47, 48, 49, 50, 51);
        SetCollapseState(52, 53, 54, 55);
    }
    // SAFETY: a sink may be left out, as far as the machine is concerned.
    let status = unsafe { table.Advise(arg(56), null_mut(), dangling_mut()) };
    assert_eq!(status, S_OK);
    log.expect("Advise", words![56, 0, dangling_mut::<usize>()]);
}

#[test]
fn a_failure_arrives_as_one() {
    let log = Log::default();
    // SAFETY: the object is alive.
    let status = unsafe { table(&log).Abort() };
    assert_eq!(status, MAPI_E_BUSY);
    log.expect("Abort", &[]);
}

#[test]
fn references_are_counted_once() {
    let log = Log::default();
    let ours = table(&log);
    let theirs: theirs::IMAPITable = ours.cast().expect("back again");
    let unknown: windows_core::IUnknown = ours.clone().into();
    drop((ours, theirs));
    assert_eq!(log.holders(), 2, "the table lives as long as one reference");
    drop(unknown);
    assert_eq!(log.holders(), 1, "the table is left");
}
