//! What goes wrong, and when.

use std::cell::RefCell;
use std::rc::Rc;

use mapi_provider_twoway::{Monitor, Point, Stop, Trouble};

/// What goes wrong at one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The connection is lost before the call has an effect.
    LostBefore,
    /// It is lost after that: the answer is.
    LostAfter,
    /// The process ends before it.
    KillBefore,
    /// It ends after that.
    KillAfter,
    /// The item fails.
    Item,
    /// The code that answers panics, after the call has had its effect.
    Panic,
}

type Interference = Box<dyn FnOnce()>;

#[derive(Default)]
struct Inner {
    calls: u32,
    fault: Option<(u32, Fault)>,
    /// What people do meanwhile, and at which calls.
    meanwhile: Vec<(u32, Interference)>,
    /// Verbs that change something, by their names.
    writes: Vec<String>,
    /// Verbs that were called, by their names.
    verbs: Vec<String>,
    logons: u32,
}

/// Counts calls, and lets one go wrong.
#[derive(Clone, Default)]
pub(crate) struct Chaos(Rc<RefCell<Inner>>);

impl Chaos {
    pub(crate) fn none() -> Self {
        Self::default()
    }

    pub(crate) fn at(call: u32, fault: Fault) -> Self {
        let chaos = Self::default();
        chaos.0.borrow_mut().fault = Some((call, fault));
        chaos
    }

    pub(crate) fn meanwhile(&self, call: u32, what: impl FnOnce() + 'static) {
        self.0.borrow_mut().meanwhile.push((call, Box::new(what)));
    }

    pub(crate) fn calls(&self) -> u32 {
        self.0.borrow().calls
    }

    pub(crate) fn writes(&self) -> Vec<String> {
        self.0.borrow().writes.clone()
    }

    pub(crate) fn verbs(&self) -> Vec<String> {
        self.0.borrow().verbs.clone()
    }

    pub(crate) fn logon(&self) {
        self.0.borrow_mut().logons += 1;
    }

    pub(crate) fn logons(&self) -> u32 {
        self.0.borrow().logons
    }

    /// A call begins. What goes wrong at it, if anything does.
    fn tick(&self) -> Option<Fault> {
        let (fault, meanwhile) = {
            let mut inner = self.0.borrow_mut();
            inner.calls += 1;
            let now = inner.calls;
            let fault = inner
                .fault
                .filter(|(at, _)| *at == now)
                .map(|(_, fault)| fault);
            let is_now = |(at, _): &mut (u32, Interference)| *at == now;
            let meanwhile: Vec<_> = inner.meanwhile.extract_if(.., is_now).collect();
            (fault, meanwhile)
        };
        for (_, what) in meanwhile {
            what();
        }
        fault
    }

    /// A verb of a side. `effect` is done or not, as the fault wants it.
    pub(crate) fn verb<T>(
        &self,
        name: &str,
        writes: bool,
        effect: impl FnOnce() -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let fault = self.tick();
        let killed = || Err(Stop::Fatal("killed".to_owned()).into());
        self.0.borrow_mut().verbs.push(name.to_owned());
        match fault {
            Some(Fault::LostBefore) => return Err(Trouble::lost("cut")),
            Some(Fault::KillBefore) => return killed(),
            Some(Fault::Item) => return Err(Trouble::failed("chaos")),
            _ => {}
        }
        let done = effect()?;
        if writes {
            self.0.borrow_mut().writes.push(name.to_owned());
        }
        match fault {
            Some(Fault::LostAfter) => Err(Trouble::lost("cut")),
            Some(Fault::KillAfter) => killed(),
            Some(Fault::Panic) => std::panic::resume_unwind(Box::new("a mistake")),
            _ => Ok(done),
        }
    }
}

impl Monitor for Chaos {
    fn at(&self, _point: Point) -> Result<(), Stop> {
        match self.tick() {
            None | Some(Fault::Item | Fault::LostBefore | Fault::LostAfter) => Ok(()),
            Some(Fault::Panic) => std::panic::resume_unwind(Box::new("a mistake")),
            Some(Fault::KillBefore | Fault::KillAfter) => Err(Stop::Fatal("killed".to_owned())),
        }
    }
}
