//! Attendance as the person sees it whom it is about: told by SMS when marked absent, shown day by day on the phone.

mod told;

pub use told::record_and_tell;
