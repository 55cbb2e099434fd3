//! A gateway with the demo's people and all its workers, as `daftari demo` runs it.

use std::time::Duration;

use daftari::{
    app::App,
    clock::{Chance, Clock},
    config::{Config, Environment},
    gateways::http_client,
    model::Msisdn,
    phones::transcript::{CantDo, Stage},
    services::demo,
    telemetry::metrics::Metrics,
    web::serve,
    workers,
};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use tokio::time::Instant;

pub const SECRET: &str = "a-secret-that-only-tests-know";

/// A running gateway; it ends with the test.
pub struct Gateway {
    pub app: App,
    pub url: String,
    _folder: tempfile::TempDir,
}

impl Gateway {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = format!("sqlite://{}", folder.path().join("daftari.db").display());
        let environment: Environment = [
            ("DAFTARI_DATABASE__URL", database.as_str()),
            ("DAFTARI_SERVER__LISTEN", "127.0.0.1:0"),
            ("DAFTARI_SERVER__ADMIN_LISTEN", "127.0.0.1:0"),
            ("DAFTARI_SERVER__CALLBACK_SECRET", SECRET),
        ]
        .into_iter()
        .map(|(key, value)| (key, value.to_owned()))
        .collect();
        let chance = Chance::from_system();
        let config = Config::demo(&environment, &mut |bytes| chance.fill(bytes)).expect("a configuration");
        let app = App::start(config, Clock::System, chance).await.expect("the gateway starts");
        demo::set_lines(app.simulator.as_ref().expect("a simulated route"));
        demo::fill(&app.deps, &app.menus.current()).await.expect("the demo's people");
        let listening = serve::serve(&app, Metrics::install().expect("metrics")).await.expect("it listens");
        workers::start(&app);
        Self { app, url: format!("http://{}", listening.public), _folder: folder }
    }

    /// What a path answers: status and body.
    pub async fn get(&self, path: &str) -> (u16, String) {
        let client = http_client().expect("a client");
        let answer = client.get(format!("{}{path}", self.url)).send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a body"))
    }

    /// What a path answers, as JSON.
    pub async fn json(&self, path: &str) -> Value {
        let (status, body) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).expect("JSON")
    }

    /// Do something on a phone; gives status and how it stands then.
    pub async fn act(&self, number: &str, wish: &Value) -> (u16, Value) {
        let client = http_client().expect("a client");
        let url = format!("{}/simulator/api/phones/{number}", self.url);
        let answer = client.post(url).json(wish).send().await.expect("an answer");
        (answer.status().as_u16(), serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON"))
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.app.lifecycle.stop();
    }
}

impl Stage for Gateway {
    fn base_url(&self) -> String {
        self.url.clone()
    }

    async fn messages_to(&self, msisdn: &Msisdn) -> Result<Vec<String>, CantDo> {
        let route = self.app.simulator.as_ref().expect("a simulated route");
        Ok(route.sent_to(msisdn).iter().map(|sent| sent.body.expose_secret().to_owned()).collect())
    }
}

/// Wait until something is so.
pub async fn eventually(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let guard = Instant::now() + Duration::from_secs(40);
    while !so().await {
        assert!(Instant::now() < guard, "it never happened: {what}");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}
