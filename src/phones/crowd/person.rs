//! The people of the crowd: made up from a seed, each with a line, a language, a name, a national ID and a PIN,
//! and each the manager of a centre, whose PIN they know.
//!
//! Their numbers are `+254 749` and six digits, a block of their own: neither the numbers of the tests nor those of the
//! demo. Libphonenumber takes it for mobile, as the gateway must. What keeps SMS from leaving is not the block but that
//! `simulate` stays on loopback. Their IDs begin with 90, which no real ID reaches yet.

use super::dice::Dice;
use crate::{
    model::{Language, Msisdn, Network, Pin, pin::PinContext},
    phones::wire::Line,
};

/// How many different people a seed can make.
pub const MOST: u32 = 1_000_000;

const GIVEN: [&str; 16] = [
    "Amina", "Asha", "Baraka", "Chebet", "Daudi", "Esther", "Faith", "Hassan", "Imani", "Juma", "Kamau",
    "Leila", "Moraa", "Naliaka", "Omar", "Zawadi",
];
const SURNAMES: [&str; 16] = [
    "Achieng",
    "Barasa",
    "Cheruiyot",
    "Farah",
    "Kariuki",
    "Kiptoo",
    "Mutua",
    "Mwangi",
    "Njoroge",
    "Odhiambo",
    "Okello",
    "Otieno",
    "Rotich",
    "Simiyu",
    "Wafula",
    "Wanjiku",
];

/// Somebody with a phone. No `Debug`: a PIN is among it.
#[derive(Clone)]
pub struct Person {
    /// The line.
    pub line: Line,
    /// What they read.
    pub language: Language,
    /// As typed.
    pub given_names: String,
    /// As typed.
    pub surname: String,
    /// Eight digits, nobody else's.
    pub national_id: String,
    /// One that is taken at once.
    pub pin: String,
    /// Another.
    pub other_pin: String,
    /// The code of the centre that they manage, nobody else's.
    pub centre: String,
    /// The PIN of that centre: one for all centres of a crowd, so that whoever sets them up needs one hash.
    pub post_pin: String,
}

/// What can stand in braces in a journey, beside `{any}`.
pub const VARIABLES: [&str; 11] = [
    "given_names",
    "surname",
    "full_name",
    "national_id",
    "masked_id",
    "pin",
    "other_pin",
    "username",
    "language",
    "centre",
    "post_pin",
];

impl Person {
    /// The `n`th person of a seed; `kiswahili` is the share of those who read Kiswahili. `service_code` counts because
    /// no PIN may be made of it.
    pub fn new(seed: u64, n: u32, kiswahili: f64, service_code: &str) -> Option<Self> {
        let mut dice = Dice::of(seed, "person", u64::from(n));
        let begin = Dice::of(seed, "numbers", 0).below(u64::from(MOST));
        let own = (begin + u64::from(n)) % u64::from(MOST);
        let msisdn = Msisdn::from_network(&format!("+254749{own:06}"))?;
        let network = Network::from_code(match dice.below(20) {
            0..14 => "63902",
            14..19 => "63903",
            _ => "63907",
        });
        let language = if dice.happens(kiswahili) { Language::Sw } else { Language::En };
        let given_names = (*dice.one_of(&GIVEN)?).to_owned();
        let surname = (*dice.one_of(&SURNAMES)?).to_owned();
        let national_id = format!("90{own:06}");
        let code: String = service_code.chars().filter(char::is_ascii_digit).collect();
        let context = PinContext {
            length: 6,
            msisdn: msisdn.username(),
            national_id: Some(&national_id),
            service_code: &code,
        };
        let (pin, other_pin) = (fresh_pin(&mut dice, context, "")?, String::new());
        let other_pin = fresh_pin(&mut dice, context, &pin).unwrap_or(other_pin);
        let line = Line { msisdn, network };
        let (centre, post_pin) = (format!("49{own:06}"), post_pin(seed));
        Some(Self { line, language, given_names, surname, national_id, pin, other_pin, centre, post_pin })
    }

    /// The value of a variable of [`VARIABLES`].
    pub fn value(&self, variable: &str) -> Option<String> {
        let hidden = |id: &str| format!("*****{}", id.get(id.len().saturating_sub(3)..).unwrap_or_default());
        Some(match variable {
            "given_names" => self.given_names.clone(),
            "surname" => self.surname.clone(),
            "full_name" => format!("{} {}", self.given_names, self.surname),
            "national_id" => self.national_id.clone(),
            "masked_id" => hidden(&self.national_id),
            "pin" => self.pin.clone(),
            "other_pin" => self.other_pin.clone(),
            "username" => self.line.msisdn.username().to_owned(),
            "centre" => self.centre.clone(),
            "post_pin" => self.post_pin.clone(),
            "language" => if self.language == Language::En { "1" } else { "2" }.to_owned(),
            _ => return None,
        })
    }

    /// A text with this person's values in place of `{…}`; `{any}` stays.
    pub fn fill(&self, template: &str) -> String {
        if !template.contains('{') {
            return template.to_owned();
        }
        VARIABLES.iter().fold(template.to_owned(), |text, variable| {
            text.replace(&format!("{{{variable}}}"), &self.value(variable).unwrap_or_default())
        })
    }

    /// A text with what is personal put back into braces, for people who look into a finding. Digits of anybody else
    /// (five or more in a row) go too.
    pub fn redact(&self, text: &str) -> String {
        let hide = [
            "full_name",
            "username",
            "centre",
            "post_pin",
            "national_id",
            "masked_id",
            "pin",
            "other_pin",
            "given_names",
            "surname",
        ];
        let named = hide.iter().fold(text.to_owned(), |text, variable| {
            match self.value(variable).filter(|value| !value.is_empty()) {
                Some(value) => text.replace(&value, &format!("{{{variable}}}")),
                None => text,
            }
        });
        without_long_numbers(&named)
    }
}

fn without_long_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut digits = String::new();
    for c in text.chars().map(Some).chain([None]) {
        match c {
            Some(c) if c.is_ascii_digit() => digits.push(c),
            other => {
                out.push_str(if digits.len() >= 5 { "#####" } else { &digits });
                digits.clear();
                out.extend(other);
            }
        }
    }
    out
}

/// The PIN of every centre of a crowd.
fn post_pin(seed: u64) -> String {
    format!("{:08}", Dice::of(seed, "post pin", 0).below(100_000_000))
}

/// A PIN that the gateway takes; one in ten throws is refused, so that a hundred throws always find one.
fn fresh_pin(dice: &mut Dice, context: PinContext<'_>, other_than: &str) -> Option<String> {
    let mut throws = (0..100).map(|_| format!("{:06}", dice.below(1_000_000)));
    throws.find(|pin| pin != other_than && Pin::choose(pin, context).is_ok())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::model::CentreCode;

    fn somebody(n: u32) -> Person {
        Person::new(11, n, 0.5, "*384*2547#").unwrap()
    }

    #[test]
    fn everybody_has_a_kenyan_mobile_line_and_an_id_of_their_own() {
        let people: Vec<Person> = (0..2_000).map(somebody).collect();
        assert!(people.iter().all(|person| person.line.msisdn.is_kenyan_mobile()));
        assert_eq!(people.iter().map(|p| p.line.msisdn.as_e164()).collect::<HashSet<_>>().len(), 2_000);
        assert_eq!(people.iter().map(|p| p.national_id.as_str()).collect::<HashSet<_>>().len(), 2_000);
        assert_eq!(people.iter().map(|p| p.centre.as_str()).collect::<HashSet<_>>().len(), 2_000);
        assert!(
            people.iter().all(|p| CentreCode::parse(&p.centre).is_some() && p.post_pin == people[0].post_pin)
        );
        let kiswahili = people.iter().filter(|person| person.language == Language::Sw).count();
        assert!((850..1_150).contains(&kiswahili), "{kiswahili}");
    }

    #[test]
    fn a_seed_makes_the_same_people() {
        let told = |person: Person| VARIABLES.map(|variable| person.value(variable));
        assert_eq!(told(somebody(3)), told(somebody(3)));
        assert_ne!(told(somebody(3)), told(somebody(4)));
    }

    #[test]
    fn what_is_personal_is_put_back_into_braces() {
        let person = somebody(5);
        let screen = person.fill("Hello {given_names}, {masked_id} {username} {pin}. Dial *384*2547# {any}");
        let shown = person.redact(&screen);
        assert_eq!(shown, "Hello {given_names}, {masked_id} {username} {pin}. Dial *384*2547# {any}");
        assert_eq!(person.redact("ID 12345678, 3 left"), "ID #####, 3 left");
    }
}
