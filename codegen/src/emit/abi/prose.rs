//! What teams say about their definitions is prose: rustdoc must not take it for more.

use crate::emit::prose::prose;
use crate::ir::interface::{Docs, Method, Module, Named, Param};

/// The module with all its texts as prose.
pub(super) fn in_prose(module: &Module) -> Module {
    let mut module = module.clone();
    module.doc = prose(&module.doc);
    for interface in &mut module.interfaces {
        docs(&mut interface.docs);
        interface.methods.iter_mut().for_each(method);
    }
    for structure in &mut module.structures {
        docs(&mut structure.docs);
        structure
            .fields
            .iter_mut()
            .for_each(|field| text(&mut field.doc));
    }
    module
        .opaques
        .iter_mut()
        .for_each(|opaque| docs(&mut opaque.docs));
    for family in &mut module.flags {
        docs(&mut family.docs);
        family.values.iter_mut().for_each(named);
    }
    module.statuses.iter_mut().for_each(named);
    module.constants.iter_mut().for_each(named);
    module.tags.iter_mut().for_each(|tag| named(&mut tag.named));
    module
        .guids
        .iter_mut()
        .for_each(|guid| text(&mut guid.summary));
    for callback in &mut module.callbacks {
        docs(&mut callback.docs);
        callback.params.iter_mut().for_each(param);
    }
    module
}

fn method(method: &mut Method) {
    docs(&mut method.docs);
    method.params.iter_mut().for_each(param);
    for outcome in &mut method.results {
        outcome.when = prose(&outcome.when);
    }
}

fn param(param: &mut Param) {
    text(&mut param.doc);
}

fn named(named: &mut Named) {
    text(&mut named.summary);
}

fn docs(docs: &mut Docs) {
    text(&mut docs.summary);
    text(&mut docs.more);
}

fn text(text: &mut Option<String>) {
    if let Some(text) = text {
        *text = prose(text);
    }
}
