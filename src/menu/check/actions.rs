//! Secrets and sign-ins: an action gets the secret it needs, a secret typed is checked, what belongs to a person is
//! done and listed only after the PIN was right, and a PIN is made anew only after the code was.

use super::{
    about, at,
    ways::{Answer, Ways},
};
use crate::{
    menu::{
        compiled::{Screen, ScreenId, Then},
        definition::{Complaint, Place},
        registry::{Action, Flag, Validator, Var},
    },
    model::Language,
};

pub fn check(ways: &Ways<'_>, complaints: &mut Vec<Complaint>) {
    for (id, screen) in ways.screens() {
        for (answer, place, then) in answers(screen) {
            if let Then::Do(action, _) = then {
                complaints.extend(secret(screen, answer, place, *action));
                complaints.extend(wants(ways, id, screen, place, *action, answer));
                let where_done = |spot| does(ways, spot, *action, answer);
                if let Some(flag) = action.rules().needs.flag() {
                    complaints.extend(signed_in(
                        ways,
                        (id, screen),
                        place,
                        (action.name(), flag),
                        where_done,
                    ));
                }
                if action.needs_code() {
                    complaints.extend(code_right(ways, id, screen, place, action.name(), where_done));
                }
            }
        }
        complaints.extend(unchecked(screen));
        complaints.extend(second_pin(ways, id, screen));
        if let Some((list, flag)) =
            screen.list.as_ref().and_then(|list| Some((list, list.source.needs().flag()?)))
        {
            let place = list.row.place(Language::En);
            complaints.extend(signed_in(ways, (id, screen), place, (list.source.name(), flag), |_| true));
        }
    }
}

/// What an action takes from the input before it.
fn takes(action: Action) -> Option<Validator> {
    match action {
        Action::SignIn | Action::TakeOver => Some(Validator::Pin),
        Action::OpenAccount | Action::ChangePin | Action::ResetPin => Some(Validator::SamePin),
        Action::CheckCode | Action::CheckOfficerCode | Action::CheckMoveCode | Action::TakeBack => {
            Some(Validator::Code)
        }
        Action::SignInAtPost => Some(Validator::PostPin),
        Action::ChoosePostPin => Some(Validator::SamePostPin),
        Action::SetLanguage
        | Action::GiveConsent
        | Action::KeepDraft
        | Action::TakeUpDraft
        | Action::DropDraft
        | Action::ShowAccount
        | Action::ShowMessage
        | Action::ShowWebCode
        | Action::RequestCode
        | Action::CodeFate
        | Action::TellFate
        | Action::AnotherWay
        | Action::ByACall
        | Action::LookForMove
        | Action::AskMove
        | Action::MoveAnotherWay
        | Action::MoveByACall
        | Action::ShowPost
        | Action::EnterSeries
        | Action::ShowDeputy
        | Action::AppointDeputy
        | Action::EndDeputy
        | Action::MarkAll
        | Action::MarkBut
        | Action::MarkRoles
        | Action::MarkEach
        | Action::OpenRole
        | Action::TakeNumbers
        | Action::ShapeDay
        | Action::SumUp
        | Action::RecordRegister
        | Action::TakeUpMarks
        | Action::DropMarks
        | Action::ListDays
        | Action::AskForRoster
        | Action::GoToDay
        | Action::KeepNewName
        | Action::KeepNewRole
        | Action::AddPerson
        | Action::AddWithoutPhone
        | Action::LookAtAttendance
        | Action::ShowAttendance
        | Action::ShowDay
        | Action::OpenDispute
        | Action::ShowDispute
        | Action::WithdrawDispute
        | Action::ShowPay
        | Action::LookIntoDispute
        | Action::GrantDispute
        | Action::RefuseDispute
        | Action::TakeUpDispute
        | Action::UpholdDispute
        | Action::DismissDispute
        | Action::ShowClosing
        | Action::SignRegister
        | Action::ShowDocument
        | Action::CountersignRegister
        | Action::ReopenRegister
        | Action::CheckDocument
        | Action::LookAtPlace
        | Action::ShowCentre
        | Action::ShowCentreDay
        | Action::RemindCentre
        | Action::ShowOpenDay
        | Action::OpenDay
        | Action::CloseDay
        | Action::AcceptAddition
        | Action::RejectAddition
        | Action::ShowCentrePin
        | Action::IssueCentrePin
        | Action::AskTakeBack => None,
    }
}

/// What must be set before an action can be done.
fn needs(action: Action) -> &'static [Var] {
    match action {
        Action::SetLanguage => &[Var::Language],
        Action::OpenAccount => &[Var::GivenNames, Var::Surname, Var::NationalId],
        Action::ShowMessage
        | Action::TellFate
        | Action::AnotherWay
        | Action::ByACall
        | Action::MoveAnotherWay
        | Action::MoveByACall => &[Var::Message],
        Action::KeepDraft => &[Var::GivenNames],
        Action::AskMove => &[Var::NewNumber],
        Action::AppointDeputy => &[Var::NewNumber, Var::DeputyDay],
        Action::MarkAll | Action::MarkBut | Action::MarkRoles | Action::MarkEach | Action::GoToDay => {
            &[Var::OnDay]
        }
        Action::ShapeDay => &[Var::OnDay, Var::DayShape],
        Action::OpenRole => &[Var::Marks, Var::RoleChosen],
        Action::KeepNewName => &[Var::OnDay, Var::NewPerson],
        Action::KeepNewRole => &[Var::OnDay, Var::NewPerson, Var::Role],
        Action::AddPerson => &[Var::OnDay, Var::NewPerson, Var::Role, Var::NewNumber],
        Action::AddWithoutPhone => &[Var::OnDay, Var::NewPerson, Var::Role],
        Action::TakeNumbers => &[Var::Marks, Var::Numbers],
        Action::SumUp | Action::RecordRegister => &[Var::Marks],
        Action::EnterSeries | Action::ShowAttendance | Action::ShowPay => &[Var::Series],
        Action::ShowDay | Action::OpenDispute => &[Var::MyDay],
        Action::ShowDispute
        | Action::WithdrawDispute
        | Action::LookIntoDispute
        | Action::GrantDispute
        | Action::TakeUpDispute
        | Action::UpholdDispute => &[Var::Dispute],
        Action::RefuseDispute | Action::DismissDispute => &[Var::Dispute, Var::DisputeReason],
        Action::SignRegister => &[Var::Register],
        Action::ShowDocument | Action::CountersignRegister => &[Var::Document],
        Action::ReopenRegister => &[Var::Document, Var::ReopenReason],
        Action::CheckDocument => &[Var::DocumentCode],
        Action::ShowCentre
        | Action::ShowCentreDay
        | Action::RemindCentre
        | Action::ShowOpenDay
        | Action::CloseDay
        | Action::ShowCentrePin => &[Var::Centre],
        Action::OpenDay => &[Var::Centre, Var::OpenUntil, Var::Reason],
        Action::AcceptAddition => &[Var::Deployment],
        Action::RejectAddition => &[Var::Deployment, Var::Reason],
        Action::IssueCentrePin => &[Var::Centre, Var::NewNumber],
        Action::ShowPost | Action::SignInAtPost | Action::ChoosePostPin => &[Var::Post],
        Action::GiveConsent
        | Action::TakeUpDraft
        | Action::DropDraft
        | Action::SignIn
        | Action::ChangePin
        | Action::ShowAccount
        | Action::ShowWebCode
        | Action::RequestCode
        | Action::CodeFate
        | Action::LookAtPlace
        | Action::CheckCode
        | Action::ResetPin
        | Action::CheckOfficerCode
        | Action::LookForMove
        | Action::CheckMoveCode
        | Action::TakeOver
        | Action::AskTakeBack
        | Action::ShowDeputy
        | Action::EndDeputy
        | Action::TakeUpMarks
        | Action::DropMarks
        | Action::AskForRoster
        | Action::ListDays
        | Action::LookAtAttendance
        | Action::ShowClosing
        | Action::TakeBack => &[],
    }
}

fn answers(screen: &Screen) -> impl Iterator<Item = (Answer, &Place, &Then)> {
    let choices = screen.choices.iter().enumerate();
    let choices = choices.map(|(n, c)| (Answer::Choice(n), c.text.place(Language::En), &c.then));
    let input = screen.input.iter().map(|input| (Answer::Typed, &screen.place, &input.then));
    let list = screen.list.iter().map(|l| (Answer::Row, l.row.place(Language::En), &l.then));
    choices.chain(input).chain(list)
}

fn secret(screen: &Screen, answer: Answer, place: &Place, action: Action) -> Option<Complaint> {
    let wanted = takes(action)?;
    let typed = screen.input.as_ref().filter(|_| answer == Answer::Typed);
    if typed.is_some_and(|input| input.validator == wanted) {
        return None;
    }
    let (action, check) = (action.name(), wanted.name());
    Some(at(
        screen,
        place,
        format!("{action} takes what was just typed: it follows an input with `check = {check:?}`"),
    ))
}

/// An action is done only where what it needs has been set on every way.
fn wants(
    ways: &Ways<'_>,
    id: ScreenId,
    screen: &Screen,
    place: &Place,
    action: Action,
    answer: Answer,
) -> Option<Complaint> {
    let own = own(screen, answer);
    needs(action).iter().filter(|var| !own.contains(var)).find_map(|var| {
        let mut done_at = ways.of_screen(id).filter(|(n, _)| does(ways, *n, action, answer));
        let way = done_at.find_map(|(n, _)| ways.without(n, *var))?;
        let (action, var) = (action.name(), var.name());
        Some(at(screen, place, format!("{action} needs {var}, which is not set on the way {way}")))
    })
}

/// Whether an answer has an action done at a spot: a choice may not be offered there.
fn does(ways: &Ways<'_>, spot: usize, action: Action, answer: Answer) -> bool {
    let mut steps = ways.steps(spot).iter();
    steps.any(|step| step.answer == answer && step.did.is_some_and(|(done, _)| done == action))
}

/// The variables that an answer sets before its action is done.
fn own(screen: &Screen, answer: Answer) -> Vec<Var> {
    match answer {
        Answer::Choice(n) => {
            screen.choices.get(n).map(|c| c.set.iter().map(|(var, _)| *var).collect()).unwrap_or_default()
        }
        Answer::Typed => screen.input.iter().filter_map(|input| input.keep_as).collect(),
        Answer::Row => screen.list.iter().map(|list| list.source.chosen()).collect(),
        Answer::NoRows | Answer::Back | Answer::Main => vec![],
    }
}

/// Wherever it is done or listed, the PIN was right before.
fn signed_in(
    ways: &Ways<'_>,
    (id, screen): (ScreenId, &Screen),
    place: &Place,
    (what, flag): (&str, Flag),
    is_done: impl Fn(usize) -> bool,
) -> Option<Complaint> {
    let mut spots = ways.of_screen(id).filter(|(n, spot)| is_done(*n) && !spot.flags.has(flag));
    let way = ways.way(spots.next()?.0)?;
    let sign_in = match flag {
        Flag::CentreIn => "a sign-in as a centre",
        Flag::OfficerIn => "a sign-in as an officer",
        _ => "a sign-in",
    };
    Some(at(screen, place, format!("{what} needs {sign_in}, and there was none on the way {way}")))
}

/// Wherever it is done, the code was right before.
fn code_right(
    ways: &Ways<'_>,
    id: ScreenId,
    screen: &Screen,
    place: &Place,
    what: &str,
    is_done: impl Fn(usize) -> bool,
) -> Option<Complaint> {
    let mut spots = ways.of_screen(id).filter(|(n, spot)| is_done(*n) && !spot.flags.has(Flag::CodeRight));
    let way = ways.way(spots.next()?.0)?;
    Some(at(screen, place, format!("{what} needs a right code, and there was none on the way {way}")))
}

/// A PIN or code that nothing checks only looks like a door.
fn unchecked(screen: &Screen) -> Option<Complaint> {
    let input = screen.input.as_ref().filter(|input| input.validator.is_checked())?;
    let checked = matches!(&input.then, Then::Do(action, _) if action.rules().takes_secret);
    let says = "what is typed here is a secret, and no action checks it: an action that takes it comes next";
    (!checked).then(|| about(screen, says))
}

/// The second entry of a new PIN comes after the first.
fn second_pin(ways: &Ways<'_>, id: ScreenId, screen: &Screen) -> Option<Complaint> {
    let second = |v: Validator| matches!(v, Validator::SamePin | Validator::SamePostPin);
    screen.input.as_ref().filter(|input| second(input.validator))?;
    let way = ways.of_screen(id).find_map(|(n, _)| ways.without(n, Var::NewPin))?;
    Some(about(screen, format!("there is no first PIN to compare this one with on the way {way}")))
}

#[cfg(test)]
mod tests {
    use crate::menu::{check::check, compiled::Menus, definition::Bundle};

    /// That the same choice is complained about where nobody is signed in, the zoo proves on smaller menus.
    #[test]
    fn a_choice_for_those_who_are_signed_in_may_stand_on_a_screen_for_all() {
        let choice = "\n[[screen.change_language.choice]]\nen = \"x\"\nsw = \"x\"\ndo = \"show_account\"\n\
                      on.done = \"main\"\non.holding = \"main\"\nif = \"signed_in\"\n";
        let mut bundle = Bundle::built_in();
        bundle.0.get_mut("start.toml").unwrap().push_str(choice);
        assert_eq!(check(&Menus::compile(bundle).unwrap(), 160), []);
    }
}
