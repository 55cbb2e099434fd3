//! Chromium without a window, driven through chromedriver. Both end with the test, also with one that fails.

use std::{panic::AssertUnwindSafe, process::Stdio, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use daftari::gateways::http_client;
use fantoccini::{Client, ClientBuilder};
use futures_util::FutureExt as _;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use crate::gateway::{Gateway, eventually};

const INSTALL: &str =
    "The browser tests need Chromium. Install it: sudo apt-get install chromium chromium-driver";

/// One window on one gateway's simulator.
pub struct Browser {
    client: Client,
    driver: String,
}

/// Run a test in a window of this width.
pub async fn in_a_window(width: u32, test: impl AsyncFnOnce(&Browser, &Gateway)) {
    let gateway = Gateway::start().await;
    let (child, driver) = start_driver().await;
    let client = open(&driver).await;
    let browser = Browser { client, driver };
    browser.resize(width, 900).await;
    let outcome = AssertUnwindSafe(test(&browser, &gateway)).catch_unwind().await;
    let complaints = browser.complaints().await;
    browser.client.close().await.expect("the browser closes");
    drop(child);
    match outcome {
        Ok(()) => assert_eq!(complaints, Vec::<String>::new(), "the console is silent"),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// A chromedriver on a port of its own.
async fn start_driver() -> (Child, String) {
    let mut child = Command::new("chromedriver")
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| panic!("chromedriver does not start: {error}. {INSTALL}"));
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    while let Some(line) = lines.next_line().await.expect("its output") {
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            let port = port.trim_end_matches('.').to_owned();
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return (child, format!("http://127.0.0.1:{port}"));
        }
    }
    panic!("chromedriver ended without a port. {INSTALL}");
}

async fn open(driver: &str) -> Client {
    let arguments = [
        "--headless=new",
        // Tests also run as root, where Chromium refuses its sandbox; the page is our own.
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--force-prefers-reduced-motion",
        "--disable-background-networking",
    ];
    let capabilities = json!({
        "goog:chromeOptions": { "args": arguments },
        "goog:loggingPrefs": { "browser": "ALL" },
    });
    let Value::Object(capabilities) = capabilities else { unreachable!("it is an object") };
    ClientBuilder::new(HttpConnector::new())
        .capabilities(capabilities)
        .connect(driver)
        .await
        .unwrap_or_else(|error| panic!("the browser does not start: {error}. {INSTALL}"))
}

impl Browser {
    pub async fn resize(&self, width: u32, height: u32) {
        // A window may not be as narrow as a phone; its page may.
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Open the simulator and wait for its phones. `rest` is what follows `/simulator`.
    pub async fn open(&self, gateway: &Gateway, rest: &str) {
        self.client.goto(&format!("{}/simulator{rest}", gateway.url)).await.expect("the page opens");
        eventually("the phones are there", async || {
            self.js("return document.querySelectorAll('.phone').length > 0", json!([])).await == true
        })
        .await;
    }

    pub async fn js(&self, script: &str, arguments: Value) -> Value {
        let Value::Array(arguments) = arguments else { panic!("arguments are a list") };
        self.client.execute(script, arguments).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// The text of the first element that a selector finds.
    pub async fn text(&self, selector: &str) -> String {
        let text = self
            .js("return document.querySelector(arguments[0])?.textContent ?? ''", json!([selector]))
            .await;
        text.as_str().unwrap_or_default().to_owned()
    }

    pub async fn click(&self, selector: &str) {
        self.client
            .find(fantoccini::Locator::Css(selector))
            .await
            .unwrap_or_else(|error| panic!("{selector}: {error}"))
            .click()
            .await
            .unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    /// Press keys one after the other, wherever the focus is.
    pub async fn keys(&self, keys: &str) {
        let focused = self.client.active_element().await.expect("a focus");
        focused.send_keys(keys).await.expect("keys go down");
    }

    /// Choose from a list.
    pub async fn choose(&self, selector: &str, value: &str) {
        let list = self.client.find(fantoccini::Locator::Css(selector)).await.expect("a list");
        list.select_by_value(value).await.expect("a choice");
    }

    /// Wait until an element's text begins so.
    pub async fn until(&self, selector: &str, begins: &str) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(40);
        loop {
            let text = self.text(selector).await;
            if text.starts_with(begins) {
                return;
            }
            assert!(tokio::time::Instant::now() < deadline, "{selector} shows {text:?}, not {begins:?}");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Keep a picture of the whole page, if `DAFTARI_PICTURES` names a folder for it.
    pub async fn picture(&self, name: &str, width: u32) {
        let Ok(folder) = std::env::var("DAFTARI_PICTURES") else { return };
        let height = self.js("return document.documentElement.scrollHeight", json!([])).await;
        let clip = json!({ "x": 0, "y": 0, "width": width, "height": height, "scale": 1 });
        let asked = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let taken = self.devtools("Page.captureScreenshot", asked).await;
        let picture = STANDARD.decode(taken["data"].as_str().expect("a picture")).expect("Base64");
        std::fs::write(format!("{folder}/{name}.png"), picture).expect("the picture is kept");
    }

    /// What the browser's console complains about, violations of the content policy among them.
    async fn complaints(&self) -> Vec<String> {
        let log = self.driver("se/log", json!({ "type": "browser" })).await;
        let entries = log.as_array().cloned().unwrap_or_default();
        entries.iter().map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.driver("goog/cdp/execute", json!({ "cmd": command, "params": parameters })).await
    }

    /// A command of chromedriver's own.
    async fn driver(&self, command: &str, body: Value) -> Value {
        let session = self.client.session_id().await.expect("a session").expect("its id");
        let url = format!("{}/session/{session}/{command}", self.driver);
        let answer = http_client().expect("a client").post(url).json(&body).send().await.expect("an answer");
        let answer: Value = answer.json().await.expect("JSON");
        answer["value"].clone()
    }
}
