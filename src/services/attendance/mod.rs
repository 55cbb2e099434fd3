//! Attendance as the person sees it whom it is about: told by SMS when marked absent, shown day by day on the phone.

mod days;
mod screens;
mod told;

pub use days::{MyDay, days, days_counted, mark_of, written};
pub use screens::{
    centre_rows, change_rows, chosen_day, day_rows, look, of_today, series_rows, show, show_day,
};
pub use told::record_and_tell;
