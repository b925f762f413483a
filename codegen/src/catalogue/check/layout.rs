//! Sizes and offsets: layouts that no compiler would produce. The asserts in the generated code check that
//! the numbers are the compiler's.

use std::collections::BTreeSet;

use super::{Check, cycles::on_circles, raw};
use crate::diag::{Code, Source};
use crate::ir::interface::Base;

const WIDTHS: [&str; 2] = ["x64", "x86"];

impl Check<'_> {
    pub(super) fn layout(&self, source: &Source, raw: &raw::Structure) {
        self.packing(source, raw);
        self.finite(source, raw);
        for (width, name) in WIDTHS.iter().enumerate() {
            let (size, align) = raw.layout[width];
            if !align.is_power_of_two() || size == 0 || size % align != 0 {
                let message = format!(
                    "`{}` can't have size {size} and alignment {align} on {name}",
                    raw.name.value
                );
                let help = "an alignment is a power of two, and a size a multiple of it";
                self.report(Code::BadLayout, source, &raw.name, message, help);
                continue;
            }
            self.offsets(source, raw, width, size);
        }
    }

    /// A structure that contains itself, perhaps inside others, has no size.
    fn finite(&self, source: &Source, raw: &raw::Structure) {
        let name = raw.name.value.as_str();
        let contains = |field: &&raw::Field| {
            self.inside(field)
                .is_some_and(|inner| self.cyclic.contains(&(name.to_owned(), inner)))
        };
        if let Some(field) = raw.fields.iter().find(contains) {
            let message = format!("`{name}` contains itself");
            let help = "in C it is a pointer: `*mut …`";
            self.report(Code::BadLayout, source, &field.ty, message, help);
        }
    }

    /// The pairs of a structure and one in it that contains it in turn.
    pub(super) fn cycles(&self) -> BTreeSet<(String, String)> {
        let structures = self.structures.iter();
        let pairs = structures.flat_map(|(name, structure)| {
            let inside = structure
                .fields
                .iter()
                .filter_map(|field| self.inside(field));
            inside.map(|inner| ((*name).to_owned(), inner))
        });
        on_circles(pairs.collect())
    }

    /// The structure that a field is, by value or as an array.
    fn inside(&self, field: &raw::Field) -> Option<String> {
        let ty = self.names.resolve(&field.ty.value).ok()?;
        match ty.base {
            Base::Structure(name) if ty.pointers.is_empty() => Some(name),
            _ => None,
        }
    }

    /// A packed field can be anywhere.
    fn packing(&self, source: &Source, raw: &raw::Structure) {
        let aligned = raw.layout.iter().any(|(_, align)| *align != 1);
        if raw.packed && aligned {
            let message = format!("`{}` is packed, so its alignment is 1", raw.name.value);
            let help = "correct `layout`, or leave `packed` out";
            self.report(Code::BadLayout, source, &raw.name, message, help);
        }
    }

    /// Fields are inside, one after another.
    fn offsets(&self, source: &Source, raw: &raw::Structure, width: usize, size: u32) {
        let mut least = 0;
        for field in &raw.fields {
            let offset = field.offsets[width];
            if offset < least || offset >= size {
                let message = format!(
                    "`{}` is at {offset} on {}, which is not from {least} to {}",
                    field.name.value,
                    WIDTHS[width],
                    size - 1
                );
                let help = "fields are inside the structure, one after another";
                self.report(Code::BadLayout, source, &field.name, message, help);
                return;
            }
            if !raw.union {
                least = offset + 1;
            }
        }
    }
}
