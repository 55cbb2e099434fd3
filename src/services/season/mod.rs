//! The season as data: how it is imported, and which account sees which deployments.

pub mod import;
