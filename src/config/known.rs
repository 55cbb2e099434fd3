//! The list of every key there is: what is not in it is an error that names the nearest. `reader.rs` refuses, in
//! tests, to read a key that is missing here, so the list can't fall behind the sections.

/// Every key, as a path with dots; `N` stands for the index of a route.
pub(super) const KEYS: [&str; 47] = [
    "server.listen",
    "server.admin_listen",
    "server.public_url",
    "server.callback_secret",
    "server.allowed_sources",
    "server.trusted_proxies",
    "database.url",
    "database.max_connections",
    "state.url",
    "ussd.service_code",
    "ussd.screen_septets",
    "attendance.opens",
    "attendance.closes",
    "attendance.missed_days",
    "attendance.closing_days",
    "attendance.tell_absent",
    "attendance.roster_at",
    "attendance.remind_at",
    "attendance.countersign_at",
    "attendance.quiet_from",
    "attendance.quiet_until",
    "sms.route.N.name",
    "sms.route.N.kind",
    "sms.route.N.base_url",
    "sms.route.N.username",
    "sms.route.N.api_key",
    "sms.route.N.sender",
    "sms.route.N.per_second",
    "sms.route.N.password",
    "sms.route.N.report_url",
    "sms.route.N.networks",
    "sms.route.N.purposes",
    "sms.route.N.except",
    "sim_swap.kind",
    "sim_swap.base_url",
    "sim_swap.username",
    "sim_swap.api_key",
    "recovery.codes_per_hour",
    "recovery.ksh_per_day",
    "recovery.ksh_per_code",
    "recovery.fate_wait_ms",
    "keys.file",
    "menus.dir",
    "help.line",
    "log.format",
    "log.level",
    "sms.route.N.reports",
];

/// Whether there is such a key.
pub(super) fn is_key(path: &str) -> bool {
    KEYS.contains(&pattern(path).as_str())
}

/// Whether there are keys below this path.
pub(super) fn is_section(path: &str) -> bool {
    let below = format!("{}.", pattern(path));
    KEYS.iter().any(|key| key.starts_with(&below))
}

/// The key or section that was most likely meant, with the index that was written.
pub(super) fn nearest(path: &str) -> String {
    let wanted = pattern(path);
    let key = if wanted.contains('.') { nearest_key(&wanted) } else { nearest_name(&wanted) };
    match path.split('.').find(|part| is_index(part)) {
        Some(index) => key.replace(".N.", &format!(".{index}.")),
        None => key.to_owned(),
    }
}

fn nearest_key(wanted: &str) -> &'static str {
    closest(KEYS.iter().map(|key| (*key, *key)), wanted)
}

/// Without a dot it is a section misspelt, a key outside its section, or one underscore where two belong.
fn nearest_name(wanted: &str) -> &'static str {
    let sections = KEYS.iter().filter_map(|key| key.split('.').next().map(|section| (section, section)));
    let last = KEYS.iter().filter_map(|key| key.rsplit('.').next().map(|name| (name, *key)));
    closest(sections.chain(last).chain(KEYS.iter().map(|key| (*key, *key))), wanted)
}

fn closest<'a>(candidates: impl Iterator<Item = (&'a str, &'static str)>, wanted: &str) -> &'static str {
    candidates
        .min_by_key(|(name, _)| strsim::damerau_levenshtein(name, wanted))
        .map_or("server.listen", |(_, key)| key)
}

fn pattern(path: &str) -> String {
    let parts: Vec<&str> = path.split('.').map(|part| if is_index(part) { "N" } else { part }).collect();
    parts.join(".")
}

/// Two digits at most: a list made by an index like 4000000000 would fill the memory.
pub(super) fn is_index(part: &str) -> bool {
    let digits = part.bytes().all(|b| b.is_ascii_digit());
    digits && (part.len() == 1 || part.len() == 2 && !part.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_key_is_the_one_that_was_meant() {
        for (written, meant) in [
            ("server.callback_secrets", "server.callback_secret"),
            ("databse.url", "database.url"),
            ("database_url", "database.url"),
            ("servr", "server"),
            ("admin_listen", "server.admin_listen"),
            ("sms.route.3.apikey", "sms.route.3.api_key"),
            ("log.levl", "log.level"),
        ] {
            assert_eq!(nearest(written), meant, "{written}");
        }
    }

    #[test]
    fn the_example_explains_every_key() {
        let example = include_str!("../../config/daftari.example.toml");
        for key in KEYS {
            let name = key.rsplit('.').next().unwrap_or_default();
            let written = example.lines().any(|line| {
                line.trim_start_matches("# ").strip_prefix(name).is_some_and(|rest| rest.starts_with(" ="))
            });
            assert!(written, "{key}");
        }
    }

    #[test]
    fn a_route_is_known_by_any_small_index() {
        assert!(is_key("sms.route.0.name") && is_key("sms.route.99.api_key"));
        assert!(!is_key("sms.route.100.name") && !is_key("sms.route.x.name") && !is_key("sms.route"));
        assert!(is_section("sms") && is_section("sms.route") && is_section("sms.route.0"));
        assert!(!is_section("server.listen") && !is_section("serv"));
    }
}
