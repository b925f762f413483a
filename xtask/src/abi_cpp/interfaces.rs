//! `interfaces_N.cpp`: for each interface a class that records its calls and answers as planned, and two functions
//! that call all methods of a Rust object: one that records, and one that forwards. `table.cpp` lists them.

use std::fmt::Write;

use mapi_provider_codegen::ir::interface::{Catalogue, Direction, Interface, Method};

use super::exceptions::{Exceptions, Kind};
use super::spelling::{cpp_guid, cpp_params, cpp_return};

/// The slot of Release.
const LAST_OF_UNKNOWN: usize = 2;

/// The checked interfaces, in order of their numbers: all but `IUnknown`, which is part of each.
pub(super) fn numbered(catalogue: &Catalogue) -> impl Iterator<Item = (usize, &Interface)> {
    let own = catalogue
        .interfaces()
        .filter(|interface| interface.external.is_none());
    own.enumerate()
}

/// The slots of an interface: who declares the method, and the method.
pub(super) fn slots<'a>(
    catalogue: &'a Catalogue,
    interface: &'a Interface,
) -> impl Iterator<Item = (&'a Interface, &'a Method)> {
    let chain = catalogue.chain(interface).into_iter();
    chain.flat_map(|base| base.methods.iter().map(move |method| (base, method)))
}

/// Whether a method is called: those of IUnknown are the object's own, and nobody knows the parameters of
/// placeholders.
fn is_driven(method: &Method) -> bool {
    method.slot > LAST_OF_UNKNOWN && !method.placeholder
}

/// The files, name and text, with the interfaces spread over `parts` of them.
pub(super) fn texts(
    catalogue: &Catalogue,
    exceptions: &Exceptions,
    parts: usize,
) -> Vec<(String, String)> {
    let mut files = vec![String::from("#include \"declarations.h\"\n"); parts];
    let mut table = files[0].clone();
    let mut entries = String::new();
    for (number, interface) in numbered(catalogue) {
        let cx = Context {
            catalogue,
            exceptions,
            interface,
            number,
        };
        cx.write(&mut files[number % parts]);
        let _ = writeln!(table, "extern const abi::Interface interface_{number};");
        let _ = write!(entries, " &interface_{number},");
    }
    let _ = writeln!(
        table,
        "const abi::Interface *const abi::interfaces[] = {{{entries} nullptr}};"
    );
    let named = files.into_iter().enumerate();
    let named = named.map(|(part, text)| (format!("interfaces_{part}.cpp"), text));
    named.chain([("table.cpp".to_owned(), table)]).collect()
}

/// The code for one interface.
struct Context<'a> {
    catalogue: &'a Catalogue,
    exceptions: &'a Exceptions,
    interface: &'a Interface,
    number: usize,
}

impl Context<'_> {
    fn write(&self, text: &mut String) {
        let Self {
            interface, number, ..
        } = self;
        let name = &interface.name;
        let _ = writeln!(
            text,
            "\nnamespace {{\nstruct Recorder_{number} final : {name} {{"
        );
        for (owner, method) in slots(self.catalogue, interface) {
            // Before the override, because with a wrong signature the compiler would complain about that at
            // length.
            self.write_agreement(text, owner, method);
            self.write_override(text, method);
        }
        let _ = writeln!(
            text,
            "}};\nvoid *make_{number}() {{\n    static Recorder_{number} object;\n    return static_cast<{name} *>(&object);\n}}"
        );
        let _ = writeln!(
            text,
            "uint32_t drive_{number}(void *raw) {{\n    auto *object = static_cast<{name} *>(raw);"
        );
        let mut calls = 0;
        for (_, method) in slots(self.catalogue, interface) {
            self.write_call(text, method);
            calls += usize::from(!method.placeholder);
        }
        let _ = writeln!(text, "    return {calls};\n}}");
        self.write_forward(text);
        text.push_str("}\n");
        self.write_entry(text);
    }

    /// Calls each method that forwards: all with a known signature, except those of IUnknown.
    fn write_forward(&self, text: &mut String) {
        let name = &self.interface.name;
        let _ = writeln!(
            text,
            "uint32_t forward_{}(void *raw, const abi::Overridden *overridden) {{\n    auto *object = static_cast<{name} *>(raw);",
            self.number
        );
        let methods = slots(self.catalogue, self.interface).map(|(_, method)| method);
        let mut count = 0;
        for method in methods.filter(|method| is_driven(method)) {
            let (member, place) = (self.member(method), self.place(method));
            let _ = writeln!(
                text,
                "    abi::forward(object, {member}, {place}, overridden);"
            );
            count += 1;
        }
        let _ = writeln!(text, "    return {count};\n}}");
    }

    fn place(&self, method: &Method) -> String {
        format!(
            "{{{}, {}, \"{}::{}\"}}",
            self.number, method.slot, self.interface.name, method.name
        )
    }

    /// The method in C++. Besides QueryInterface, the headers may have a template with that name.
    fn member(&self, method: &Method) -> String {
        let interface = &self.interface.name;
        if method.slot == 0 {
            format!("abi::query_interface<{interface}>()")
        } else {
            format!("&{interface}::{}", method.name)
        }
    }

    /// A real override, with the parameters that the class itself declares.
    fn write_override(&self, text: &mut String, method: &Method) {
        let name = &method.name;
        let signature = format!("S{}", method.slot);
        let _ = writeln!(
            text,
            "    using {signature} = abi::Signature<decltype({})>;",
            self.member(method)
        );
        let numbers = 0..method.params.len();
        let params = numbers
            .clone()
            .map(|n| format!("{signature}::Parameter<{n}> a{n}"));
        let arrived = numbers.map(|n| format!("abi::arrived<{signature}::Parameter<{n}>>(a{n})"));
        let outs = method.params.iter().enumerate();
        let outs = outs.filter(|(_, param)| param.direction != Direction::In);
        let outs = outs.map(|(n, _)| format!("abi::out<{signature}::Parameter<{n}>>({n}, a{n})"));
        let _ = writeln!(
            text,
            "    {signature}::Return STDMETHODCALLTYPE {name}({}) override {{ return abi::recorded<{signature}::Return>({}, {{{}}}, {{{}}}); }}",
            params.collect::<Vec<_>>().join(", "),
            self.place(method),
            arrived.collect::<Vec<_>>().join(", "),
            outs.collect::<Vec<_>>().join(", "),
        );
    }

    /// The class's signature is the catalogue's, except for what doesn't matter to a caller.
    fn write_agreement(&self, text: &mut String, owner: &Interface, method: &Method) {
        let key = format!("{}::{}", owner.name, method.name);
        let params = cpp_params(&key, &method.params, self.exceptions);
        let ours = || format!("{}({params})", cpp_return(method.returns));
        let wanted = self
            .exceptions
            .differing(&key)
            .map_or_else(ours, str::to_owned);
        let _ = writeln!(
            text,
            "    static_assert(abi::same_method<decltype({}), {wanted}>, \"{key}\");",
            self.member(method)
        );
    }

    fn write_call(&self, text: &mut String, method: &Method) {
        let place = self.place(method);
        let member = self.member(method);
        if method.slot == 0 {
            let _ = writeln!(
                text,
                "    abi::drive_unknown(object, {place}, {{{}}});",
                self.iids()
            );
        }
        let _ = if is_driven(method) {
            writeln!(text, "    abi::drive(object, {member}, {place});")
        } else {
            writeln!(
                text,
                "    abi::check_slot({place}, abi::slot_of({member}));"
            )
        };
    }

    /// The IIDs that an object answers: the interface's own and those of its bases.
    fn iids(&self) -> String {
        let chain = self.catalogue.chain(self.interface);
        let iids = chain.iter().filter_map(|interface| interface.iid);
        iids.map(cpp_guid).collect::<Vec<_>>().join(", ")
    }

    fn write_entry(&self, text: &mut String) {
        let Self {
            interface,
            number,
            exceptions,
            ..
        } = self;
        let ours = exceptions.has(Kind::Interface, &interface.name);
        let slots = slots(self.catalogue, interface).count();
        let _ = writeln!(
            text,
            "extern const abi::Interface interface_{number} = {{\"{}\", {}, {slots}, make_{number}, drive_{number}, forward_{number}}};",
            interface.name,
            u8::from(ours)
        );
    }
}
