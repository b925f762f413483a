//! `Settings`: the profile's properties as the fields of a struct.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::hex;
use crate::emit::abi::lines;
use crate::emit::prose::prose;
use crate::ir::provider::{Presence, Setting, SettingDefault, SettingKind};

/// The struct.
pub(super) fn gen_settings(settings: &[Setting]) -> TokenStream {
    let fields = settings.iter().map(gen_field);
    let writable = gen_writable(settings);
    quote! {
        /// The provider's settings, as they are in the profile.
        #[derive(::core::fmt::Debug, ::core::clone::Clone)]
        pub struct Settings {
            #(#fields)*
        }
        #writable
    }
}

/// The names by which the logic writes settings: a constant for each that it may write.
fn gen_writable(settings: &[Setting]) -> TokenStream {
    let constant = |(index, setting): (usize, &Setting)| {
        if !setting.writable {
            return None;
        }
        let doc = format!(
            " The setting `{}`, which the sync logic may write.",
            setting.name
        );
        let name = format_ident!("{}", setting.name.to_ascii_uppercase());
        let ty = gen_type(setting.kind);
        let index = proc_macro2::Literal::usize_unsuffixed(index);
        Some(quote! {
            #[doc = #doc]
            pub const #name: ::mapi_provider::__private::WritableSetting<#ty> =
                ::mapi_provider::__private::WritableSetting::new(
                    &<Settings as ::mapi_provider::__private::ServiceSettings>::SETTINGS[#index],
                );
        })
    };
    let constants: Vec<TokenStream> = settings.iter().enumerate().filter_map(constant).collect();
    if constants.is_empty() {
        return quote!();
    }
    quote! {
        impl Settings {
            #(#constants)*
        }
    }
}

/// How the runtime fills it.
pub(super) fn gen_service_settings(settings: &[Setting]) -> TokenStream {
    let specs = settings.iter().map(gen_spec);
    let reads = settings
        .iter()
        .enumerate()
        .map(|(index, setting)| gen_read(index, setting));
    let values = if settings.is_empty() {
        quote!(_values)
    } else {
        quote!(values)
    };
    quote! {
        impl ::mapi_provider::__private::ServiceSettings for Settings {
            const SETTINGS: &'static [::mapi_provider::__private::SettingSpec] = &[#(#specs),*];

            fn from_values(
                #values: &mut ::mapi_provider::__private::SettingValues,
            ) -> ::core::result::Result<Self, ::mapi_provider::__private::MissingSetting> {
                ::core::result::Result::Ok(Settings { #(#reads),* })
            }
        }
    }
}

fn gen_field(setting: &Setting) -> TokenStream {
    let doc = match &setting.description {
        Some(text) => prose(text),
        None => format!("The setting `{}`.", setting.name),
    };
    let docs = lines(&doc);
    let name = format_ident!("{}", setting.name);
    let ty = gen_type(setting.kind);
    let ty = if setting.presence == Presence::Optional {
        quote!(::core::option::Option<#ty>)
    } else {
        ty
    };
    quote! {
        #(#[doc = #docs])*
        pub #name: #ty,
    }
}

/// The type of a setting's values.
fn gen_type(kind: SettingKind) -> TokenStream {
    match kind {
        SettingKind::String => quote!(::std::string::String),
        SettingKind::Integer => quote!(::core::primitive::i32),
        SettingKind::Boolean => quote!(::core::primitive::bool),
        SettingKind::Path => quote!(::std::path::PathBuf),
        SettingKind::Secret => quote!(::mapi_provider::__private::Secret),
    }
}

fn gen_spec(setting: &Setting) -> TokenStream {
    let name = &setting.name;
    let tag = hex(u32::from(setting.tag), 4);
    let kind = match setting.kind {
        SettingKind::String => quote!(String),
        SettingKind::Integer => quote!(Integer),
        SettingKind::Boolean => quote!(Boolean),
        SettingKind::Path => quote!(Path),
        SettingKind::Secret => quote!(Secret),
    };
    let required = setting.presence == Presence::Required;
    let default = gen_default(&setting.presence);
    let (label, page) = (&setting.label, &setting.page);
    quote! {
        ::mapi_provider::__private::SettingSpec {
            name: #name,
            tag: #tag,
            kind: ::mapi_provider::__private::SettingKind::#kind,
            required: #required,
            default: #default,
            label: #label,
            page: #page,
        }
    }
}

fn gen_default(presence: &Presence) -> TokenStream {
    let value = match presence {
        Presence::Required | Presence::Optional => return quote!(::core::option::Option::None),
        Presence::Default(SettingDefault::String(text)) => quote!(String(#text)),
        Presence::Default(SettingDefault::Integer(number)) => {
            let number = proc_macro2::Literal::i32_unsuffixed(*number);
            quote!(Integer(#number))
        }
        Presence::Default(SettingDefault::Boolean(yes)) => quote!(Boolean(#yes)),
    };
    quote!(::core::option::Option::Some(::mapi_provider::__private::SettingDefault::#value))
}

fn gen_read(index: usize, setting: &Setting) -> TokenStream {
    let name = format_ident!("{}", setting.name);
    let kind = match setting.kind {
        SettingKind::String => "string",
        SettingKind::Integer => "integer",
        SettingKind::Boolean => "boolean",
        SettingKind::Path => "path",
        SettingKind::Secret => "secret",
    };
    let optional = if setting.presence == Presence::Optional {
        "_option"
    } else {
        ""
    };
    let method = format_ident!("{kind}{optional}");
    let index = proc_macro2::Literal::usize_unsuffixed(index);
    quote!(#name: values.#method(#index)?)
}
