//! Bars across: side by side, or of parts.

use super::WIDTH_PX;
use super::canvas::{Canvas, Drawing, INK, LINE_PX, Side, along, drawn, ink_on, lines_of, shade, width_px};
use crate::Error;
use crate::model::{Chart, Value};

/// How wide the names of categories may be.
const NAMES_PX: i32 = 190;
/// Between a name and its bars, and between a bar and its words.
const GAP_PX: i32 = 8;
/// How high a bar is.
const BAR_PX: i32 = 22;
/// Between bars of a category, and between categories.
const APART_PX: i32 = 4;
const CATEGORIES_APART_PX: i32 = 14;
/// How wide words beside a bar may be.
const WORDS_PX: i32 = 240;
/// How many lines a name may have.
const NAME_LINES: usize = 3;

/// The names of categories, in lines, and how wide they are.
fn names(chart: &Chart) -> (Vec<Vec<String>>, i32) {
    let lines: Vec<Vec<String>> = chart.categories.iter().map(|name| lines_of(name, NAMES_PX, NAME_LINES)).collect();
    let widest = lines.iter().flatten().map(|line| width_px(line)).max().unwrap_or_default();
    (lines, widest + GAP_PX)
}

/// How high a category with so many bars and such a name is.
fn height_of(bars: usize, name: &[String]) -> i32 {
    let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX / 100);
    (count(bars) * (BAR_PX + APART_PX) - APART_PX).max(count(name.len()) * LINE_PX)
}

/// What is written beside a bar: its value, and whose it is where there are several.
fn label(chart: &Chart, series: usize, value: &Value) -> String {
    let name = &chart.series[series].name;
    match (chart.series.len(), value) {
        (1, _) => value.to_string(),
        (_, Value::Blank) => String::new(),
        _ => format!("{value}, {name}"),
    }
}

fn value(chart: &Chart, series: usize, category: usize) -> &Value {
    chart.series[series].values.get(category).unwrap_or(&Value::Blank)
}

/// A bar for every figure.
pub fn side_by_side(chart: &Chart) -> Result<Drawing, Error> {
    let (names, left) = names(chart);
    let every = || (0..chart.categories.len()).flat_map(|category| (0..chart.series.len()).map(move |series| (series, category)));
    let widest =
        every().map(|(series, category)| width_px(&label(chart, series, value(chart, series, category)))).max().unwrap_or_default();
    let room = WIDTH_PX - left - widest.min(WORDS_PX) - 2 * GAP_PX;
    let numbers = || every().filter_map(|(series, category)| value(chart, series, category).magnitude()).chain([0]);
    let range = (numbers().min().unwrap_or_default(), numbers().max().unwrap_or_default());
    let heights: Vec<i32> = names.iter().map(|name| height_of(chart.series.len(), name)).collect();
    let height = heights.iter().map(|height| height + CATEGORIES_APART_PX).sum::<i32>().max(LINE_PX);
    drawn(height, |canvas| {
        let (mut top, zero) = (CATEGORIES_APART_PX / 2, left + along(0, range, room));
        for (category, (name, tall)) in names.iter().zip(&heights).enumerate() {
            canvas.lines(name, (left - GAP_PX, top + tall / 2), Side::End)?;
            let bars = i32::try_from(chart.series.len()).unwrap_or_default();
            let mut bar_top = top + (tall - (bars * (BAR_PX + APART_PX) - APART_PX)) / 2;
            for series in 0..chart.series.len() {
                let value = value(chart, series, category);
                let end = value.magnitude().map_or(zero, |number| left + along(number, range, room));
                if end != zero {
                    canvas.bar((zero.min(end), bar_top), (zero.max(end), bar_top + BAR_PX), shade(series))?;
                }
                let words = lines_of(&label(chart, series, value), WORDS_PX, 1);
                canvas.lines(&words, (zero.max(end) + GAP_PX, bar_top + BAR_PX / 2), Side::Start)?;
                bar_top += BAR_PX + APART_PX;
            }
            top += tall + CATEGORIES_APART_PX;
        }
        canvas.line(&[(zero, 0), (zero, height)], INK, 1)
    })
}

/// Where each series' name stands above the chart: its left and its line.
fn legend(chart: &Chart) -> (Vec<(i32, i32, String)>, i32) {
    let (mut x, mut y, mut places) = (0, 0, Vec::new());
    for series in &chart.series {
        let words = lines_of(&series.name, WORDS_PX, 1).join(" ");
        let wide = BAR_PX + GAP_PX + width_px(&words) + 3 * GAP_PX;
        if x > 0 && x + wide > WIDTH_PX {
            (x, y) = (0, y + BAR_PX + GAP_PX);
        }
        places.push((x, y, words));
        x += wide;
    }
    (places, y + BAR_PX + GAP_PX)
}

/// A bar for every category, of one part for every series.
pub fn stacked(chart: &Chart) -> Result<Drawing, Error> {
    let (names, left) = names(chart);
    let (legend, legend_height) = legend(chart);
    let parts = |category: usize| (0..chart.series.len()).map(move |series| value(chart, series, category));
    let gaps = |category: usize| {
        let missing = (0..chart.series.len()).filter(|series| {
            let value = value(chart, *series, category);
            value.magnitude().is_none() && *value != Value::Blank
        });
        missing.map(|series| format!("{} {}", chart.series[series].name, value(chart, series, category))).collect::<Vec<_>>().join(", ")
    };
    let widest = (0..names.len()).map(|category| width_px(&gaps(category))).max().unwrap_or_default();
    let sum = |category: usize| parts(category).filter_map(Value::magnitude).fold(0_i64, |sum, part| sum.saturating_add(part.max(0)));
    let range = (0, (0..names.len()).map(sum).max().unwrap_or_default());
    let room = WIDTH_PX - left - widest.min(WORDS_PX) - 2 * GAP_PX;
    let heights: Vec<i32> = names.iter().map(|name| height_of(1, name)).collect();
    let height = legend_height + heights.iter().map(|height| height + CATEGORIES_APART_PX).sum::<i32>();
    drawn(height, |canvas| {
        for (series, (x, y, words)) in legend.iter().enumerate() {
            canvas.bar((*x + 1, *y + 1), (*x + BAR_PX, *y + BAR_PX), shade(series))?;
            canvas.words(words, (*x + BAR_PX + GAP_PX, *y + BAR_PX / 2), Side::Start, INK)?;
        }
        let mut top = legend_height + CATEGORIES_APART_PX / 2;
        for (category, (name, tall)) in names.iter().zip(&heights).enumerate() {
            canvas.lines(name, (left - GAP_PX, top + tall / 2), Side::End)?;
            let bar_top = top + (tall - BAR_PX) / 2;
            let end = stack(canvas, parts(category), range, (left, bar_top, room))?;
            canvas.lines(&lines_of(&gaps(category), WORDS_PX, 1), (end + GAP_PX, bar_top + BAR_PX / 2), Side::Start)?;
            top += tall + CATEGORIES_APART_PX;
        }
        canvas.line(&[(left, legend_height), (left, height)], INK, 1)
    })
}

/// The parts of a bar, one after another, each with its value where there is room for it. Where the last ends.
fn stack<'v>(
    canvas: &Canvas<'_>,
    parts: impl Iterator<Item = &'v Value>,
    range: (i64, i64),
    (left, top, room): (i32, i32, i32),
) -> Result<i32, Error> {
    let (mut before, mut end) = (0_i64, left);
    for (series, value) in parts.enumerate() {
        let Some(part) = value.magnitude().filter(|part| *part > 0) else { continue };
        let start = left + along(before, range, room);
        before = before.saturating_add(part);
        end = left + along(before, range, room);
        canvas.bar((start, top), (end, top + BAR_PX), shade(series))?;
        let words = value.to_string();
        if width_px(&words) + GAP_PX <= end - start {
            canvas.words(&words, ((start + end) / 2, top + BAR_PX / 2), Side::Middle, ink_on(series))?;
        }
    }
    Ok(end)
}
