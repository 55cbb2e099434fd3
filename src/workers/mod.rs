//! stub
use crate::app::App;
/// x
pub fn start(_: &App) {}
