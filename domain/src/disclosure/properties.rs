//! A reader who tries all whole numbers one after another, by code of their own. They know everything that is printed and the rule, and
//! they know how cells are chosen: a world counts only if the same would have been printed of it.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A count beyond which nobody looks: no count of these publications comes near it.
const MOST: i64 = 9;

/// The shape of a small publication: what there is to count, and what holds between it.
#[derive(Debug, Clone)]
struct Shape {
    rule: DisclosureRule,
    /// What the public knows of each line's count already; of the rest it knows nothing.
    before: Vec<Before>,
    /// Lines that are added up; where there are two such wholes, the tables share lines.
    wholes: Vec<Vec<usize>>,
    part_of: Option<(usize, usize)>,
    /// Whether the different children of all lines are counted too.
    counts_different: bool,
    /// The spend of each line in pounds, and of all of them.
    spend: Option<Vec<i64>>,
    /// A share and a difference, and whether an earlier edition shows them.
    derived: Option<Before>,
}

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
struct World {
    lines: Vec<i64>,
    different: i64,
}

fn shape_and_world() -> impl Strategy<Value = (Shape, World)> {
    let lines = proptest::collection::vec(0..=7_i64, 2..=3);
    (lines, 2..=4_u16, 0..2_u16, 0..=4_i64).prop_flat_map(|(lines, limit, less, shared)| {
        let number = lines.len();
        let some = proptest::sample::subsequence((0..number).collect::<Vec<_>>(), 2..=number);
        let one = prop_oneof![6 => Just(Before::New), 1 => Just(Before::Shown), 1 => Just(Before::Withheld)];
        let spend = proptest::collection::vec(0..=40_i64, number);
        let derived = prop_oneof![2 => Just(None), 2 => Just(Some(Before::New)), 1 => Just(Some(Before::Shown))];
        let most = lines.iter().copied().max().unwrap_or_default();
        let different = (lines.iter().sum::<i64>() - shared).max(most);
        let world = World { lines: lines.clone(), different };
        let (before, wholes) = (proptest::collection::vec(one, number), proptest::collection::vec(some, 0..=2));
        let pair = proptest::option::of((0..number, 0..number));
        let rule = DisclosureRule { withhold_up_to: limit, narrowest_width: (limit - less).max(2) };
        (before, wholes, pair, any::<bool>(), proptest::option::of(spend), derived, Just(world)).prop_map(
            move |(before, wholes, pair, counts_different, spend, derived, world)| {
                let part_of = pair.filter(|(part, whole)| part != whole && world.lines[*part] <= world.lines[*whole]);
                (Shape { rule, before, wholes, part_of, counts_different, spend, derived }, world)
            },
        )
    })
}

impl Shape {
    fn publication(&self, world: &World) -> Publication {
        let mut publication = Publication::default();
        let lines: Vec<_> =
            world.lines.iter().zip(&self.before).map(|(count, before)| publication.count("line", *count, *before)).collect();
        for parts in &self.wholes {
            let whole = publication.count("whole", parts.iter().map(|part| world.lines[*part]).sum(), Before::New);
            publication.total("whole", whole, &parts.iter().map(|part| lines[*part]).collect::<Vec<_>>());
        }
        if self.counts_different {
            let different = publication.count("different", world.different, Before::New);
            publication.no_more_than("different", different, &lines);
            lines.iter().for_each(|line| publication.of_whom("different", *line, different));
        }
        if let Some((part, whole)) = self.part_of {
            publication.of_whom("part", lines[part], lines[whole]);
        }
        if let Some(spend) = &self.spend {
            let amounts: Vec<_> = spend.iter().map(|pounds| publication.amount("spend", 100 * pounds, Before::New)).collect();
            amounts.iter().zip(&lines).for_each(|(amount, line)| publication.tie(*amount, *line));
            let all = publication.amount("all spend", 100 * spend.iter().sum::<i64>(), Before::New);
            publication.total("spend", all, &amounts);
        }
        if let Some(before) = self.derived {
            publication.difference("difference", lines[1], lines[0], before);
            // Of nought there is no share, which tells that it is nought: that is shown by itself where it is new.
            if self.before[1] == Before::New {
                publication.share("share", lines[0], lines[1], 100, before);
            }
        }
        publication
    }

    /// What a reader sees: each number, or that it is withheld. What an earlier edition shows is seen too.
    fn printed(&self, publication: &Publication) -> (Vec<Option<i64>>, Outcome) {
        let outcome = apply(publication, self.rule, &Disclosure::Withheld).expect("sound");
        let cells = publication.cells().filter(|cell| publication.is_printed(*cell));
        let is_seen = |cell: CellId| outcome.is_shown(cell) || publication.cells[cell.0].before == Before::Shown;
        let seen = cells.map(|cell| is_seen(cell).then(|| publication.value(cell))).collect();
        (seen, outcome)
    }

    /// Whether a world agrees with what is seen, whatever would be withheld of it.
    fn agrees(&self, world: &World, seen: &[Option<i64>]) -> bool {
        let fits = self.part_of.is_none_or(|(part, whole)| world.lines[part] <= world.lines[whole]);
        let sum: i64 = world.lines.iter().sum();
        let is_between = world.different <= sum && world.lines.iter().all(|line| *line <= world.different);
        if !fits || !is_between {
            return false;
        }
        let publication = self.publication(world);
        let values: Vec<_> = publication.cells().filter(|cell| publication.is_printed(*cell)).map(|cell| publication.value(cell)).collect();
        values.len() == seen.len() && values.iter().zip(seen).all(|(value, seen)| seen.is_none_or(|seen| seen == *value))
    }

    /// All worlds that agree with what is seen.
    fn worlds(&self, real: &World, seen: &[Option<i64>]) -> Vec<World> {
        let mut worlds = vec![Vec::new()];
        for seen in &seen[..real.lines.len()] {
            let range = seen.map_or(0..=MOST, |value| value..=value);
            worlds = worlds.into_iter().flat_map(|lines| range.clone().map(move |value| [lines.clone(), vec![value]].concat())).collect();
        }
        let different = if self.counts_different { seen[real.lines.len() + self.wholes.len()] } else { Some(real.different) };
        let with_different = |lines: Vec<i64>| {
            let (most, sum) = (lines.iter().copied().max().unwrap_or_default(), lines.iter().sum());
            let range = if !self.counts_different { sum..=sum } else { different.map_or(most..=sum, |value| value..=value) };
            range.map(move |different| World { lines: lines.clone(), different })
        };
        worlds.into_iter().flat_map(with_different).filter(|world| self.agrees(world, seen)).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn nobody_narrows_a_small_count_even_who_knows_how_cells_are_chosen((shape, real) in shape_and_world()) {
        let publication = shape.publication(&real);
        let (seen, outcome) = shape.printed(&publication);
        let told = |cell: CellId| outcome.narrower.iter().find(|(other, _)| *other == cell).map(|(_, values)| usize::from(*values));
        // Where the search met its bound, it says so.
        prop_assume!(outcome.is_choice_checked);
        let mut worlds = None;
        for (at, cell) in publication.cells().take(real.lines.len()).enumerate() {
            let value = real.lines[at];
            prop_assert!(!shape.rule.is_small(value) || !outcome.is_shown(cell), "small counts are withheld");
            prop_assert!(value != 0 || shape.before[at] == Before::Withheld || outcome.is_shown(cell), "nought is not");
            if !shape.rule.is_small(value) || shape.before[at] == Before::Shown || seen[at].is_some() {
                continue;
            }
            let wanted = told(cell).unwrap_or_else(|| usize::from(shape.rule.narrowest_width));
            let worlds = worlds.get_or_insert_with(|| shape.worlds(&real, &seen));
            let mut values = BTreeSet::from([value]);
            for world in worlds.iter() {
                if values.len() < wanted && !values.contains(&world.lines[at]) && shape.printed(&shape.publication(world)).0 == seen {
                    values.insert(world.lines[at]);
                }
            }
            prop_assert!(values.len() >= wanted, "line {at} can only be {values:?}, of {seen:?}; told {:?}", outcome.narrower);
        }
    }
}
