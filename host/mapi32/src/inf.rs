//! The services in a `mapisvc.inf`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use mapi_provider_host::{InstalledService, ProviderLibrary};

type Sections = BTreeMap<String, BTreeMap<String, String>>;

/// The services that a file names, with the library of each; none where there is no such file.
pub(super) fn services(file: &Path) -> Vec<InstalledService> {
    let bytes = fs::read(file).unwrap_or_default();
    // It is in the ANSI code page.
    let text: String = bytes.into_iter().map(char::from).collect();
    let sections = parse(&text);
    let listed = sections.get("services").into_iter().flatten();
    listed
        .filter_map(|(id, name)| service(&sections, id, name))
        .collect()
}

fn service(sections: &Sections, id: &str, name: &str) -> Option<InstalledService> {
    let section = sections.get(id)?;
    let library = with_32(section.get("pr_service_dll_name")?);
    let load = move || ProviderLibrary::load(&library);
    let service = InstalledService::new(id, name, load);
    let flags = section.get("pr_resource_flags");
    let providers = section.get("providers").map_or("", String::as_str);
    let service = with_providers(service, &types(sections, providers));
    Some(
        match flags.is_some_and(|flags| flags.contains("SERVICE_SINGLE_COPY")) {
            true => service.single_copy(),
            false => service,
        },
    )
}

/// The `PR_RESOURCE_TYPE` of each of the providers.
fn types<'a>(sections: &'a Sections, providers: &str) -> Vec<&'a str> {
    let providers = providers
        .split(',')
        .map(|id| id.trim().to_ascii_lowercase());
    let sections = providers.filter_map(|id| sections.get(&id));
    let types = sections.filter_map(|section| section.get("pr_resource_type"));
    types.map(String::as_str).collect()
}

/// A provider that is alone has the section of a service's first one, whatever it is.
fn with_providers(service: InstalledService, types: &[&str]) -> InstalledService {
    if types.len() < 2 {
        return service;
    }
    let service = match types.contains(&"MAPI_TRANSPORT_PROVIDER") {
        true => service.with_transport(),
        false => service,
    };
    let service = match types.contains(&"MAPI_AB_PROVIDER") {
        true => service.with_address_book(),
        false => service,
    };
    match types.contains(&"MAPI_STORE_PROVIDER") {
        true => service,
        false => service.without_store(),
    }
}

/// MAPI puts a 32 before the first period.
fn with_32(name: &str) -> String {
    name.replacen('.', "32.", 1)
}

/// Sections and keys, in small letters: neither looks at case.
fn parse(text: &str) -> Sections {
    let mut sections = Sections::new();
    let mut current = String::new();
    for line in text.lines().map(str::trim) {
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            current = name.to_ascii_lowercase();
        } else if let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with(';')) {
            let section = sections.entry(current.clone()).or_default();
            section.insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_a_line_a_section_and_a_library() {
        let sections =
            parse("[Services]\r\nA=Name\r\n; b=x\r\n[A]\r\nPR_SERVICE_DLL_NAME = C:\\a.dll\r\n");
        assert_eq!(sections["services"]["a"], "Name");
        assert_eq!(
            with_32(&sections["a"]["pr_service_dll_name"]),
            r"C:\a32.dll"
        );
        assert!(service(&sections, "a", "Name").is_some());
        assert!(service(&sections, "b", "Name").is_none());
    }
}
