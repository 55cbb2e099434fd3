//! The rows that screens show of a roster: people with what is marked of them, roles, and where a day is another than it
//! was to be. Names are looked up for each showing.

use super::Marks;
use crate::{
    menu::{Row, Var},
    model::season::DeployedAs,
    services::register::{Difference, OnRoster, View},
    text::listing::short_name,
};

/// The people of a view with what is marked of them so far.
pub(super) fn people(marks: &Marks, roster: &[OnRoster]) -> Vec<Row> {
    let shown = roster.iter().filter(|one| match marks.view {
        View::Role(role) => one.role == role,
        View::Chosen | View::Numbers | View::Everybody | View::Roles | View::Summed => true,
    });
    shown.map(|one| person(marks, one)).collect()
}

/// Everybody who is marked absent so far.
pub(super) fn absentees(marks: &Marks, roster: &[OnRoster]) -> Vec<Row> {
    let absent = roster.iter().filter(|one| marks.absent.contains_key(&one.number));
    absent.map(|one| person(marks, one)).collect()
}

fn person(marks: &Marks, one: &OnRoster) -> Row {
    let mark = if marks.absent.contains_key(&one.number) { "absent" } else { "present" };
    row(one, (Var::MarkIs, mark))
}

fn row(one: &OnRoster, (var, word): (Var, &str)) -> Row {
    Row {
        id: one.number.to_string(),
        values: vec![
            (Var::Number, one.number.to_string().into()),
            (Var::Person, short_name(&one.full_name).into()),
            (var, word.into()),
        ],
    }
}

/// The roles of a roster with how many there are of each, and how many of them are absent so far.
pub(super) fn roles(marks: &Marks, roster: &[OnRoster]) -> Vec<Row> {
    let count = |role: DeployedAs| {
        let of_role = || roster.iter().filter(move |one| one.role == role);
        (of_role().count(), of_role().filter(|one| marks.absent.contains_key(&one.number)).count())
    };
    let roles =
        DeployedAs::ALL.iter().map(|role| (*role, count(*role))).filter(|(_, (people, _))| *people > 0);
    let row = |(role, (people, absent)): (DeployedAs, (usize, usize))| Row {
        id: role.word().to_owned(),
        values: vec![
            (Var::Role, role.word().into()),
            (Var::PeopleCount, people.to_string().into()),
            (Var::AbsentCount, absent.to_string().into()),
        ],
    };
    roles.map(row).collect()
}

/// Where what stands is another than what was to be recorded.
pub(super) fn differences(difference: &Difference) -> Vec<Row> {
    let stands = difference.people.iter().filter_map(|differs| {
        let word = if differs.who.mark? { "stands_present" } else { "stands_absent" };
        Some(row(&differs.who, (Var::Differs, word)))
    });
    let joined = difference.joined.iter().map(|one| row(one, (Var::Differs, "joined")));
    let left = difference.left.iter().map(|number| Row {
        id: number.to_string(),
        values: vec![(Var::Number, number.to_string().into()), (Var::Differs, "left".into())],
    });
    stands.chain(joined).chain(left).collect()
}

/// Those marked absent so far, as one line: `3 Otieno Kisa, 7 Njeri Ramani`.
pub(super) fn names(marks: &Marks, roster: &[OnRoster]) -> String {
    let absent = roster.iter().filter(|one| marks.absent.contains_key(&one.number));
    let name = |one: &OnRoster| format!("{} {}", one.number, short_name(&one.full_name));
    absent.map(name).collect::<Vec<_>>().join(", ")
}
