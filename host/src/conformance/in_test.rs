//! The check inside a test program, which is started again for each scenario.

use std::env;
use std::io;
use std::process::{self, Command};

use super::{Conformance, Results, SCENARIOS};
use crate::child;

/// Names a process's scenario.
const SCENARIO: &str = "MAPI_CONFORMANCE_SCENARIO";

impl Conformance {
    /// Checks the provider against the contract in a test.
    ///
    /// Each scenario runs in a process of its own: this same test program, started again for only the test with
    /// this name, which includes its modules (`contract::is_kept`). There, this call plays the scenario and ends
    /// the process, so whatever comes before it in the test happens in each of them.
    ///
    /// # Panics
    ///
    /// This program can't be started again.
    pub fn check_in_test(&self, test: &str) -> Results {
        if let Ok(name) = env::var(SCENARIO) {
            let scenario = SCENARIOS.iter().find(|scenario| scenario.name == name);
            let scenario = scenario.unwrap_or_else(|| panic!("there is no scenario {name}"));
            let teller = child::teller(&mut io::stdin().lock());
            let teller = teller.unwrap_or_else(|error| panic!("{SCENARIO} is set: {error}"));
            let told = self.play(scenario, teller);
            // Nothing is dropped, because a provider that is stuck may still be at work.
            process::exit(i32::from(told.is_err()));
        }
        let program =
            env::current_exe().unwrap_or_else(|error| panic!("can't find this program: {error}"));
        let mut start = |scenario: &super::Scenario| {
            let mut command = Command::new(&program);
            command
                .args([test, "--exact", "--nocapture", "--test-threads=1"])
                .env(SCENARIO, scenario.name);
            (command, Vec::new())
        };
        self.check(&mut start, &mut |_| {})
    }
}
