//! MAPI tables of anything that has rows.
//!
//! - [`table`]: columns, restrictions, orders, categories, positions, notifications, and the table as a COM object.
//! - [`text`]: how texts are compared.
//!
//! A mailbox and an address book have their tables from here.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod table;
pub mod text;
