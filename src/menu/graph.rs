//! stub
use super::Menus;
use crate::model::Language;
/// x
pub fn mermaid(_: &Menus, _: Option<&str>, _: Language) -> String {
    String::new()
}
