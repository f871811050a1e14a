//! Lines from the first category to the last, each labelled at its end.

use super::WIDTH_PX;
use super::canvas::{Drawing, FAINT, INK, LINE_PX, Side, along, drawn, line_colour, lines_of, width_px};
use crate::Error;
use crate::model::{Chart, Value};
use domain::Pence;

/// From the top to the bottom of the lines.
const ROOM_PX: i32 = 230;
/// Above them.
const TOP_PX: i32 = 24;
/// How wide the names at their ends may be.
const NAMES_PX: i32 = 150;
/// How wide the scale's numbers may be.
const SCALE_PX: i32 = 120;
/// Between words and what they name.
const GAP_PX: i32 = 10;
/// The lines of a category's name.
const CATEGORY_LINES: usize = 2;

/// The number that a scale steps by: 1, 2 or 5 with noughts, so that there are at most five steps.
fn step(span: i64) -> i64 {
    let mut unit = 1_i64;
    loop {
        for factor in [1, 2, 5] {
            let step = unit.saturating_mul(factor);
            if step.saturating_mul(5) >= span {
                return step;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

/// The numbers of a scale, from one that is no more than the least to one that is no less than the most.
fn scale(least: i64, most: i64) -> Vec<i64> {
    let step = step(most.saturating_sub(least).max(1));
    let first = least.div_euclid(step).saturating_mul(step);
    let mut numbers = vec![first];
    while let Some(next) = numbers.last().filter(|last| **last < most).and_then(|last| last.checked_add(step)) {
        numbers.push(next);
    }
    numbers
}

/// A number of the scale, written as the chart's figures are.
fn written(number: i64, like: &Value) -> String {
    let value = match like {
        Value::Money(_) if number % 100 != 0 => Value::Money(Pence(number)),
        Value::Money(_) | Value::Pounds(_) => Value::Pounds(Pence(number)),
        Value::PerMille(_) => Value::PerMille(number),
        Value::Thousandths(_) => Value::Thousandths(number),
        _ => Value::Count(number),
    };
    value.to_string()
}

/// Places one below another, moved apart as far as words need.
fn apart(wished: &[i32]) -> Vec<i32> {
    let mut order: Vec<usize> = (0..wished.len()).collect();
    order.sort_by_key(|place| wished[*place]);
    let (mut placed, mut free_from) = (wished.to_vec(), i32::MIN);
    for place in order {
        placed[place] = wished[place].max(free_from);
        free_from = placed[place] + LINE_PX;
    }
    placed
}

/// The figures of a series, with where each stands.
fn places(values: &[Value]) -> impl Iterator<Item = (usize, &Value, Option<i64>)> {
    values.iter().enumerate().map(|(place, value)| (place, value, value.magnitude()))
}

/// A line for every series.
pub fn drawing(chart: &Chart) -> Result<Drawing, Error> {
    let numbers =
        || chart.series.iter().flat_map(|series| &series.values).filter_map(|value| value.magnitude().map(|number| (number, value)));
    let like = numbers().next().map_or(Value::Count(0), |(_, value)| value.clone());
    let scale = scale(
        numbers().map(|(number, _)| number).min().unwrap_or_default().min(0),
        numbers().map(|(number, _)| number).max().unwrap_or_default(),
    );
    let range = (scale[0], scale[scale.len() - 1]);
    let marks: Vec<String> = scale.iter().map(|number| written(*number, &like)).collect();
    let left = marks.iter().map(|mark| width_px(mark)).max().unwrap_or_default().min(SCALE_PX) + GAP_PX;
    let names: Vec<Vec<String>> = chart.series.iter().map(|series| lines_of(&series.name, NAMES_PX, 1)).collect();
    let right = WIDTH_PX - names.iter().flatten().map(|name| width_px(name)).max().unwrap_or_default() - 3 * GAP_PX;
    let count = i32::try_from(chart.categories.len().max(1)).unwrap_or(i32::MAX);
    let apart_px = (right - left) / count;
    // Where names of categories are too close, only some of them are written: all are in the table.
    let every = usize::try_from((60 / apart_px.max(1)).max(0)).unwrap_or_default() + 1;
    let x = |category: usize| left + apart_px / 2 + i32::try_from(category).unwrap_or_default() * apart_px;
    let y = |number: i64| TOP_PX + ROOM_PX - along(number, range, ROOM_PX);
    let name_px = apart_px * i32::try_from(every).unwrap_or(1) - GAP_PX;
    let height = TOP_PX + ROOM_PX + GAP_PX + LINE_PX * i32::try_from(CATEGORY_LINES).unwrap_or(2);
    drawn(height, |canvas| {
        for (number, mark) in scale.iter().zip(&marks) {
            canvas.line(&[(left, y(*number)), (right, y(*number))], if *number == 0 { INK } else { FAINT }, 1)?;
            canvas.words(mark, (left - GAP_PX, y(*number)), Side::End, INK)?;
        }
        for (category, name) in chart.categories.iter().enumerate().step_by(every) {
            let lines = lines_of(name, name_px, CATEGORY_LINES);
            let middle = TOP_PX + ROOM_PX + GAP_PX + LINE_PX * i32::try_from(lines.len()).unwrap_or(1) / 2;
            canvas.lines(&lines, (x(category), middle), Side::Middle)?;
        }
        let ends: Vec<i32> =
            chart.series.iter().map(|series| series.values.iter().rev().find_map(Value::magnitude).map_or(TOP_PX, y)).collect();
        let ends = apart(&ends);
        for (place, series) in chart.series.iter().enumerate() {
            let values: Vec<_> = places(&series.values).take(chart.categories.len()).collect();
            for run in values.split(|(_, _, number)| number.is_none()).filter(|run| !run.is_empty()) {
                let path: Vec<(i32, i32)> =
                    run.iter().filter_map(|(category, _, number)| number.map(|number| (x(*category), y(number)))).collect();
                canvas.line(&path, line_colour(place), 3)?;
                path.iter().try_for_each(|at| canvas.mark(*at, place))?;
            }
            for (category, value, number) in &values {
                match number {
                    Some(number) if chart.series.len() == 1 && apart_px > width_px(&value.to_string()) => {
                        canvas.words(&value.to_string(), (x(*category), y(*number) - LINE_PX + 3), Side::Middle, INK)?;
                    }
                    None if **value != Value::Blank => {
                        let offset = i32::try_from(place).unwrap_or_default() * LINE_PX;
                        let lines = lines_of(&value.to_string(), apart_px.max(60), 2);
                        canvas.lines(&lines, (x(*category), TOP_PX + ROOM_PX - 2 * LINE_PX - offset), Side::Middle)?;
                    }
                    _ => {}
                }
            }
            canvas.lines(&names[place], (right + GAP_PX, ends[place]), Side::Start)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_have_round_numbers_and_hold_everything() {
        assert_eq!(scale(0, 40), [0, 10, 20, 30, 40]);
        assert_eq!(scale(0, 41), [0, 10, 20, 30, 40, 50]);
        assert_eq!(scale(-7, 20), [-10, 0, 10, 20]);
        assert_eq!(scale(0, 0), [0]);
        let huge = scale(0, i64::MAX);
        assert!(huge.len() < 8, "{huge:?}");
    }

    #[test]
    fn names_at_the_ends_do_not_overlap() {
        assert_eq!(apart(&[100, 105, 20]), [100, 100 + LINE_PX, 20]);
    }
}
