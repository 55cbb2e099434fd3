//! What stands behind options: times, shares, think times, lists of mishaps.

use std::time::Duration;

use crate::phones::crowd::{Think, carrier::Mishaps};

/// `500ms`, `30s`, `10m`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let says = || "write it like 500ms, 30s or 10m".to_owned();
    let number: u64 = number.parse().map_err(|_| says())?;
    match unit {
        "ms" => Ok(Duration::from_millis(number)),
        "s" => Ok(Duration::from_secs(number)),
        "m" => Ok(Duration::from_secs(number.saturating_mul(60))),
        _ => Err(says()),
    }
}

/// A share from 0 to 1.
pub fn share(text: &str) -> Result<f64, String> {
    let share: Option<f64> = text.parse().ok();
    share.filter(|share| (0.0..=1.0).contains(share)).ok_or_else(|| "takes a share from 0 to 1".to_owned())
}

/// `people`, `none`, or milliseconds.
pub fn think(text: &str) -> Result<Think, String> {
    match text {
        "people" => Ok(Think::People),
        "none" => Ok(Think::Fixed(Duration::ZERO)),
        other => {
            let time = other.parse().map(Duration::from_millis);
            time.map(Think::Fixed).map_err(|_| "takes people, none, or milliseconds".to_owned())
        }
    }
}

/// `refused=0.02,twice=0.1`.
pub fn mishaps(text: &str) -> Result<Mishaps, String> {
    let mut mishaps = Mishaps::default();
    for item in text.split(',').filter(|item| !item.is_empty()) {
        let (name, value) = item.split_once('=').ok_or_else(|| format!("write {item} like {item}=0.02"))?;
        let place = match name {
            "refused" => &mut mishaps.refused,
            "busy" => &mut mishaps.busy,
            "lost" => &mut mishaps.lost,
            "late" => &mut mishaps.late,
            "twice" => &mut mishaps.twice,
            "early" => &mut mishaps.early,
            "reordered" => &mut mishaps.reordered,
            _ => return Err(format!("{name} is none of refused, busy, lost, late, twice, early, reordered")),
        };
        *place = share(value)?;
    }
    Ok(mishaps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_shares_are_read() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("10m"), Ok(Duration::from_mins(10)));
        assert!(duration("10").is_err() && duration("ms").is_err() && duration("1h").is_err());
        assert_eq!(share("0.25"), Ok(0.25));
        assert!(share("1.5").is_err() && share("-1").is_err() && share("many").is_err());
        assert_eq!(think("250"), Ok(Think::Fixed(Duration::from_millis(250))));
        assert!(think("slow").is_err());
    }

    #[test]
    fn mishaps_are_read_by_name() {
        let read = mishaps("refused=0.5,twice=1").unwrap();
        assert_eq!(read, Mishaps { refused: 0.5, twice: 1.0, ..Mishaps::default() });
        assert_eq!(mishaps(""), Ok(Mishaps::default()));
        assert!(mishaps("refused").is_err() && mishaps("refused=2").is_err() && mishaps("stolen=1").is_err());
    }
}
