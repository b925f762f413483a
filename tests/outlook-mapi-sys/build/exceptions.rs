//! `exceptions.toml`.

use proc_macro2::TokenStream;
use quote::quote;
use toml::{Table, Value};

use crate::Error;

/// The exceptions as expressions, one for each item that one is about.
pub(crate) fn read(text: &str) -> Result<TokenStream, Error> {
    let root: Table = text.parse()?;
    let mut all = TokenStream::new();
    for entry in list(&root, "exception")? {
        let entry = entry.as_table().ok_or("an exception is a table")?;
        let (what, reason) = (string(entry, "what")?, string(entry, "reason")?);
        if let Some(key) = entry
            .keys()
            .find(|key| !["items", "what", "reason"].contains(&key.as_str()))
        {
            return Err(format!("an exception has no `{key}`").into());
        }
        for item in list(entry, "items")? {
            let item = item.as_str().ok_or("an item is a string")?;
            all.extend(quote!(Exception { item: #item, what: #what, reason: #reason },));
        }
    }
    Ok(all)
}

fn list<'a>(table: &'a Table, key: &str) -> Result<&'a [Value], Error> {
    let found = table.get(key).and_then(Value::as_array);
    Ok(found.ok_or_else(|| format!("`{key}` is missing or no list"))?)
}

fn string<'a>(table: &'a Table, key: &str) -> Result<&'a str, Error> {
    let found = table.get(key).and_then(Value::as_str);
    Ok(found.ok_or_else(|| format!("`{key}` is missing or no string"))?)
}
