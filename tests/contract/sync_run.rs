//! A run and what is told of it (SYNC-10 to SYNC-14).
