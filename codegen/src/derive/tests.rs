use quote::quote;

fn errors(tokens: &proc_macro2::TokenStream) -> usize {
    tokens.to_string().matches("compile_error").count()
}

#[test]
fn an_object_gets_a_vtable_for_each_chain() {
    let expanded = super::mapi_object(quote! {
        #[mapi(implements(IMsgStore, IMAPISync))]
        struct Store<L: Logic> { logic: L }
    });
    let text = expanded.to_string();
    // The one against `panic = "abort"` (COM-04).
    assert_eq!(errors(&expanded), 1, "{text}");
    assert_eq!(text.matches(":: Has <").count(), 2, "{text}");
    assert!(text.contains(":: new :: < Self , 1 >"), "{text}");
}

#[test]
fn all_mistakes_are_shown_at_once() {
    let expanded = super::mapi_object(quote! {
        #[mapi(implements(IMsgStore, IMsgStore), forwards(IMAPIProp = nowhere), colour = 3)]
        struct Store<'a> { logic: &'a str }
    });
    assert_eq!(errors(&expanded), 4, "{expanded}");
}

#[test]
fn logic_gets_its_interface() {
    let expanded = super::mapi_sync(quote!(
        struct Logic;
    ));
    assert!(expanded.to_string().contains("MapiSync for Logic"));
}
