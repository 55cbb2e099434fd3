//! The pages of whoever is not signed in: sign in, choose a password with a code, ask for a code by SMS.

use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;

use super::{
    form::Form,
    pages::{self, Frame, Notice},
    sorry::Sorry,
    to,
    visit::Visit,
    words::{self, Words},
};
use crate::{
    app::App,
    services::portal::{
        forgot::{self as forgotten, Admitted},
        password::{self, Chosen},
        sign_in::{self as signing_in, SignIn},
    },
};

/// Why somebody comes to the page of signing in.
#[derive(Deserialize)]
pub struct Why {
    said: Option<String>,
}

/// To the account, or to signing in.
pub async fn home(visit: Visit) -> Response {
    match (&visit.person, visit.is_over) {
        (Some(_), _) => to("/portal/account"),
        (None, true) => to("/portal/sign-in?said=over"),
        (None, false) => to("/portal/sign-in"),
    }
}

pub async fn sign_in(
    State(app): State<App>,
    Query(Why { said }): Query<Why>,
    visit: Visit,
) -> Result<Response, Sorry> {
    let words = words::of(visit.language);
    let notice = match said.as_deref() {
        Some("over") => Some(Notice::Good(words.over)),
        Some("out") => Some(Notice::Good(words.signed_out)),
        Some("everywhere") => Some(Notice::Good(words.signed_out_everywhere)),
        _ => None,
    };
    sign_in_page(&app, &visit, "", notice)
}

fn sign_in_page(app: &App, visit: &Visit, username: &str, notice: Option<Notice>) -> Result<Response, Sorry> {
    let frame = Frame::new(app, visit, |words| words.sign_in, notice);
    frame.page(&pages::SignIn { frame: &frame, username })
}

pub async fn try_sign_in(State(app): State<App>, visit: Visit, form: Form) -> Result<Response, Sorry> {
    let words = words::of(visit.language);
    let username = form.text("username");
    if !form.has_all(&["username", "password"]) {
        return sign_in_page(&app, &visit, username, Some(Notice::Bad(words.fill_in)));
    }
    let tried = signing_in::sign_in(&app.deps, &visit.source, username, &form.secret("password")).await;
    match tried.map_err(|fault| Sorry::broken(&app, fault))? {
        SignIn::Done(who) => {
            visit.sign_in(&app, who).await?;
            Ok(to("/portal/account"))
        }
        SignIn::Wrong => sign_in_page(&app, &visit, username, Some(Notice::Bad(words.wrong))),
        SignIn::Wait(wait) => {
            sign_in_page(&app, &visit, username, Some(Notice::Wait(words.wait_for(wait.minutes))))
        }
    }
}

pub async fn code(State(app): State<App>, visit: Visit) -> Result<Response, Sorry> {
    code_page(&app, &visit, "", None)
}

fn code_page(app: &App, visit: &Visit, username: &str, notice: Option<Notice>) -> Result<Response, Sorry> {
    let frame = Frame::new(app, visit, |words| words.code_title, notice);
    frame.page(&pages::Code { frame: &frame, username })
}

pub async fn try_code(State(app): State<App>, visit: Visit, form: Form) -> Result<Response, Sorry> {
    let words = words::of(visit.language);
    let username = form.text("username");
    if let Some(fault) = fault(words, &form, &["username", "code", "new", "again"]) {
        return code_page(&app, &visit, username, Some(Notice::Bad(fault)));
    }
    let (code, new) = (form.secret("code"), form.secret("new"));
    let menus = app.menus.current();
    let chosen = password::by_code(&app.deps, &menus, &visit.source, username, &code, &new).await;
    match chosen.map_err(|fault| Sorry::broken(&app, fault))? {
        Chosen::Done(who) => {
            visit.sign_in(&app, who).await?;
            Ok(to("/portal/account?said=password"))
        }
        not => code_page(&app, &visit, username, Some(not_chosen(words, not, words.wrong_code))),
    }
}

/// What is wrong with a form that chooses a password, before anything is looked at.
pub fn fault(words: &Words, form: &Form, fields: &[&str]) -> Option<&'static str> {
    if !form.has_all(fields) {
        Some(words.fill_in)
    } else if form.text("new") != form.text("again") {
        Some(words.not_the_same)
    } else {
        None
    }
}

/// Why a password was not chosen.
pub fn not_chosen(words: &Words, chosen: Chosen, wrong: &'static str) -> Notice {
    match chosen {
        Chosen::Done(_) => Notice::Good(words.password_saved),
        Chosen::Wrong => Notice::Bad(wrong),
        Chosen::Wait(wait) => Notice::Wait(words.wait_for(wait.minutes)),
        Chosen::Refused(refusal) => Notice::Bad(words.refusal(refusal)),
        Chosen::Same => Notice::Bad(words.same),
        Chosen::SignedOut => Notice::Bad(words.over),
    }
}

pub async fn forgot(State(app): State<App>, visit: Visit) -> Result<Response, Sorry> {
    forgot_page(&app, &visit, "", None, false)
}

fn forgot_page(
    app: &App,
    visit: &Visit,
    username: &str,
    notice: Option<Notice>,
    sent: bool,
) -> Result<Response, Sorry> {
    let frame = Frame::new(app, visit, |words| words.forgot_title, notice);
    frame.page(&pages::Forgot { frame: &frame, username, sent })
}

pub async fn ask(State(app): State<App>, visit: Visit, form: Form) -> Result<Response, Sorry> {
    let words = words::of(visit.language);
    let username = form.text("username");
    let admitted = forgotten::admit(&app.deps, &visit.source, username).await;
    let (admitted, errand) = admitted.map_err(|fault| Sorry::broken(&app, fault))?;
    if let Some(errand) = errand {
        let deps = app.deps.clone();
        app.lifecycle.spawn("sending of a code", async move {
            if let Err(fault) = forgotten::send(&deps, &errand).await {
                tracing::error!("A code that was asked for over the web could not be sent: {fault}");
            }
        });
    }
    match admitted {
        Admitted::Perhaps => forgot_page(&app, &visit, "", Some(Notice::Good(words.forgot_sent)), true),
        Admitted::NotANumber => {
            forgot_page(&app, &visit, username, Some(Notice::Bad(words.not_a_number)), false)
        }
        Admitted::TooSoon(wait) => {
            forgot_page(&app, &visit, username, Some(Notice::Wait(words.too_soon_for(wait.minutes))), false)
        }
        Admitted::Wait(wait) => {
            forgot_page(&app, &visit, username, Some(Notice::Wait(words.wait_for(wait.minutes))), false)
        }
    }
}
