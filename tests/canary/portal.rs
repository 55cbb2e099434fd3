//! The portal's flows: the canary as user name, code and password, and codes on a phone's screen, which must be nowhere
//! else.

use crate::{
    OTHER_PIN, PIN,
    browser::Browser,
    flows::{account, dialled, line},
    raw,
    town::{Town, screen},
};

const FIELDS: [&str; 7] = ["username", "password", "code", "old", "new", "again", "token"];

/// All of them; gives the codes that were shown. They have eight digits: somebody is guessing.
pub async fn all(town: &Town) -> Vec<String> {
    account(town, 24, 5, OTHER_PIN).await;
    let user = line(24);
    let mut browser = Browser::new(&town.nodes[0].url);
    // Typed into every field of every form, also by somebody who is not signed in.
    let everywhere = FIELDS.map(|field| (field, PIN));
    for path in ["sign-in", "code", "forgot", "password", "language", "sign-out"] {
        browser.post(&format!("/portal/{path}"), &everywhere).await;
        browser.get(&format!("/portal/{path}?lang={PIN}&said={PIN}")).await;
        let body = raw::form(&everywhere);
        raw::send(&town.nodes[0].url, "POST", &format!("/portal/{path}"), raw::JSON, body.as_bytes()).await;
    }
    let code = shown(town).await;
    let password = format!("mvua {PIN} kubwa");
    assert_eq!(choose(&mut browser, &user, PIN, &password).await, 422);
    assert_eq!(choose(&mut browser, &user, &code, &password).await, 303);
    let wrong = [("username", user.as_str()), ("password", PIN)];
    assert_eq!(browser.clone().post("/portal/sign-in", &wrong).await.status, 422);
    let right = [("username", user.as_str()), ("password", password.as_str())];
    assert_eq!(browser.post("/portal/sign-in", &right).await.status, 303);
    let new = [("old", PIN), ("new", password.as_str()), ("again", password.as_str())];
    assert_eq!(browser.change("/portal/password", &new).await.status, 422);
    // And one that is still due when everything is looked through, in a call that goes on.
    vec![code, shown(town).await]
}

async fn shown(town: &Town) -> String {
    let mut phone = dialled(town, 24).await;
    for input in [OTHER_PIN, "7"] {
        phone.answer(input).await.expect("a screen");
    }
    phone.repeat().await.expect("a screen");
    let code = screen(&phone).strip_prefix("Code ").and_then(|rest| rest.get(..8));
    code.unwrap_or_else(|| panic!("no code in {}", screen(&phone))).to_owned()
}

async fn choose(browser: &mut Browser, user: &str, code: &str, password: &str) -> u16 {
    let fields = [("username", user), ("code", code), ("new", password), ("again", password)];
    browser.post("/portal/code", &fields).await.status
}
