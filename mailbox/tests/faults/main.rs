//! Files and disks that are damaged, full or gone.

mod damage;
mod disks;

#[path = "../support/store_support/mod.rs"]
mod store_support;
