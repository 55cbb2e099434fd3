//! (being built)
use super::{
    Menus,
    definition::{Bundle, Complaint},
};
use std::sync::Arc;
/// compile
pub fn load(bundle: Bundle, _budget: usize) -> Result<Arc<Menus>, Vec<Complaint>> {
    Menus::compile(bundle)
}
