//! What is checked, in numbers.

use std::fmt;

use mapi_provider_codegen::ir::interface::Catalogue;

use super::exceptions::{Exceptions, Kind};
use super::interfaces::{numbered, slots};
use super::values::{guids, numbers};

/// What is compared with the headers, and what is only compiled by the same compiler: pairs of both.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    interfaces: [usize; 2],
    slots: [usize; 2],
    layouts: [usize; 2],
    callbacks: [usize; 2],
    numbers: [usize; 2],
    guids: [usize; 2],
    placeholders: usize,
    exceptions: usize,
}

impl Figures {
    pub(super) fn count(catalogue: &Catalogue, exceptions: &Exceptions) -> Self {
        let mut figures = Self {
            exceptions: exceptions.count(),
            ..Self::default()
        };
        let side = |kind: Kind, name: &str| usize::from(exceptions.has(kind, name));
        for (_, interface) in numbered(catalogue) {
            let side = side(Kind::Interface, &interface.name);
            let all = slots(catalogue, interface).count();
            let unknown = slots(catalogue, interface)
                .filter(|(_, method)| method.placeholder)
                .count();
            figures.interfaces[side] += 1;
            figures.slots[side] += all - unknown;
            figures.placeholders += unknown;
        }
        for module in &catalogue.modules {
            for structure in &module.structures {
                figures.layouts[side(Kind::Structure, &structure.name)] += 1;
            }
            for callback in &module.callbacks {
                figures.callbacks[side(Kind::Callback, &callback.name)] += 1;
            }
        }
        for (name, _) in numbers(catalogue) {
            figures.numbers[side(Kind::Macro, name)] += 1;
        }
        for name in guids(catalogue).keys() {
            figures.guids[side(Kind::Guid, name)] += 1;
        }
        figures
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = [
            ("interfaces", self.interfaces),
            ("slots called each way", self.slots),
            ("layouts", self.layouts),
            ("function types", self.callbacks),
            ("numbers", self.numbers),
            ("GUIDs", self.guids),
        ];
        write!(f, "the headers confirm")?;
        for (what, [confirmed, lacking]) in pairs {
            write!(f, " {confirmed} of {} {what},", confirmed + lacking)?;
        }
        write!(
            f,
            " {} placeholders keep their place; {} exceptions",
            self.placeholders, self.exceptions
        )
    }
}
