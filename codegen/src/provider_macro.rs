//! `provider!("provider.toml")`.

use std::{
    env,
    path::{Path, PathBuf},
};

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::LitStr;

use crate::{
    diag::Report,
    emit,
    manifest::{self, LoadError},
};

/// The macro's expansion: the provider, or one `compile_error!` that shows all that is wrong.
pub fn expand(input: TokenStream) -> TokenStream {
    let literal: LitStr = match syn::parse2(input) {
        Ok(literal) => literal,
        Err(error) => {
            let text = "write the manifest's path: `provider!(\"provider.toml\")`";
            return syn::Error::new(error.span(), text).into_compile_error();
        }
    };
    let root = env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .unwrap_or_default();
    match generate(&root, &literal.value(), library(&root).as_deref()) {
        Ok(tokens) => tokens,
        Err(problem) => gen_failure(literal.span(), &problem),
    }
}

/// What cargo calls the DLL that is being compiled. None where it makes none: programs, such as tests and examples, and
/// libraries that are linked into them may have any name.
fn library(root: &Path) -> Option<String> {
    let library = manifest::library_beside(&root.join("Cargo.toml"));
    let compiled = env::var("CARGO_CRATE_NAME").ok();
    library.filter(|library| compiled.as_ref() == Some(library))
}

/// Why there is no expansion.
#[derive(Debug)]
struct Problem {
    text: String,
    /// The files to watch for the mistake to go away.
    files: Vec<String>,
}

fn generate(root: &Path, path: &str, library: Option<&str>) -> Result<TokenStream, Problem> {
    let file = root.join(path);
    let project = manifest::load_file_of(&file, path, library).map_err(|error| match error {
        LoadError::Unreadable { error, .. } => Problem {
            text: format!("can't read {}: {error}", file.display()),
            files: Vec::new(),
        },
        // A line of its own for the first snippet, so that all of them stand straight.
        LoadError::Wrong(report) => Problem {
            text: format!("{path} is not right\n\n{report}\n"),
            files: watched(root, path, &report),
        },
    })?;
    Ok(emit::provider::emit_project(
        &project,
        &file.to_string_lossy(),
    ))
}

/// The manifest and what else the report is about.
fn watched(root: &Path, manifest: &str, report: &Report) -> Vec<String> {
    let mut files = vec![manifest];
    files.extend(report.files().into_iter().filter(|file| *file != manifest));
    let paths = files.into_iter().map(|file| root.join(file));
    paths
        .map(|path| path.to_string_lossy().into_owned())
        .collect()
}

/// The mistake at the path's literal; and the files named, so that cargo looks again when one is mended.
fn gen_failure(span: Span, problem: &Problem) -> TokenStream {
    let text = &problem.text;
    let error = quote_spanned!(span=> ::core::compile_error!(#text););
    let files = &problem.files;
    quote_spanned! {span=>
        #error
        #(const _: &[u8] = ::core::include_bytes!(#files);)*
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use quote::quote;

    use super::{expand, generate};

    fn manifests() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests"))
    }

    #[test]
    fn a_manifest_that_is_right_becomes_a_provider() {
        let tokens = generate(manifests(), "manifests/minimal.toml", Some("contoso32"))
            .expect("it is right")
            .to_string();
        assert!(
            tokens.contains("MSProviderInit") && tokens.contains("crate :: Contoso"),
            "{tokens}"
        );
    }

    #[test]
    fn all_mistakes_are_in_the_error_text() {
        let problem = generate(manifests(), "ui/several.toml", None).expect_err("it is wrong");
        assert_eq!(problem.files.len(), 1);
        for part in [
            "ui/several.toml:2:8",
            "error[unknown-kind]",
            "error[bad-logic-path]",
            "^^^^",
        ] {
            assert!(problem.text.contains(part), "{}", problem.text);
        }
    }

    #[test]
    fn a_library_that_mapi_would_not_find_is_a_mistake() {
        let problem = generate(manifests(), "manifests/minimal.toml", Some("contoso"));
        let text = problem.expect_err("the name lacks its 32").text;
        assert!(text.contains("error[library-name]"), "{text}");
        assert!(text.contains("name = \"contoso32\""), "{text}");
    }

    #[test]
    fn a_file_that_is_not_there_is_named_in_full() {
        let problem = generate(manifests(), "gone.toml", None).expect_err("it is gone");
        assert!(problem.files.is_empty());
        assert!(problem.text.contains("tests/gone.toml"), "{}", problem.text);
    }

    #[test]
    fn anything_but_one_string_is_refused_with_an_example() {
        for input in [quote!(), quote!(provider.toml), quote!("a", "b"), quote!(5)] {
            let tokens = expand(input).to_string();
            assert!(
                tokens.contains("compile_error") && tokens.contains("provider.toml"),
                "{tokens}"
            );
        }
    }
}
