//! The route through Kannel against Debian's own Kannel: messages leave our outbox, reach a fake SMSC through bearerbox
//! and smsbox, and what Kannel reports to our listener becomes their fate.
//!
//! Needs `kannel` and `kannel-extras`, which `tests/run` installs.

mod boxes;

use boxes::{Boxes, PASSWORD, SENDER, USER, free_ports, until};
use chrono::DateTime;
use daftari::{
    app::App,
    clock::{Chance, Clock},
    config::{Config, Environment},
    model::{
        Language, MessageId, Msisdn,
        message::{Fate, Purpose, RefusalReason},
    },
    services::messaging,
    storage::messages,
    telemetry::metrics::Metrics,
    web::serve,
    workers::outbox::Outbox,
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

const SECRET: &str = "a-secret-that-only-tests-know";

/// A gateway whose one route is a Kannel.
struct Gateway {
    app: App,
    url: String,
    _folder: tempfile::TempDir,
}

impl Gateway {
    async fn over(kannel: &Boxes, password: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let [port] = free_ports();
        let url = format!("http://127.0.0.1:{port}");
        let database = format!("sqlite://{}", folder.path().join("daftari.db").display());
        let environment: Environment = [
            ("DAFTARI_DATABASE__URL", database.as_str()),
            ("DAFTARI_SERVER__LISTEN", &format!("127.0.0.1:{port}")),
            ("DAFTARI_SERVER__ADMIN_LISTEN", "127.0.0.1:0"),
            ("DAFTARI_SERVER__CALLBACK_SECRET", SECRET),
            ("DAFTARI_SERVER__ALLOWED_SOURCES", "127.0.0.1"),
            ("DAFTARI_SMS__ROUTE__0__NAME", "kannel"),
            ("DAFTARI_SMS__ROUTE__0__KIND", "kannel"),
            ("DAFTARI_SMS__ROUTE__0__BASE_URL", &kannel.sendsms),
            ("DAFTARI_SMS__ROUTE__0__USERNAME", USER),
            ("DAFTARI_SMS__ROUTE__0__PASSWORD", password),
            ("DAFTARI_SMS__ROUTE__0__SENDER", SENDER),
            ("DAFTARI_SMS__ROUTE__0__REPORT_URL", &url),
        ]
        .into_iter()
        .collect();
        let config = Config::load(None, &environment, &mut |bytes| bytes.fill(7)).expect("it is right");
        let clock = Clock::frozen("2026-03-02T07:00:00Z".parse().expect("an instant"));
        let app = App::start(config, clock, Chance::from_system()).await.expect("the gateway starts");
        serve::serve(&app, Metrics::install().expect("metrics")).await.expect("it listens");
        Self { app, url, _folder: folder }
    }

    /// Promise a message and let the outbox have its turn.
    async fn send(&self, number: &str) -> MessageId {
        let deps = &self.app.deps;
        let mut tx = deps.store.begin().await.expect("a transaction");
        let (menus, to) = (self.app.menus.current(), line(number));
        let queued = messaging::queue(deps, &mut tx, &menus, Purpose::HelpReply, &to, Language::Sw).await;
        tx.commit().await.expect("it is committed");
        let outbox =
            Outbox::new(deps.clone(), self.app.menus.clone(), self.app.routes.clone(), &self.app.lifecycle);
        assert_eq!(outbox.turn().await, 1, "it was claimed");
        queued.expect("it is queued")
    }

    async fn fate(&self, number: &str) -> (Fate, Option<RefusalReason>) {
        let mut tx = self.app.deps.store.read().await.expect("a read");
        let all = messages::fates_of(&mut tx, &line(number), DateTime::UNIX_EPOCH, 10).await.expect("fates");
        let [one] = all.as_slice() else { panic!("there are {} messages", all.len()) };
        (one.fate, one.reason)
    }

    async fn until_fate(&self, number: &str, wanted: Fate) -> Option<RefusalReason> {
        until("the message has its fate", async || {
            let (fate, reason) = self.fate(number).await;
            (fate == wanted).then_some(reason)
        })
        .await
    }

    /// What Kannel has reported, by status, in the order it came.
    async fn reports(&self) -> Vec<(String, String)> {
        let mut tx = self.app.deps.store.read().await.expect("a read");
        tx.query("SELECT provider_id, status FROM delivery_reports ORDER BY received_at, status DESC")
            .all()
            .await
            .expect("the reports")
    }
}

fn line(number: &str) -> Msisdn {
    Msisdn::from_network(number).expect("a number")
}

/// A gateway over a Kannel whose refusing SMSC refuses.
async fn town() -> (Boxes, Gateway, MockServer) {
    let refusing = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(400)).mount(&refusing).await;
    let kannel = Boxes::start(&format!("{}/send", refusing.uri())).await;
    let gateway = Gateway::over(&kannel, PASSWORD).await;
    (kannel, gateway, refusing)
}

#[tokio::test]
async fn a_message_reaches_the_smsc_and_its_reports_become_its_fate() {
    let (mut kannel, gateway, _refusing) = town().await;
    kannel.connect_smsc();
    let id = gateway.send("+254700000010").await;
    let arrived = kannel.arrived("+254700000010").await;
    assert!(
        arrived.contains("<22384 +254700000010 text Wasimamizi wa mitihani: piga *384*2547#"),
        "{arrived}"
    );
    gateway.until_fate("+254700000010", Fate::Delivered).await;
    let ours = format!("{}.1", id.0.simple());
    let told = [(ours.clone(), "8 taken by the SMSC".to_owned()), (ours, "1 delivered".to_owned())];
    until("both reports are kept", async || (gateway.reports().await == told).then_some(())).await;
}

#[tokio::test]
async fn a_message_that_waits_for_an_smsc_is_sent_and_then_delivered() {
    let (mut kannel, gateway, _refusing) = town().await;
    gateway.send("+254700000011").await;
    assert_eq!(gateway.fate("+254700000011").await, (Fate::Sent, None));
    kannel.connect_smsc();
    gateway.until_fate("+254700000011", Fate::Delivered).await;
}

#[tokio::test]
async fn a_message_that_the_smsc_refuses_is_refused() {
    let (_kannel, gateway, refusing) = town().await;
    gateway.send("+254700000020").await;
    let reason = gateway.until_fate("+254700000020", Fate::Refused).await;
    assert_eq!(reason, Some(RefusalReason::Unknown));
    assert_eq!(gateway.reports().await[0].1, "16 refused by the SMSC");
    assert_eq!(refusing.received_requests().await.map(|requests| requests.len()), Some(1));
}

#[tokio::test]
async fn a_number_that_no_smsc_is_for_is_refused_at_once() {
    let (_kannel, gateway, _refusing) = town().await;
    gateway.send("+254700000030").await;
    assert_eq!(gateway.fate("+254700000030").await, (Fate::Refused, Some(RefusalReason::NoRoute)));
}

#[tokio::test]
async fn a_wrong_password_is_our_fault_and_not_the_lines() {
    let (kannel, ..) = town().await;
    let gateway = Gateway::over(&kannel, "another-password").await;
    gateway.send("+254700000012").await;
    assert_eq!(gateway.fate("+254700000012").await, (Fate::Refused, Some(RefusalReason::OurSide)));
}

#[tokio::test]
async fn a_report_needs_the_secret_and_a_form_that_can_be_read() {
    let (_kannel, gateway, _refusing) = town().await;
    let base = &gateway.url;
    let status =
        async |path: &str| reqwest::get(format!("{base}{path}")).await.expect("an answer").status().as_u16();
    assert_eq!(status("/callbacks/kannel/a-secret-that-nobody-knows/delivery?id=1&type=1").await, 404);
    assert_eq!(status(&format!("/callbacks/kannel/{SECRET}/delivery?type=1")).await, 400);
    assert_eq!(status(&format!("/callbacks/kannel/{SECRET}/voice?id=1&type=1")).await, 404);
    let endless = "x".repeat(17_000);
    assert_eq!(status(&format!("/callbacks/kannel/{SECRET}/delivery?id=1&type=1&x={endless}")).await, 414);
    assert_eq!(status(&format!("/callbacks/kannel/{SECRET}/delivery?id=1&type=1")).await, 200);
    assert_eq!(gateway.reports().await, [("1".to_owned(), "1 delivered".to_owned())]);
}
