//! Requests: what a worker asks the panel for, its paperwork, its lines (form PA1), and how it came to where it stands.

pub mod bookings_taken_off;
pub mod checks;
pub mod lines;
pub mod own_parts;
pub mod paperwork;
pub mod parts;
pub mod readiness;
pub mod reading;
pub mod request;
pub mod steps;
pub mod support_days;
pub mod transitions;
pub mod writing;

pub use checks::line_mistakes;
pub use lines::{CostedLine, NewRequestLine, RequestLine, costed_lines, lines_of};
pub use paperwork::{NewPaperwork, RequestRevision, last_revision, revision_of};
pub use parts::{OwnParts, hands_in};
pub use readiness::{lacking_for_support, late_updates, missing_for_agenda, missing_in_paperwork, refuse_missing};
pub use reading::{
    ListRequests, ListRevisions, RequestTransitions, RequestWithPaperwork, RevisionWithLines, list, list_revisions, list_transitions, read,
    record_read,
};
pub use request::{Request, find};
pub use steps::{require, transition};
pub use transitions::RequestTransition;
pub use writing::{NewRequest, add_revision, record};
