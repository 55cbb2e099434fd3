//! Where everybody is: the time of day that screens and messages show.

use chrono::FixedOffset;

/// Nairobi: three hours ahead of UTC, no summer time.
pub const NAIROBI: FixedOffset = match FixedOffset::east_opt(3 * 3600) {
    Some(offset) => offset,
    None => panic!("three hours are an offset"),
};
