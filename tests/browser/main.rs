//! The simulator as a person has it: a gateway on loopback, and a real browser that shows its page (`page`); what the
//! page's server says to anybody who asks it (`api`).
//!
//! The browser is Debian's Chromium, driven through chromedriver; `tests/run` installs both.

mod api;
mod browser;
mod gateway;
mod page;
