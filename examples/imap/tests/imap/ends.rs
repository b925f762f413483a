//! A run ends anywhere, and the next one goes on as if nothing had been.

use std::cell::Cell;
use std::thread;

use mapi_provider_twoway::{Monitor, Point, Stop};

use crate::changes::{self, KINDS};
use crate::cuts::{Moment, Order};
use crate::dovecot::{BARE, NO_CONDSTORE, NO_MOVE, NO_UIDPLUS, Setting, WHOLE};
use crate::proxy::Proxy;
use crate::world::{World, mail};

/// Both sides equal but for one change of each kind on each of them.
fn story(kind: Setting) -> Option<(World, Proxy)> {
    let mut world = changes::world(&[kind])?;
    let proxy = world.through_proxy();
    let mut client = world.client();
    client.put("INBOX", mail("f").as_bytes(), "");
    client.say("CREATE Old");
    client.put("Old", mail("o").as_bytes(), "");
    client.say("CREATE Gone");
    world.settle();
    world.rename_folder("Old", "", "New");
    world.delete_folder("Gone");
    world.move_to("a", "Work");
    world.edit_text("b", "edited");
    world.delete("c");
    world.make_folder("", "Fresh");
    world.write("Fresh", "new here");
    world.mark_read("f");
    client.remove("Work", "d");
    client.store("INBOX", "e", "+FLAGS (later)");
    client.put("Work", mail("new there").as_bytes(), "\\Seen");
    proxy.reset();
    Some((world, proxy))
}

/// What must be on both sides in the end, once each.
fn check(mut world: World, what: &str) {
    world.settle();
    let there = world.there();
    let texts = [
        "Text of a",
        "edited",
        "Text of e",
        "Text of f",
        "Text of o",
        "Text of new here",
        "Text of new there",
    ];
    for text in texts {
        let count = there.iter().filter(|one| one.1.contains(text)).count();
        assert_eq!(count, 1, "{text}, {what}: {there:?}");
    }
    assert_eq!(there.len(), texts.len(), "{what}: {there:?}");
    let folders = world.client().folders();
    let is_there = |name: &str| folders.contains(name) && world.has_folder(name);
    assert!(is_there("New") && is_there("Fresh"), "{what}: {folders:?}");
    let is_gone = |name: &str| !folders.contains(name) && !world.has_folder(name);
    assert!(is_gone("Old") && is_gone("Gone"), "{what}: {folders:?}");
}

/// Ends a run at one of its points, as a crash would.
struct Crash {
    at: usize,
    seen: Cell<usize>,
}

impl Monitor for Crash {
    fn at(&self, _point: Point) -> Result<(), Stop> {
        self.seen.set(self.seen.get() + 1);
        match self.seen.get() == self.at {
            true => Err(Stop::Fatal("crashed".to_owned())),
            false => Ok(()),
        }
    }
}

#[test]
fn twoway_03_a_run_that_crashes_at_any_step_loses_and_doubles_nothing() {
    for (number, kind) in KINDS.into_iter().enumerate() {
        // In the short form some of them, and others for each kind of server.
        let (first, step) = if is_long() { (1, 1) } else { (1 + number, 7) };
        for at in (first..).step_by(step) {
            let Some((mut world, _proxy)) = story(kind) else {
                return;
            };
            let crash = Crash {
                at,
                seen: Cell::new(0),
            };
            let (ended, _) = world.try_run(&crash);
            check(world, &format!("{kind:?}, step {at}"));
            if ended.is_ok() {
                assert!(at > 20, "{at}");
                break;
            }
        }
    }
}

/// Cuts the connection of a run after each of some numbers of bytes.
fn cut_everywhere(kind: Setting, count: i64, reconnects: u32) {
    let Some((mut world, proxy)) = story(kind) else {
        return;
    };
    world.run();
    let (up, down) = (
        proxy.bytes_to_server() as i64,
        proxy.bytes_to_client() as i64,
    );
    drop(world);
    for number in 0..count {
        for is_up in [true, false] {
            let Some((mut world, proxy)) = story(kind) else {
                return;
            };
            world.options.reconnects = reconnects;
            let all = if is_up { up } else { down };
            // Not always at the same places of commands.
            let at = (all * number / count + number * 7 % 13).min(all - 1);
            let (cut_up, cut_down) = if is_up {
                (Some(at), None)
            } else {
                (None, Some(at))
            };
            proxy.cut(cut_up, cut_down);
            let (ended, report) = world.try_run(&mapi_provider_twoway::Silent);
            let what = format!("{kind:?}, byte {at}, up {is_up}: {ended:?}");
            if reconnects > 0 {
                // TWOWAY-22: counted and bounded.
                assert!(ended.is_ok() && report.reconnects <= 1, "{what}: {report}");
            }
            proxy.let_pass();
            check(world, &what);
        }
    }
}

/// The connection is cut at each command that writes.
fn cut_at_commands(kind: Setting, moment: Moment, first: usize) {
    let step = if is_long() { 1 } else { 5 };
    for number in (if is_long() { 1 } else { first }..).step_by(step) {
        let Some((mut world, proxy)) = story(kind) else {
            return;
        };
        // It goes on at once, or in the next run.
        world.options.reconnects = if number % 2 == 0 { 3 } else { 0 };
        proxy.cut_at(Order { number, moment });
        let (ended, report) = world.try_run(&mapi_provider_twoway::Silent);
        let was_cut = proxy.was_cut();
        let is_over = matches!(ended, Err(Stop::Lost(_))) || was_cut && report.reconnects == 1;
        let what = format!("{kind:?}, {moment:?} command {number}: {ended:?}");
        assert_eq!(is_over, was_cut, "{what}: {report}");
        check(world, &what);
        if !was_cut {
            let least = if moment == Moment::Half { 2 } else { 10 };
            assert!(number > least, "{what}");
            return;
        }
    }
}

#[test]
fn twoway_03_and_twoway_28_a_connection_may_be_cut_at_any_command_of_any_server() {
    for (number, kind) in KINDS.into_iter().enumerate() {
        for moment in [Moment::Before, Moment::Half, Moment::Done] {
            cut_at_commands(kind, moment, 1 + number);
        }
    }
}

fn is_long() -> bool {
    std::env::var_os("IMAP_TEST_CUTS").is_some()
}

/// How often a connection is cut: more in the long form.
fn cuts() -> i64 {
    let count = std::env::var("IMAP_TEST_CUTS");
    count.ok().and_then(|count| count.parse().ok()).unwrap_or(6)
}

#[test]
fn twoway_04_and_twoway_22_a_connection_may_be_cut_at_any_byte() {
    cut_everywhere(WHOLE, cuts(), 3);
}

#[test]
fn twoway_04_the_same_without_uidplus() {
    cut_everywhere(NO_UIDPLUS, cuts(), 0);
}

#[test]
fn twoway_13_the_same_without_move() {
    cut_everywhere(NO_MOVE, cuts(), 0);
}

#[test]
fn twoway_22_the_same_without_condstore() {
    cut_everywhere(NO_CONDSTORE, cuts(), 3);
}

#[test]
fn twoway_28_the_same_with_no_extension() {
    cut_everywhere(BARE, cuts(), 0);
}

#[test]
fn twoway_03_a_server_that_is_killed_in_the_middle_costs_nothing() {
    let places = [200, 700, 1500, 2500, 4000];
    // In the short form one place for each kind of server.
    let all = KINDS.into_iter().enumerate();
    let all = all.flat_map(|(number, kind)| {
        let places = places.into_iter().enumerate();
        let some = places.filter(move |(at, _)| is_long() || *at == number);
        some.map(move |(_, at)| (kind, at))
    });
    for (kind, at) in all {
        let Some((mut world, proxy)) = story(kind) else {
            return;
        };
        proxy.at_cut(world.dovecot.killer());
        proxy.cut(Some(at), None);
        let (ended, _) = world.try_run(&mapi_provider_twoway::Silent);
        if let Err(stop) = ended {
            assert!(matches!(stop, Stop::Lost(_)), "{stop:?}");
            proxy.wait_for_cut();
            world.dovecot.start_again();
        }
        proxy.let_pass();
        check(world, &format!("{kind:?}, killed at {at}"));
    }
}

#[test]
fn twoway_22_who_is_thrown_out_connects_again_a_few_times() {
    let Some((mut world, proxy)) = story(WHOLE) else {
        return;
    };
    proxy.edit(|bytes| {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        match text.contains(" SELECT") || text.contains("UIDVALIDITY") {
            true => b"* BYE Too busy.\r\n".to_vec(),
            false => bytes,
        }
    });
    let (ended, report) = world.try_run(&mapi_provider_twoway::Silent);
    assert!(matches!(ended, Err(Stop::Lost(_))), "{ended:?}");
    assert_eq!(report.reconnects, 3);
    assert_eq!(proxy.connections(), 4);
    proxy.edit(|bytes| bytes);
    check(world, "after a goodbye");
}

/// An administrator ends all sessions of the account, at one of the points of a run.
struct Kick<'w> {
    crash: Crash,
    kick: Box<dyn Fn() + 'w>,
}

impl Monitor for Kick<'_> {
    fn at(&self, point: Point) -> Result<(), Stop> {
        if self.crash.at(point).is_err() {
            (self.kick)();
        }
        Ok(())
    }
}

#[test]
fn twoway_22_who_is_kicked_connects_again_and_goes_on() {
    for (number, kind) in KINDS.into_iter().enumerate() {
        let Some((mut world, proxy)) = story(kind) else {
            return;
        };
        let dovecot = world.dovecot.administrator();
        let kick = Kick {
            crash: Crash {
                at: 4 + 3 * number,
                seen: Cell::new(0),
            },
            kick: Box::new(move || dovecot(&["kick", "alice"])),
        };
        let (ended, report) = world.try_run(&kick);
        let what = format!("{kind:?}: {ended:?}: {report}");
        assert!(ended.is_ok() && report.reconnects == 1, "{what}");
        assert_eq!(proxy.connections(), 2, "{what}");
        check(world, &what);
    }
}

#[test]
fn twoway_29_what_another_client_does_during_runs_is_not_lost() {
    for kind in [WHOLE, BARE] {
        let Some(mut world) = changes::world(&[kind]) else {
            return;
        };
        let mut client = world.client();
        let other = thread::spawn(move || {
            for number in 0..40 {
                client.put("INBOX", mail(&format!("t{number}")).as_bytes(), "");
                match number % 4 {
                    0 => client.store("INBOX", "e", "+FLAGS (\\Flagged)"),
                    1 => client.remove("INBOX", &format!("t{number}")),
                    2 => client.store("INBOX", &format!("t{number}"), "+FLAGS (\\Seen)"),
                    // Whoever looks just now may have completed what Dovecot has begun to make: then it says that it exists.
                    _ => {
                        let (done, text) = client.try_say(&format!("CREATE Made{number}"));
                        let text = String::from_utf8_lossy(&text).into_owned();
                        assert!(done || text.contains("[ALREADYEXISTS]"), "{text}");
                    }
                }
            }
        });
        let mut number = 0;
        while !other.is_finished() {
            world.write("Work", &format!("h{number}"));
            let (ended, report) = world.try_run(&mapi_provider_twoway::Silent);
            ended.unwrap_or_else(|stop| panic!("{stop}: {report}"));
            number += 1;
        }
        other.join().expect("it went well");
        world.settle();
        let there = world.there();
        let theirs = there
            .iter()
            .filter(|one| one.1.contains("Text of t"))
            .count();
        let ours = there
            .iter()
            .filter(|one| one.1.contains("Text of h"))
            .count();
        assert_eq!((theirs, ours), (30, number), "{there:?}");
    }
}
