//! Choosing routes for what waits: by what a route is for, whether it works, and whether it is stopped for the number's
//! prefix. And looking again at what was silent or reported badly.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Duration, Utc};

use super::{
    Delivery,
    plan::{self, Way, Why, Wish},
    stops::{Stops, Verdict},
};
use crate::{
    gateways::Carries,
    model::{
        MessageId,
        message::{Fate, Purpose, RefusalReason},
    },
    services::messaging::AFTER_SESSION,
    storage::{
        StoreError, Tx,
        placing::{self, Unplaced},
        reports::Changed,
    },
};

/// How many are looked at again in one unit of work.
const RECONSIDERED_AT_ONCE: usize = 100;

impl Delivery {
    /// Move on what another route could do better for.
    pub(super) async fn reconsider(&self, tx: &mut Tx, now: DateTime<Utc>) -> Result<(), StoreError> {
        for message in placing::to_reconsider(tx, now, RECONSIDERED_AT_ONCE).await? {
            match self.better(&message, now) {
                Some((way, given_up)) => placing::move_on(tx, &message, (&way.name, &given_up), now).await?,
                None => placing::settle(tx, message.id).await?,
            }
        }
        Ok(())
    }

    /// The route that could do better for it, and those that shall not take it any more.
    fn better(&self, message: &Unplaced, now: DateTime<Utc>) -> Option<(&Way, Vec<String>)> {
        let why = match message.fate {
            Fate::Sent => Why::Silent,
            Fate::Refused => Why::Refused(message.reason.unwrap_or(RefusalReason::Unknown)),
            Fate::Queued | Fate::Delivered | Fate::Expired => return None,
        };
        let current = message.route.as_ref().filter(|_| !message.over && message.not_after > now)?;
        let mut given_up = message.given_up.clone();
        given_up.push(current.clone());
        let way = plan::next(&self.ways, &wish(message, &given_up), current, why)?;
        Some((way, given_up))
    }

    /// Choose a route for each message that has none yet; what no route may take is refused.
    pub(super) async fn choose(
        &self,
        tx: &mut Tx,
        now: DateTime<Utc>,
        changes: &mut Vec<Changed>,
    ) -> Result<(), StoreError> {
        let room = self.lanes.iter().map(|lane| lane.slots.available_permits()).sum();
        let waiting = placing::unplaced(tx, now, room).await?;
        let prefixes: HashSet<&str> =
            waiting.iter().filter(|m| is_code(m)).map(|m| m.prefix.as_str()).collect();
        let prefixes: Vec<&str> = prefixes.into_iter().collect();
        let mut choice =
            Choice { delivery: self, now, stops: Stops::load(tx, &prefixes, now).await?, probed: vec![] };
        let mut placed: HashMap<&str, Vec<MessageId>> = HashMap::new();
        for message in &waiting {
            match choice.of(message) {
                None => changes.push(placing::refuse(tx, message, now).await?),
                Some(way) => match call_at(way, message).filter(|at| *at > now) {
                    Some(at) => placing::place_call(tx, message.id, &way.name, at).await?,
                    None => placed.entry(&way.name).or_default().push(message.id),
                },
            }
        }
        for (route, ids) in placed {
            placing::place(tx, &ids, route).await?;
        }
        Ok(())
    }
}

/// When a call may begin that nobody asked for as such: not into the session that asked for the code.
fn call_at(way: &Way, message: &Unplaced) -> Option<DateTime<Utc>> {
    let calls = way.carries == Carries::Spoken && !message.after_session;
    calls.then(|| message.created_at + Duration::from_std(AFTER_SESSION).unwrap_or_default())
}

fn is_code(message: &Unplaced) -> bool {
    message.purpose.is_some_and(Purpose::is_code)
}

fn wish<'a>(message: &'a Unplaced, given_up: &'a [String]) -> Wish<'a> {
    Wish { purpose: message.purpose, network: message.network.as_ref(), given_up }
}

/// The choices of one unit of work.
struct Choice<'a> {
    delivery: &'a Delivery,
    now: DateTime<Utc>,
    stops: Stops,
    /// Routes left alone that have been given a message to be tried with.
    probed: Vec<&'a str>,
}

impl<'a> Choice<'a> {
    fn of(&mut self, message: &Unplaced) -> Option<&'a Way> {
        let delivery = self.delivery;
        let mut ways = plan::candidates(&delivery.ways, &wish(message, &message.given_up));
        if let Some(at) = ways.iter().position(|way| message.route.as_ref() == Some(&way.name)) {
            ways.rotate_left(at);
        }
        if is_code(message) {
            ways.retain(|way| self.may_carry_codes(&message.prefix, &way.name));
        }
        let chosen = ways.iter().find(|way| self.works(&way.name)).or_else(|| ways.first()).copied()?;
        if is_code(message) {
            self.stops.add(&message.prefix, &chosen.name);
        }
        Some(chosen)
    }

    fn may_carry_codes(&self, prefix: &str, route: &str) -> bool {
        let verdict = self.stops.verdict(prefix, route);
        self.delivery.alarms.tell(prefix, route, verdict, self.now);
        verdict != Verdict::Stop
    }

    /// Whether a route works, as far as is known. One that is left alone gets a message now and then, so that it is
    /// seen when it works again: that message goes by the next route at once if it doesn't.
    fn works(&mut self, route: &str) -> bool {
        let Some(lane) = self.delivery.lane(route) else { return false };
        if !lane.breaker.is_resting() {
            return true;
        }
        let first = !self.probed.contains(&lane.route.name.as_str());
        if first {
            self.probed.push(&lane.route.name);
        }
        first
    }
}
