//! Two-way synchronisation between a server and the store, as a part (feature `twoway`).

mod store_side;

pub use store_side::{StoreSide, state_beside};
