//! How often codes may be asked for: by a line itself, by the web for a line, from a web source, for a prefix of numbers
//! (`security.md` 6). Every request counts against its gates, whose rows are locked, so the limits are true for parallel
//! requests on any node. A change of route is no request and doesn't come here.
//!
//! A line is not held to a request whose code never left us, because every route refused it at once: only the minute
//! between two requests stays. On the web each counts: there a number that has no account must look like one that has.

use chrono::{DateTime, TimeDelta, Utc};

use super::{AskedOn, Refused, Request};
use crate::{
    model::{MessageId, challenge::MOST_SKEW},
    secrets::Marker,
    services::Deps,
    storage::{
        StoreError, Tx,
        code_requests::{self, Counted},
    },
};

/// So many requests within such a time.
#[derive(Debug, Clone, Copy)]
struct Window {
    most: usize,
    within: TimeDelta,
}

const GAP: TimeDelta = TimeDelta::seconds(60);
const HOUR: TimeDelta = TimeDelta::hours(1);
const DAY: TimeDelta = TimeDelta::hours(24);
const NUMBER: &[Window] = &[Window { most: 3, within: HOUR }, Window { most: 5, within: DAY }];
const SOURCE: &[Window] = &[Window { most: 3, within: HOUR }];
const PREFIX: &[Window] = &[Window { most: 20, within: HOUR }];
/// No window looks at more.
const MOST: i64 = 20;

/// A limit that a request counts against.
struct Gate {
    name: String,
    windows: &'static [Window],
    /// Whether two requests must be [`GAP`] apart.
    apart: bool,
    /// Whether requests count although no code left us.
    strict: bool,
}

/// Refuse a request that comes too soon or too often. Nothing is counted yet, but the gates are held.
pub(super) async fn refuse(
    tx: &mut Tx,
    deps: &Deps,
    request: &Request<'_>,
) -> Result<Option<Refused>, StoreError> {
    let now = request.now;
    let mut worst = None;
    for gate in gates(&deps.keys.current().marker(), request) {
        let before = code_requests::hold(tx, &gate.name, now, now - DAY, MOST).await?;
        worst = worse(worst, gate.refuses(&before, now));
    }
    Ok(worst)
}

/// Count a request that is granted: by the message that it caused, if it caused one.
pub(super) async fn count(
    tx: &mut Tx,
    deps: &Deps,
    request: &Request<'_>,
    message: Option<MessageId>,
) -> Result<(), StoreError> {
    let id = message.map_or_else(|| deps.chance.id(request.now), |message| message.0);
    for gate in gates(&deps.keys.current().marker(), request) {
        code_requests::count(tx, &gate.name, id, request.now).await?;
    }
    Ok(())
}

/// The gates of a request, in the order in which everybody locks them. The line and the web have gates of their own, so
/// that nobody on the web can use up a line's requests.
fn gates(marker: &Marker<'_>, request: &Request<'_>) -> Vec<Gate> {
    let number = request.msisdn.as_e164();
    match request.asked_on {
        AskedOn::Line => {
            vec![Gate { name: format!("line {number}"), windows: NUMBER, apart: true, strict: false }]
        }
        AskedOn::Web { source } => {
            let prefix = number.get(..number.len().saturating_sub(4)).unwrap_or_default();
            let source = u128::from_be_bytes(marker.source_tag(source));
            vec![
                Gate { name: format!("prefix {prefix}"), windows: PREFIX, apart: false, strict: true },
                Gate { name: format!("source {source:032x}"), windows: SOURCE, apart: false, strict: true },
                Gate { name: format!("web {number}"), windows: NUMBER, apart: true, strict: true },
            ]
        }
    }
}

impl Gate {
    /// Whether another request is refused after these, newest first. Times ahead of now (a clock that was set back)
    /// count in every window; only the gap leaves them out, or a person would wait for hours.
    fn refuses(&self, before: &[Counted], now: DateTime<Utc>) -> Option<Refused> {
        let full = self.windows.iter().filter_map(|window| {
            let mut counting = before.iter().filter(|request| self.strict || request.left);
            let until = counting.nth(window.most - 1)?.at + window.within;
            (until > now).then_some(until)
        });
        if let Some(until) = full.max() {
            return Some(Refused::TooMany { until });
        }
        let latest = before.iter().find(|request| request.at <= now + MOST_SKEW).filter(|_| self.apart)?;
        let until = latest.at + GAP;
        (until > now).then_some(Refused::TooSoon { until })
    }
}

fn worse(one: Option<Refused>, other: Option<Refused>) -> Option<Refused> {
    let until = |refused: &Refused| match refused {
        Refused::TooSoon { until } | Refused::TooMany { until } | Refused::Budget { until } => Some(*until),
        Refused::OfficerOnly => None,
    };
    [one, other].into_iter().flatten().max_by_key(until)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Language, Msisdn, challenge::Door},
        secrets::Keys,
    };

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn refused(before: &[i64], now: i64) -> Option<Refused> {
        let all: Vec<_> = before.iter().map(|seconds| (*seconds, true)).collect();
        refused_after(&all, now, false)
    }

    fn refused_after(before: &[(i64, bool)], now: i64, strict: bool) -> Option<Refused> {
        let gate = Gate { name: String::new(), windows: NUMBER, apart: true, strict };
        let counted = |(seconds, left): &(i64, bool)| Counted { at: at(*seconds), left: *left };
        let before: Vec<_> = before.iter().rev().map(counted).collect();
        gate.refuses(&before, at(now))
    }

    #[test]
    fn a_minute_between_two_three_in_an_hour_five_in_a_day() {
        const H: i64 = 3600;
        assert_eq!(refused(&[], 0), None);
        assert_eq!(refused(&[0], 59), Some(Refused::TooSoon { until: at(60) }));
        assert_eq!(refused(&[0], 60), None);
        assert_eq!(refused(&[0, 60, 120], 180), Some(Refused::TooMany { until: at(H) }));
        assert_eq!(refused(&[0, 60, 120], H), None);
        let five = [0, H, 2 * H, 3 * H, 4 * H];
        assert_eq!(refused(&five, 6 * H), Some(Refused::TooMany { until: at(24 * H) }));
        assert_eq!(refused(&five, 24 * H), None);
    }

    #[test]
    fn a_request_whose_code_never_left_only_keeps_the_minute() {
        let dead: Vec<_> = (0..30).map(|n| (n * 60, false)).collect();
        assert_eq!(refused_after(&dead, 1799, false), Some(Refused::TooSoon { until: at(1800) }));
        assert_eq!(refused_after(&dead, 1800, false), None);
        assert_eq!(refused_after(&dead, 1800, true), Some(Refused::TooMany { until: at(25 * 60 + 86_400) }));
        let mixed = [(0, true), (60, false), (120, true), (180, true), (240, false)];
        assert_eq!(refused_after(&mixed, 300, false), Some(Refused::TooMany { until: at(3600) }));
        assert_eq!(refused_after(&mixed[..3], 300, false), None);
    }

    #[test]
    fn requests_ahead_of_a_clock_that_was_set_back_count_and_keep_nobody_waiting_alone() {
        const AHEAD: i64 = 7200;
        assert_eq!(refused(&[AHEAD], 0), None);
        assert_eq!(refused(&[0, AHEAD], 30), Some(Refused::TooSoon { until: at(60) }));
        let three = [0, AHEAD, AHEAD + 60];
        assert_eq!(refused(&three, 120), Some(Refused::TooMany { until: at(3600) }));
    }

    #[test]
    fn a_line_and_the_web_have_gates_of_their_own_and_a_source_is_not_named() {
        let keys = Keys::generate(|bytes| bytes.fill(7));
        let msisdn = Msisdn::from_network("+254700000010").unwrap();
        let names = |asked_on| {
            let (door, language) = (Door::ResetPin, Language::En);
            let request = Request { account: None, door, msisdn: &msisdn, language, asked_on, now: at(0) };
            gates(&keys.marker(), &request).into_iter().map(|gate| gate.name).collect::<Vec<_>>()
        };
        assert_eq!(names(AskedOn::Line), ["line +254700000010"]);
        let web = names(AskedOn::Web { source: "192.0.2.7" });
        assert_eq!((web[0].as_str(), web[2].as_str()), ("prefix +25470000", "web +254700000010"));
        assert!(web[1].starts_with("source ") && !web[1].contains("192.0.2.7"), "{}", web[1]);
        assert!(web.is_sorted(), "everybody locks them in this order");
    }
}
