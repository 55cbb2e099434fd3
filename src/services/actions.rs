//! What menus can have done, each action matched to the service that does it. An action that takes a secret or waits for
//! the network has three parts: `prepare` counts the try, `work` looks or waits outside any transaction, `finish` keeps
//! the outcome.

use chrono::{DateTime, Utc};

use super::{
    Deps, accounts, attendance, closing, directing, disputes, fate, marking, messaging::Way, my_messages,
    number_change, officers, pay, portal, posts, recovery, sign_in, sign_up, ussd::Fault,
};
use crate::{
    menu::{
        Action, Call, Menus, Outcome, Proof, Reply, Row, Session, Source, Var, registry::Needs,
        render::Constants,
    },
    model::{Language, Msisdn, Network, challenge::Door},
    secrets::Mark,
    storage::{self, Tx, lines},
    telemetry::metrics,
};

/// For whom an action is done.
#[derive(Clone, Copy)]
pub struct Who<'a> {
    /// The line that is calling.
    pub msisdn: &'a Msisdn,
    /// The network of the line, where this hop tells it.
    pub network: Option<&'a Network>,
    /// Where the caller is and what was typed.
    pub session: &'a Session,
    /// The menus the caller is on.
    pub menus: &'a Menus,
    /// What texts can show.
    pub constants: Constants<'a>,
    /// The mark of the session, by which it is known again.
    pub here: Mark,
    /// When.
    pub now: DateTime<Utc>,
}

impl Who<'_> {
    /// The sign-in this session stands on, unless the account has been raised above it.
    pub async fn proof(&self, tx: &mut Tx) -> storage::engine::Result<Option<Proof>> {
        let Some(proof) = self.session.proof else { return Ok(None) };
        let stands = storage::accounts::is_epoch(tx, proof.account, proof.epoch).await?;
        Ok(stands.then_some(proof))
    }
}

/// How far `prepare` has come.
pub enum Prepared {
    /// The outcome is known; it belongs into the same transaction.
    Settled(Reply),
    /// A secret has to be looked at first, or the network's word waited for.
    Work(Box<Work>),
}

/// What has to be worked out outside any transaction.
pub enum Work {
    /// Whether a PIN is the account's.
    Check(sign_in::Check),
    /// The hash of a first PIN.
    Open(sign_up::Open),
    /// Whether a new PIN is another than the old, and its hash.
    Change(sign_in::Change),
    /// What the route says of a code that was asked for.
    Await(recovery::told::Asked),
    /// Whether a code is the right one.
    Code(recovery::code::Look),
    /// The hash of a PIN made anew.
    Reset(recovery::reset::Reset),
    /// Whether a PIN is that of an account which waits for this line.
    TakeOver(number_change::TakeOver),
    /// Whether a PIN is a post's.
    CheckPost(posts::sign_in::Check),
    /// Whether the new PIN of a post is another than the old, and its hash.
    ChoosePost(posts::choose::Choice),
}

/// What was worked out.
pub enum Worked {
    /// Whether a PIN is the account's.
    Checked(sign_in::Checked),
    /// The hash of a first PIN.
    Hashed(sign_up::Hashed),
    /// A new PIN's hash.
    Changed(sign_in::Changed),
    /// What the route says of a code.
    Told(recovery::told::Told),
    /// Whether a code is the right one.
    Looked(recovery::code::Looked),
    /// The hash of a PIN made anew.
    Reset(recovery::reset::Hashed),
    /// Whether a PIN is that of an account which waits for this line.
    TakenOver(number_change::TakenOver),
    /// Whether a PIN is a post's.
    CheckedPost(posts::sign_in::Checked),
    /// The hash of a post's new PIN.
    ChosenPost(posts::choose::Chosen),
}

/// Do an action, or as much of it as comes before a look at its secret. `counted` says that the try was counted by a
/// hop that died over it.
pub async fn prepare(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    call: &Call,
    counted: bool,
) -> Result<Prepared, Fault> {
    Ok(match call.action {
        Action::SetLanguage => Prepared::Settled(set_language(tx, who).await?),
        Action::GiveConsent => Prepared::Settled(sign_up::give_consent(tx, deps, who).await?),
        Action::KeepDraft => Prepared::Settled(sign_up::keep_draft(tx, deps, who).await?),
        Action::TakeUpDraft => Prepared::Settled(sign_up::take_up_draft(tx, deps, who).await?),
        Action::DropDraft => Prepared::Settled(sign_up::drop_draft(tx, who).await?),
        Action::OpenAccount => sign_up::prepare(tx, who, call.pin()).await?,
        Action::SignIn => sign_in::prepare(tx, deps, who, call.pin(), counted).await?,
        Action::ChangePin => sign_in::prepare_change(tx, who, call.pin()).await?,
        Action::ShowAccount => Prepared::Settled(accounts::show(tx, deps, who).await?),
        Action::ShowMessage => Prepared::Settled(my_messages::show(tx, deps, who).await?),
        Action::ShowWebCode => Prepared::Settled(portal::screen_code::show(tx, deps, who).await?),
        Action::RequestCode => recovery::menu::ask(tx, deps, who, counted).await?,
        Action::CodeFate => Prepared::Settled(recovery::told::code_fate(tx, deps, who).await?),
        Action::TellFate => Prepared::Settled(fate::tell(tx, who).await?),
        Action::AnotherWay | Action::MoveAnotherWay => {
            fate::say_again(tx, deps, who, Way::Next, counted).await?
        }
        Action::ByACall | Action::MoveByACall => fate::say_again(tx, deps, who, Way::Call, counted).await?,
        Action::CheckCode => recovery::menu::check(tx, who, call.code(), counted).await?,
        Action::ResetPin => recovery::reset::prepare(tx, who, call.pin()).await?,
        Action::CheckOfficerCode => officers::check_code(tx, who, call.code(), counted).await?,
        Action::LookForMove => Prepared::Settled(number_change::look(tx, who).await?),
        Action::AskMove => number_change::ask(tx, deps, who, counted).await?,
        Action::CheckMoveCode => number_change::check(tx, who, call.code(), counted).await?,
        Action::TakeOver => number_change::take_over(tx, deps, who, call.pin(), counted).await?,
        Action::AskTakeBack => number_change::ask_back(tx, deps, who, counted).await?,
        Action::TakeBack => number_change::check_back(tx, who, call.code(), counted).await?,
        Action::ShowPost => Prepared::Settled(posts::show(tx, who).await?),
        Action::SignInAtPost => posts::sign_in::prepare(tx, deps, who, call.pin(), counted).await?,
        Action::ChoosePostPin => posts::choose::prepare(tx, who, call.pin()).await?,
        Action::EnterSeries => Prepared::Settled(posts::deputies::enter_series(tx, deps, who).await?),
        Action::LookAtAttendance => Prepared::Settled(attendance::look(tx, deps, who).await?),
        Action::ShowAttendance => Prepared::Settled(attendance::show(tx, deps, who).await?),
        Action::ShowDay => Prepared::Settled(attendance::show_day(tx, deps, who).await?),
        Action::OpenDispute => Prepared::Settled(disputes::open(tx, deps, who).await?),
        Action::ShowDispute => Prepared::Settled(disputes::show_mine(tx, who).await?),
        Action::WithdrawDispute => Prepared::Settled(disputes::withdraw(tx, deps, who).await?),
        Action::ShowPay => Prepared::Settled(pay::show(tx, who).await?),
        Action::LookIntoDispute => Prepared::Settled(disputes::show_to_centre(tx, who).await?),
        Action::GrantDispute => Prepared::Settled(disputes::answer_as_centre(tx, deps, who, true).await?),
        Action::RefuseDispute => Prepared::Settled(disputes::answer_as_centre(tx, deps, who, false).await?),
        Action::TakeUpDispute => Prepared::Settled(disputes::show_to_director(tx, who).await?),
        Action::UpholdDispute => Prepared::Settled(disputes::answer_as_director(tx, deps, who, true).await?),
        Action::DismissDispute => {
            Prepared::Settled(disputes::answer_as_director(tx, deps, who, false).await?)
        }
        Action::ShowDeputy => Prepared::Settled(posts::deputies::show(tx, who).await?),
        Action::AppointDeputy => Prepared::Settled(posts::deputies::appoint(tx, deps, who).await?),
        Action::ShowClosing => Prepared::Settled(closing::show(tx, deps, who).await?),
        Action::SignRegister => Prepared::Settled(closing::sign_shown(tx, deps, who).await?),
        Action::ShowDocument => Prepared::Settled(closing::show_chosen(tx, who).await?),
        Action::CountersignRegister => Prepared::Settled(closing::countersign_chosen(tx, deps, who).await?),
        Action::ReopenRegister => Prepared::Settled(closing::reopen_chosen(tx, deps, who).await?),
        Action::CheckDocument => Prepared::Settled(closing::check_typed(tx, who).await?),
        Action::LookAtPlace => Prepared::Settled(directing::place::look(tx, who).await?),
        Action::ShowCentre => Prepared::Settled(directing::centre::show(tx, deps, who).await?),
        Action::ShowCentreDay => Prepared::Settled(directing::centre::show_day(tx, deps, who).await?),
        Action::RemindCentre => Prepared::Settled(directing::acts::remind(tx, deps, who).await?),
        Action::ShowOpenDay => Prepared::Settled(directing::acts::show_open(tx, deps, who).await?),
        Action::OpenDay => Prepared::Settled(directing::acts::open(tx, deps, who).await?),
        Action::CloseDay => Prepared::Settled(directing::acts::close(tx, deps, who).await?),
        Action::AcceptAddition => Prepared::Settled(directing::additions::answer(tx, deps, who, true).await?),
        Action::RejectAddition => {
            Prepared::Settled(directing::additions::answer(tx, deps, who, false).await?)
        }
        Action::ShowCentrePin => Prepared::Settled(directing::pins::show(tx, who).await?),
        Action::IssueCentrePin => Prepared::Settled(directing::pins::issue(tx, deps, who).await?),
        Action::EndDeputy => Prepared::Settled(posts::deputies::end(tx, who).await?),
        Action::MarkAll => Prepared::Settled(marking::begin::all(tx, deps, who).await?),
        Action::MarkBut => Prepared::Settled(marking::begin::but(tx, deps, who).await?),
        Action::MarkRoles => Prepared::Settled(marking::begin::roles(tx, deps, who).await?),
        Action::MarkEach => Prepared::Settled(marking::begin::each(tx, deps, who).await?),
        Action::ShapeDay => Prepared::Settled(marking::begin::shape(tx, deps, who).await?),
        Action::OpenRole => Prepared::Settled(marking::change::role(tx, who).await?),
        Action::TakeNumbers => Prepared::Settled(marking::change::numbers(tx, who).await?),
        Action::SumUp => Prepared::Settled(marking::change::sum_up(tx, who).await?),
        Action::RecordRegister => Prepared::Settled(marking::record::record(tx, deps, who).await?),
        Action::TakeUpMarks => Prepared::Settled(marking::record::take_up(tx, deps, who).await?),
        Action::DropMarks => Prepared::Settled(marking::record::drop_marks(tx, deps, who).await?),
        Action::ListDays => Prepared::Settled(marking::days::list(tx, deps, who).await?),
        Action::KeepNewName => Prepared::Settled(marking::newcomer::keep(tx, deps, who, false).await?),
        Action::KeepNewRole => Prepared::Settled(marking::newcomer::keep(tx, deps, who, true).await?),
        Action::AddPerson => Prepared::Settled(marking::people::add(tx, deps, who, true).await?),
        Action::AddWithoutPhone => Prepared::Settled(marking::people::add(tx, deps, who, false).await?),
        Action::AskForRoster => Prepared::Settled(marking::people::ask_for_roster(tx, deps, who).await?),
        Action::GoToDay => Prepared::Settled(marking::days::open(tx, deps, who).await?),
    })
}

/// Look at the secret or wait, outside any transaction.
pub async fn work(deps: &Deps, work: Work) -> Result<Worked, Fault> {
    // Sampled where waiting begins: under load that is often enough.
    metrics::argon2_waiting(deps.hasher.waiting());
    Ok(match work {
        Work::Check(check) => Worked::Checked(sign_in::check(deps, check).await?),
        Work::Open(open) => Worked::Hashed(sign_up::hash(deps, open).await?),
        Work::Change(change) => Worked::Changed(sign_in::change(deps, change).await?),
        Work::Await(asked) => Worked::Told(recovery::told::wait(deps, asked).await?),
        Work::Code(look) => Worked::Looked(recovery::menu::look(deps, look)?),
        Work::TakeOver(over) => Worked::TakenOver(number_change::look_at(deps, over).await?),
        Work::CheckPost(check) => Worked::CheckedPost(posts::sign_in::check(deps, check).await?),
        Work::ChoosePost(choice) => Worked::ChosenPost(posts::choose::hash(deps, choice).await?),
        Work::Reset(reset) => Worked::Reset(recovery::reset::hash(deps, reset).await?),
    })
}

/// Keep what was worked out.
pub async fn finish(tx: &mut Tx, deps: &Deps, who: &Who<'_>, worked: Worked) -> Result<Reply, Fault> {
    match worked {
        Worked::Checked(checked) => sign_in::finish(tx, deps, who, checked).await,
        Worked::Hashed(hashed) => sign_up::finish(tx, deps, who, hashed).await,
        Worked::Changed(changed) => sign_in::finish_change(tx, deps, who, changed).await,
        Worked::Told(told) => recovery::told::told(tx, deps, &told).await,
        Worked::Looked(looked) => match looked.door() {
            Door::NewNumber | Door::TakeBack => number_change::judge(tx, deps, who, looked).await,
            _ => recovery::menu::judge(tx, who, looked).await,
        },
        Worked::CheckedPost(checked) => posts::sign_in::finish(tx, deps, who, checked).await,
        Worked::ChosenPost(chosen) => posts::choose::finish(tx, deps, who, chosen).await,
        Worked::TakenOver(over) => number_change::finish(tx, deps, who, over).await,
        Worked::Reset(hashed) => recovery::reset::finish(tx, deps, who, hashed).await,
    }
}

/// The rows of a list; `None` when the sign-in it needs is over.
pub async fn rows(deps: &Deps, who: &Who<'_>, source: Source) -> Result<Option<Vec<Row>>, Fault> {
    let mut tx = deps.store.read().await?;
    if directing::lists(source) {
        return Ok(directing::rows(&mut tx, who, source).await?);
    }
    let stands = match source.needs() {
        Needs::Nobody => true,
        Needs::Account => who.proof(&mut tx).await?.is_some(),
        Needs::Centre => who.centre(&mut tx).await?.is_some(),
        Needs::Officer => who.officer(&mut tx).await?.is_some(),
    };
    if !stands {
        return Ok(None);
    }
    Ok(Some(match source {
        Source::MyMessages => my_messages::rows(&mut tx, deps, who).await?,
        Source::MyWork => attendance::series_rows(&mut tx, who).await?,
        Source::MyDays => attendance::day_rows(&mut tx, deps, who, false).await?,
        Source::DaysAtCentre => attendance::day_rows(&mut tx, deps, who, true).await?,
        Source::MyCentres => attendance::centre_rows(&mut tx, deps, who).await?,
        Source::DayChanges => attendance::change_rows(&mut tx, deps, who).await?,
        Source::MyDisputes => disputes::my_rows(&mut tx, who).await?,
        Source::DisputeEvents => disputes::event_rows(&mut tx, who).await?,
        Source::CentreDisputes => disputes::centre_rows(&mut tx, who).await?,
        Source::PlaceDisputes => disputes::place_rows(&mut tx, who).await?,
        Source::MyPosts => posts::rows(&mut tx, who).await?,
        Source::SignedRegisters => match closing::rows(&mut tx, who).await? {
            Some(rows) => rows,
            None => return Ok(None),
        },
        Source::MySeries => posts::deputies::series(&mut tx, who).await?,
        // An action tells these, so nobody asks for them here.
        Source::RosterRoles
        | Source::RosterLines
        | Source::MarkedAbsent
        | Source::Differences
        | Source::RegisterDays => vec![],
        // Listed above: those ask for the sign-in together with the officer's place.
        Source::UnmarkedCentres
        | Source::Counties
        | Source::SubCounties
        | Source::CentreDays
        | Source::Absentees
        | Source::Additions => vec![],
    }))
}

async fn set_language(tx: &mut Tx, who: &Who<'_>) -> Result<Reply, Fault> {
    let language = who.session.text(Var::Language).and_then(Language::from_code).unwrap_or_default();
    lines::set_language(tx, who.msisdn, language, who.network, who.now).await?;
    let reply = Reply::of(Outcome::Done);
    Ok(Reply { language: Some(language), ..reply })
}

/// The outcome of an action that needs a sign-in which is over.
pub fn signed_out() -> Reply {
    Reply::of(Outcome::SignedOut)
}
