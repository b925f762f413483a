//! What is tried. Each scenario is a function; the rules beside it are those about which it can show
//! something.

mod cancel;
mod entry;
mod logon;
mod memory;
mod methods;
mod objects;
mod overlap;
mod reentry;
mod request;
mod run;
mod service;
mod store;
mod transport;
mod worker;

use super::stage::{Played, Stage};

/// A few calls such as MAPI and Outlook make, and what is checked meanwhile.
pub struct Scenario {
    /// What it is called in findings and on command lines.
    pub name: &'static str,
    /// The rules about which it shows something.
    pub rules: &'static [&'static str],
    pub(super) play: fn(&Stage<'_>) -> Played,
}

impl std::fmt::Debug for Scenario {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scenario")
            .field("name", &self.name)
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

macro_rules! scenarios {
    ($($name:literal $rules:tt $play:path;)*) => {
        &[$(Scenario { name: $name, rules: &$rules, play: $play }),*]
    };
}

/// All scenarios, in the order in which they are played. The first shows whether there is a provider to check, and of which kinds.
pub const SCENARIOS: &[Scenario] = scenarios! {
    "basics" ["ENTRY-01", "COM-03", "COM-07"] run::basics;
    "init" ["ENTRY-02", "COM-05"] entry::init;
    "init-twice" ["ENTRY-03"] entry::init_twice;
    "service" ["ENTRY-07"] service::contexts;
    "service-all-or-nothing" ["ENTRY-07"] service::all_or_nothing;
    "logon-again" ["ENTRY-04"] logon::again;
    "logoff" ["ENTRY-05", "ENTRY-09"] logon::logoff;
    "release-without-logoff" ["ENTRY-05", "ENTRY-09"] logon::release;
    "logon-fails" ["ENTRY-06", "COM-05", "COM-07"] logon::fails;
    "fast-shutdown" ["ENTRY-10"] entry::fast_shutdown;
    "secrets" ["ENTRY-11"] service::secrets;
    "identity" ["COM-01", "WRAP-02"] objects::identity;
    "unknown-interfaces" ["COM-02"] objects::unknown;
    "counts" ["COM-03"] objects::counts;
    "outs" ["COM-05", "COM-06"] methods::outs;
    "null-outs" ["COM-05"] methods::null_outs;
    "properties" ["COM-07"] memory::properties;
    "last-error" ["COM-08"] memory::last_error;
    "null" ["SYNC-01"] request::null;
    "sizes" ["SYNC-02", "SYNC-03"] request::sizes;
    "no-place-for-the-event" ["SYNC-03"] request::no_place;
    "flags" ["SYNC-04"] request::flags;
    "session" ["SYNC-05"] request::session;
    "no-callback" ["SYNC-06"] request::no_callback;
    "callback-is-asked-for" ["SYNC-06"] request::asked_for;
    "structure-is-gone" ["SYNC-07"] request::structure_is_gone;
    "event" ["SYNC-08"] request::event;
    "event-is-closed" ["SYNC-08"] request::event_is_closed;
    "at-once" ["SYNC-09"] request::at_once;
    "order" ["SYNC-10", "SYNC-12", "SYNC-14"] run::order;
    "end" ["SYNC-11"] run::end;
    "failure" ["SYNC-12", "COM-08", "ENTRY-11"] run::failure;
    "failing-callback" ["SYNC-14"] run::failing_callback;
    "overlap" ["SYNC-15", "SYNC-17", "SYNC-19", "SYNC-03"] overlap::overlap;
    "many-requests" ["SYNC-15", "SYNC-10"] overlap::many;
    "cancel-by-store-logoff" ["SYNC-16", "SYNC-12"] cancel::by_store_logoff;
    "cancel-by-logoff" ["SYNC-16"] cancel::by_logoff;
    "cancel-by-shutdown" ["SYNC-16"] cancel::by_shutdown;
    "cancel-by-fast-shutdown" ["SYNC-16", "ENTRY-10"] cancel::by_fast_shutdown;
    "cancel-by-last-release" ["SYNC-16"] cancel::by_last_release;
    "cancel-by-progress" ["SYNC-16", "SYNC-12"] cancel::by_progress;
    "logoff-does-not-wait-for-good" ["SYNC-16", "SYNC-21"] cancel::bound;
    "unload" ["SYNC-18"] worker::unload;
    "callback-asks-again" ["SYNC-19"] reentry::asks_again;
    "callback-asks-again-in-done" ["SYNC-19"] reentry::asks_again_in_done;
    "callback-logs-off" ["SYNC-19", "SYNC-16"] reentry::logs_off;
    "callback-releases-the-store" ["SYNC-19", "SYNC-16"] reentry::releases;
    "callback-shuts-down" ["SYNC-19", "SYNC-16"] reentry::shuts_down;
    "com-on-the-worker" ["SYNC-20"] worker::com;
    "store-is-not-held" ["SYNC-21"] worker::store_is_not_held;
    "mail-store" ["STORE-01"] store::store_properties;
    "mail-special-folders" ["STORE-02"] store::special_folders;
    "mail-counts" ["STORE-03"] store::counts;
    "mail-support-mask" ["STORE-04"] store::mask;
    "mail-entry-ids" ["STORE-05"] store::entry_ids;
    "mail-foreign-entry-ids" ["STORE-05"] store::foreign_ids;
    "mail-keys" ["STORE-06"] store::keys;
    "mail-names" ["STORE-07"] store::names;
    "mail-receive-folders" ["STORE-08"] store::receive_folders;
    "mail-outlooks-marks" ["STORE-09"] store::outlooks_marks;
    "mail-marks-at-the-top" ["STORE-09"] store::marks_at_the_top;
    "mail-rows" ["STORE-10"] store::rows;
    "mail-browsed" ["STORE-10", "STORE-11", "STORE-19"] store::browsed;
    "mail-columns" ["STORE-11"] store::columns;
    "mail-long-values" ["STORE-12"] store::long_values;
    "mail-cursor" ["STORE-13"] store::cursor;
    "mail-order" ["STORE-14"] store::order;
    "mail-conditions" ["STORE-15"] store::conditions;
    "mail-find" ["STORE-16"] store::find;
    "mail-categories" ["STORE-17"] store::categories;
    "mail-rows-of-values" ["STORE-18"] store::value_rows;
    "mail-doors" ["STORE-19"] store::doors;
    "mail-large-folders" ["STORE-20"] store::large_folders;
    "mail-unsaved" ["STORE-21"] store::unsaved;
    "mail-conflicts" ["STORE-22"] store::conflicts;
    "mail-flags" ["STORE-23"] store::flags;
    "mail-status" ["STORE-23"] store::status;
    "mail-read-flags" ["STORE-24"] store::read_flags;
    "mail-derived" ["STORE-25"] store::derived;
    "mail-set-props" ["STORE-26"] store::set_props;
    "mail-strings" ["STORE-27"] store::strings;
    "mail-recipients" ["STORE-28"] store::recipients;
    "mail-attachments" ["STORE-29"] store::attachments;
    "mail-attachment-by-copy" ["STORE-29"] store::attachment_by_copy;
    "mail-embedded" ["STORE-29"] store::embedded;
    "mail-streams" ["STORE-30"] store::streams;
    "mail-bodies" ["STORE-31"] store::bodies;
    "mail-copies" ["STORE-32"] store::copies;
    "mail-folder-operations" ["STORE-33"] store::folder_operations;
    "mail-submit" ["STORE-34", "STORE-37"] store::submit;
    "mail-queue" ["STORE-35"] store::queue;
    "mail-spooler-locks" ["STORE-36"] store::spooler_locks;
    "mail-taken-back" ["STORE-37"] store::taken_back;
    "mail-moved-out-of-the-outbox" ["STORE-37"] store::moved_out;
    "mail-new-mail" ["STORE-38"] store::new_mail;
    "mail-events" ["STORE-39"] store::events;
    "mail-table-events" ["STORE-40"] store::table_events;
    "mail-unread-table-events" ["STORE-40"] store::unread_table_events;
    "mail-second-logon" ["STORE-41"] store::second_logon;
    "mail-search-folder" ["STORE-42"] store::search_folder;
    "mail-reopened" ["STORE-43"] store::reopened;
    "mail-not-promised" ["STORE-44"] store::not_promised;
    "mail-runs" ["STORE-45"] store::seen_while_it_runs;
    "xp-init" ["XP-01", "ENTRY-02", "ENTRY-03"] transport::init;
    "xp-null-logon" ["XP-02"] transport::null_logon;
    "xp-logon" ["XP-03", "XP-02"] transport::logon;
    "xp-failed-logon" ["XP-04", "XP-02"] transport::failed_logon;
    "xp-offline" ["XP-05"] transport::offline;
    "xp-directions" ["XP-06", "XP-08", "XP-11"] transport::directions;
    "xp-row" ["XP-07", "XP-08"] transport::row;
    "xp-row-fails" ["XP-07", "XP-02", "XP-04"] transport::row_fails;
    "xp-told-without-a-lock" ["XP-08", "XP-11"] transport::told_without_a_lock;
    "xp-address-types" ["XP-09"] transport::address_types;
    "xp-two-logons" ["XP-01", "XP-09"] transport::two_logons;
    "xp-options" ["XP-10"] transport::options;
    "xp-notify" ["XP-11", "XP-22", "XP-12"] transport::notify;
    "xp-cancel" ["XP-12", "XP-13"] transport::cancel;
    "xp-re-entered" ["XP-14"] transport::re_entered;
    "xp-not-me" ["XP-15", "XP-21"] transport::not_me;
    "xp-send" ["XP-16", "XP-13", "XP-17", "XP-20", "XP-24"] transport::send;
    "xp-rows" ["XP-15"] transport::rows;
    "xp-no-address" ["XP-18", "XP-16"] transport::no_address;
    "xp-refused" ["XP-18", "XP-16"] transport::refused;
    "xp-later" ["XP-19", "XP-13"] transport::later;
    "xp-end" ["XP-23"] transport::end;
    "xp-incoming" ["XP-26", "XP-21", "XP-24", "XP-25", "XP-27", "XP-28", "XP-29"] transport::incoming;
    "xp-flush" ["XP-30"] transport::flush;
    "xp-validate" ["XP-31"] transport::validate;
    "xp-status-object" ["XP-32"] transport::status_object;
    "xp-logoff" ["XP-33"] transport::logoff;
    "xp-release" ["XP-34", "XP-33"] transport::release;
    "xp-idle" ["XP-35"] transport::idle;
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::SCENARIOS;
    use crate::conformance::rules::RULES;

    #[test]
    fn each_scenario_has_a_name_of_its_own_and_rules_that_are_there() {
        let names: BTreeSet<&str> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
        assert_eq!(names.len(), SCENARIOS.len());
        for scenario in SCENARIOS {
            assert!(!scenario.rules.is_empty());
            for rule in scenario.rules {
                assert!(RULES.iter().any(|other| other.id == *rule), "{rule}");
            }
        }
    }

    #[test]
    fn each_rule_has_a_scenario_or_a_reason_why_not() {
        for rule in RULES {
            let shown = SCENARIOS
                .iter()
                .any(|scenario| scenario.rules.contains(&rule.id));
            assert_ne!(shown, rule.unseen.is_some(), "{}", rule.id);
        }
    }
}
