//! What a chart is drawn on: shapes and words at places in whole pixels.

use crate::fitting::width_in_thousandths;
use crate::{Error, signs};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::WIDTH_PX;

/// A finished chart.
pub struct Drawing {
    /// How high, in pixels.
    pub height_px: i32,
    /// Its SVG elements.
    pub shapes: String,
}

/// Which end of words is at their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// They begin there.
    Start,
    /// They are around it.
    Middle,
    /// They end there.
    End,
}

/// The height of words, in pixels.
pub const LETTER_PX: i32 = 15;
/// From one line of words to the next.
pub const LINE_PX: i32 = 19;
/// The library draws letters smaller than it is told, by this much in hundredths.
const LETTER_SIZE: f64 = 18.6;
/// Found here first, and where a page is read, whatever that reader has.
const FAMILY: &str = "Liberation Sans, Arial, Helvetica, sans-serif";

/// Words, axes and outlines.
pub const INK: RGBColor = RGBColor(0x1a, 0x1a, 0x1a);
/// Lines behind a chart.
pub const FAINT: RGBColor = RGBColor(0xc4, 0xc4, 0xc4);
/// Shades of parts, each of another lightness; all have an outline.
const SHADES: [RGBColor; 6] = [
    RGBColor(0x0b, 0x25, 0x45),
    RGBColor(0x5b, 0x8d, 0xb8),
    RGBColor(0xc9, 0xdd, 0xee),
    RGBColor(0x7a, 0x4b, 0x12),
    RGBColor(0xe3, 0xb0, 0x6b),
    RGBColor(0xff, 0xff, 0xff),
];

/// The shade of a series.
pub fn shade(series: usize) -> RGBColor {
    SHADES[series % SHADES.len()]
}

/// The colour of words upon a series' shade.
pub fn ink_on(series: usize) -> RGBColor {
    if matches!(series % SHADES.len(), 0 | 3) { WHITE } else { INK }
}

/// The colour of a series' line: shades that are seen on white.
pub fn line_colour(series: usize) -> RGBColor {
    [SHADES[0], SHADES[1], SHADES[3], INK][series % 4]
}

/// How wide words are, about.
pub fn width_px(words: &str) -> i32 {
    i32::try_from(width_in_thousandths(words) * i64::from(LETTER_PX) / 1000).unwrap_or(i32::MAX)
}

/// Words in lines that are no wider than a width. What does not fit in so many lines ends in an ellipsis: it stands whole in the table.
pub fn lines_of(words: &str, most_px: i32, most_lines: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in signs::clean(words).split_whitespace() {
        let fitted = shortened(word, most_px);
        match lines.last_mut() {
            Some(line) if width_px(&format!("{line} {fitted}")) <= most_px => {
                line.push(' ');
                line.push_str(&fitted);
            }
            _ => lines.push(fitted),
        }
    }
    if lines.len() > most_lines {
        lines.truncate(most_lines);
        if let Some(last) = lines.last_mut() {
            *last = shortened(&format!("{last} …"), most_px);
        }
    }
    lines
}

/// A word, or as much of it as is no wider than a width.
fn shortened(word: &str, most_px: i32) -> String {
    if width_px(word) <= most_px {
        return word.to_owned();
    }
    let mut kept = String::new();
    for sign in word.chars() {
        if width_px(&format!("{kept}{sign}…")) > most_px {
            break;
        }
        kept.push(sign);
    }
    format!("{kept}…")
}

/// A place for shapes.
pub struct Canvas<'s> {
    area: DrawingArea<SVGBackend<'s>, Shift>,
}

/// What the library says is wrong.
fn ours(wrong: impl std::fmt::Display) -> Error {
    Error::Ours(format!("a chart could not be drawn: {wrong}"))
}

/// Draws a chart of a height.
pub fn drawn(height_px: i32, draw: impl FnOnce(&Canvas<'_>) -> Result<(), Error>) -> Result<Drawing, Error> {
    let mut file = String::new();
    let size = (u32::try_from(WIDTH_PX).map_err(ours)?, u32::try_from(height_px).map_err(ours)?);
    {
        let canvas = Canvas { area: SVGBackend::with_string(&mut file, size).into_drawing_area() };
        draw(&canvas)?;
        canvas.area.present().map_err(ours)?;
    }
    // The frame is ours: it says what the chart is to those who do not see it.
    let shapes = file.split_once('>').and_then(|(_, rest)| rest.rsplit_once("</svg>")).map(|(shapes, _)| shapes.trim().replace('\n', ""));
    Ok(Drawing { height_px, shapes: shapes.unwrap_or_default() })
}

impl Canvas<'_> {
    /// A box with an outline.
    pub fn bar(&self, (left, top): (i32, i32), (right, bottom): (i32, i32), fill: RGBColor) -> Result<(), Error> {
        self.area.draw(&Rectangle::new([(left, top), (right, bottom)], fill.filled())).map_err(ours)?;
        self.area.draw(&Rectangle::new([(left, top), (right, bottom)], INK.stroke_width(1))).map_err(ours)
    }

    /// A line through places.
    pub fn line(&self, places: &[(i32, i32)], colour: RGBColor, width_px: u32) -> Result<(), Error> {
        self.area.draw(&PathElement::new(places.to_vec(), colour.stroke_width(width_px))).map_err(ours)
    }

    /// The mark of a series at a place: each has its own form.
    pub fn mark(&self, (x, y): (i32, i32), series: usize) -> Result<(), Error> {
        let colour = line_colour(series).filled();
        match series % 4 {
            0 => self.area.draw(&Circle::new((x, y), 5, colour)),
            1 => self.area.draw(&Rectangle::new([(x - 5, y - 5), (x + 5, y + 5)], colour)),
            2 => self.area.draw(&Polygon::new(vec![(x, y - 7), (x + 6, y + 5), (x - 6, y + 5)], colour)),
            _ => self.area.draw(&Polygon::new(vec![(x, y - 7), (x + 7, y), (x, y + 7), (x - 7, y)], colour)),
        }
        .map_err(ours)
    }

    /// Words, whose middle line is at `y`.
    pub fn words(&self, words: &str, (x, y): (i32, i32), side: Side, colour: RGBColor) -> Result<(), Error> {
        let across = match side {
            Side::Start => HPos::Left,
            Side::Middle => HPos::Center,
            Side::End => HPos::Right,
        };
        let style = (FAMILY, LETTER_SIZE).into_font().color(&colour).pos(Pos::new(across, VPos::Center));
        self.area.draw(&Text::new(signs::clean(words), (x, y), style)).map_err(ours)
    }

    /// Lines of words, around a middle.
    pub fn lines(&self, lines: &[String], (x, middle): (i32, i32), side: Side) -> Result<(), Error> {
        let count = i32::try_from(lines.len()).unwrap_or_default();
        let first = middle - (count - 1) * LINE_PX / 2;
        (0..).zip(lines).try_for_each(|(place, line)| self.words(line, (x, first + place * LINE_PX), side, INK))
    }
}

/// Where a number lies between two others, on a line of so many pixels.
pub fn along(number: i64, (least, most): (i64, i64), room_px: i32) -> i32 {
    let span = (i128::from(most) - i128::from(least)).max(1);
    let place = (i128::from(number) - i128::from(least)) * i128::from(room_px) / span;
    i32::try_from(place.clamp(0, i128::from(room_px))).unwrap_or(room_px)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fall_into_lines_and_the_rest_is_an_ellipsis() {
        assert_eq!(lines_of("Home care", 200, 3), ["Home care"]);
        assert_eq!(lines_of("Community short breaks", 100, 3), ["Community", "short breaks"]);
        assert_eq!(lines_of("", 100, 3), Vec::<String>::new());
        let long = lines_of(&"word ".repeat(100), 100, 3);
        assert!(long.len() == 3 && long[2].ends_with('…'), "{long:?}");
        let word = lines_of(&"x".repeat(10_000), 100, 3);
        assert!(word.len() == 1 && word[0].ends_with('…') && width_px(&word[0]) <= 100, "{word:?}");
    }

    #[test]
    fn numbers_lie_in_proportion() {
        assert_eq!(along(50, (0, 100), 300), 150);
        assert_eq!(along(0, (-100, 100), 300), 150);
        assert_eq!(along(i64::MAX, (i64::MIN, i64::MAX), 300), 300);
        assert_eq!(along(7, (7, 7), 300), 0);
    }
}
