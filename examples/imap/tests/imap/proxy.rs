//! A run ends anywhere.
