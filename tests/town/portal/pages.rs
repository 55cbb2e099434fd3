//! What every page is: small, without script, dressed in its headers, in two languages; and what is refused because it
//! did not come from one of them.

use super::{PASSWORD, USER, browser, choose, sign_in, signed_in};
use crate::{
    browser::{Browser, Page},
    raw,
    town::{Backend, Town, on_every_back_end},
};

const PAGES: [&str; 7] = ["sign-in", "code", "forgot", "account", "messages", "password", "nothing-here"];
const CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
                   frame-ancestors 'none'";

fn is_dressed(page: &Page) {
    for (name, value) in [
        ("content-security-policy", CSP),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(page.header(name), Some(value), "{name}");
    }
}

on_every_back_end! {
    async fn pages_are_small_without_script_and_in_two_languages(town: Town) {
        let mut browser = signed_in(&town).await;
        for language in ["en", "sw"] {
            for name in PAGES {
                let page = browser.get(&format!("/portal/{name}?lang={language}")).await;
                assert!(page.status == if name == "nothing-here" { 404 } else { 200 }, "{name}: {}", page.status);
                is_dressed(&page);
                println!("{language} {name}: {} bytes", page.body.len());
                assert!(page.body.len() < 15_000, "{name}");
                for never in ["<script", "javascript:", " style=", " onclick=", "http://"] {
                    assert!(!page.body.contains(never), "{never} in {name}");
                }
                let both = name == "nothing-here";
                assert!(both || page.body.contains(&format!("<html lang=\"{language}\">")), "{name}");
            }
        }
        assert!(browser.get("/portal/account").await.body.contains("Akaunti yangu"), "the language is remembered");
        let page = browser.change("/portal/language", &[("lang", "sw")]).await;
        assert_eq!(page.leads_to(), "/portal/account?said=language");
        assert_eq!(town.count("SELECT COUNT(*) FROM lines WHERE language = 'sw'").await, 1, "screens as well");
    }
}

#[tokio::test]
async fn a_page_behind_tls_says_to_come_back_by_tls_only() {
    let over_tls = [("DAFTARI_SERVER__PUBLIC_URL", "https://daftari.example")];
    let town = Town::with(Backend::Embedded, &over_tls).await;
    let page = browser(&town).get("/portal/sign-in").await;
    assert_eq!(page.header("strict-transport-security"), Some("max-age=15768000"));
    // The proxy may have changed the host: the address that people use is known.
    let mut proxied = Browser::new(&town.nodes[0].url);
    proxied.says = vec![("origin", "https://daftari.example".to_owned())];
    assert_eq!(sign_in(&mut proxied, USER, PASSWORD).await.status, 422);
    proxied.says = vec![("origin", "https://daftari.example.com".to_owned())];
    assert_eq!(sign_in(&mut proxied, USER, PASSWORD).await.status, 403);
}

on_every_back_end! {
    async fn a_request_that_another_site_made_does_nothing(town: Town) {
        let browser = signed_in(&town).await;
        let token = browser.clone().get("/portal/account").await.token();
        let elsewhere = [
            vec![("origin", "https://elsewhere.example".to_owned())],
            vec![("sec-fetch-site", "cross-site".to_owned())],
            vec![("sec-fetch-site", "same-site".to_owned()), ("origin", "https://elsewhere.example".to_owned())],
            vec![("origin", "null".to_owned())],
        ];
        for says in elsewhere {
            let mut forged = Browser { says, ..browser.clone() };
            for path in ["sign-out", "sign-out-everywhere", "language", "password", "sign-in", "code", "forgot"] {
                let page = forged.post(&format!("/portal/{path}"), &[("token", token.as_str())]).await;
                assert_eq!(page.status, 403, "{path}");
                is_dressed(&page);
            }
        }
        // An old browser says nothing of where a request comes from: then the token counts.
        let mut old = Browser { cookies: browser.cookies.clone(), ..Browser::old(&town.nodes[0].url) };
        for token in ["", "guessed"] {
            assert_eq!(old.post("/portal/sign-out-everywhere", &[("token", token)]).await.status, 403);
        }
        for path in ["sign-out", "sign-out-everywhere", "language"] {
            assert_eq!(old.get(&format!("/portal/{path}")).await.status, 405, "changes come by POST");
        }
        assert_eq!(old.get("/portal/account").await.status, 200, "nothing was done");
        assert_eq!(old.change("/portal/sign-out", &[]).await.leads_to(), "/portal/sign-in?said=out");
    }
}

#[tokio::test]
async fn what_is_no_form_is_refused_politely() {
    let town = Town::open(Backend::Embedded).await;
    let long = "a".repeat(9 * 1024);
    for (kind, body) in [("application/json", "{}"), ("text/plain", "username=1"), (raw::FORM, long.as_str())]
    {
        let answer = raw::send(&town.nodes[0].url, "POST", "/portal/sign-in", kind, body.as_bytes()).await;
        assert_eq!(answer.status, 400, "{kind}");
        assert!(answer.body.contains("We could not read that."), "{}", answer.body);
    }
    let escaped = choose(&mut browser(&town), "\"><script>alert(1)</script>", "135791", PASSWORD).await;
    assert!(!escaped.body.contains("<script"), "{}", escaped.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_database_is_said_with_a_reference_and_nothing_else() {
    let town = Town::open(Backend::Embedded).await;
    let browser = signed_in(&town).await;
    town.app().deps.store.close().await;
    for page in [
        browser.clone().get("/portal/account").await,
        sign_in(&mut Browser::new(&town.nodes[0].url), USER, PASSWORD).await,
    ] {
        assert_eq!(page.status, 500);
        is_dressed(&page);
        assert!(page.body.contains("Reference / Kumbukumbu: <b>"), "{}", page.body);
        // A reference may read SQL by chance.
        let body = page.body.to_lowercase();
        assert!(!body.contains("sqlx") && !body.contains("sqlite") && !body.contains("pool"), "{body}");
    }
}
