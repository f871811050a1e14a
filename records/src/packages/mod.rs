//! Packages: the support commissioned for one child, as a set of lines.

pub mod agreed_since;
pub mod commissioning_list;
pub mod lines;
pub mod package;
pub mod reading;
pub mod recording;
pub mod second_support;
pub mod unconfirmed;

pub use package::{Package, find, find_all};
pub use reading::{ListPackages, PackageWithLines, list, read, record_read};
pub use recording::{NewPackage, record};
