//! The page in a real browser, used as a person uses it.

use serde_json::json;

use crate::{
    browser::{Browser, in_a_window},
    gateway::{Gateway, SECRET, eventually},
};

const SCREEN: &str = ".phone .screen";
const ENTRY: &str = ".phone .entry";
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const TAB: &str = "\u{e004}";

/// The way to an account, and what the phone shows after each answer.
const WAY: [(&str, &str); 10] = [
    ("", "Examination staff register"),
    ("1", "This line has no account yet."),
    ("1", "We keep your name"),
    ("1", "Type your first and middle names"),
    ("Asha Njeri", "Type your surname"),
    ("Wanjiku", "Type your national ID number"),
    ("28461937", "Is this right?"),
    ("1", "Choose a secret PIN"),
    ("907318", "Type the same PIN once more"),
    ("907318", "Your account is open."),
];

/// Type answers on the keyboard until the screen that follows the last of them.
async fn walk(browser: &Browser, steps: &[(&str, &str)]) {
    browser.js("document.querySelector(arguments[0]).focus()", json!([ENTRY])).await;
    for (typed, shows) in steps {
        browser.keys(&format!("{typed}{ENTER}")).await;
        browser.until(SCREEN, shows).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_opens_an_account_and_gets_its_sms() {
    in_a_window(1280, async |browser: &Browser, gateway: &Gateway| {
        browser.open(gateway, "").await;
        browser.click("#still").await;
        walk(browser, &WAY[..7]).await;
        browser.picture("wide_on_the_way", 1280).await;
        walk(browser, &WAY[7..]).await;
        browser.until(".phone .inbox .message .words", "Your exam staff account is open.").await;
        browser.until(".phone .inbox .message .fate", "delivered").await;
        browser.until(".phone .inbox .message .head span", "1 segment, ").await;
        browser.until(".phone .news", "New SMS: Your exam staff account is open.").await;
        browser.until(".phone .septets", "114 of 160").await;
        browser.until("#sessions li small", "10 steps, ended").await;
        browser.picture("wide", 1280).await;
        assert_page_knows_no_secret(browser, gateway).await;
    })
    .await;
}

/// Everything the page has loaded is its own server's, and none of it holds the path secret.
async fn assert_page_knows_no_secret(browser: &Browser, gateway: &Gateway) {
    let loaded = browser
        .js("return performance.getEntriesByType('resource').map((entry) => entry.name)", json!([]))
        .await;
    let loaded: Vec<String> = serde_json::from_value(loaded).expect("addresses");
    assert!(loaded.len() > 10, "{loaded:?}");
    for address in loaded {
        let path =
            address.strip_prefix(&gateway.url).unwrap_or_else(|| panic!("{address} is from elsewhere"));
        assert!(path.starts_with("/simulator/"), "{path}");
        assert!(!path.contains(SECRET) && !gateway.get(path).await.1.contains(SECRET), "{path}");
    }
    let html = browser.js("return document.documentElement.outerHTML", json!([])).await;
    assert!(!html.as_str().expect("the page").contains(SECRET));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_keypad_dials_types_letters_and_hangs_up() {
    in_a_window(360, async |browser: &Browser, gateway: &Gateway| {
        browser.open(gateway, "#254700000010").await;
        browser.click("#still").await;
        browser.click(".phone .green").await;
        browser.until(SCREEN, "Examination staff register").await;
        for _ in 0..3 {
            browser.click(".phone .key[data-key='1']").await;
            browser.click(".phone .green").await;
            eventually("the answer is taken", async || browser.text(".phone.waiting").await.is_empty()).await;
        }
        browser.until(SCREEN, "Type your first and middle names").await;
        browser.click(".phone .letters").await;
        // A letter each time a key comes down again within a second, as one script: nothing here waits for a clock.
        let tapped =
            "for (const key of '2777744') document.querySelector(`.phone .key[data-key='${key}']`).click();
                      return document.querySelector('.phone .entry').value";
        assert_eq!(browser.js(tapped, json!([])).await, "ash");
        browser.picture("narrow", 360).await;
        browser.click(".phone .red").await;
        browser.until(SCREEN, "Call ended").await;
        browser.until(".phone .told", "You hung up.").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_sms_is_shown_with_its_reason() {
    in_a_window(1280, async |browser: &Browser, gateway: &Gateway| {
        browser.open(gateway, "#254700000010").await;
        browser.click("#still").await;
        browser.click(".phone .switches summary").await;
        browser.choose(".phone [name=sms]", "refused").await;
        browser.until(".phone .switches.unusual summary", "What the network does").await;
        walk(browser, &WAY).await;
        browser.until(".phone .message.unseen .fate", "did not arrive: the line blocks our SMS").await;
        browser.until(".phone .message.unseen .words", "Your exam staff account is open.").await;
        browser.choose(".phone [name=sms]", "arrive").await;
        browser.choose(".phone [name=reports]", "out_of_order").await;
        browser.js("document.querySelector('.phone .write input').focus()", json!([])).await;
        browser.keys(&format!("hali{ENTER}")).await;
        browser.until(".phone .message.written .words", "hali").await;
        browser.until(".phone .message.sms:not(.unseen) .fate", "delivered").await;
        browser.picture("refused", 1280).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_thinks_too_long_is_dropped_and_may_stop_the_time() {
    in_a_window(800, async |browser: &Browser, gateway: &Gateway| {
        browser.open(gateway, "?speed=100#254700000010").await;
        walk(browser, &WAY[..1]).await;
        browser.until(".phone .told", "No answer in time: the network dropped the call.").await;
        assert_eq!(browser.text(".phone .news").await, "10 seconds left to answer.");
        browser.until(SCREEN, "Call ended").await;
        browser.click("#still").await;
        walk(browser, &WAY[..2]).await;
        let left = browser.text(".phone .thinking-left").await;
        let screens = browser.text("#sessions li small").await;
        assert_eq!((left.as_str(), screens.as_str()), ("0:30", "2 steps, open"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_dropped_at_its_age_however_fast_one_answers() {
    in_a_window(800, async |browser: &Browser, gateway: &Gateway| {
        browser.open(gateway, "?speed=100#254700000010").await;
        browser.click("#still").await;
        browser.click(".phone .switches summary").await;
        browser.choose(".phone [name=network]", "63903").await;
        browser.until(".phone .bar .network", "Airtel").await;
        walk(browser, &WAY[..1]).await;
        browser.until(".phone .thinking-left", "1:00").await;
        // Somebody who answers again and again, and dials anew if it was too slow for once.
        let answering = "const phone = document.querySelector('.phone');
            const over = () => phone.querySelector('.told').textContent.startsWith('A session');
            setInterval(() => { if (!over()) phone.querySelector('.green').click(); }, 100);
            document.getElementById('still').click();";
        browser.js(answering, json!([])).await;
        browser.until(".phone .told", "A session lives 180 s: the network dropped the call.").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_sent_twice_at_once_gets_one_screen_and_has_one_effect() {
    in_a_window(1280, async |browser: &Browser, gateway: &Gateway| {
        browser.open(gateway, "#254700000010").await;
        browser.click("#still").await;
        browser.click(".phone .switches summary").await;
        browser.click(".phone input[name=twice]").await;
        walk(browser, &WAY).await;
        browser.until(".phone .told", "Sent twice at once: both got this screen.").await;
        browser.click(".phone button.twice").await;
        browser.until(".phone .told", "Sent again, twice at once: both times the same screen came.").await;
        browser.click(".phone button.repeat").await;
        browser.until(".phone .told", "Sent again: the same screen came.").await;
        browser.until(".phone .message .fate", "delivered").await;
        assert_eq!(
            browser.js("return document.querySelectorAll('.phone .message').length", json!([])).await,
            1
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_past_the_aggregators_patience_is_an_error_on_the_phone() {
    in_a_window(800, async |browser: &Browser, gateway: &Gateway| {
        browser.open(gateway, "?speed=100#254700000010").await;
        browser.click("#still").await;
        walk(browser, &WAY[..5]).await;
        browser.click(".phone .switches summary").await;
        browser.choose(".phone [name=late_s]", "12").await;
        browser.until(".phone .switches.unusual summary", "What").await;
        walk(browser, &[("Wanjiku", "Connection problem or invalid MMI code.")]).await;
        browser.until(".phone .told", "The gateway took longer than 10 s").await;
        browser.choose(".phone [name=late_s]", "0").await;
        eventually("the switch is back", async || {
            browser.text(".phone .switches.unusual summary").await.is_empty()
        })
        .await;
        walk(browser, &[("", "You began to open an account.")]).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_keyboard_alone_is_enough() {
    in_a_window(1280, async |browser: &Browser, gateway: &Gateway| {
        browser.open(gateway, "#254700000010").await;
        browser.js("document.body.focus()", json!([])).await;
        for _ in 0..30 {
            let focus = "return document.activeElement.className + document.activeElement.id";
            match browser.js(focus, json!([])).await.as_str() {
                Some("still") => browser.keys(" ").await,
                Some("screen") => break,
                _ => {}
            }
            browser.keys(TAB).await;
        }
        assert_eq!(browser.js("return document.getElementById('still').checked", json!([])).await, true);
        // With the focus on the screen digits type all the same.
        browser.keys(ENTER).await;
        browser.until(SCREEN, "Examination staff register").await;
        browser.keys("1").await;
        browser.keys(ENTER).await;
        browser.until(SCREEN, "This line has no account yet.").await;
        browser.keys(ESCAPE).await;
        browser.until(SCREEN, "Call ended").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_control_has_a_name_and_nothing_is_wider_than_a_phone() {
    in_a_window(360, async |browser: &Browser, gateway: &Gateway| {
        browser.open(gateway, "#254700000010,254700000001").await;
        browser.click("#still").await;
        walk(browser, &WAY[..7]).await;
        browser.until("#sessions li small", "7 steps, open").await;
        browser.js("for (const box of document.querySelectorAll('details')) box.open = true", json!([])).await;
        browser.click("#sessions button").await;
        browser.until("#step-place", "0700 000 010: step 1 of 7").await;
        let nameless = "return [...document.querySelectorAll('button, input, select, summary, a, [tabindex], progress')].filter((control) => {
            const words = control.getAttribute('aria-label') ?? [...control.labels ?? []].map((label) => label.textContent).join('')
              + (control.matches('input, select') ? '' : control.textContent);
            return words.trim() === '';
          }).map((control) => control.outerHTML)";
        assert_eq!(browser.js(nameless, json!([])).await, json!([]));
        let wide = "return [innerWidth, document.documentElement.scrollWidth - document.documentElement.clientWidth, [...document.querySelectorAll('body *')]
            .filter((one) => one.getBoundingClientRect().right > 361 && !one.closest('.hidden')).map((one) => one.outerHTML.slice(0, 80))]";
        assert_eq!(browser.js(wide, json!([])).await, json!([360, 0, []]));
        browser.picture("narrow_all", 360).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_replayed_step_by_step_with_its_pin_hidden() {
    in_a_window(1280, async |browser: &Browser, gateway: &Gateway| {
        browser.open(gateway, "#254700000010").await;
        browser.click("#still").await;
        walk(browser, &WAY).await;
        browser.until("#sessions li small", "10 steps, ended").await;
        browser.click("#sessions button").await;
        browser.until("#step-screen", "Examination staff register").await;
        browser.click("#next").await;
        browser.until("#step-input", "1").await;
        browser.until("#step-screen", "This line has no account yet.").await;
        browser.click("#last").await;
        browser.until("#step-screen", "Your account is open.").await;
        browser.until("#step-input", "\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}").await;
        browser.click("#secrets").await;
        browser.until("#step-input", "907318").await;
        browser.click("#previous").await;
        browser.until("#step-place", "0700 000 010: step 9 of 10").await;
        browser.click("#first").await;
        browser.until("#step-did", "Dialled").await;
        let link = browser.js("return document.getElementById('save').getAttribute('href')", json!([])).await;
        let (status, saved) = gateway.get(link.as_str().expect("a link")).await;
        assert_eq!(status, 200);
        assert!(saved.contains("\ntype 907318\n  | Your account is open."), "{saved}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_phones_lie_side_by_side_and_stay_there() {
    in_a_window(1280, async |browser: &Browser, gateway: &Gateway| {

        for (number, inputs) in [
            ("+254700000001", &["135790"][..]),
            ("+254700000012", &["1", "1", "1"]),
            // The demo's line that refuses SMS is told so first; then the code can only come as a call.
            ("+254700000004", &["1", "1", "1"]),
        ] {
            gateway.act(number, &json!({ "do": "dial", "code": "*384*2547#" })).await;
            for input in inputs {
                gateway.act(number, &json!({ "do": "type", "input": input })).await;
            }
        }
        gateway.act("+254700000004", &json!({ "do": "drop", "why": "red_key" })).await;
        browser.open(gateway, "#254700000012,254700000001").await;
        browser.click("#still").await;
        eventually("two phones", async || count(browser).await == 2).await;
        browser.js("document.getElementById('number').focus()", json!([])).await;
        browser.keys(&format!("0700 000 004{ENTER}")).await;
        eventually("three phones", async || count(browser).await == 3).await;
        let address = browser.js("return location.hash", json!([])).await;
        assert_eq!(address, "#254700000012,254700000001,254700000004");
        let tops = "return new Set([...document.querySelectorAll('.handset')].map((one) => one.getBoundingClientRect().top)).size";
        assert_eq!(browser.js(tops, json!([])).await, 1, "side by side");
        browser.until(".phone:last-child .message.unseen .fate", "did not arrive").await;
        browser.until(".phone:last-child .switches.unusual summary", "What the network does").await;
        browser.until(".phone:last-child .message.call .words", "Hello. This is the exam staff service.").await;
        browser.until(".phone:last-child .message.call .fate", "delivered by voice").await;
        browser.js("location.reload()", json!([])).await;
        eventually("three phones again", async || count(browser).await == 3).await;
        browser.until(".phone:first-child .screen", "Type your first and middle names").await;
        browser.until(".phone:last-child .message.call .fate", "delivered by voice").await;
        browser.picture("side_by_side", 1280).await;
    })
    .await;
}

async fn count(browser: &Browser) -> i64 {
    browser.js("return document.querySelectorAll('.phone').length", json!([])).await.as_i64().unwrap_or(0)
}
