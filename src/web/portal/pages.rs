//! What pages look like: a struct for each template of `templates/portal`, and what they share.

use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use super::{
    sorry::Sorry,
    visit::Visit,
    words::{self, Words},
};
use crate::{
    app::App,
    menu::{
        Menus, Var,
        registry::{fate_word, medium_word, network_word, reason_word, told_fate_word},
        render::{self, Constants, Known},
    },
    model::{Language, Msisdn, Network, message::Medium},
    services::{accounts::NAIROBI, portal::account::Account},
    storage::messages::Summary,
};

/// What stands around every page.
pub struct Frame<'a> {
    pub words: &'static Words,
    pub title: &'static str,
    pub notice: Option<Notice>,
    app: &'a App,
}

/// What a page has to say first.
pub enum Notice {
    /// Something was done.
    Good(&'static str),
    /// Something was not.
    Bad(&'static str),
    /// Too many tries.
    Wait(String),
}

impl Notice {
    fn kind(&self) -> &'static str {
        if matches!(self, Self::Good(_)) { "good" } else { "bad" }
    }

    fn role(&self) -> &'static str {
        if matches!(self, Self::Good(_)) { "status" } else { "alert" }
    }

    fn text(&self) -> &str {
        match self {
            Self::Good(text) | Self::Bad(text) => text,
            Self::Wait(text) => text,
        }
    }
}

impl<'a> Frame<'a> {
    /// The frame of a page in this visit's language.
    pub fn new(
        app: &'a App,
        visit: &Visit,
        title: fn(&Words) -> &'static str,
        notice: Option<Notice>,
    ) -> Self {
        let words = words::of(visit.language);
        Self { words, title: title(words), notice, app }
    }

    fn dial(&self, text: &str) -> String {
        text.replace("{service_code}", &self.app.config.ussd.service_code)
    }

    fn help(&self) -> String {
        self.words.help.replace("{help_line}", &self.app.config.help.line)
    }

    /// A page of this frame.
    pub fn page(&self, template: &impl Template) -> Result<Response, Sorry> {
        let page = template.render().map_err(|error| Sorry::broken(self.app, error))?;
        let status = match &self.notice {
            None | Some(Notice::Good(_)) => StatusCode::OK,
            Some(Notice::Bad(_)) => StatusCode::UNPROCESSABLE_ENTITY,
            Some(Notice::Wait(_)) => StatusCode::TOO_MANY_REQUESTS,
        };
        Ok((status, Html(page)).into_response())
    }
}

#[derive(Template)]
#[template(path = "portal/sign_in.html")]
pub struct SignIn<'a> {
    pub frame: &'a Frame<'a>,
    pub username: &'a str,
}

#[derive(Template)]
#[template(path = "portal/code.html")]
pub struct Code<'a> {
    pub frame: &'a Frame<'a>,
    pub username: &'a str,
}

#[derive(Template)]
#[template(path = "portal/forgot.html")]
pub struct Forgot<'a> {
    pub frame: &'a Frame<'a>,
    pub username: &'a str,
    pub sent: bool,
}

#[derive(Template)]
#[template(path = "portal/account.html")]
pub struct AccountPage<'a> {
    pub frame: &'a Frame<'a>,
    pub account: &'a Account,
    pub token: &'a str,
    /// The words of the language that screens and SMS have now, and of the other.
    pub own: &'static Words,
    pub other: &'static Words,
}

#[derive(Template)]
#[template(path = "portal/messages.html")]
pub struct Messages<'a> {
    pub frame: &'a Frame<'a>,
    pub rows: &'a [MessageRow],
}

#[derive(Template)]
#[template(path = "portal/password.html")]
pub struct Password<'a> {
    pub frame: &'a Frame<'a>,
    pub username: &'a str,
    pub token: &'a str,
}

/// A message and what became of it.
pub struct MessageRow {
    pub at: String,
    pub way: String,
    pub purpose: String,
    pub fate: String,
    pub advice: Option<String>,
    pub class: &'static str,
}

impl MessageRow {
    /// In the words of the menus.
    pub fn of(
        menus: &Menus,
        language: Language,
        constants: Constants<'_>,
        message: &Summary,
        medium: Medium,
    ) -> Self {
        let values = Known { vars: &[], constants };
        let word = |var, word| {
            let text = menus.word(var, word);
            text.map_or_else(String::new, |text| render::text(menus, text, language, &values))
        };
        Self {
            at: message.created_at.with_timezone(&NAIROBI).format("%d/%m/%Y %H:%M").to_string(),
            way: word(Var::MessageWay, medium_word(medium)),
            purpose: word(Var::MessagePurpose, message.purpose.name()),
            fate: word(Var::MessageFate, told_fate_word(message.fate, medium)),
            advice: message.reason.map(|reason| word(Var::MessageReason, reason_word(Some(reason)))),
            class: fate_word(message.fate),
        }
    }
}

/// What the words of the menus can show to a person.
pub fn constants<'a>(app: &'a App, msisdn: &'a Msisdn) -> Constants<'a> {
    let settings = &app.deps.settings;
    Constants {
        username: msisdn.username(),
        help_line: &settings.help_line,
        service_code: &settings.service_code,
        pin_digits: settings.pin_digits,
        post_pin_digits: settings.post_pin_digits,
        reference: "",
        portal: &settings.portal,
        web_code: "",
        network: network_word(Network::usual_of(msisdn).as_ref()),
    }
}

/// The one stylesheet.
pub async fn style() -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=86400")];
    (headers, include_str!("../../../templates/portal/style.css")).into_response()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;
    use crate::{
        menu::definition::Bundle,
        model::{
            MessageId,
            message::{Fate, Purpose, RefusalReason},
        },
    };

    #[test]
    fn a_refused_message_says_what_can_be_done_about_it() {
        let menus = Menus::compile(Bundle::built_in()).ok().unwrap();
        let constants = Constants {
            username: "254700000010",
            help_line: "0700 000 099",
            service_code: "*384*2547#",
            pin_digits: 6,
            post_pin_digits: 8,
            reference: "",
            portal: "",
            web_code: "",
            network: "safaricom",
        };
        let message = Summary {
            id: MessageId(Uuid::nil()),
            purpose: Purpose::PasswordCode,
            fate: Fate::Refused,
            reason: Some(RefusalReason::LineBlocks),
            created_at: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
            route: None,
        };
        let row = MessageRow::of(&menus, Language::En, constants, &message, Medium::Sms);
        assert_eq!(
            (row.at.as_str(), row.way.as_str(), row.fate.as_str(), row.class),
            ("15/01/2027 11:00", "SMS", "refused", "refused")
        );
        let called = MessageRow::of(&menus, Language::Sw, constants, &message, Medium::Call);
        assert_eq!((called.way.as_str(), called.fate.as_str()), ("Simu", "imekataliwa"));
        let advice = row.advice.unwrap();
        assert!(advice.starts_with("Your line blocks our SMS. ") && advice.contains('*'), "{advice}");
    }
}
