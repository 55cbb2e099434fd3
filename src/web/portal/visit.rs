//! What is known of a request: the language it is answered in, where it comes from, and who is signed in.

use std::net::SocketAddr;

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use tower_sessions::Session;
use uuid::Uuid;

use super::sorry::Sorry;
use crate::{
    app::App,
    model::Language,
    services::portal::{self, SignedIn, account},
    storage::web_people::Person,
    web::guard,
};

/// The keys of what a session holds.
const WHO: &str = "who";
const TOKEN: &str = "token";

/// The cookie that remembers a language: nothing personal, for a year.
const LANGUAGE_COOKIE: &str = "__Host-language";

/// A request for a page.
pub struct Visit {
    /// The language of the page.
    pub language: Language,
    /// The place it comes from, as limits count it.
    pub source: String,
    /// Who is signed in.
    pub person: Option<Person>,
    /// What the forms of this session's pages carry; empty where nobody is signed in.
    pub token: String,
    /// Whether somebody was signed in, and is no longer.
    pub is_over: bool,
    session: Session,
}

impl FromRequestParts<App> for Visit {
    type Rejection = Sorry;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Sorry> {
        let ConnectInfo(peer) = ConnectInfo::<SocketAddr>::from_request_parts(parts, app)
            .await
            .map_err(|_| Sorry::broken(app, "a request has no address"))?;
        let session =
            Session::from_request_parts(parts, app).await.map_err(|(_, why)| Sorry::broken(app, why))?;
        let claimed = session.get::<SignedIn>(WHO).await.map_err(|error| Sorry::broken(app, &error))?;
        let person = match claimed {
            Some(signed_in) => {
                account::person(&app.deps, signed_in).await.map_err(|e| Sorry::broken(app, &e))?
            }
            None => None,
        };
        let is_over =
            person.is_none() && parts.headers.contains_key(header::COOKIE) && had_session(&parts.headers);
        if claimed.is_some() && person.is_none() {
            session.flush().await.map_err(|error| Sorry::broken(app, &error))?;
        }
        let token = session.get::<String>(TOKEN).await.ok().flatten().unwrap_or_default();
        let language = language(parts, person.as_ref());
        let source = portal::source(guard::source(&app.config.server, peer, &parts.headers));
        Ok(Self { language, source, person, token, is_over, session })
    }
}

impl Visit {
    /// Sign in: the session gets a new id, so that one which somebody else knows is worth nothing.
    pub async fn sign_in(&self, app: &App, who: SignedIn) -> Result<(), Sorry> {
        let begun = async {
            self.session.flush().await?;
            self.session.insert(WHO, who).await?;
            self.session.insert(TOKEN, Uuid::from_bytes(app.deps.chance.bytes()).simple().to_string()).await
        };
        begun.await.map_err(|error| Sorry::broken(app, &error))
    }

    /// Sign out: the session ends here and in the database.
    pub async fn sign_out(&self, app: &App) -> Result<(), Sorry> {
        self.session.flush().await.map_err(|error| Sorry::broken(app, &error))
    }

    /// Whether a form carries the token of this session.
    pub fn is_from_our_page(&self, token: &str) -> bool {
        guard::is_same(&self.token, token) && !self.token.is_empty()
    }
}

fn had_session(headers: &HeaderMap) -> bool {
    cookie(headers, super::COOKIE).is_some()
}

/// Chosen by a link, or before; else that of the account, or what the browser asks for.
pub fn language(parts: &Parts, person: Option<&Person>) -> Language {
    let chosen = chosen_language(parts.uri.query());
    let remembered = || cookie(&parts.headers, LANGUAGE_COOKIE).and_then(Language::from_code);
    let asked = || {
        let asked = parts.headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        asked.split(',').find_map(|tag| Language::from_code(tag.trim().get(..2)?))
    };
    let own = || person.map(|person| person.language);
    chosen.or_else(remembered).or_else(own).or_else(asked).unwrap_or_default()
}

/// The language that a link asks for: `?lang=sw`.
pub fn chosen_language(query: Option<&str>) -> Option<Language> {
    let (_, code) = form_urlencoded::parse(query?.as_bytes()).find(|(name, _)| name == "lang")?;
    Language::from_code(&code)
}

/// The cookie that remembers a language.
pub fn language_cookie(language: Language) -> HeaderValue {
    HeaderValue::from_static(match language {
        Language::En => "__Host-language=en; Path=/; Max-Age=31536000; Secure; HttpOnly; SameSite=Strict",
        Language::Sw => "__Host-language=sw; Path=/; Max-Age=31536000; Secure; HttpOnly; SameSite=Strict",
    })
}

fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}
