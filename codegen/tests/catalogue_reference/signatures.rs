//! Parameters and results of methods and functions.

use mapi_provider_codegen::ir::interface::{Catalogue, Param, Return};
use serde_json::Value;

use crate::{
    data::{Reference, entries, text},
    exceptions::{Problems, Subject},
    types::{same_type, stack_bytes},
};

/// A method or a function of ours, and what is compared with it.
pub(crate) struct Signature<'a> {
    pub(crate) subject: Subject,
    /// Where it is: `IMsgStore::Advise`.
    pub(crate) place: &'a str,
    pub(crate) params: &'a [Param],
    pub(crate) returns: Return,
    pub(crate) cdecl: bool,
    /// What `this` takes on the stack.
    pub(crate) this: u64,
    pub(crate) theirs: &'a Value,
}

impl Signature<'_> {
    pub(crate) fn compare(
        &self,
        catalogue: &Catalogue,
        reference: &Reference,
        problems: &mut Problems,
    ) {
        if self.cdecl != (text(&self.theirs["cc_x86"]) == "cdecl") {
            self.differs(problems, format!("is {}", self.theirs["cc_x86"]));
        }
        if returned(self.theirs) != Some(self.returns) {
            self.differs(problems, format!("returns {}", self.theirs["ret"]));
        }
        let theirs = entries(&self.theirs["params"]);
        if self.params.len() != theirs.len() {
            self.differs(problems, format!("has {} parameters", theirs.len()));
            return;
        }
        for (ours, theirs) in self.params.iter().zip(theirs) {
            self.param(ours, theirs, reference, problems);
        }
        self.stack(catalogue, problems);
    }

    fn differs(&self, problems: &mut Problems, how: String) {
        let text = format!("{} {how}", self.place);
        problems.add(self.subject, self.place, "", text);
    }

    fn param(&self, ours: &Param, theirs: &Value, reference: &Reference, problems: &mut Problems) {
        let place = format!("{}: {}", self.place, ours.name);
        if ours.name != text(&theirs["name"]) {
            let text = format!("{place} is called {}", theirs["name"]);
            problems.add(self.subject, &place, "", text);
        }
        if !same_type(&ours.ty, theirs, reference, problems) {
            let text = format!("{place}: {:?} is not {theirs}", ours.ty);
            problems.add(self.subject, &place, "", text);
        }
    }

    /// What the arguments take on the stack, and a stdcall callee takes off it.
    fn stack(&self, catalogue: &Catalogue, problems: &mut Problems) {
        let params = self.params.iter();
        let bytes = params.map(|param| stack_bytes(&param.ty, catalogue));
        let ours = self.this + bytes.sum::<u64>();
        let theirs = &self.theirs["x86_bytes"];
        if theirs.as_u64() != Some(ours) {
            self.differs(problems, format!("takes {theirs} bytes on x86, not {ours}"));
        }
    }
}

fn returned(theirs: &Value) -> Option<Return> {
    match text(&theirs["ret"]) {
        "HRESULT" => Some(Return::HResult),
        "SCODE" | "LONG" | "BOOL" => Some(Return::I32),
        "ULONG" => Some(Return::U32),
        "void" => Some(Return::Unit),
        _ => None,
    }
}
