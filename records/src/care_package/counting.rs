//! Package lines and lines of requests, as the rules of the total look at them.

use crate::packages::lines::PackageLine;
use crate::requests::lines::RequestLine;
use domain::care_package::{LineFacts, Origin, PackageLineFacts, RequestLineFacts};
use std::collections::HashSet;

/// A package line as it counts: on record, or as a variation would make it.
#[derive(Debug, Clone)]
pub struct Counting {
    /// The line.
    pub line: PackageLine,
    /// Why it counts.
    pub origin: Origin,
    /// Whether it counts though its dates are over: what is asked for does.
    pub whatever_its_dates: bool,
}

impl Counting {
    /// A line on record, which counts while it runs or will.
    pub(crate) fn on_record(line: PackageLine) -> Self {
        Counting { line, origin: Origin::Package, whatever_its_dates: false }
    }

    /// What a variation that is not agreed would make.
    pub(crate) fn proposed(line: PackageLine) -> Self {
        Counting { line, origin: Origin::OtherVariation, whatever_its_dates: true }
    }

    pub(crate) fn facts(self) -> PackageLineFacts {
        let Counting { line, origin, whatever_its_dates } = self;
        let (terms, arrangement) = (line.costed(), line.arrangement().to_owned());
        PackageLineFacts {
            line: LineFacts { id: line.line_id, service: line.service, budget_line: line.budget_line, unit: line.unit, terms },
            arrangement,
            request_line_id: line.request_line_id,
            origin,
            whatever_its_dates,
        }
    }
}

/// What variations would make of a child's package lines.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// The lines that are no longer as they are on record.
    pub gone: HashSet<String>,
    /// What there is instead.
    pub lines: Vec<Counting>,
}

pub(crate) fn request_line_facts(line: RequestLine) -> RequestLineFacts {
    let terms = line.costed();
    RequestLineFacts {
        line: LineFacts { id: line.id, service: line.service, budget_line: line.budget_line, unit: line.unit, terms },
        request_id: line.request_id,
        replaces_line_id: line.replaces_line_id,
    }
}
