//! The check's walk held against the engine: whatever callers do, they are where the check has looked, and what they
//! see is within the budget.

use std::fmt::Write as _;

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};

use super::*;
use crate::{
    menu::{
        check::{Longest, MOST_ROWS},
        definition::Bundle,
        engine::{Call, Engine, Step as EngineStep},
        registry::{Needs, Shape, Source},
        render::{self, Constants},
        session::{Reply, Row, Session, Value},
    },
    model::Language,
};

const TYPED: &[&str] = &[
    "0",
    "00",
    "98",
    "1",
    "2",
    "3",
    "4",
    "5",
    "12",
    "40",
    "99",
    "3-5 9",
    "Asha Njeri",
    "A",
    "907318",
    "907319",
    "111111",
    "28461937",
    "123456",
    "12",
    "",
    "\u{7}",
];

fn longest(longest: &Longest<'_>, var: Var, chance: &mut StdRng) -> Option<Value> {
    match var.shape() {
        Shape::Text(limit) => Some("M".repeat(limit + 3).into()),
        Shape::Word(words) if chance.random_bool(0.5) => words().choose(chance).copied().map(Value::from),
        Shape::Word(_) => render::Values::value(longest, var).map(|word| word.into_owned().into()),
        Shape::Hidden => None,
    }
}

fn reply(menus: &Menus, call: &Call, session: &Session, chance: &mut StdRng) -> Reply {
    let rules = call.action.rules();
    let outcomes: Vec<Outcome> = rules
        .outcomes
        .iter()
        .copied()
        .chain((rules.needs != Needs::Nobody).then_some(Outcome::SignedOut))
        .collect();
    let outcome = *outcomes.choose(chance).unwrap();
    let values = Longest { menus, language: session.language };
    let mut reply = Reply::of(outcome);
    for var in call.action.sets(outcome) {
        reply.sets.extend(longest(&values, *var, chance).map(|value| (*var, value)));
    }
    reply.flags = call.action.tells(outcome).iter().map(|flag| (*flag, chance.random_bool(0.5))).collect();
    for source in call.action.lists(outcome) {
        reply = reply.rows(*source, rows(menus, *source, session.language, chance));
    }
    reply.language = (call.action == Action::SetLanguage)
        .then(|| session.text(Var::Language).and_then(Language::from_code).expect("a language was chosen"));
    reply
}

fn rows(menus: &Menus, source: Source, language: Language, chance: &mut StdRng) -> Vec<Row> {
    let values = Longest { menus, language };
    let count = *[0, 1, 7, MOST_ROWS].choose(chance).unwrap();
    let mut row = |n: usize| {
        let vars = source.row().iter().filter_map(|var| Some((*var, longest(&values, *var, chance)?)));
        Row { id: n.to_string(), values: vars.collect() }
    };
    (0..count).map(&mut row).collect()
}

fn settle(engine: &Engine<'_>, session: &mut Session, mut step: EngineStep, chance: &mut StdRng) {
    loop {
        step = match step {
            EngineStep::Show => return,
            EngineStep::Act(call) => {
                let reply = reply(engine.menus, &call, session, chance);
                engine.outcome(session, &call, reply)
            }
            EngineStep::List(source) => {
                let rows = rows(engine.menus, source, session.language, chance);
                engine.rows(session, rows)
            }
        }
    }
}

fn is_foreseen(ways: &Ways<'_>, session: &Session) -> bool {
    let mut flags = Flags::default();
    ways.flags.iter().for_each(|flag| flags.set(*flag, session.flags.has(*flag)));
    ways.index.contains_key(&Spot { flags, trail: session.trail.clone() })
}

#[test]
fn callers_are_never_where_the_check_has_not_looked() {
    let menus = Menus::compile(Bundle::built_in()).unwrap();
    let ways = Ways::of(&menus);
    let digest = |digits: &str| std::array::from_fn(|n| digits.as_bytes().get(n).copied().unwrap_or(0));
    let constants = Constants {
        username: "MMMMMMMMMMMMMMM",
        help_line: "MMMMMMMMMMMMMMMM",
        service_code: "MMMMMMMMMMMMMMMM",
        pin_digits: 6,
        post_pin_digits: 8,
        reference: "MMMMMM",
        portal: "daftari.example/portal",
        web_code: "042917",
        network: "other",
    };
    let engine = Engine { menus: &menus, constants, budget: 160, digest: &digest };
    let mut chance = StdRng::seed_from_u64(4);
    let openings = ways.openings();
    for _ in 0..400 {
        let flags = *openings.choose(&mut chance).unwrap();
        let mut session = Session::new(*Language::ALL.choose(&mut chance).unwrap(), flags);
        let mut step = engine.begin(&mut session);
        for _ in 0..60 {
            settle(&engine, &mut session, step, &mut chance);
            assert!(is_foreseen(&ways, &session), "{:?} {:?}", session.flags, session.trail);
            let page = engine.page(&session).unwrap();
            assert!(render::length(&page.text) <= 160, "{}", page.text);
            if session.ended {
                break;
            }
            step = engine.input(&mut session, TYPED.choose(&mut chance).unwrap());
        }
    }
}

#[test]
fn menus_with_too_many_ways_are_refused_rather_than_walked_for_ever() {
    let mut bundle = Bundle::built_in();
    let names: Vec<String> = (0..12).map(|n| format!("m{n}")).collect();
    let mut mesh = String::from("journey = \"mesh\"\n");
    for name in &names {
        let _ = writeln!(mesh, "[screen.{name}]\ntext.en = \"x\"\ntext.sw = \"x\"\nredial = \"start over\"");
        for to in names.iter().filter(|to| *to != name) {
            let _ = writeln!(mesh, "[[screen.{name}.choice]]\nen = \"x\"\nsw = \"x\"\ngoto = \"{to}\"");
        }
    }
    bundle.0.insert("mesh.toml".to_owned(), mesh);
    let start = bundle.0.get_mut("start.toml").unwrap();
    *start = start.replacen("goto = \"needs\"", "goto = \"mesh.m0\"", 1);
    let menus = Menus::compile(bundle).unwrap();
    let complaints = crate::menu::check::check(&menus, 160);
    // Of what was not walked to its end, something else may be complained about as well.
    assert!(
        complaints.iter().any(|it| it.says.starts_with("too many ways to prove them all")),
        "{}",
        complaints[0]
    );
}
