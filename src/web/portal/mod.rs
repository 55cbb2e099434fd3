//! The light web portal: pages made on the server, without script, of a few kilobytes each, for small screens and old
//! browsers. `entry` holds the pages of whoever is not signed in, `account` those of whoever is, `visit` what is known of
//! a request, `pages` what they look like, `words` what they say, `sorry` what is shown when something can't be.
//!
//! Against forged requests: changes come by POST, and a browser that says where a request comes from (`Origin`,
//! `Sec-Fetch-Site`) is held to it. Old browsers say nothing of it (`KaiOS` 2.5 has neither, nor `SameSite`), so everything
//! that a signed-in person can change also needs the token of the session that its page carries.

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use tower_http::{catch_panic::CatchPanicLayer, csrf::CsrfLayer};
use tower_sessions::{SessionManagerLayer, cookie::SameSite};

use crate::{app::App, services::portal::sessions::Sessions};

mod account;
mod entry;
mod form;
mod pages;
mod sorry;
mod visit;
mod words;

/// The cookie of a session: bound to this host, sent over TLS only (or on the machine itself), out of reach of scripts.
const COOKIE: &str = "__Host-daftari";

/// What every answer says to the browser (`security.md` 38).
const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'",
        ),
    ),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

/// What takes the cookie of a session back.
const TAKEN_BACK: HeaderValue =
    HeaderValue::from_static("__Host-daftari=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict");

/// Half a year, as browsers ask for.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=15768000");

/// The pages under `/portal`.
pub fn router(app: &App) -> Router<App> {
    let sessions = SessionManagerLayer::new(Sessions::new(app.deps.clone()))
        .with_name(COOKIE)
        .with_secure(true)
        .with_http_only(true)
        .with_same_site(SameSite::Strict);
    let pages = Router::new()
        .route("/", get(entry::home))
        .route("/sign-in", get(entry::sign_in).post(entry::try_sign_in))
        .route("/code", get(entry::code).post(entry::try_code))
        .route("/forgot", get(entry::forgot).post(entry::ask))
        .route("/account", get(account::show))
        .route("/messages", get(account::messages))
        .route("/password", get(account::password).post(account::change_password))
        .route("/language", post(account::choose_language))
        .route("/sign-out", post(account::sign_out))
        .route("/sign-out-everywhere", post(account::sign_out_everywhere))
        .route("/style.css", get(pages::style))
        .fallback(async || sorry::not_found())
        .method_not_allowed_fallback(async || sorry::wrong_method())
        .layer(sessions)
        .layer(csrf(app).with_rejection_response(|_| sorry::forged()))
        .layer(CatchPanicLayer::custom(sorry::panicked))
        .layer(middleware::from_fn_with_state(app.clone(), dress));
    Router::new().nest("/portal", pages).route("/portal/", get(async || Redirect::permanent("/portal")))
}

/// A proxy may change `Host`, so the address that people use is trusted by name.
fn csrf(app: &App) -> CsrfLayer {
    let origin = app.config.server.public_url.as_deref().and_then(origin);
    let trusted = origin.and_then(|origin| CsrfLayer::new().add_trusted_origin(origin).ok());
    trusted.unwrap_or_default()
}

/// Scheme, host and port of an address, as a browser writes them.
fn origin(url: &str) -> Option<String> {
    let url = url.to_lowercase();
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split('/').next()?;
    let usual = if scheme == "https" { ":443" } else { ":80" };
    Some(format!("{scheme}://{}", host.strip_suffix(usual).unwrap_or(host)))
}

/// Put the headers on an answer, and the cookie of a language that was just chosen; draw what it is sorry for.
async fn dress(State(app): State<App>, request: Request, next: Next) -> Response {
    let chosen = visit::chosen_language(request.uri().query());
    let (parts, body) = request.into_parts();
    let language = visit::language(&parts, None);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    sorry::draw(&mut response, language);
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, value);
    }
    if app.config.server.public_url.as_deref().is_some_and(|url| url.starts_with("https://")) {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    take_back_properly(headers);
    if let Some(language) = chosen {
        headers.append(header::SET_COOKIE, visit::language_cookie(language));
    }
    response
}

/// Taking a cookie back, tower-sessions leaves `Secure` out; browsers then ignore it, because of the cookie's prefix.
fn take_back_properly(headers: &mut HeaderMap) {
    let taken_back = format!("{COOKIE}=;");
    let cookies: Vec<_> = headers.get_all(header::SET_COOKIE).iter().cloned().collect();
    headers.remove(header::SET_COOKIE);
    for cookie in cookies {
        let is_it = cookie.as_bytes().starts_with(taken_back.as_bytes());
        headers.append(header::SET_COOKIE, if is_it { TAKEN_BACK } else { cookie });
    }
}

/// A page that another page leads to.
fn to(path: &'static str) -> Response {
    Redirect::to(path).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for (url, expected) in [
            ("https://Daftari.example", "https://daftari.example"),
            ("https://daftari.example:443/gateway", "https://daftari.example"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ] {
            assert_eq!(origin(url).as_deref(), Some(expected));
        }
    }
}
