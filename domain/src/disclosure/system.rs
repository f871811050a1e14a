//! Whole numbers between bounds, of which weighted sums lie between bounds: whether there are any.

/// The most steps that one question takes. A step halves the values of one unknown; a question beyond has no answer.
pub const STEPS: usize = 20_000;

/// Rounds of tightening bounds before the next step. Rarely more than five are of use.
const ROUNDS: usize = 40;

/// A weighted sum of unknowns, and the bounds that it lies between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// An unknown, and its weight.
    pub terms: Vec<(usize, i128)>,
    /// The least that the sum can be.
    pub at_least: Option<i128>,
    /// The most that it can be.
    pub at_most: Option<i128>,
}

/// Unknowns and what is known of them.
#[derive(Debug, Clone)]
pub struct System {
    rows: Vec<Row>,
    bounds: Vec<(i128, i128)>,
    hints: Vec<i128>,
}

/// Whether there is a solution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// One was found.
    Yes,
    /// There is none.
    No,
    /// None was found within [`STEPS`].
    TooHard,
}

impl System {
    /// Unknowns by their bounds; each has a value near which a solution is looked for first.
    pub fn new(bounds: Vec<(i128, i128)>, hints: Vec<i128>, mut rows: Vec<Row>) -> Self {
        rows.extend(reduced(&rows, bounds.len()).unwrap_or_default());
        System { rows, bounds, hints }
    }

    /// Whether an unknown can be from one value to another.
    pub fn can_be(&self, unknown: usize, from: i128, to: i128) -> Answer {
        let mut bounds = self.bounds.clone();
        let (least, most) = bounds[unknown];
        bounds[unknown] = (least.max(from), most.min(to));
        if self.is_near(bounds.clone()) {
            return Answer::Yes;
        }
        let mut steps = STEPS;
        self.search(bounds, &mut steps)
    }

    /// Solutions in which an unknown has a value, those near the hints first, and no more than so many.
    pub fn solutions(&self, unknown: usize, value: i128, most: usize) -> Vec<Vec<i128>> {
        let mut bounds = self.bounds.clone();
        let (least, highest) = bounds[unknown];
        bounds[unknown] = (least.max(value), highest.min(value));
        let mut found = Vec::new();
        self.collect(bounds, most, &mut STEPS.min(50 * most), &mut found);
        found
    }

    fn collect(&self, bounds: Vec<(i128, i128)>, most: usize, steps: &mut usize, found: &mut Vec<Vec<i128>>) {
        *steps = steps.saturating_sub(1);
        let Some(bounds) = self.tightened(bounds) else { return };
        let Some(unknown) = most_bounded(&bounds) else {
            if self.holds(&bounds) {
                found.push(bounds.iter().map(|(value, _)| *value).collect());
            }
            return;
        };
        let (least, highest) = bounds[unknown];
        let nearest = self.hints[unknown].clamp(least, highest);
        let sides = (1..=highest - least).flat_map(|distance| [nearest - distance, nearest + distance]);
        for value in std::iter::once(nearest).chain(sides).filter(|value| (least..=highest).contains(value)) {
            if found.len() >= most || *steps == 0 {
                return;
            }
            let mut bounds = bounds.clone();
            bounds[unknown] = (value, value);
            self.collect(bounds, most, steps, found);
        }
    }

    /// Whether there is a solution where each unknown in turn has the value nearest to its hint: most often there is.
    fn is_near(&self, mut bounds: Vec<(i128, i128)>) -> bool {
        while let Some(tight) = self.tightened(bounds) {
            let Some(unknown) = most_bounded(&tight) else { return self.holds(&tight) };
            let nearest = self.hints[unknown].clamp(tight[unknown].0, tight[unknown].1);
            bounds = tight;
            bounds[unknown] = (nearest, nearest);
        }
        false
    }

    /// The bounds of an unknown, as far as they follow at sight.
    pub fn range(&self, unknown: usize) -> (i128, i128) {
        self.tightened(self.bounds.clone()).map_or((0, -1), |bounds| bounds[unknown])
    }

    fn search(&self, bounds: Vec<(i128, i128)>, steps: &mut usize) -> Answer {
        if *steps == 0 {
            return Answer::TooHard;
        }
        *steps -= 1;
        let Some(bounds) = self.tightened(bounds) else { return Answer::No };
        let Some(unknown) = most_bounded(&bounds) else {
            return if self.holds(&bounds) { Answer::Yes } else { Answer::No };
        };
        let (least, most) = bounds[unknown];
        let middle = least + (most - least) / 2;
        let mut halves = [(least, middle), (middle + 1, most)];
        if self.hints[unknown] > middle {
            halves.reverse();
        }
        let mut answer = Answer::No;
        for half in halves {
            let mut bounds = bounds.clone();
            bounds[unknown] = half;
            match self.search(bounds, steps) {
                Answer::Yes => return Answer::Yes,
                Answer::TooHard => answer = Answer::TooHard,
                Answer::No => {}
            }
        }
        answer
    }

    /// Bounds without the values that a row rules out by itself; none where one has no value left.
    fn tightened(&self, mut bounds: Vec<(i128, i128)>) -> Option<Vec<(i128, i128)>> {
        for _ in 0..ROUNDS {
            let before = bounds.clone();
            for row in &self.rows {
                row.tighten(&mut bounds)?;
            }
            if bounds == before {
                break;
            }
        }
        bounds.iter().all(|(least, most)| least <= most).then_some(bounds)
    }

    fn holds(&self, bounds: &[(i128, i128)]) -> bool {
        self.rows.iter().all(|row| {
            let sum: i128 = row.terms.iter().map(|(unknown, weight)| weight * bounds[*unknown].0).sum();
            row.at_least.is_none_or(|least| sum >= least) && row.at_most.is_none_or(|most| sum <= most)
        })
    }
}

impl Row {
    fn tighten(&self, bounds: &mut [(i128, i128)]) -> Option<()> {
        let ends = |(unknown, weight): &(usize, i128), bounds: &[(i128, i128)]| {
            let (least, most) = bounds[*unknown];
            if *weight > 0 { (weight * least, weight * most) } else { (weight * most, weight * least) }
        };
        let (mut low, mut high) = (0, 0);
        for term in &self.terms {
            let (least, most) = ends(term, bounds);
            (low, high) = (low + least, high + most);
        }
        if self.at_least.is_some_and(|least| high < least) || self.at_most.is_some_and(|most| low > most) {
            return None;
        }
        for term in &self.terms {
            let (unknown, weight) = *term;
            let (own_low, own_high) = ends(term, bounds);
            // What the others leave for this term, divided by its weight.
            let most = self.at_most.map(|most| most - (low - own_low));
            let least = self.at_least.map(|least| least - (high - own_high));
            let (from, to) = if weight > 0 {
                (least.map(|least| ceiling(least, weight)), most.map(|most| floor(most, weight)))
            } else {
                (most.map(|most| ceiling(-most, -weight)), least.map(|least| floor(-least, -weight)))
            };
            let pair = &mut bounds[unknown];
            *pair = (from.map_or(pair.0, |from| pair.0.max(from)), to.map_or(pair.1, |to| pair.1.min(to)));
            if pair.0 > pair.1 {
                return None;
            }
            let (new_low, new_high) = ends(term, bounds);
            (low, high) = (low - own_low + new_low, high - own_high + new_high);
        }
        Some(())
    }
}

/// The unknown with the fewest values, among those that have more than one.
fn most_bounded(bounds: &[(i128, i128)]) -> Option<usize> {
    let open = bounds.iter().enumerate().filter(|(_, (least, most))| least < most);
    open.min_by_key(|(_, (least, most))| most - least).map(|(unknown, _)| unknown)
}

/// Equations that follow from those among the rows, each with one unknown that no other of them has: what several say together is then
/// seen at once. None where a number grows too large.
fn reduced(rows: &[Row], unknowns: usize) -> Option<Vec<Row>> {
    let equations = rows.iter().filter(|row| row.at_least.is_some() && row.at_least == row.at_most);
    let mut matrix: Vec<Vec<i128>> = equations
        .map(|row| {
            let mut line = vec![0; unknowns + 1];
            row.terms.iter().for_each(|(unknown, weight)| line[*unknown] += weight);
            line[unknowns] = row.at_least.unwrap_or_default();
            line
        })
        .collect();
    let mut rank = 0;
    for column in 0..unknowns {
        let Some(found) = (rank..matrix.len()).find(|line| matrix[*line][column] != 0) else { continue };
        matrix.swap(rank, found);
        let pivot = matrix[rank].clone();
        for (_, line) in matrix.iter_mut().enumerate().filter(|(at, line)| *at != rank && line[column] != 0) {
            *line = without(line, &pivot, column)?;
        }
        rank += 1;
    }
    let row = |line: &Vec<i128>| {
        let terms = line[..unknowns].iter().copied().enumerate().filter(|(_, weight)| *weight != 0).collect();
        Row { terms, at_least: Some(line[unknowns]), at_most: Some(line[unknowns]) }
    };
    let says_something = |row: &Row| !(rows.contains(row) || row.terms.is_empty() && row.at_least == Some(0));
    Some(matrix.iter().map(row).filter(says_something).collect())
}

/// A line less so much of another that its unknown of one column goes, in the smallest whole numbers.
fn without(line: &[i128], pivot: &[i128], column: usize) -> Option<Vec<i128>> {
    let (own, other) = (line[column], pivot[column]);
    let mut left = Vec::with_capacity(line.len());
    for (mine, theirs) in line.iter().zip(pivot) {
        left.push(mine.checked_mul(other)?.checked_sub(theirs.checked_mul(own)?)?);
    }
    let divisor = left.iter().fold(0, |divisor, value| common_divisor(divisor, *value)).max(1);
    left.iter_mut().for_each(|value| *value /= divisor);
    left.iter().all(|value| value.abs() < 1 << 60).then_some(left)
}

fn common_divisor(one: i128, other: i128) -> i128 {
    if other == 0 { one.abs() } else { common_divisor(other, one % other) }
}

fn floor(above: i128, below: i128) -> i128 {
    above.div_euclid(below)
}

fn ceiling(above: i128, below: i128) -> i128 {
    -(-above).div_euclid(below)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(terms: &[(usize, i128)], at_least: Option<i128>, at_most: Option<i128>) -> Row {
        Row { terms: terms.to_vec(), at_least, at_most }
    }

    #[test]
    fn what_bounds_alone_do_not_rule_out_is_ruled_out() {
        // x + y = 10 and x - y = 1 has no solution in whole numbers; 2x + 4y = 7 has none either.
        let sum = row(&[(0, 1), (1, 1)], Some(10), Some(10));
        for odd in [row(&[(0, 1), (1, -1)], Some(1), Some(1)), row(&[(0, 2), (1, 4)], Some(7), Some(7))] {
            let system = System::new(vec![(0, 1_000); 2], vec![0; 2], vec![sum.clone(), odd]);
            assert_eq!(system.can_be(0, 0, 1_000), Answer::No);
        }
    }

    #[test]
    fn two_totals_say_together_what_neither_says_alone() {
        // a + b + c = 100, a + b + d = 50: c is 50 more than d.
        let rows = vec![row(&[(0, 1), (1, 1), (2, 1)], Some(100), Some(100)), row(&[(0, 1), (1, 1), (3, 1)], Some(50), Some(50))];
        let system = System::new(vec![(0, 1_000_000); 4], vec![20, 20, 60, 10], rows.clone());
        assert_eq!(system.range(2), (50, 100));
        let mut known = rows;
        known.push(row(&[(3, 1)], Some(7), Some(7)));
        let system = System::new(vec![(0, 1_000_000); 4], vec![20, 20, 57, 7], known);
        for (value, expected) in [(56, Answer::No), (57, Answer::Yes), (58, Answer::No)] {
            assert_eq!(system.can_be(2, value, value), expected, "{value}");
        }
    }

    #[test]
    fn a_question_that_is_too_hard_says_so() {
        // Pairs of unknowns that the bounds do not tie: a sum of even numbers that is to be odd.
        let unknowns = 12;
        let terms: Vec<_> = (0..unknowns).map(|at| (at, 2)).collect();
        let odd = Row { terms, at_least: Some(1_201), at_most: Some(1_201) };
        let mut system = System::new(vec![(0, 200); unknowns], vec![50; unknowns], vec![odd]);
        assert_eq!(system.can_be(0, 0, 200), Answer::TooHard);
        system.bounds = vec![(50, 50); unknowns];
        assert_eq!(system.can_be(0, 0, 200), Answer::No);
    }
}
