//! What the manifest says of its address book, as the runtime reads it.

use proc_macro2::TokenStream;
use quote::quote;

use super::{gen_unload, hex, millis};
use crate::ir::provider::{ContainerType, Detail, Provider};

/// An `AddressBookSpec`, or none.
pub(super) fn gen_spec(provider: &Provider) -> TokenStream {
    let Some(book) = &provider.address_book else {
        return quote!(::core::option::Option::None);
    };
    let uid = provider.uid.iter().map(|byte| hex(u32::from(*byte), 2));
    let instances = match book.many {
        true => quote!(Many),
        false => quote!(One),
    };
    let display_type = match book.display_type {
        ContainerType::Global => quote!(Global),
        ContainerType::Local => quote!(Local),
        ContainerType::Wan => quote!(Wan),
        ContainerType::NotSpecific => quote!(NotSpecific),
    };
    let browse = match book.find_first {
        true => quote!(FindFirst),
        false => quote!(All),
    };
    let address_type = &book.address_type;
    let browse_limit = book.browse_limit;
    let lookup_timeout = millis(book.lookup_timeout);
    let cache = millis(book.cache);
    let details = book.details.iter().map(gen_detail);
    let unload = gen_unload(Some(book.unload));
    quote! {
        ::core::option::Option::Some(::mapi_provider::__private::AddressBookSpec {
            uid: [#(#uid),*],
            instances: ::mapi_provider::__private::Instances::#instances,
            display_type: ::mapi_provider::__private::ContainerType::#display_type,
            address_type: #address_type,
            browse: ::mapi_provider::__private::Browse::#browse,
            browse_limit: #browse_limit,
            lookup_timeout: ::core::time::Duration::from_millis(#lookup_timeout),
            cache: ::core::time::Duration::from_millis(#cache),
            details: &[#(#details),*],
            unload: #unload,
        })
    }
}

fn gen_detail(Detail { label, tag }: &Detail) -> TokenStream {
    let tag = hex(*tag, 8);
    quote! {
        ::mapi_provider::__private::DetailSpec {
            label: #label,
            tag: #tag,
        }
    }
}
