//! Which stage begins next.

use super::stages::Stage;

/// The stages that wait and those that run.
pub(super) struct Order {
    waiting: Vec<&'static Stage>,
    running: Vec<&'static str>,
}

impl Order {
    pub(super) fn new(stages: impl IntoIterator<Item = &'static Stage>) -> Self {
        Self {
            waiting: stages.into_iter().collect(),
            running: Vec::new(),
        }
    }

    /// Takes the first stage that waits for no other.
    pub(super) fn begin(&mut self) -> Option<&'static Stage> {
        let place = self.waiting.iter().position(|stage| self.is_ready(stage))?;
        let stage = self.waiting.remove(place);
        self.running.push(stage.name);
        Some(stage)
    }

    /// A stage has ended, well or badly: those after it may begin, and say themselves what they lack.
    pub(super) fn end(&mut self, name: &str) {
        self.running.retain(|running| *running != name);
    }

    /// What runs.
    pub(super) fn running(&self) -> &[&'static str] {
        &self.running
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether all stages before it are over. Stages that nobody asked for don't count.
    fn is_ready(&self, stage: &Stage) -> bool {
        let is_to_come = |name: &&str| {
            self.running.contains(name) || self.waiting.iter().any(|other| other.name == *name)
        };
        !stage.after.iter().any(is_to_come)
    }
}

#[cfg(test)]
mod tests {
    use super::super::stages::STAGES;
    use super::*;

    fn stage(name: &str) -> &'static Stage {
        let found = STAGES.iter().find(|stage| stage.name == name);
        found.expect("a stage")
    }

    #[test]
    fn a_stage_waits_for_those_that_it_comes_after() {
        let mut order = Order::new([stage("conform64"), stage("x64"), stage("format")]);
        let begun = |order: &mut Order| order.begin().map(|stage| stage.name);
        assert_eq!(begun(&mut order), Some("x64"));
        assert_eq!(begun(&mut order), Some("format"));
        assert_eq!(begun(&mut order), None);
        order.end("x64");
        assert_eq!(begun(&mut order), Some("conform64"));
        assert_eq!(
            (order.running(), order.waiting()),
            (&["format", "conform64"][..], 0)
        );
    }

    #[test]
    fn what_nobody_asked_for_is_not_waited_for() {
        let mut order = Order::new([stage("conform64")]);
        assert!(order.begin().is_some());
    }

    #[test]
    fn every_stage_gets_its_turn() {
        let mut order = Order::new(STAGES.iter());
        for _ in STAGES {
            let stage = order.begin().expect("one is ready where none runs");
            order.end(stage.name);
        }
        assert!(order.begin().is_none());
    }
}
