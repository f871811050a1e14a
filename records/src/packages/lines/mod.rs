//! Package lines: what is bought for a child, how often, at what rate, from when to when.
//!
//! A line is a row of versions. Ending or reversing it adds a version; nothing is changed, so a line can be read as it was known
//! on any earlier day. A new rate is a new line that starts where the old one ends.
//!
//! An *arrangement* is a first line and the lines that carry it on after variations; none of them is in force with another.

pub mod adding;
pub mod agreed;
pub mod checks;
pub mod ending;
pub mod line;
pub mod reading;
pub mod recording;
mod reversed_carriers;
mod support_days;
pub mod versions;

pub use adding::{add_version, insert};
pub use agreed::within_agreed;
pub use checks::mistakes;
pub use domain::packages::dates::{date_mistakes, date_mistakes_at};
pub use ending::{EndOfLine, end_package_line, reverse_package_line};
pub use line::PackageLine;
pub use reading::{LineHistory, ListLines, PackageLines, list, read};
pub use recording::{NewPackageLine, record};
pub use versions::{KnownOn, arrangement_lines, arrangement_of, history, known_lines, last_of, latest_lines, latest_lines_of, standing};
