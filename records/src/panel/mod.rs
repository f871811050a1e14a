//! Panels: the days they are held, their slots, and what belongs to them: bookings, members, attendance, interests, notes.

pub mod attendance;
pub mod attendances;
pub mod booking;
pub mod bookings;
pub mod calendars;
pub mod cancellation;
pub mod cancellations;
pub mod day;
mod hands;
pub mod interest;
pub mod interests;
pub mod member;
pub mod members;
pub mod note;
pub mod notes;
pub mod reading;
pub mod recording;
pub mod signature;
pub mod signatures;

pub use crate::requests::bookings_taken_off::{take_off_withdrawn, take_off_withdrawn as release_withdrawn};
pub use attendance::{PanelAttendance, Present, attendance_of, present};
pub use booking::{PanelBooking, agenda_of, bookings_of, standing_booking};
pub use cancellation::{PanelCancellation, cancellation_of};
pub use day::{ListOfPanel, ListPanels, ListedPanel, Panel, find, find_standing, list};
pub use hands::hands_of_seats;
pub use interest::{DeclaredInterest, stood_down};
pub use member::PanelMember;
pub use note::{PanelNotes, latest_notes};
pub use reading::{PanelInFull, read};
pub use recording::{NewPanel, record};
