//! Registers of any size, made up: the same at every run.

use chrono::{DateTime, Datelike as _, Days, FixedOffset, NaiveDate, Weekday};
use daftari::{
    documents::{Marked, RegisterDay, RegisterDocument, RegisterPerson, Signature, Standing},
    model::{
        CentreCode, DocumentCode,
        season::{Channel, DayKind, DayShape, DeployedAs},
    },
};

/// Names as they come: short, long, with letters that few fonts have.
const NAMES: [&str; 10] = [
    "Asha Njeri",
    "Wanjikũ wa Thĩrĩ",
    "Ng'ang'a Kamau Mfano",
    "Zoë Achieng-Otieno",
    "Muthoni Wambui Gathoni",
    "Barasa Wekesa Simiyu Nyongesa",
    "Chebet Kiprono arap Lang'at Cheruiyot Kipkemboi",
    "Mohamed Abdirahman Abdullahi Noor Hussein Sheikh Ibrahim",
    "Kadzo Mwakazi Tsuma",
    "Otieno Odhiambo",
];

/// So many days of one centre with so many people, signed by centre and director.
pub fn register(people: usize, days: usize) -> RegisterDocument {
    let days = school_days(days);
    RegisterDocument {
        series: "KCSE-2026".to_owned(),
        exam: "KCSE".to_owned(),
        year: 2026,
        practice: false,
        centre: CentreCode::parse("12345001").expect("a code"),
        centre_name: "Mfano Secondary School".to_owned(),
        county: "Kiambu".to_owned(),
        sub_county: "Ruiru".to_owned(),
        people: (0..people).map(|n| person(n, days.len())).collect(),
        days,
        seq: 31,
        head: "9f3ac1770be4d215".repeat(4),
        digest: "4be0a1f2c3d49586".repeat(4),
        standing: Standing::Signed {
            code: code(),
            centre: signature("Centre 12345001", "2026-11-20T17:42:00+03:00", "002", "K7Q2M9"),
            director: Some(signature("Jane Atieno Mfano", "2026-11-21T09:05:00+03:00", "003", "T4W8ZP")),
        },
        made_at: at("2026-11-21T10:00:00+03:00"),
        service_code: "*384*2547#".to_owned(),
    }
}

pub fn code() -> DocumentCode {
    DocumentCode::new([1, 2, 3, 4, 5, 6, 7, 8])
}

pub fn at(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text).expect("an instant")
}

fn signature(by: &str, when: &str, line_end: &str, reference: &str) -> Signature {
    let (by, line_end, reference) = (by.to_owned(), Some(line_end.to_owned()), reference.to_owned());
    Signature { at: at(when), by, line_end, reference }
}

/// Weekdays from Monday 19 October 2026 on: the first a rehearsal, the fifth half, the ninth closed.
fn school_days(many: usize) -> Vec<RegisterDay> {
    let first = NaiveDate::from_ymd_opt(2026, 10, 19).expect("a day");
    let weekdays = first.iter_days().filter(|on| !matches!(on.weekday(), Weekday::Sat | Weekday::Sun));
    let day = |(n, on): (usize, NaiveDate)| RegisterDay {
        on,
        kind: if n == 0 { DayKind::Rehearsal } else { DayKind::Exam },
        marked: Some(Marked {
            shape: match n {
                4 => DayShape::Half,
                8 => DayShape::Closed,
                _ => DayShape::Full,
            },
            at: at("2026-10-19T07:41:00+03:00") + Days::new((on - first).num_days().unsigned_abs()),
            channel: if n % 6 == 5 { Channel::Sms } else { Channel::Ussd },
            line_end: Some("002".to_owned()),
            reference: format!("K{n:02}QM9"),
            corrections: usize::from(n == 6),
        }),
    };
    weekdays.take(many).enumerate().map(day).collect()
}

fn person(n: usize, days: usize) -> RegisterPerson {
    let role = match n {
        0 => DeployedAs::CentreManager,
        1 | 21 => DeployedAs::Supervisor,
        3 => DeployedAs::Security,
        4 => DeployedAs::Driver,
        _ => DeployedAs::Invigilator,
    };
    // The ninth came in the second week.
    let mark = |day| (n != 8 || day >= 5).then_some((n * 7 + day * 3) % 41 != 5);
    RegisterPerson {
        number: i64::try_from(n + 1 + if n > 96 { 2 } else { 0 }).expect("a number"),
        full_name: NAMES[n % NAMES.len()].to_owned(),
        role,
        waits: false,
        marks: (0..days).map(mark).collect(),
    }
}
