//! The check catches mistakes: the probe with one of them at a time.
//!
//! Each object of the probe's is wrapped in one that passes all calls on, except for those in which the mistake is.
#![allow(
    non_snake_case,
    clippy::undocumented_unsafe_blocks,
    clippy::too_many_arguments,
    reason = "every pointer is what a method's page says, as the check calls it; the names of arguments are MAPI's"
)]

mod folder;
mod message;
mod props;
mod provider;
mod store;
mod table;

use std::cell::Cell;
use std::ffi::c_void;
use std::fs;
use std::path::Path;
use std::time::Duration;

use mapi_provider::abi::{ALLOCATEBUFFER, ALLOCATEMORE, FREEBUFFER, HRESULT};
use mapi_provider_host::conformance::{Conformance, Finding, Verdict};
use store_probe32::PROVIDER;

/// A name for each mistake, what it is, and the rule that it breaks; and a test that the check finds it.
macro_rules! mistakes {
    ($($test:ident: $mistake:ident breaks $rule:literal;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Mistake {
            /// Everything is passed on.
            None,
            $($mistake,)*
        }

        $(#[test]
        fn $test() {
            let found = check(stringify!($test), Mistake::$mistake, $rule);
            assert!(is_found(&found), "{found:?}");
        })*

        /// All rules that a mistake breaks.
        const RULES: &[&str] = &[$($rule),*];
    };
}

mistakes! {
    store_01_what_is_computed_is_set: SetsWhatIsComputed breaks "STORE-01";
    store_02_a_folder_is_not_claimed: ClaimsOtherFolders breaks "STORE-02";
    store_03_unread_messages_are_counted_wrong: CountsWrong breaks "STORE-03";
    store_04_a_folder_has_its_own_mask: HasAnotherMask breaks "STORE-04";
    store_05_foreign_ids_are_opened: OpensForeignIds breaks "STORE-05";
    store_05_all_ids_are_the_same: SaysAllIsTheSame breaks "STORE-05";
    store_06_keys_are_all_the_same: HasOneKey breaks "STORE-06";
    store_07_names_are_made_by_asking: MakesNames breaks "STORE-07";
    store_08_receive_folders_are_forgotten: ForgetsReceiveFolders breaks "STORE-08";
    store_09_marks_are_forgotten: ForgetsMarks breaks "STORE-09";
    store_10_rows_have_other_values: ShowsOtherValues breaks "STORE-10";
    store_11_a_column_is_lost: LosesAColumn breaks "STORE-11";
    store_12_long_values_are_not_there: HasNoLongValues breaks "STORE-12";
    store_13_the_cursor_always_moves: AlwaysAdvances breaks "STORE-13";
    store_14_nothing_is_sorted: SortsNothing breaks "STORE-14";
    store_15_nothing_is_restricted: RestrictsNothing breaks "STORE-15";
    store_16_everything_is_found: FindsEverything breaks "STORE-16";
    store_17_nothing_collapses: CollapsesNothing breaks "STORE-17";
    store_18_lists_stay_whole: SplitsNoList breaks "STORE-18";
    store_19_tables_are_no_properties: HasNoDoors breaks "STORE-19";
    store_20_large_folders_take_long: SortsSlowly breaks "STORE-20";
    store_21_what_is_set_is_saved: SavesAtOnce breaks "STORE-21";
    store_22_the_last_save_wins: NeverConflicts breaks "STORE-22";
    store_23_a_status_has_no_mask: IgnoresTheMask breaks "STORE-23";
    store_24_nothing_is_marked: MarksNothing breaks "STORE-24";
    store_25_all_messages_are_small: HasOneSize breaks "STORE-25";
    store_26_objects_are_set: TakesObjects breaks "STORE-26";
    store_27_all_texts_are_wide: IsAlwaysWide breaks "STORE-27";
    store_28_recipients_are_only_added: OnlyAdds breaks "STORE-28";
    store_29_attachments_stay: KeepsAttachments breaks "STORE-29";
    store_30_streams_keep_what_they_had: NeverEmpties breaks "STORE-30";
    store_31_rtf_is_never_in_step: IsNeverInSync breaks "STORE-31";
    store_32_copies_are_always_whole: LeavesNothingOut breaks "STORE-32";
    store_33_folders_are_deleted_with_all_in_them: DeletesTrees breaks "STORE-33";
    store_34_mail_to_nobody_is_sent: SendsToNobody breaks "STORE-34";
    store_36_nothing_is_locked: LocksNothing breaks "STORE-36";
    store_37_nothing_is_called_back: CallsNothingBack breaks "STORE-37";
    store_37_anything_is_called_back: CallsAnythingBack breaks "STORE-37";
    store_38_new_mail_is_not_told: TellsNoNewMail breaks "STORE-38";
    store_39_nothing_is_told: TellsNothing breaks "STORE-39";
    store_40_tables_tell_nothing: TellsNoRows breaks "STORE-40";
    store_42_nothing_is_searched: SearchesNothing breaks "STORE-42";
    store_42_everything_is_searched_anew: SearchesAnew breaks "STORE-42";
    store_44_half_is_promised: PromisesHalf breaks "STORE-44";
    store_45_runs_are_told_to_nobody: TellsNothingOfRuns breaks "STORE-45";
}

#[test]
fn without_a_mistake_the_rules_are_kept() {
    let test = "without_a_mistake_the_rules_are_kept";
    for (rule, found) in check_all(test, Mistake::None, RULES) {
        assert_eq!(found, Verdict::Pass, "{rule}");
    }
}

/// Whether a rule was seen to be broken by a provider that neither crashed nor hung.
fn is_found(verdict: &Verdict) -> bool {
    let ended = |finding: &Finding| {
        let what = finding.to_string();
        what.contains("it crashed") || what.contains("it hung")
    };
    matches!(verdict, Verdict::Fail(findings) if !findings.iter().any(ended))
}

thread_local! {
    /// What is wrong with the next provider of this thread.
    static MISTAKE: Cell<Mistake> = const { Cell::new(Mistake::None) };
}

/// How long the check waits for what a mistake leaves out, and what never comes.
const IN_VAIN: Duration = Duration::from_secs(1);

/// What the check says about the rule that a mistake breaks; it plays that rule's scenarios alone.
fn check(test: &str, mistake: Mistake, rule: &str) -> Verdict {
    let mut found = check_all(test, mistake, &[rule]);
    found.pop().expect("a verdict").1
}

/// What the check says about rules, in the order of the contract.
fn check_all(test: &str, mistake: Mistake, rules: &[&str]) -> Vec<(&'static str, Verdict)> {
    MISTAKE.set(mistake);
    // Each scenario is a process of its own, which cleans nothing up.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("store_mistakes")
        .join(test);
    fs::create_dir_all(&folder).expect("a folder");
    let mut checked = Conformance::functions(init, Some(PROVIDER.service_entry))
        .mailboxes(&folder)
        .only(rules.iter().map(|rule| (*rule).to_owned()).collect());
    if mistake != Mistake::None {
        checked = checked.patience(IN_VAIN);
    }
    let results = checked.check_in_test(test);
    assert_eq!(results.stopped, None);
    let wanted = results
        .rules
        .into_iter()
        .filter(|result| rules.contains(&result.rule.id));
    wanted
        .map(|result| (result.rule.id, result.verdict))
        .collect()
}

/// The probe's `MSProviderInit`, whose provider has this thread's mistake.
unsafe extern "C" fn init(
    instance: *mut c_void,
    malloc: *mut c_void,
    allocate: Option<ALLOCATEBUFFER>,
    more: Option<ALLOCATEMORE>,
    free: Option<FREEBUFFER>,
    flags: u32,
    version: u32,
    provider_version: *mut u32,
    out: *mut *mut c_void,
) -> HRESULT {
    unsafe {
        // The runs of a check bring something. Each scenario is a process of its own, and nothing has begun in it.
        std::env::set_var("STORE_TEST_DELIVER", "3");
        let init = PROVIDER.store_init.expect("a store");
        let status = init(
            instance,
            malloc,
            allocate,
            more,
            free,
            flags,
            version,
            provider_version,
            out,
        );
        if status.is_ok() {
            provider::wrap(out, MISTAKE.get());
        }
        status
    }
}
