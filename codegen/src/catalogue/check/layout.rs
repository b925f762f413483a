//! Sizes and offsets: what no compiler would lay out. That the numbers are those of the compiler, the asserts
//! in the generated code tell.

use super::{Check, raw};
use crate::diag::{Code, Source};

const WIDTHS: [&str; 2] = ["x64", "x86"];

impl Check<'_> {
    pub(super) fn layout(&self, source: &Source, raw: &raw::Structure) {
        self.packing(source, raw);
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

    /// What is packed lies anywhere.
    fn packing(&self, source: &Source, raw: &raw::Structure) {
        let aligned = raw.layout.iter().any(|(_, align)| *align != 1);
        if raw.packed && aligned {
            let message = format!("`{}` is packed, so its alignment is 1", raw.name.value);
            let help = "correct `layout`, or leave `packed` out";
            self.report(Code::BadLayout, source, &raw.name, message, help);
        }
    }

    /// Fields lie inside, one after another.
    fn offsets(&self, source: &Source, raw: &raw::Structure, width: usize, size: u32) {
        let mut least = 0;
        for field in &raw.fields {
            let offset = field.offsets[width];
            if offset < least || offset >= size {
                let message = format!(
                    "`{}` lies at {offset} on {}, which is not from {least} to {}",
                    field.name.value,
                    WIDTHS[width],
                    size - 1
                );
                let help = "fields lie inside the structure, one after another";
                self.report(Code::BadLayout, source, &field.name, message, help);
                return;
            }
            if !raw.union {
                least = offset + 1;
            }
        }
    }
}
