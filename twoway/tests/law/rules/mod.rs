//! The rules, each with what it is about.

mod bare;
mod change;
mod choice;
mod crash;
mod edited;
mod exceptions;
mod headers;
mod kept_flags;
mod lies;
mod moved;
mod proof;
mod put_back;
mod question;
mod run;

use mapi_provider_twoway::{Report, Silent, Synchronizer};

use crate::sim::chaos::Chaos;
use crate::sim::server::SimRemote;
use crate::sim::store::SimLocal;
use crate::sim::world::World;

/// IMAP with some items that both sides have.
pub(super) fn filled(count: usize) -> World {
    let mut world = World::usual();
    for number in 1..=count {
        world.add_there("Inbox", &format!("m{number}"), "");
    }
    world.sync();
    world.assert_equal();
    world
}

pub(super) fn told(report: &Report, text: &str) -> bool {
    report.warnings.iter().any(|w| w.to_string().contains(text))
}

/// A plan of what a run would do now.
pub(super) fn plan(world: &mut World) -> mapi_provider_twoway::Plan {
    let mut state = mapi_provider_twoway::State::with(
        world
            .state
            .take()
            .unwrap_or_else(|| rusqlite::Connection::open_in_memory().expect("memory")),
    )
    .expect("ours");
    let chaos = Chaos::none();
    let remote = SimRemote {
        server: world.server.clone(),
        chaos: chaos.clone(),
    };
    let mut local = SimLocal {
        store: world.store.clone(),
        chaos: chaos.clone(),
    };
    let plan = Synchronizer::new(&remote, &mut local, &mut state, &world.options, &Silent).plan();
    assert_eq!(chaos.writes(), <[String; 0]>::default(), "a plan writes");
    world.state = Some(state.into_connection());
    plan.expect("made")
}
