//! Status codes, and the function that names one in constant time.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::names::member;
use super::values::{gen_named_docs, hex};
use crate::ir::interface::Named;

/// Status codes as HRESULTs, and `status_name`.
pub(super) fn gen_statuses(statuses: &[Named]) -> TokenStream {
    if statuses.is_empty() {
        return quote!();
    }
    let constants = statuses.iter().map(|status| {
        let docs = gen_named_docs(status);
        let name = member(&status.name);
        let value = suffixed(status.value);
        quote!(#docs pub const #name: HRESULT = HRESULT(#value as i32);)
    });
    let names = gen_names(statuses);
    quote!(#(#constants)* #names)
}

/// `status_name`: one multiplication finds the only entry that a code can have.
fn gen_names(statuses: &[Named]) -> TokenStream {
    let first = first_of_each_value(statuses);
    let values: Vec<u32> = first.iter().map(|status| status.value).collect();
    let Hash {
        factor,
        shift,
        places,
    } = perfect_hash(&values);
    let count = Literal::usize_unsuffixed(first.len());
    let length = Literal::usize_unsuffixed(places.len());
    let entries = first.iter().map(|status| {
        let (value, name) = (hex(status.value), &status.name);
        quote!((#value, #name))
    });
    let places = places.iter().map(|place| Literal::u8_unsuffixed(*place));
    let factor = hex(factor);
    let shift = Literal::u32_unsuffixed(shift);
    quote! {
        /// Codes and their names.
        static STATUS_NAMES: [(u32, &str); #count] = [#(#entries),*];

        /// Where in `STATUS_NAMES` a code may be: a hash without collisions.
        static STATUS_PLACES: [u8; #length] = [#(#places),*];

        /// The name of a status code in the reference; the first one where several share a value. In constant
        /// time.
        pub fn status_name(status: HRESULT) -> Option<&'static str> {
            let code = status.0 as u32;
            let hash = code.wrapping_mul(#factor) >> #shift;
            let place = *STATUS_PLACES.get(hash as usize)?;
            let (known, name) = STATUS_NAMES.get(place as usize)?;
            (*known == code).then_some(*name)
        }
    }
}

/// A hash that gives each of some numbers a different place: the upper bits of a product.
struct Hash {
    factor: u32,
    shift: u32,
    /// The index of the value at each place; an empty place has 255.
    places: Vec<u8>,
}

/// An empty place. There must be fewer values than that: any more are left out, and have no name.
const NOBODY: u8 = u8::MAX;

/// Tries factors in a fixed order, so the same codes make the same table; if none works, it tries a larger
/// table.
fn perfect_hash(values: &[u32]) -> Hash {
    let values = &values[..values.len().min(usize::from(NOBODY))];
    let least = values.len().next_power_of_two().trailing_zeros() + 1;
    for bits in least..=24 {
        let mut factor: u32 = 0x9E37_79B1;
        for _ in 0..20_000 {
            if let Some(places) = try_factor(values, factor, 32 - bits) {
                return Hash {
                    factor,
                    shift: 32 - bits,
                    places,
                };
            }
            factor = factor.wrapping_mul(0x0019_660D).wrapping_add(0x3C6E_F35F) | 1;
        }
    }
    // Distinct numbers find their places long before this; without places, no code has a name.
    Hash {
        factor: 1,
        shift: 31,
        places: vec![NOBODY; 2],
    }
}

fn try_factor(values: &[u32], factor: u32, shift: u32) -> Option<Vec<u8>> {
    let mut places = vec![NOBODY; 1 << (32 - shift)];
    for (number, value) in (0..NOBODY).zip(values) {
        let place = &mut places[(value.wrapping_mul(factor) >> shift) as usize];
        if *place != NOBODY {
            return None;
        }
        *place = number;
    }
    Some(places)
}

fn first_of_each_value(named: &[Named]) -> Vec<&Named> {
    let mut first: Vec<&Named> = Vec::new();
    for candidate in named {
        if first.iter().all(|known| known.value != candidate.value) {
            first.push(candidate);
        }
    }
    first
}

/// A number with its type, because it is about to become signed.
fn suffixed(value: u32) -> Literal {
    format!("0x{value:08X}_u32")
        .parse()
        .unwrap_or_else(|_| Literal::u32_suffixed(value))
}

#[cfg(test)]
mod tests {
    use super::{NOBODY, perfect_hash};

    #[test]
    fn each_value_has_a_place_of_its_own() {
        let values: Vec<u32> = (0..200).map(|n| 0x8004_0100 + n * 7).collect();
        let hash = perfect_hash(&values);
        for (number, value) in (0_u8..).zip(&values) {
            let place = value.wrapping_mul(hash.factor) >> hash.shift;
            assert_eq!(hash.places[place as usize], number);
        }
        let taken = hash.places.iter().filter(|place| **place != NOBODY);
        assert_eq!(taken.count(), values.len());
    }

    #[test]
    fn no_codes_and_too_many_codes_do_no_harm() {
        assert!(
            perfect_hash(&[])
                .places
                .iter()
                .all(|place| *place == NOBODY)
        );
        let many: Vec<u32> = (0..1000).collect();
        assert!(!perfect_hash(&many).places.is_empty());
    }
}
