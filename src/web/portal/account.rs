//! The pages of whoever is signed in. Every change needs the token that the session's pages carry.

use axum::{
    extract::{Query, State},
    http::header,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    entry::{fault, not_chosen},
    form::Form,
    pages::{self, Frame, MessageRow, Notice},
    sorry::Sorry,
    to,
    visit::{self, Visit},
    words,
};
use crate::{
    app::App,
    model::Language,
    services::portal::{
        account,
        password::{self, Chosen},
    },
    storage::{messages::Summary, web_people::Person},
};

/// What was just done.
#[derive(Deserialize)]
pub struct Said {
    said: Option<String>,
}

/// Where whoever is not signed in (any more) is led.
fn out(visit: &Visit) -> Response {
    to(if visit.is_over { "/portal/sign-in?said=over" } else { "/portal/sign-in" })
}

pub async fn show(
    State(app): State<App>,
    Query(Said { said }): Query<Said>,
    visit: Visit,
) -> Result<Response, Sorry> {
    let Some(person) = &visit.person else { return Ok(out(&visit)) };
    let words = words::of(visit.language);
    let notice = match said.as_deref() {
        Some("password") => Some(Notice::Good(words.password_saved)),
        Some("language") => Some(Notice::Good(words.language_saved)),
        _ => None,
    };
    let account = account::show(&app.deps, person).map_err(|fault| Sorry::broken(&app, fault))?;
    let frame = Frame::new(&app, &visit, |words| words.account, notice);
    let (own, other) = match account.language {
        Language::En => (words::of(Language::En), words::of(Language::Sw)),
        Language::Sw => (words::of(Language::Sw), words::of(Language::En)),
    };
    frame.page(&pages::AccountPage { frame: &frame, account: &account, token: &visit.token, own, other })
}

pub async fn messages(State(app): State<App>, visit: Visit) -> Result<Response, Sorry> {
    let Some(person) = &visit.person else { return Ok(out(&visit)) };
    let sent = account::messages(&app.deps, person).await.map_err(|fault| Sorry::broken(&app, fault))?;
    let menus = app.menus.current();
    let constants = pages::constants(&app, &person.msisdn);
    let row = |message: &Summary| {
        let medium = app.deps.medium(message.route.as_deref());
        MessageRow::of(&menus, visit.language, constants, message, medium)
    };
    let rows: Vec<_> = sent.iter().map(row).collect();
    let frame = Frame::new(&app, &visit, |words| words.messages, None);
    frame.page(&pages::Messages { frame: &frame, rows: &rows })
}

pub async fn password(State(app): State<App>, visit: Visit) -> Result<Response, Sorry> {
    match &visit.person {
        Some(person) => password_page(&app, &visit, person, None),
        None => Ok(out(&visit)),
    }
}

fn password_page(
    app: &App,
    visit: &Visit,
    person: &Person,
    notice: Option<Notice>,
) -> Result<Response, Sorry> {
    let frame = Frame::new(app, visit, |words| words.change_password, notice);
    let username = person.msisdn.username();
    frame.page(&pages::Password { frame: &frame, username, token: &visit.token })
}

pub async fn change_password(State(app): State<App>, visit: Visit, form: Form) -> Result<Response, Sorry> {
    let person = match changer(&visit, &form)? {
        Ok(person) => person,
        Err(out) => return Ok(out),
    };
    let words = words::of(visit.language);
    if let Some(fault) = fault(words, &form, &["old", "new", "again"]) {
        return password_page(&app, &visit, person, Some(Notice::Bad(fault)));
    }
    let (old, new) = (form.secret("old"), form.secret("new"));
    let menus = app.menus.current();
    let chosen = password::by_old(&app.deps, &menus, &visit.source, person, &old, &new).await;
    match chosen.map_err(|fault| Sorry::broken(&app, fault))? {
        Chosen::Done(who) => {
            visit.sign_in(&app, who).await?;
            Ok(to("/portal/account?said=password"))
        }
        Chosen::SignedOut => Ok(to("/portal/sign-in?said=over")),
        not => password_page(&app, &visit, person, Some(not_chosen(words, not, words.wrong_old))),
    }
}

pub async fn choose_language(State(app): State<App>, visit: Visit, form: Form) -> Result<Response, Sorry> {
    let person = match changer(&visit, &form)? {
        Ok(person) => person,
        Err(out) => return Ok(out),
    };
    let Some(language) = Language::from_code(form.text("lang")) else { return Err(Sorry::unreadable()) };
    let chosen = account::choose_language(&app.deps, person, language).await;
    chosen.map_err(|fault| Sorry::broken(&app, fault))?;
    let cookie = [(header::SET_COOKIE, visit::language_cookie(language))];
    Ok((cookie, to("/portal/account?said=language")).into_response())
}

pub async fn sign_out(State(app): State<App>, visit: Visit, form: Form) -> Result<Response, Sorry> {
    if let Err(out) = changer(&visit, &form)? {
        return Ok(out);
    }
    visit.sign_out(&app).await?;
    Ok(to("/portal/sign-in?said=out"))
}

pub async fn sign_out_everywhere(
    State(app): State<App>,
    visit: Visit,
    form: Form,
) -> Result<Response, Sorry> {
    let person = match changer(&visit, &form)? {
        Ok(person) => person,
        Err(out) => return Ok(out),
    };
    let ended = account::sign_out_everywhere(&app.deps, person).await;
    ended.map_err(|fault| Sorry::broken(&app, fault))?;
    visit.sign_out(&app).await?;
    Ok(to("/portal/sign-in?said=everywhere"))
}

/// Who wants to change something; where to go if nobody is signed in.
fn changer<'v>(visit: &'v Visit, form: &Form) -> Result<Result<&'v Person, Response>, Sorry> {
    let Some(person) = &visit.person else { return Ok(Err(out(visit))) };
    if visit.is_from_our_page(form.text("token")) { Ok(Ok(person)) } else { Err(Sorry::forged()) }
}
