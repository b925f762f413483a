//! What a team's own interfaces need from this crate. If a feature is off, the compiler
//! would say that a name is unknown, and suggest a similar one; here it first says the
//! feature's name.

/// The runtime itself needs this family, so that it is always there.
#[doc(hidden)]
#[macro_export]
macro_rules! __needs_store {
    ($name:literal) => {};
}

#[cfg(feature = "transport")]
#[doc(hidden)]
#[macro_export]
macro_rules! __needs_transport {
    ($name:literal) => {};
}

#[cfg(not(feature = "transport"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __needs_transport {
    ($name:literal) => {
        ::core::compile_error!(::core::concat!(
            "`",
            $name,
            "` needs the feature `transport` of mapi-provider: name it in `features` in Cargo.toml"
        ));
    };
}

#[cfg(feature = "address-book")]
#[doc(hidden)]
#[macro_export]
macro_rules! __needs_address_book {
    ($name:literal) => {};
}

#[cfg(not(feature = "address-book"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __needs_address_book {
    ($name:literal) => {
        ::core::compile_error!(::core::concat!(
            "`",
            $name,
            "` needs the feature `address-book` of mapi-provider: name it in `features` in Cargo.toml"
        ));
    };
}

#[cfg(feature = "forms")]
#[doc(hidden)]
#[macro_export]
macro_rules! __needs_forms {
    ($name:literal) => {};
}

#[cfg(not(feature = "forms"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __needs_forms {
    ($name:literal) => {
        ::core::compile_error!(::core::concat!(
            "`",
            $name,
            "` needs the feature `forms` of mapi-provider: name it in `features` in Cargo.toml"
        ));
    };
}

#[cfg(feature = "exchange")]
#[doc(hidden)]
#[macro_export]
macro_rules! __needs_exchange {
    ($name:literal) => {};
}

#[cfg(not(feature = "exchange"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __needs_exchange {
    ($name:literal) => {
        ::core::compile_error!(::core::concat!(
            "`",
            $name,
            "` needs the feature `exchange` of mapi-provider: name it in `features` in Cargo.toml"
        ));
    };
}

#[cfg(feature = "outlook")]
#[doc(hidden)]
#[macro_export]
macro_rules! __needs_outlook {
    ($name:literal) => {};
}

#[cfg(not(feature = "outlook"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __needs_outlook {
    ($name:literal) => {
        ::core::compile_error!(::core::concat!(
            "`",
            $name,
            "` needs the feature `outlook` of mapi-provider: name it in `features` in Cargo.toml"
        ));
    };
}

#[cfg(feature = "mailbox")]
#[doc(hidden)]
#[macro_export]
macro_rules! __needs_mailbox {
    ($name:literal) => {};
}

#[cfg(not(feature = "mailbox"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __needs_mailbox {
    ($name:literal) => {
        ::core::compile_error!(::core::concat!(
            "`",
            $name,
            "` needs the feature `mailbox` of mapi-provider: name it in `features` in Cargo.toml"
        ));
    };
}
