//! Packages by what they are grouped by, and children whose birthday moves them on.

use super::figures::{Figures, words};
use super::gathered::{Gathered, PackageGroup, Transition, YearOfReview};
use super::section::Section;
use sheets::{Cell, Column, Error, SheetChartKind};

/// What packages are grouped by: the mart's word, what a group is, the tab, what one without is called, and the column that is drawn.
const GROUPINGS: [(&str, &str, &str, &str, usize); 7] = [
    ("budget_line", "Budget line", "Packages by line", "No budget line", 1),
    ("service", "Service", "Packages by service", "No service", 1),
    ("provider", "Provider", "Packages by provider", "No provider", 1),
    ("sector", "Sector of the provider", "Packages by sector", "No provider", 1),
    ("cost_band", "Cost of the child's package in a full year", "Packages by cost band", "Nothing in force on the last day", 4),
    ("tier", "Posts responsible for the child's package", "Packages by tier", "Nothing in force on the last day", 4),
    ("age_band", "Age on the year's last day", "Packages by age band", "No date of birth", 1),
];

/// Packages of the year, grouped in seven ways.
pub(super) fn packages(gathered: &Gathered) -> Result<Section, Error> {
    let year = gathered.now.year.as_str();
    let words = vec![
        format!(
            "{} children had support in force on some day of {year}{}.",
            gathered.now.children,
            gathered.before.as_ref().map_or_else(String::new, |before| format!(", and {} in {}", before.children, before.year.as_str()))
        ),
        "A child counts once in each row, with support that somebody with the authority agreed. So children and arrangements do not add up over rows, and money does.".to_owned(),
    ];
    let figures = GROUPINGS.iter().map(|grouping| by_group(gathered, grouping)).collect::<Result<_, _>>()?;
    Ok(Section { title: "Packages", words, figures })
}

fn of_group<'y>(year: &'y YearOfReview, grouped_by: &str) -> Vec<&'y PackageGroup> {
    year.groups.iter().filter(|group| group.grouped_by == grouped_by).collect()
}

/// A group as a reader has it.
fn name(group: &PackageGroup, without: &str) -> String {
    match (group.code.as_str(), group.grouped_by.as_str()) {
        ("none", _) => without.to_owned(),
        (_, "service" | "sector") => words(&group.label),
        _ => group.label.clone(),
    }
}

fn by_group(gathered: &Gathered, (grouped_by, heading, tab, without, drawn): &(&str, &str, &str, &str, usize)) -> Result<Figures, Error> {
    let year = gathered.now.year.as_str();
    let now = of_group(&gathered.now, grouped_by);
    let before = gathered.before.as_ref().map(|before| of_group(before, grouped_by));
    let find = |groups: &[&PackageGroup], code: &str| groups.iter().find(|group| group.code == code).map(|group| (*group).clone());
    let mut all: Vec<&PackageGroup> = now.clone();
    all.extend(before.iter().flatten().filter(|group| find(&now, &group.code).is_none()));
    all.sort_by_key(|group| (group.sort_order, group.code.clone()));
    let mut columns = vec![
        Column::text("group").labelled(*heading),
        Column::integer("children"),
        Column::integer("arrangements"),
        Column::pounds("planned_pounds").labelled(format!("Cost in {year} (£)")).summed(),
        Column::integer("children_at_end").labelled("Children on the last day"),
        Column::pounds("full_year_pounds").labelled("A full year of what is in force on the last day (£)").summed(),
    ];
    columns.extend(gathered.before.iter().flat_map(|before| {
        let year = before.year.as_str();
        [
            Column::integer("children_before").labelled(format!("Children {year}")),
            Column::pounds("planned_before_pounds").labelled(format!("Cost in {year} (£)")).summed(),
        ]
    }));
    let rows = all.into_iter().map(|group| {
        let of = |group: Option<PackageGroup>| {
            group.map_or((0, 0, 0, 0, 0), |one| {
                (one.children, one.arrangements, one.planned_pence, one.children_at_end, one.full_year_pence)
            })
        };
        let (children, arrangements, planned, at_end, full_year) = of(find(&now, &group.code));
        let mut cells = vec![
            Cell::text(name(group, without)),
            Cell::Integer(children),
            Cell::Integer(arrangements),
            Cell::Pence(planned),
            Cell::Integer(at_end),
            Cell::Pence(full_year),
        ];
        cells.extend(before.iter().flat_map(|before| {
            let (children, _, planned, ..) = of(find(before, &group.code));
            [Cell::Integer(children), Cell::Pence(planned)]
        }));
        cells
    });
    let title = format!("{tab}, {year}");
    let figures = Figures::of(title, tab, format!("No package was in force in {year}."), columns, rows)?;
    let figures = match *grouped_by {
        "cost_band" => figures
            .noted("The bands end at the limits and reporting thresholds of the authority's profile, gross, each with its own amount."),
        "tier" => figures
            .noted("The post that would be responsible for the child's whole package as it is on the year's last day, whoever agreed it."),
        "age_band" => {
            figures.noted("The bands are the profile's. A child is as old as on the year's last day, also where its support ended before.")
        }
        _ => figures,
    };
    let what = if *drawn == 4 { "children on the last day" } else { "children" };
    Ok(figures.drawn(SheetChartKind::Bars, format!("Children: {}, {year}", tab.to_lowercase()), what, vec![*drawn]))
}

/// Children who reach a birthday at which support moves on.
pub(super) fn transitions(gathered: &Gathered) -> Result<Section, Error> {
    let (now, year) = (&gathered.now, gathered.now.year.as_str());
    let next = now.year.next().map_or_else(|_| "the next year".to_owned(), |year| year.as_str().to_owned());
    let birthdays: std::collections::BTreeSet<i64> = now.transitions.iter().map(|row| row.birthday).collect();
    let mut columns = vec![
        Column::text("birthday"),
        Column::integer("children_in_year").labelled(format!("Children who had it in {year}")),
        Column::pounds("in_year_pounds").labelled("A full year of their packages, the day before (£)"),
        Column::integer("children_next_year").labelled(format!("Children who have it in {next}")),
        Column::pounds("next_year_pounds").labelled("A full year of their packages, on the last day (£)"),
    ];
    columns.extend(
        gathered
            .before
            .iter()
            .map(|before| Column::integer("children_before").labelled(format!("Children who had it in {}", before.year.as_str()))),
    );
    let rows = birthdays.into_iter().map(|birthday| {
        let (past, coming) = (find(now, birthday, "in_year"), find(now, birthday, "next_year"));
        let count = |row: Option<&Transition>| Cell::Integer(row.map_or(0, |row| row.children));
        let cost = |row: Option<&Transition>| Cell::Pence(row.map_or(0, |row| row.full_year_pence));
        let mut cells = vec![Cell::text(format!("{birthday}th")), count(past), cost(past), count(coming), cost(coming)];
        cells.extend(gathered.before.iter().map(|before| count(find(before, birthday, "in_year"))));
        cells
    });
    let nothing = "The profile names no birthday at which support moves on.";
    let figures = Figures::of(format!("Transitions, {year} and {next}"), "Transitions", nothing, columns, rows)?
        .noted("Those who had it had support in force on some day of the year; those who have it next year have support on the year's last day.")
        .drawn(SheetChartKind::Bars, format!("Children who have a birthday of transition in {next}"), "children", vec![3]);
    let intro = "Children whose birthday moves their support on towards adulthood, so that adult services can be told in time. The birthdays are the profile's.";
    Ok(Section { title: "Transitions", words: vec![intro.to_owned()], figures: vec![figures] })
}

fn find<'y>(year: &'y YearOfReview, birthday: i64, falls: &str) -> Option<&'y Transition> {
    year.transitions.iter().find(|row| row.birthday == birthday && row.falls == falls)
}
