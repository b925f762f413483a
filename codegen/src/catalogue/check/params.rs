//! Parameters and types of methods and callbacks.

use super::{Check, raw};
use crate::catalogue::{
    c_types,
    types::{TypeError, returns},
};
use crate::diag::{Code, Diagnostic, Source, visible};
use crate::ir::interface as ir;
use crate::toml_tree::{Given, Spanned};

/// What to do about a type that resembles no known one.
const NO_TYPE: &str = "correct the name, or define it: `[[struct]]`, `[[opaque]]`, `[[flags]]`, …";

const NOT_WRITTEN_SO: &str =
    "write a name with `*mut` or `*const` before it, or an array such as `[u8; 16]`";

/// Longer than any C type.
const LONGEST: usize = 100;

impl Check<'_> {
    pub(super) fn params(&self, source: &Source, raw: &[raw::Param]) -> Vec<ir::Param> {
        raw.iter()
            .filter_map(|param| self.param(source, param))
            .collect()
    }

    fn param(&self, source: &Source, raw: &raw::Param) -> Option<ir::Param> {
        use ir::Direction::{In, InOut, Out};
        let words = [("in", In), ("out", Out), ("inout", InOut)];
        let direction = match &raw.direction {
            Given::Right(word) => self.word(source, word, &words),
            Given::Absent => Some(In),
            Given::Wrong => None,
        };
        let kept = raw
            .on_failure
            .as_ref()
            .map(|word| self.word(source, word, &[("keep", true), ("clear", false)]));
        let ty = self.ty(source, &raw.ty)?;
        let (direction, kept) = (direction?, kept.unwrap_or(Some(false))?);
        let required = raw.required.as_ref().is_some_and(|required| required.value);
        self.way(source, raw, &ty, direction);
        if ty.array.is_some() {
            let message = "an array can't be a parameter".to_owned();
            let mistake = Diagnostic::new(Code::BadParameter, source, raw.ty.span.clone(), message);
            self.errors
                .push(mistake.help("in C it is a pointer to its first element: `*mut …`"));
        }
        if required && ty.pointers.is_empty() {
            let message = format!(
                "`{}` is not a pointer, so it can't be required",
                raw.name.value
            );
            self.report(
                Code::BadParameter,
                source,
                &raw.ty,
                message,
                "leave `required` out",
            );
        }
        Some(ir::Param {
            name: raw.name.value.clone(),
            ty,
            direction,
            required,
            kept_on_failure: kept,
            doc: super::text(&raw.doc),
        })
    }

    /// Results go out through a pointer that can be written to, and nothing else is kept or cleared.
    fn way(&self, source: &Source, raw: &raw::Param, ty: &ir::Type, direction: ir::Direction) {
        let goes_out = direction != ir::Direction::In;
        let written = ty.pointers.first() == Some(&false);
        if let (true, false, Some(word)) = (goes_out, written, raw.direction.right()) {
            let message = format!(
                "`{}` can't be written to, so nothing comes out of it",
                raw.name.value
            );
            let mistake = Diagnostic::new(Code::BadParameter, source, word.span.clone(), message);
            self.errors.push(
                mistake
                    .context(source, raw.ty.span.clone(), "not a `*mut`")
                    .help("correct the type or the direction"),
            );
        }
        if let (true, Some(word)) = (direction != ir::Direction::Out, &raw.on_failure) {
            let message = format!(
                "`{}` is not an out parameter, so it is never cleared",
                raw.name.value
            );
            let mistake = Diagnostic::new(Code::BadParameter, source, word.span.clone(), message);
            self.errors
                .push(mistake.help("leave `on-failure` out, or write `dir = \"out\"`"));
        }
    }

    pub(super) fn ty(&self, source: &Source, text: &Spanned<String>) -> Option<ir::Type> {
        let mistake =
            |message: String| Diagnostic::new(Code::BadType, source, text.span.clone(), message);
        match self.names.resolve(&text.value) {
            Ok(ty) => return Some(ty),
            Err(TypeError::Malformed) => {
                let help = self
                    .in_rust(&text.value)
                    .unwrap_or_else(|| NOT_WRITTEN_SO.into());
                self.errors
                    .push(mistake("this is not a type".to_owned()).help(help));
            }
            Err(TypeError::Unknown(name)) if self.errors.is_left_out(&name) => {}
            Err(TypeError::Unknown(name)) => {
                let help = self.help_for_type(&name);
                self.errors
                    .push(mistake(format!("there is no type `{name}`")).help(help));
            }
            Err(TypeError::NeedsPointer(name)) => self.errors.push(
                mistake(format!("`{name}` can't be passed by value"))
                    .help(format!("write `*mut {name}`")),
            ),
        }
        None
    }

    /// What to do about a name that is not a type: most are copied from a header.
    fn help_for_type(&self, name: &str) -> String {
        let meant = self.in_rust(name);
        let meant = meant.or_else(|| self.errors.did_you_mean(name, || self.names.all().to_vec()));
        meant.unwrap_or_else(|| NO_TYPE.into())
    }

    /// What a C type is in Rust.
    fn in_rust(&self, text: &str) -> Option<String> {
        let rust = c_types::in_rust(text.get(..text.len().min(LONGEST))?, self.names.all())?;
        Some(format!("C’s `{}` is `{rust}` here", text.trim()))
    }

    /// If a method returns no HRESULT, its pointers can't be checked: there is nothing to answer.
    pub(super) fn no_answer(&self, source: &Source, raw: &raw::Method) {
        if raw
            .returns
            .as_ref()
            .is_none_or(|returns| returns.value == "HRESULT")
        {
            return;
        }
        for param in &raw.params {
            let Some(required) = param.required.as_ref().filter(|required| required.value) else {
                continue;
            };
            let name = visible(&raw.name.value);
            let message = format!("`{name}` returns no HRESULT, so it can't refuse NULL");
            let mistake =
                Diagnostic::new(Code::BadParameter, source, required.span.clone(), message);
            self.errors.push(mistake.help("leave `required` out"));
        }
    }

    pub(super) fn returns(
        &self,
        source: &Source,
        text: Option<&Spanned<String>>,
    ) -> Option<ir::Return> {
        let found = returns(text.map(|text| text.value.as_str()));
        if let (None, Some(text)) = (found, text) {
            let message = format!("a method does not return `{}`", text.value);
            let mistake = Diagnostic::new(Code::BadType, source, text.span.clone(), message);
            let help = match self.in_rust(&text.value) {
                Some(_) if matches!(text.value.as_str(), "void" | "VOID") => "write `()`".into(),
                Some(rust) if rust.contains("32`") => rust,
                _ => "write `HRESULT` (the default), `u32`, `i32` or `()`".into(),
            };
            self.errors.push(mistake.help(help));
        }
        found
    }
}
