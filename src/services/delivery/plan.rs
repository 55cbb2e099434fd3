//! Which routes a message may go by, in which order, and whether another could do better than the one that has just
//! failed it. Pure: what is known of routes and message are arguments.

use crate::{
    gateways::Carries,
    model::{
        Network,
        message::{Purpose, RefusalReason},
    },
};

/// What a route is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serves {
    /// The networks whose lines should go by it before others; empty: all.
    pub networks: Vec<Network>,
    /// What it may carry.
    pub purposes: Vec<Purpose>,
}

impl Default for Serves {
    fn default() -> Self {
        Self { networks: vec![], purposes: Purpose::ALL.to_vec() }
    }
}

/// A route as far as choosing goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Its name in the configuration.
    pub name: String,
    /// What comes to the phone.
    pub carries: Carries,
    /// What it is for.
    pub serves: Serves,
}

/// What the choice depends on.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// Why the message is sent; `None` when that can't be read.
    pub purpose: Option<Purpose>,
    /// The network of the phone, where it is known.
    pub network: Option<&'a Network>,
    /// Routes that shall not take it.
    pub given_up: &'a [String],
}

/// Why a message needs another route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The route or the network refused it.
    Refused(RefusalReason),
    /// The route failed.
    Failed,
    /// It was taken, and no report of its delivery came in time.
    Silent,
}

/// The routes it may go by, those meant for its network first, else in order of preference.
pub fn candidates<'a>(ways: &'a [Way], wish: &Wish<'_>) -> Vec<&'a Way> {
    let open = |way: &&Way| way.may_carry(wish.purpose) && !wish.given_up.contains(&way.name);
    let (mut meant, others): (Vec<_>, Vec<_>) =
        ways.iter().filter(open).partition(|way| way.is_meant_for(wish.network));
    meant.extend(others);
    meant
}

/// The next route that could do better, round to the first again; the current one if there is none but it and it is
/// not given up.
pub fn next<'a>(ways: &'a [Way], wish: &Wish<'_>, current: &str, why: Why) -> Option<&'a Way> {
    let nothing_given_up = Wish { given_up: &[], ..*wish };
    let all = candidates(ways, &nothing_given_up);
    let at = all.iter().position(|way| way.name == current);
    let from = ways.iter().find(|way| way.name == current).map_or(Carries::Words, |way| way.carries);
    let (before, after) = all.split_at(at.map_or(0, |at| at + 1));
    after
        .iter()
        .chain(before)
        .find(|way| !wish.given_up.contains(&way.name) && could_do_better(why, from, way.carries))
        .copied()
}

/// Whether a route that carries `to` could do better than one that carries `from`.
pub fn could_do_better(why: Why, from: Carries, to: Carries) -> bool {
    use RefusalReason::{
        BadNumber, LineBlocks, LineInactive, NoRoute, OurSide, PhoneAway, PhoneFull, Stopped, Unknown,
    };
    match why {
        Why::Failed | Why::Silent => true,
        Why::Refused(reason) => match reason {
            // A line blocks senders, one by one; and no sender can do anything about calls.
            LineBlocks => true,
            // Neither a word nor a call reaches it.
            BadNumber | LineInactive => false,
            // A call that nobody took leaves a phone that can get words; a phone that is off gets neither.
            PhoneAway => from == Carries::Spoken && to == Carries::Words,
            // There is no room for words, and a call needs none.
            PhoneFull => to == Carries::Spoken,
            // Another route has another sender, account and way.
            OurSide | NoRoute | Unknown => true,
            // The person wants none of it, by any route.
            Stopped => false,
        },
    }
}

impl Way {
    fn may_carry(&self, purpose: Option<Purpose>) -> bool {
        let is_code = purpose.is_some_and(Purpose::is_code);
        self.carries.takes(is_code) && purpose.is_none_or(|purpose| self.serves.purposes.contains(&purpose))
    }

    fn is_meant_for(&self, network: Option<&Network>) -> bool {
        let networks = &self.serves.networks;
        networks.is_empty() || network.is_some_and(|network| networks.contains(network))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A route of words for everything.
    pub fn words(name: &str) -> Way {
        Way { name: name.to_owned(), carries: Carries::Words, serves: Serves::default() }
    }

    pub fn voice(name: &str) -> Way {
        Way { carries: Carries::Spoken, ..words(name) }
    }

    fn names<'a>(ways: &[&'a Way]) -> Vec<&'a str> {
        ways.iter().map(|way| way.name.as_str()).collect()
    }

    const CODE: Wish<'_> = Wish { purpose: Some(Purpose::ResetCode), network: None, given_up: &[] };
    const NOTICE: Wish<'_> = Wish { purpose: Some(Purpose::PinChanged), network: None, given_up: &[] };

    #[test]
    fn what_another_route_could_do_better_stands_in_this_table() {
        use RefusalReason::*;
        let rows = [
            (Why::Refused(LineBlocks), [true, true, true]),
            (Why::Refused(BadNumber), [false, false, false]),
            (Why::Refused(PhoneAway), [false, false, true]),
            (Why::Refused(PhoneFull), [false, true, false]),
            (Why::Refused(LineInactive), [false, false, false]),
            (Why::Refused(OurSide), [true, true, true]),
            (Why::Refused(NoRoute), [true, true, true]),
            (Why::Refused(Unknown), [true, true, true]),
            (Why::Failed, [true, true, true]),
            (Why::Silent, [true, true, true]),
        ];
        let steps = [
            (Carries::Words, Carries::Words),
            (Carries::Words, Carries::Spoken),
            (Carries::Spoken, Carries::Words),
        ];
        for (why, expected) in rows {
            assert_eq!(steps.map(|(from, to)| could_do_better(why, from, to)), expected, "{why:?}");
        }
    }

    #[test]
    fn a_call_is_only_for_codes() {
        let ways = [words("at"), voice("call")];
        assert_eq!(names(&candidates(&ways, &CODE)), ["at", "call"]);
        assert_eq!(names(&candidates(&ways, &NOTICE)), ["at"]);
        let blocked = Why::Refused(RefusalReason::LineBlocks);
        assert_eq!(next(&ways, &CODE, "at", blocked).map(|way| way.name.as_str()), Some("call"));
    }

    #[test]
    fn routes_meant_for_the_network_come_first_and_the_others_stay() {
        let airtel = Network::from_code("63903");
        let meant = Serves { networks: airtel.clone().into_iter().collect(), ..Serves::default() };
        let ways = [words("at"), Way { serves: meant, ..words("smsc") }];
        let wish = Wish { network: airtel.as_ref(), ..NOTICE };
        assert_eq!(
            names(&candidates(&ways, &wish)),
            ["at", "smsc"],
            "a route for all is for this network too"
        );
        let elsewhere =
            Serves { networks: Network::from_code("63902").into_iter().collect(), ..Serves::default() };
        let ways = [Way { serves: elsewhere, ..words("at") }, words("smsc")];
        assert_eq!(names(&candidates(&ways, &wish)), ["smsc", "at"]);
        assert_eq!(names(&candidates(&ways, &NOTICE)), ["smsc", "at"]);
    }

    #[test]
    fn a_route_carries_only_what_it_is_for() {
        let codes = Serves { purposes: vec![Purpose::ResetCode], ..Serves::default() };
        let ways = [Way { serves: codes, ..words("codes") }, words("all")];
        assert_eq!(names(&candidates(&ways, &NOTICE)), ["all"]);
        assert_eq!(names(&candidates(&ways, &CODE)), ["codes", "all"]);
    }

    #[test]
    fn what_was_given_up_is_not_tried_again() {
        let ways = [words("a"), words("b"), words("c")];
        let given_up = ["a".to_owned(), "c".to_owned()];
        let wish = Wish { given_up: &given_up, ..NOTICE };
        assert_eq!(next(&ways, &wish, "c", Why::Failed).map(|way| way.name.as_str()), Some("b"));
        assert_eq!(next(&ways, &NOTICE, "c", Why::Failed).map(|way| way.name.as_str()), Some("a"));
        assert_eq!(next(&ways[..1], &NOTICE, "a", Why::Failed).map(|way| way.name.as_str()), Some("a"));
    }
}
