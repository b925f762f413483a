//! Who waits for whom (SYNC-15, SYNC-16).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::super::line::Line;
use super::super::open::Joinable;
use super::super::state::MOST_REQUESTS;
use super::*;
use mapi_provider_abi::mapi::MAPI_E_USER_CANCEL;

/// Longer than what is not waited for, shorter than the bound.
const AT_ONCE: Duration = Duration::from_secs(2);

/// How many runs there are at once, at most.
#[derive(Default)]
struct AtOnce(AtomicUsize, AtomicUsize);

impl AtOnce {
    fn run(&self, inside: impl FnOnce()) {
        let now = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        self.1.fetch_max(now, Ordering::SeqCst);
        inside();
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[test]
fn sync_15_a_store_that_is_opened_again_waits_for_the_run_that_it_left_behind() {
    let (line, door) = (Arc::new(Line::new(None)), Door::default());
    let runs = Arc::new(AtOnce::default());
    let (held, counted) = (door.clone(), Arc::clone(&runs));
    let first = engine_on(&line, OPTIONS, move |_| {
        counted.run(|| held.pass());
        Ok(())
    });
    let dones = Dones::default();
    let (one, first_event) = request(1, &dones);
    first.submit(one).expect("accepted");
    door.wait_for_arrivals(1);
    first.leave();
    let counted = Arc::clone(&runs);
    let second = engine_on(&line, OPTIONS, move |_| {
        counted.run(|| ());
        Ok(())
    });
    // A cancellation in between must not make it forget whom it follows.
    let (two, second_event) = request(2, &dones);
    second.submit(two).expect("accepted");
    cancel(&second);
    assert!(
        second_event.wait(Some(SOON)),
        "it waited, and was cancelled"
    );
    let (three, third_event) = request(3, &dones);
    second.submit(three).expect("the store is open");
    assert!(!third_event.wait(Some(Duration::from_millis(100))));
    door.open();
    assert!(first_event.wait(Some(SOON)) && third_event.wait(Some(SOON)));
    assert_eq!(runs.1.load(Ordering::SeqCst), 1, "runs at once");
    assert_eq!(
        results(&dones),
        [(2, MAPI_E_USER_CANCEL), (1, S_OK), (3, S_OK)]
    );
}

#[test]
fn sync_16_a_logoff_does_not_wait_for_what_is_asked_for_later() {
    let engine = Arc::new(engine(|job| job.wait(Duration::from_secs(60))));
    let dones = Dones::default();
    let later: Arc<Mutex<Option<Event>>> = Arc::default();
    let (again, kept, heard) = (Arc::clone(&engine), Arc::clone(&later), Arc::clone(&dones));
    // Asks anew as soon as it hears Done.
    let (one, event) = hooked(1, &dones, move || {
        let (two, event) = request(2, &heard);
        again.submit(two).expect("the store is open");
        *kept.lock().expect("not poisoned") = Some(event);
    });
    engine.submit(one).expect("accepted");
    let begin = Instant::now();
    cancel(&engine);
    assert!(begin.elapsed() < AT_ONCE, "it waited for the later one");
    assert!(event.wait(Some(SOON)));
    log_off(&engine);
    let later = later.lock().expect("not poisoned").take();
    assert!(later.expect("asked for").wait(Some(SOON)));
}

#[test]
fn sync_16_waiting_requests_are_told_though_the_run_does_not_end() {
    let door = Door::default();
    let held = door.clone();
    let options = EngineOptions {
        logoff_wait: Duration::from_millis(200),
        ..OPTIONS
    };
    let engine = engine_with(options, move |_| {
        held.pass();
        Ok(())
    });
    let dones = Dones::default();
    let (one, running) = request(1, &dones);
    engine.submit(one).expect("accepted");
    door.wait_for_arrivals(1);
    let waiting: Vec<Event> = (2..5)
        .map(|number| {
            let (request, event) = request(number, &dones);
            engine.submit(request).expect("accepted");
            event
        })
        .collect();
    engine.leave();
    assert!(waiting.iter().all(|event| event.wait(Some(SOON))));
    assert!(!is_signalled(&running));
    // On a busy machine several threads tell them, in any order.
    let mut told = results(&dones);
    told.sort_by_key(|(number, _)| *number);
    assert_eq!(told, [2, 3, 4].map(|n| (n, MAPI_E_USER_CANCEL)));
    door.open();
    assert!(running.wait(Some(SOON)));
}

#[test]
fn sync_15_at_most_sixty_four_have_not_had_their_done_cancelled_ones_included() {
    let door = Door::default();
    let held = door.clone();
    // Nobody is told before the run ends.
    let options = EngineOptions {
        logoff_wait: Duration::from_secs(3600),
        ..OPTIONS
    };
    let engine = engine_with(options, move |_| {
        held.pass();
        Ok(())
    });
    let dones = Dones::default();
    let mut events = Vec::new();
    for _ in 0..3 {
        loop {
            let (request, event) = request(events.len(), &dones);
            match engine.submit(request) {
                Ok(()) => events.push(event),
                Err(refusal) => {
                    assert_eq!(refusal, Refusal::NoResources);
                    break;
                }
            }
            if events.len() == 1 {
                door.wait_for_arrivals(1);
            }
        }
        engine.logon().cancel();
    }
    assert_eq!(events.len(), MOST_REQUESTS);
    door.open();
    assert!(events.iter().all(|event| event.wait(Some(SOON))));
    assert_eq!(results(&dones).len(), MOST_REQUESTS);
}

#[test]
fn sync_16_a_logon_that_leaves_takes_its_requests_out_of_a_run_for_others() {
    let (door, asked) = (Door::default(), Door::default());
    asked.open();
    let (held, here) = (door.clone(), asked.clone());
    let client = engine(move |job| {
        held.pass();
        here.pass();
        job.wait(Duration::from_millis(300))
    });
    let spooler = client.shared().join(part(true)).map_err(drop);
    let spooler = spooler.expect("it is open");
    let dones = Dones::default();
    let (first, event) = request(1, &dones);
    client.submit(first).expect("accepted");
    door.wait_for_arrivals(1);
    // The next run is for both.
    let (two, clients) = request(2, &dones);
    let (three, spoolers) = request(3, &dones);
    client.submit(two).expect("accepted");
    spooler.submit(three).expect("accepted");
    door.open();
    asked.wait_for_arrivals(2);
    let begin = Instant::now();
    log_off(&client);
    assert!(begin.elapsed() < AT_ONCE);
    assert!(event.wait(Some(SOON)) && clients.wait(Some(SOON)) && spoolers.wait(Some(SOON)));
    assert_eq!(
        results(&dones),
        [(1, S_OK), (2, MAPI_E_USER_CANCEL), (3, S_OK)],
        "the run goes on for the spooler"
    );
    log_off(&spooler);
}

#[test]
fn sync_16_the_whole_run_is_cancelled_where_it_is_for_nobody_else() {
    let door = Door::default();
    door.open();
    let here = door.clone();
    let client = engine(move |job| {
        here.pass();
        job.wait(SOON)
    });
    let spooler = client.shared().join(part(true)).map_err(drop);
    let spooler = spooler.expect("it is open");
    let dones = Dones::default();
    let (one, event) = request(1, &dones);
    client.submit(one).expect("accepted");
    door.wait_for_arrivals(1);
    // Somebody else's logoff leaves it alone, and does not wait for it.
    let begin = Instant::now();
    log_off(&spooler);
    assert!(begin.elapsed() < AT_ONCE && !is_signalled(&event));
    log_off(&client);
    assert!(event.wait(Some(SOON)));
    assert_eq!(results(&dones), [(1, MAPI_E_USER_CANCEL)]);
}

#[test]
fn sync_15_a_lock_that_another_holder_has_is_waited_for_and_can_be_cancelled() {
    let name = format!("test-{}", std::process::id());
    let take = || crate::platform::ProcessLock::try_take(&name).expect("a place for it");
    let held = take().expect("nobody has it");
    assert!(take().is_none(), "one at a time");
    let engine = engine_on(
        &Arc::new(Line::new(Some(name.clone()))),
        OPTIONS,
        |_| Ok(()),
    );
    let dones = Dones::default();
    let (one, cancelled) = request(1, &dones);
    engine.submit(one).expect("accepted");
    assert!(!cancelled.wait(Some(Duration::from_millis(150))));
    cancel(&engine);
    assert!(cancelled.wait(Some(SOON)));
    let (two, event) = request(2, &dones);
    engine.submit(two).expect("accepted");
    assert!(!event.wait(Some(Duration::from_millis(150))));
    drop(held);
    assert!(event.wait(Some(SOON)));
    assert_eq!(results(&dones), [(1, MAPI_E_USER_CANCEL), (2, S_OK)]);
    assert!(take().is_some(), "given back at the end of the run");
}
