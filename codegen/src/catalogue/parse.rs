//! From TOML to [`raw`](super::raw): which keys there are, and their types. Missing and unknown keys
//! and wrong types are reported here.

use super::raw::{
    Bit, Callback, Docs, Field, File, Flags, Interface, Method, Named, NamedGuid, Opaque, Outcome,
    Param, Structure, Tag,
};
use crate::diag::{Code, Errors, Source};
use crate::toml_tree::{Document, Home, Spanned, Table};

/// The doc comment of a module whose file has none.
const NO_DOC: &str = "Generated from definitions of interfaces.";

/// The keys at the top of a file of definitions that distinguish it from other files.
const SECTIONS: [&str; 13] = [
    "doc",
    "feature",
    "interface",
    "struct",
    "union",
    "opaque",
    "flags",
    "status",
    "constant",
    "tag",
    "guid",
    "callback",
    "method",
];

/// Whether a file, be it TOML or nearly so, looks like a file of definitions.
pub(super) fn is_definitions(source: &Source) -> bool {
    Document::keys_of(source)
        .iter()
        .any(|key| SECTIONS.contains(&key.as_str()))
}

/// Reads a file; what is wrong is reported and left out. `None` if it is not TOML.
pub(super) fn file(module: String, source: Source, errors: &Errors) -> Option<File> {
    let document = Document::parse(&source, errors)?;
    let homes = homes();
    let root = document.root_with(errors, &homes);
    let doc = root.optional("doc");
    let mut structures = each(&root, "struct", |table| structure(table, false));
    structures.extend(each(&root, "union", |table| structure(table, true)));
    let file = File {
        module,
        doc: doc.map_or_else(|| NO_DOC.into(), |doc: Spanned<String>| doc.value),
        feature: root.optional("feature"),
        interfaces: each(&root, "interface", interface),
        structures,
        opaques: each(&root, "opaque", opaque),
        flags: each(&root, "flags", flags),
        statuses: each(&root, "status", named),
        constants: each(&root, "constant", named),
        tags: each(&root, "tag", tag),
        guids: each(&root, "guid", guid),
        callbacks: each(&root, "callback", callback),
        source: source.clone(),
    };
    for table in root.unknown_tables() {
        table
            .strings_like("name")
            .for_each(|name| root.leave_out(name));
    }
    root.finish();
    Some(file)
}

/// Keys that people write at the top because they think that they belong to what is above.
fn homes() -> Vec<Home> {
    let home = |key| Home {
        key,
        table: "[[interface.method]]".into(),
        is_itself: true,
    };
    ["method", "methods"].map(home).into()
}

/// Every table of an array, read; those with mistakes are reported and left out.
fn each<T>(table: &Table, key: &str, read: impl Fn(Table) -> Option<T>) -> Vec<T> {
    let read = |element: Table| {
        let names = element.strings_like("name");
        let found = read(element);
        if found.is_none() {
            names.for_each(|name| table.leave_out(name));
        }
        found
    };
    table.tables(key).into_iter().filter_map(read).collect()
}

fn interface(table: Table) -> Option<Interface> {
    let name = table.required("name");
    let base = table.given("base");
    let iid = table.optional("iid");
    let external = table.optional("external");
    let threading = table.required("threading");
    let forward = table.optional("forward");
    let methods = each(&table, "method", method);
    let docs = docs(&table);
    let misspelt = table.finish();
    Some(Interface {
        name: name?,
        base: base.by_name("base", &misspelt),
        iid,
        external,
        threading: threading?,
        forward,
        methods,
        docs,
    })
}

fn method(table: Table) -> Option<Method> {
    let name = table.required("name");
    let returns = table.optional("returns");
    let params = each(&table, "params", param);
    let placeholder = table.optional("placeholder");
    let results = each(&table, "results", outcome);
    let docs = docs(&table);
    table.finish();
    Some(Method {
        name: name?,
        returns,
        params,
        placeholder,
        results,
        docs,
    })
}

fn outcome(table: Table) -> Option<Outcome> {
    let status = table.required("status");
    let when = table.required("when");
    table.finish();
    Some(Outcome {
        status: status?,
        when: when?,
    })
}

fn param(table: Table) -> Option<Param> {
    let name = table.required("name");
    let ty = table.required("type");
    let direction = table.given("dir");
    let required = table.optional("required");
    let on_failure = table.optional("on-failure");
    let doc = table.optional("doc");
    let misspelt = table.finish();
    Some(Param {
        name: name?,
        ty: ty?,
        direction: direction.by_name("dir", &misspelt),
        required,
        on_failure,
        doc,
    })
}

fn structure(table: Table, union: bool) -> Option<Structure> {
    let name = table.required("name");
    let layout = table.required_table("layout").and_then(|layout| {
        let wide = pair(&layout, "x64");
        let narrow = pair(&layout, "x86");
        layout.finish();
        Some([wide?, narrow?])
    });
    let packed = table.optional("packed");
    let fields = each(&table, "fields", |table| field(table, union));
    let docs = docs(&table);
    table.finish();
    Some(Structure {
        name: name?,
        union,
        packed: packed.is_some_and(|packed: Spanned<bool>| packed.value),
        layout: layout?,
        fields,
        docs,
    })
}

fn field(table: Table, union: bool) -> Option<Field> {
    let name = table.required("name");
    let ty = table.required("type");
    // Every field of a union is at its start.
    let offsets = if union {
        Some((0, 0))
    } else {
        pair(&table, "at")
    };
    let doc = table.optional("doc");
    table.finish();
    let (wide, narrow) = offsets?;
    Some(Field {
        name: name?,
        ty: ty?,
        offsets: [wide, narrow],
        doc,
    })
}

/// A list of two numbers.
fn pair(table: &Table, key: &str) -> Option<(u32, u32)> {
    let list = table.required_list::<u32>(key)?;
    match list.value.as_slice() {
        [first, second] => Some((first.value, second.value)),
        _ => {
            let what = if key == "at" {
                "the offsets on x64 and on x86"
            } else {
                "size and alignment"
            };
            table.report(
                Code::BadLayout,
                list.span,
                format!("`{key}` is two numbers, {what}"),
            );
            None
        }
    }
}

fn opaque(table: Table) -> Option<Opaque> {
    let name = table.required("name");
    let kind = table.required("kind");
    let docs = docs(&table);
    table.finish();
    Some(Opaque {
        name: name?,
        kind: kind?,
        docs,
    })
}

fn flags(table: Table) -> Option<Flags> {
    let name = table.required("name");
    let prefix = table.optional("prefix");
    let values = each(&table, "values", bit);
    let docs = docs(&table);
    table.finish();
    Some(Flags {
        name: name?,
        prefix,
        values,
        docs,
    })
}

fn bit(table: Table) -> Option<Bit> {
    let named = number(&table);
    let alias_of = table.given("alias-of");
    let misspelt = table.finish();
    Some(Bit {
        named: named?,
        alias_of: alias_of.by_name("alias-of", &misspelt),
    })
}

fn named(table: Table) -> Option<Named> {
    let named = number(&table);
    table.finish();
    named
}

fn tag(table: Table) -> Option<Tag> {
    let named = number(&table);
    let canonical = table.optional("canonical");
    let page = table.optional("page");
    table.finish();
    Some(Tag {
        named: named?,
        canonical,
        page,
    })
}

fn guid(table: Table) -> Option<NamedGuid> {
    let name = table.required("name");
    let value = table.required("value");
    let summary = table.optional("summary");
    table.finish();
    Some(NamedGuid {
        name: name?,
        value: value?,
        summary,
    })
}

fn number(table: &Table) -> Option<Named> {
    let name = table.required("name");
    let value = table.required("value");
    let summary = table.optional("summary");
    Some(Named {
        name: name?,
        value: value?,
        summary,
    })
}

fn callback(table: Table) -> Option<Callback> {
    let name = table.required("name");
    let convention = table.required("convention");
    let returns = table.optional("returns");
    let params = each(&table, "params", param);
    let docs = docs(&table);
    table.finish();
    Some(Callback {
        name: name?,
        convention: convention?,
        returns,
        params,
        docs,
    })
}

fn docs(table: &Table) -> Docs {
    Docs {
        summary: table.optional("summary"),
        more: table.optional("doc"),
        page: table.optional("page"),
    }
}
