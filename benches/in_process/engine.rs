//! The engine alone: an input, and the screen that it leads to, over the menus that are part of the program.

use std::hint::black_box;

use anyhow::Context as _;
use daftari::{
    menu::{Engine, Flag, Menus, Session, definition::Bundle, render::Constants, session::Flags},
    model::Language,
};

use crate::cost;

/// From the welcome screen to help, back, to what one needs, back.
const TURN: [&str; 4] = ["3", "0", "2", "0"];
/// Turns of a batch.
const TURNS: u32 = 2_000;

const CONSTANTS: Constants<'static> = Constants {
    username: "254700000010",
    help_line: "0700 000 099",
    service_code: "*384*2547#",
    pin_digits: 6,
    post_pin_digits: 8,
    reference: "",
    portal: "daftari.example/portal",
    web_code: "",
    network: "other",
};

/// Print what a step costs, without and with its screen.
pub fn measure(batches: u32) -> anyhow::Result<()> {
    let menus = Menus::compile(Bundle::built_in()).ok().context("the menus of the program are right")?;
    let digest = |_: &str| [0; 16];
    let engine = Engine { menus: &menus, constants: CONSTANTS, budget: 160, digest: &digest };
    let mut session = Session::new(Language::En, Flags::of(&[Flag::LanguageKnown]));
    engine.begin(&mut session);
    let mut turns = |shown: bool| {
        for input in (0..TURNS).flat_map(|_| TURN) {
            black_box(engine.input(&mut session, black_box(input)));
            if shown {
                black_box(engine.page(&session));
            }
        }
        TURNS * 4
    };
    cost(batches, || turns(false)).print("a step");
    cost(batches, || turns(true)).print("a step and its screen");
    Ok(())
}
