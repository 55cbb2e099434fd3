//! The configuration as an operator meets it: files, environment variables, and sentences about what is wrong.

use std::{io::Write as _, path::Path};

use daftari::{
    config::{Config, Engine, Environment, Faults, RouteKind, SimSwap, StateUrl},
    model::{Network, message::Purpose},
};
use secrecy::ExposeSecret as _;

const GOOD: &str = r#"
[server]
callback_secret = "hunter2_hunter2_hunter2_hunter2"
[database]
url = "sqlite://var/daftari.db"
[[sms.route]]
name = "at"
kind = "africastalking"
base_url = "http://127.0.0.1:8081/"
username = "sandbox"
api_key = "hunter2-key"
"#;

fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, Faults> {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(text.as_bytes()).expect("a temporary file can be written");
    load_file(Some(file.path()), variables)
}

fn load_file(file: Option<&Path>, variables: &[(&str, &str)]) -> Result<Config, Faults> {
    let environment: Environment = variables.iter().copied().collect();
    Config::load(file, &environment, &mut |bytes| bytes.fill(7))
}

fn told(text: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let faults = load(text, variables).expect_err("this configuration is wrong");
    faults.iter().map(ToString::to_string).collect()
}

fn good_with(old: &str, new: &str) -> String {
    assert!(GOOD.contains(old), "{old} stands in the good configuration");
    GOOD.replace(old, new)
}

#[test]
fn without_a_file_the_embedded_default_serves_this_machine_alone() {
    let config = load_file(None, &[]).expect("the embedded default is good");
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.server.admin_listen.to_string(), "127.0.0.1:9090");
    assert_eq!(config.database.engine, Engine::Sqlite("var/daftari.db".into()));
    assert_eq!(config.database.max_connections, 16);
    assert_eq!(config.keys.file, Path::new("var/daftari.db.keys"));
    assert!(config.keys.made_when_missing);
    assert!(matches!(config.state.url, StateUrl::Memory));
    assert_eq!(config.ussd.service_code, "*384*2547#");
    assert_eq!(config.ussd.screen_septets, 160);
    assert_eq!(config.attendance.closes.to_string(), "20:00:00");
    assert_eq!(config.chasing.roster_at.map(|at| at.to_string()).as_deref(), Some("18:00:00"));
    assert_eq!((config.chasing.remind_at.len(), config.chasing.countersign_at.len()), (2, 2));
    assert_eq!(config.help.line, "0700 000 099");
    assert!(config.sms.is_simulated() && config.is_embedded());
    assert!(config.warnings().is_empty(), "{:?}", config.warnings());
}

#[test]
fn the_embedded_default_has_a_fresh_secret_at_every_start() {
    let mut next = 0;
    let mut secret = || {
        let mut random = |bytes: &mut [u8]| {
            next += 1;
            bytes.fill(next);
        };
        let config = Config::load(None, &Environment::default(), &mut random).expect("a good default");
        config.server.callback_secrets[0].expose_secret().to_owned()
    };
    let (first, second) = (secret(), secret());
    assert_ne!(first, second);
    assert_eq!(first.len(), 32);
}

#[test]
fn a_good_file_is_taken_as_it_is_written() {
    let config = load(GOOD, &[]).expect("a good file");
    let [route] = config.sms.routes.as_slice() else { panic!("one route was written") };
    assert_eq!((route.name.as_str(), route.per_second), ("at", 20));
    let RouteKind::AfricasTalking { base_url, username, api_key, sender } = &route.kind else {
        panic!("it is Africa's Talking");
    };
    assert_eq!((base_url.as_str(), username.as_str()), ("http://127.0.0.1:8081", "sandbox"));
    assert_eq!((api_key.expose_secret(), sender), ("hunter2-key", &None));
    assert!(!config.is_embedded());
}

#[test]
fn the_example_is_good_once_its_placeholders_are_set() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/daftari.example.toml");
    let faults = load_file(Some(&example), &[]).expect_err("placeholders are no values");
    assert_eq!(faults.iter().count(), 5, "{faults}");
    let set = [
        ("DAFTARI_SERVER__CALLBACK_SECRET", "abcdefghijklmnopqrstuvwx"),
        ("DAFTARI_DATABASE__URL", "postgres://daftari:hunter2@db.internal:5432/daftari"),
        ("DAFTARI_SMS__ROUTE__0__USERNAME", "daftari"),
        ("DAFTARI_SMS__ROUTE__0__API_KEY", "hunter2"),
        ("DAFTARI_SMS__ROUTE__0__SENDER", "DAFTARI"),
    ];
    let config = load_file(Some(&example), &set).expect("the example is good");
    assert_eq!(config.database.engine, Engine::Postgres);
    assert!(
        matches!(&config.state.url, url @ StateUrl::Cluster(_) if url.as_written().matches(',').count() == 2)
    );
    assert_eq!(config.keys.file, Path::new("/etc/daftari/keys"));
    assert!(config.warnings().is_empty(), "{:?}", config.warnings());
}

#[test]
fn all_faults_of_a_bad_configuration_are_told_at_once() {
    let bad = r#"
[server]
listen = "8080"
callback_secret = "tooshort12"
trusted_proxies = ["127.0.0.1", "proxy"]
public_ulr = "https://daftari.example"
[database]
url = "mysql://root:hunter2@db/daftari"
max_connections = 0
[state]
url = "memcached://cache"
[ussd]
service_code = "384"
screen_septets = 200
[attendance]
opens = "20:00"
closes = "06:00"
[[sms.route]]
name = "At!"
kind = "africastalking"
base_url = "http://api.africastalking.com"
username = "daftari"
[[sms.route]]
name = "k"
kind = "kannel"
[help]
line = "call 0700 000 099 at any time"
[log]
format = "xml"
level = "verbose"
"#;
    let faults = "\
server.public_ulr: no such key; did you mean server.public_url?
server.listen: takes an IP address and a port such as 127.0.0.1:8080
server.callback_secret: has 10 characters; at least 24 are needed
server.trusted_proxies: takes networks such as 192.0.2.0/24
database.url: takes sqlite://relative, sqlite:///absolute or postgres://user:password@host/database
database.max_connections: takes a whole number from 1 to 1000
state.url: takes memory:, redis://host:6379, rediss://host:6379 or redis+cluster://host:port,host:port
ussd.service_code: takes what people dial, such as *384*2547#
ussd.screen_septets: takes a whole number from 60 to 182
attendance.closes: must be later in the day than attendance.opens
sms.route.0.name: takes 1 to 32 of a-z 0-9 and -
sms.route.0.base_url: takes https, or http on this machine only
sms.route.0.api_key: is missing; write the application's API key
sms.route.1.base_url: is missing; write where its smsbox listens, such as base_url = \"http://127.0.0.1:13013\"
sms.route.1.username: is missing; write the sendsms-user's username
sms.route.1.password: is missing; write the sendsms-user's password
sms.route.1.sender: is missing; write the sender name or short code that your SMSC takes
help.line: takes a telephone number of at most 16 digits, blanks and + - * #
log.format: takes text or json
log.level: takes error, warn, info, debug or trace, or by target such as info,daftari::web=debug";
    assert_eq!(told(bad, &[]), faults.lines().collect::<Vec<_>>());
}

#[test]
fn what_is_sent_by_itself_is_sent_while_people_are_awake() {
    let attendance = |keys: &str| told(&format!("{GOOD}\n[attendance]\n{keys}\n"), &[]);
    for (keys, fault) in [
        (
            "roster_at = \"21:00\"",
            "attendance.roster_at: lies between attendance.quiet_from and attendance.quiet_until, when nothing is sent",
        ),
        (
            "remind_at = [\"06:00\"]",
            "attendance.remind_at: lies between attendance.quiet_from and attendance.quiet_until, when nothing is sent",
        ),
        (
            "remind_at = [\"10:00\", \"08:30\"]",
            "attendance.remind_at: takes at most 6 times, each later than the one before",
        ),
        (
            "countersign_at = [\"20:00\"]",
            "attendance.countersign_at: lies between attendance.quiet_from and attendance.quiet_until, when nothing is sent",
        ),
        (
            "countersign_at = [\"10:00\", \"10:00\"]",
            "attendance.countersign_at: takes at most 6 times, each later than the one before",
        ),
        ("remind_at = [\"soon\"]", "attendance.remind_at: takes a time such as \"06:00\", or \"never\""),
        (
            "quiet_from = \"06:00\"",
            "attendance.quiet_from: must be later in the day than attendance.quiet_until",
        ),
    ] {
        assert_eq!(attendance(keys), [fault], "{keys}");
    }
    let never = [
        ("DAFTARI_ATTENDANCE__REMIND_AT", "never"),
        ("DAFTARI_ATTENDANCE__ROSTER_AT", "never"),
        ("DAFTARI_ATTENDANCE__COUNTERSIGN_AT", "never"),
    ];
    let chasing = load(GOOD, &never).expect("a good configuration").chasing;
    assert_eq!((chasing.roster_at, chasing.remind_at.len(), chasing.countersign_at.len()), (None, 0, 0));
    let early =
        [("DAFTARI_ATTENDANCE__REMIND_AT", "07:15,09:00"), ("DAFTARI_ATTENDANCE__QUIET_UNTIL", "05:00")];
    assert_eq!(load(GOOD, &early).expect("a good configuration").chasing.remind_at.len(), 2);
}

#[test]
fn the_environment_wins_over_the_file_for_every_kind_of_key() {
    let config = load(
        GOOD,
        &[
            ("DAFTARI_DATABASE__URL", "sqlite:///srv/d.db"),
            ("DAFTARI_DATABASE__MAX_CONNECTIONS", "4"),
            ("DAFTARI_SERVER__ALLOWED_SOURCES", "192.0.2.0/24, 198.51.100.7"),
            ("DAFTARI_SERVER__CALLBACK_SECRET", "new-new-new-new-new-new-new,old-old-old-old-old-old-old"),
            ("DAFTARI_SMS__ROUTE__0__API_KEY", "another"),
            ("DAFTARI_SMS__ROUTE__1__NAME", "backup"),
            ("DAFTARI_SMS__ROUTE__1__KIND", "africastalking"),
            ("DAFTARI_SMS__ROUTE__1__BASE_URL", "https://api.africastalking.com"),
            ("DAFTARI_SMS__ROUTE__1__USERNAME", "u"),
            ("DAFTARI_SMS__ROUTE__1__API_KEY", "k"),
            ("DAFTARI_LOG__LEVEL", ""),
            ("DAFTARI_TEST_POSTGRES_URL", "not a key"),
            ("PATH", "/bin"),
        ],
    )
    .expect("a good configuration");
    assert_eq!(config.database.engine, Engine::Sqlite("/srv/d.db".into()));
    assert_eq!(config.keys.file, Path::new("/srv/d.db.keys"));
    assert_eq!(config.database.max_connections, 4);
    let sources: Vec<String> = config.server.allowed_sources.iter().map(ToString::to_string).collect();
    assert_eq!(sources, ["192.0.2.0/24", "198.51.100.7/32"]);
    assert_eq!(config.server.callback_secrets.len(), 2);
    let names: Vec<&str> = config.sms.routes.iter().map(|route| route.name.as_str()).collect();
    assert_eq!(names, ["at", "backup"]);
    let RouteKind::AfricasTalking { username, api_key, .. } = &config.sms.routes[0].kind else {
        panic!("it is Africa's Talking");
    };
    assert_eq!((username.as_str(), api_key.expose_secret()), ("sandbox", "another"));
}

#[test]
fn the_file_can_be_named_by_the_environment_and_the_command_line_wins() {
    let missing = [("DAFTARI_CONFIG", "no/such/daftari.toml")];
    let faults = load_file(None, &missing).expect_err("the named file is read");
    assert!(faults.to_string().starts_with("no/such/daftari.toml: can't be read:"), "{faults}");
    assert!(load(GOOD, &missing).is_ok(), "the file of the command line is read instead");
}

#[test]
fn an_unknown_key_is_named_with_the_nearest_known_one() {
    let file =
        format!("listen = \"127.0.0.1:1\"\n[servr]\nlisten = \"127.0.0.1:1\"\n{GOOD}apikey = \"hunter2\"\n");
    let variables = [
        ("DAFTARI_DATABASE_URL", "sqlite://hunter2.db"),
        ("DAFTARI_SERVER__CALLBACK_SECRETS", "hunter2"),
        ("DAFTARI_SMS__ROUTE__4000000000__NAME", "x"),
    ];
    assert_eq!(
        told(&file, &variables),
        [
            "DAFTARI_DATABASE_URL: no such key; did you mean DAFTARI_DATABASE__URL?",
            "DAFTARI_SERVER__CALLBACK_SECRETS: no such key; did you mean DAFTARI_SERVER__CALLBACK_SECRET?",
            "DAFTARI_SMS__ROUTE__4000000000__NAME: no such key; did you mean DAFTARI_SMS__ROUTE__N__NAME?",
            "listen: no such key; did you mean server.listen?",
            "servr: no such key; did you mean server?",
            "sms.route.0.apikey: no such key; did you mean sms.route.0.api_key?",
        ]
    );
}

#[test]
fn a_missing_secret_is_answered_with_the_line_to_write() {
    let file = good_with("callback_secret = \"hunter2_hunter2_hunter2_hunter2\"", "");
    assert_eq!(
        told(&file, &[]),
        [
            "server.callback_secret: is missing; write for example callback_secret = \"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH\""
        ]
    );
}

#[test]
fn what_a_file_must_say_itself_is_asked_for() {
    let told = told("", &[]);
    for key in ["server.callback_secret", "database.url", "sms.route"] {
        assert!(
            told.iter().any(|fault| fault.starts_with(&format!("{key}: is missing;"))),
            "{key} in {told:?}"
        );
    }
    assert_eq!(told.len(), 3, "{told:?}");
}

#[test]
fn a_fault_of_a_variable_names_the_variable() {
    assert_eq!(
        told(GOOD, &[("DAFTARI_SERVER__CALLBACK_SECRET", "tooshort12")]),
        [
            "server.callback_secret: has 10 characters; at least 24 are needed (it is set by DAFTARI_SERVER__CALLBACK_SECRET)"
        ]
    );
}

#[test]
fn a_callback_secret_fits_into_a_path_and_differs_from_the_other() {
    let secret = "\"hunter2_hunter2_hunter2_hunter2\"";
    for (written, fault) in [
        ("\"hunter2/hunter2/hunter2/hunter2\"", "takes only A-Z a-z 0-9 _ and -"),
        (
            "[\"hunter2_hunter2_hunter2_hunter2\", \"hunter2_hunter2_hunter2_hunter2\"]",
            "the two are the same",
        ),
        ("[]", "has 0 values; write one, or two while you change it"),
        ("{ a = 1 }", "takes a list of values in quotes"),
    ] {
        let told = told(&good_with(secret, written), &[]);
        assert_eq!(told, [format!("server.callback_secret: {fault}")]);
    }
}

#[test]
fn the_simulator_stands_neither_beside_real_routes_nor_on_the_network() {
    let listening = good_with("[server]", "[server]\nlisten = \"0.0.0.0:8080\"");
    assert!(load(&listening, &[]).is_ok(), "real routes may be on the network");
    let both = format!("{listening}[[sms.route]]\nname = \"phones\"\nkind = \"simulator\"\n");
    assert_eq!(
        told(&both, &[]),
        [
            "sms.route: has a simulator beside real routes; keep the one or the others",
            "server.listen: must be a loopback address such as 127.0.0.1:8080 as long as a route is a simulator",
        ]
    );
    let embedded = load_file(None, &[("DAFTARI_SERVER__LISTEN", "[::]:8080")]);
    assert_eq!(embedded.expect_err("it is not loopback").iter().count(), 1);
}

#[test]
fn the_names_of_routes_are_unique_and_their_indices_without_gaps() {
    let twice = format!(
        "{GOOD}[[sms.route]]\nname = \"at\"\nkind = \"africastalking\"\nbase_url = \"https://a.example\"\nusername = \"u\"\napi_key = \"k\"\n"
    );
    assert_eq!(told(&twice, &[]), ["sms.route.1.name: is the name of an earlier route too"]);
    let gap = told(GOOD, &[("DAFTARI_SMS__ROUTE__2__NAME", "x")]);
    assert!(gap[0].starts_with("sms.route.1: is missing; routes are numbered 0, 1, 2"), "{gap:?}");
}

#[test]
fn a_hundred_routes_are_enough() {
    let simulator = |at| format!("[[sms.route]]\nname = \"r{at}\"\nkind = \"simulator\"\n");
    let sections = GOOD.split("[[").next().expect("what stands before the route");
    let routes = |count: u32| (0..count).fold(sections.to_owned(), |file, at| file + &simulator(at));
    assert_eq!(load(&routes(100), &[]).expect("a good file").sms.routes.len(), 100);
    assert_eq!(told(&routes(101), &[]), ["sms.route: has 101 routes; at most 100 are taken"]);
}

#[test]
fn sections_written_in_another_shape_are_faults() {
    let list = told("server = 5\n[sms.route]\nname = \"at\"\n", &[]);
    assert!(list.contains(&"server: is a section; write [server]".to_owned()), "{list:?}");
    assert!(
        list.contains(&"sms.route: is a list of sections; write [[sms.route]] with two brackets".to_owned())
    );
    assert_eq!(list.iter().filter(|fault| fault.starts_with("sms")).count(), 1, "{list:?}");
}

#[test]
fn postgres_needs_a_named_file_of_keys_and_warns_of_memory() {
    let file = good_with("sqlite://var/daftari.db", "postgres://daftari:hunter2@db/daftari");
    assert_eq!(
        told(&file, &[]),
        [
            "keys.file: is missing; with Postgres write the path of the file with the keys (`daftari keys make FILE` makes one)"
        ]
    );
    let config = load(&file, &[("DAFTARI_KEYS__FILE", "/etc/daftari/keys")]).expect("a good configuration");
    assert!(!config.keys.made_when_missing);
    assert!(config.warnings().iter().any(|warning| warning.starts_with("state.url is memory:")));
}

#[test]
fn no_secret_is_ever_shown() {
    let file = good_with("sqlite://var/daftari.db", "postgres://daftari:hunter2@db/daftari");
    let set = [("DAFTARI_KEYS__FILE", "/k"), ("DAFTARI_STATE__URL", "redis+cluster://:hunter2@a:1,b:2")];
    let config = load(&file, &set).expect("a good configuration");
    assert!(!format!("{config:?}").contains("hunter2"), "{config:?}");
    for (key, value) in [
        ("DAFTARI_SERVER__CALLBACK_SECRET", "hunter2"),
        ("DAFTARI_SMS__ROUTE__0__API_KEY", "hunter2 with blanks"),
        ("DAFTARI_SMS__ROUTE__0__BASE_URL", "https://daftari:hunter2@a.example"),
        ("DAFTARI_DATABASE__URL", "postgres:/daftari:hunter2@db"),
        ("DAFTARI_STATE__URL", "redis://:hunter2@a:port"),
        ("DAFTARI_SERVER__LISTEN", "hunter2"),
        ("DAFTARI_LOG__LEVEL", "hunter2"),
    ] {
        let faults = load(GOOD, &[(key, value)]).expect_err(key);
        assert!(!format!("{faults}{faults:?}").contains("hunter2"), "{faults:?}");
    }
}

#[test]
fn a_file_that_is_no_toml_is_told_by_line_and_not_quoted() {
    for broken in ["callback_secret = hunter2", "callback_secret = \"hunter2", "callback_secret \"hunter2\""]
    {
        let faults = load(&format!("[server]\n{broken}\n"), &[]).expect_err(broken);
        assert!(faults.to_string().contains(", line 2: is not TOML here;"), "{faults}");
        assert!(!format!("{faults}{faults:?}").contains("hunter2"), "{faults:?}");
    }
}

#[test]
fn a_key_that_a_simulator_does_not_use_is_a_warning() {
    let config = load_file(None, &[("DAFTARI_SMS__ROUTE__0__SENDER", "DAFTARI")]).expect("a good default");
    assert_eq!(config.warnings(), ["sms.route.0.sender is not used: the simulator takes no sender"]);
}

const KANNEL: &str = r#"
[[sms.route]]
name = "kannel"
kind = "kannel"
base_url = "http://127.0.0.1:13013/"
username = "daftari"
password = "hunter2"
sender = "22384"
"#;

fn report_url(file: &str, variables: &[(&str, &str)]) -> String {
    let config = load(file, variables).expect("a good configuration");
    match &config.sms.routes[1].kind {
        RouteKind::Kannel { report_url, .. } => report_url.clone(),
        other => panic!("another kind: {other:?}"),
    }
}

#[test]
fn a_kannel_reports_to_its_own_address_or_to_the_public_one() {
    let file = format!("{GOOD}{KANNEL}");
    let public = ("DAFTARI_SERVER__PUBLIC_URL", "https://daftari.example/");
    let own = ("DAFTARI_SMS__ROUTE__1__REPORT_URL", "http://127.0.0.1:8080/");
    assert_eq!(report_url(&file, &[public]), "https://daftari.example");
    assert_eq!(report_url(&file, &[public, own]), "http://127.0.0.1:8080");
    assert_eq!(
        told(&file, &[]),
        [
            "sms.route.1.report_url: is missing; write where Kannel reaches this service, such as http://127.0.0.1:8080"
        ]
    );
    for (wrong, says) in [
        ("http://daftari.example", "takes https, or http on this machine only"),
        ("https://daftari.example/%64", "takes a URL without %"),
    ] {
        let faults = told(&file, &[("DAFTARI_SMS__ROUTE__1__REPORT_URL", wrong)]);
        assert!(faults.len() == 1 && faults[0].contains(says), "{faults:?}");
    }
    let open = told(&file, &[("DAFTARI_SERVER__PUBLIC_URL", "http://daftari.example")]);
    assert!(
        open[0].starts_with("sms.route.1.report_url: is missing, and server.public_url can't"),
        "{open:?}"
    );
}

#[test]
fn a_key_of_another_kind_of_route_is_a_fault() {
    let reports = "report_url = \"http://127.0.0.1:1\"";
    let file = format!("{GOOD}password = \"hunter2\"\n{KANNEL}api_key = \"k\"\n{reports}\n");
    assert_eq!(
        told(&file, &[]),
        [
            "sms.route.0.password: is no key of a route of kind africastalking",
            "sms.route.1.api_key: is no key of a route of kind kannel",
        ]
    );
}

const VOICE: &str = r#"
[[sms.route]]
name = "voice"
kind = "africastalking-voice"
username = "u"
api_key = "k"
"#;

#[test]
fn a_voice_route_has_a_usual_host_and_needs_the_number_it_calls_from() {
    let config = load(&format!("{GOOD}{VOICE}sender = \"+254700000000\"\n"), &[]).expect("a good file");
    let RouteKind::AfricasTalkingVoice { base_url, from, .. } = &config.sms.routes[1].kind else {
        panic!("it is the voice");
    };
    assert_eq!((base_url.as_str(), from.as_str()), ("https://voice.africastalking.com", "+254700000000"));
    let wrong = [("", "is missing; write the number"), ("sender = \"DAFTARI\"\n", "takes a number such as")];
    for (sender, says) in wrong {
        let faults = told(&format!("{GOOD}{VOICE}{sender}"), &[]);
        assert!(faults.len() == 1 && faults[0].contains(says), "{faults:?}");
    }
}

#[test]
fn a_route_says_which_lines_and_messages_it_is_for() {
    let keys = "networks = [\"63902\", 63903]\npurposes = [\"notice\"]\nexcept = [\"help_reply\"]";
    let config = load(&format!("{GOOD}{keys}\n"), &[]).expect("a good file");
    let suits = &config.sms.routes[0].suits;
    assert_eq!(suits.networks().iter().map(Network::code).collect::<Vec<_>>(), ["63902", "63903"]);
    assert!(suits.takes(Purpose::PinChanged) && !suits.takes(Purpose::HelpReply));
    let wrong =
        [("DAFTARI_SMS__ROUTE__0__NETWORKS", "safaricom"), ("DAFTARI_SMS__ROUTE__0__EXCEPT", "codes")];
    let told_of = told(GOOD, &wrong);
    assert!(
        told_of[0].starts_with("sms.route.0.networks: takes codes of networks such as 63902"),
        "{told_of:?}"
    );
    assert!(
        told_of[1].starts_with("sms.route.0.except: takes code, notice, bulk or account_opened"),
        "{told_of:?}"
    );
    let nothing = [("DAFTARI_SMS__ROUTE__0__PURPOSES", "code"), ("DAFTARI_SMS__ROUTE__0__EXCEPT", "code")];
    assert!(told(GOOD, &nothing)[0].starts_with("sms.route.0.purposes: leaves no message for this route"));
}

#[test]
fn a_sim_swap_look_up_is_real_where_the_routes_are() {
    assert!(matches!(load(GOOD, &[]).expect("a good file").sim_swap, SimSwap::None));
    let section = "[sim_swap]\nkind = \"africastalking\"\nusername = \"u\"\napi_key = \"hunter2\"\n";
    let config = load(&format!("{GOOD}{section}"), &[]).expect("a good file");
    let SimSwap::AfricasTalking { base_url, .. } = &config.sim_swap else { panic!("it is Africa's Talking") };
    assert_eq!(base_url, "https://insights.africastalking.com");
    assert!(!format!("{config:?}").contains("hunter2"));
    let simulated = [("DAFTARI_SIM_SWAP__KIND", "simulator")];
    assert!(told(GOOD, &simulated)[0].starts_with("sim_swap.kind: can't be simulator beside real routes"));
    assert!(matches!(load_file(None, &simulated).expect("a good default").sim_swap, SimSwap::Simulator));
    let stray = [("DAFTARI_SIM_SWAP__API_KEY", "k")];
    assert!(told(GOOD, &stray)[0].starts_with("sim_swap.api_key: is only taken with"));
}

#[test]
fn the_simulator_can_stand_for_calls_too() {
    let call = [("DAFTARI_SMS__ROUTE__1__NAME", "call"), ("DAFTARI_SMS__ROUTE__1__KIND", "simulator-voice")];
    let config = load_file(None, &call).expect("a good default");
    assert!(config.sms.is_simulated() && config.sms.routes.len() == 2);
    assert!(told(GOOD, &call)[0].starts_with("sms.route: has a simulator beside real routes"));
}

#[test]
fn only_a_simulated_route_can_do_without_reports() {
    let silent = [("DAFTARI_SMS__ROUTE__0__REPORTS", "false")];
    let config = load_file(None, &silent).expect("a good default");
    assert!(matches!(config.sms.routes[0].kind, RouteKind::Simulator { reports: false }));
    assert!(told(GOOD, &silent)[0].starts_with("sms.route.0.reports: is no key of a route of kind"));
    let wrong = [("DAFTARI_SMS__ROUTE__0__REPORTS", "never")];
    assert!(load_file(None, &wrong).expect_err("no truth value").to_string().contains("takes true or false"));
}

#[test]
fn the_demos_configuration_is_good_and_shows_refusal_silence_and_calls() {
    let config = Config::demo(&Environment::default(), &mut |_| ()).expect("a good configuration");
    assert_eq!(config.warnings(), [""; 0]);
    assert!(config.sms.is_simulated() && config.is_embedded());
    let kinds: Vec<&RouteKind> = config.sms.routes.iter().map(|route| &route.kind).collect();
    assert!(matches!(
        kinds[..],
        [
            RouteKind::Simulator { reports: false },
            RouteKind::Simulator { reports: true },
            RouteKind::SimulatorVoice
        ]
    ));
}
