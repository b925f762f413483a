//! The check covers the rules of the contract, all of them.

use std::fs;
use std::path::Path;

use mapi_provider_host::conformance::{RULES, SCENARIOS};

#[test]
fn every_rule_of_the_contract_has_a_row() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/contract.md");
    let page = fs::read_to_string(page).expect("the contract");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| "));
    let ids: Vec<&str> = rows
        .filter_map(|row| row.split(' ').next())
        .filter(|id| {
            id.split_once('-')
                .is_some_and(|(_, number)| number.parse::<u8>().is_ok())
        })
        // Replication and reconciliation happen inside a run: no client sees them.
        .filter(|id| !id.starts_with("REPL") && !id.starts_with("TWOWAY"))
        // The check plays stores and transports, and says so of an address book.
        .filter(|id| !id.starts_with("AB"))
        .collect();
    let ours: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(ours, ids);
}

#[test]
fn the_first_scenario_shows_whether_there_is_a_store() {
    assert_eq!(SCENARIOS[0].name, "basics");
}
