//! How often codes may be asked for: by a line itself, by the web for a line, from a web source, for a prefix of numbers
//! (`security.md` 6). Every request counts against its gates, whose rows are locked, so the limits are true for parallel
//! requests on any node. A change of route is no request and doesn't come here.

use chrono::{DateTime, TimeDelta, Utc};

use super::{AskedOn, Refused, Request};
use crate::{
    model::challenge::MOST_SKEW,
    secrets::Marker,
    services::Deps,
    storage::{StoreError, Tx, code_requests},
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
        let times = code_requests::hold(tx, &gate.name, now, now - DAY, MOST).await?;
        worst = worse(worst, gate.refuses(&times, now));
    }
    Ok(worst)
}

/// Count a request that is granted.
pub(super) async fn count(tx: &mut Tx, deps: &Deps, request: &Request<'_>) -> Result<(), StoreError> {
    let id = deps.chance.id(request.now);
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
        AskedOn::Line => vec![Gate { name: format!("line {number}"), windows: NUMBER, apart: true }],
        AskedOn::Web { source } => {
            let prefix = number.get(..number.len().saturating_sub(4)).unwrap_or_default();
            let source = u128::from_be_bytes(marker.source_tag(source));
            vec![
                Gate { name: format!("prefix {prefix}"), windows: PREFIX, apart: false },
                Gate { name: format!("source {source:032x}"), windows: SOURCE, apart: false },
                Gate { name: format!("web {number}"), windows: NUMBER, apart: true },
            ]
        }
    }
}

impl Gate {
    /// Whether another request is refused after those at `times`, newest first. Times ahead of now (a clock that was set
    /// back) count in every window; only the gap leaves them out, or a person would wait for hours.
    fn refuses(&self, times: &[DateTime<Utc>], now: DateTime<Utc>) -> Option<Refused> {
        let full = self.windows.iter().filter_map(|window| {
            let until = *times.get(window.most - 1)? + window.within;
            (until > now).then_some(until)
        });
        if let Some(until) = full.max() {
            return Some(Refused::TooMany { until });
        }
        let latest = times.iter().find(|at| **at <= now + MOST_SKEW).filter(|_| self.apart)?;
        let until = *latest + GAP;
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
        let gate = Gate { name: String::new(), windows: NUMBER, apart: true };
        let times: Vec<_> = before.iter().rev().map(|seconds| at(*seconds)).collect();
        gate.refuses(&times, at(now))
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
