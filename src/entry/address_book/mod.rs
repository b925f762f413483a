//! Address books as MAPI sees them: the objects, and what they ask of the support object. What is not MAPI's is in
//! [`crate::address_book`].

mod init;

pub use self::init::ab_provider_init;
