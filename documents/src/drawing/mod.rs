//! Charts as SVG, by whole pixels. They are read in grey: shades differ in lightness, lines in their marks, and each is labelled where it is.

mod bars;
mod canvas;
mod lines;

use crate::model::{Chart, ChartKind, Series, Value};
use crate::{Error, fonts, signs};
use canvas::Drawing;
use resvg::{tiny_skia, usvg};
use std::sync::{Arc, LazyLock};

/// How wide a chart is, in pixels of its own.
const WIDTH_PX: i32 = 680;
/// A picture for a word processor has so many dots for a pixel.
const DOTS_PER_PIXEL: u16 = 3;

/// A picture, with its size in pixels of a chart.
pub struct Picture {
    /// The file.
    pub png: Vec<u8>,
    /// How wide.
    pub width_px: i32,
    /// How high.
    pub height_px: i32,
}

fn drawing(chart: &Chart) -> Result<Drawing, Error> {
    match chart.kind {
        ChartKind::Bars => bars::side_by_side(chart),
        ChartKind::StackedBars => bars::stacked(chart),
        ChartKind::Lines => lines::drawing(chart),
    }
}

/// A chart whose words have no sign that the fonts lack.
fn shown(chart: &Chart) -> Chart {
    let words = |value: &Value| if let Value::Words(words) = value { Value::Words(fonts::shown(words)) } else { value.clone() };
    let series = |series: &Series| Series { name: fonts::shown(&series.name), values: series.values.iter().map(words).collect() };
    Chart {
        categories: chart.categories.iter().map(|name| fonts::shown(name)).collect(),
        series: chart.series.iter().map(series).collect(),
        ..chart.clone()
    }
}

/// A chart as an SVG file.
pub fn svg(chart: &Chart) -> Result<String, Error> {
    let Drawing { height_px, shapes } = drawing(&shown(chart))?;
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH_PX}\" height=\"{height_px}\" viewBox=\"0 0 {WIDTH_PX} {height_px}\">{shapes}</svg>"
    ))
}

/// A chart as an SVG file for a PDF. Letters that join or change with their neighbours are drawn as outlines: a PDF/UA must say which sign
/// each of its letters is, and of these it cannot.
pub fn printable_svg(chart: &Chart) -> Result<String, Error> {
    let file = svg(chart)?;
    let changes = |sign: char| matches!(sign, '\u{0300}'..='\u{036F}' | '\u{0590}'..='\u{1FFF}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{FB00}'..);
    if file.chars().any(changes) { Ok(tree(&file)?.to_string(&usvg::WriteOptions::default())) } else { Ok(file) }
}

/// A chart as part of a page, with its title and description for those who do not see it. `name` is the page's own for it.
pub fn inline_svg(chart: &Chart, name: &str) -> Result<String, Error> {
    let Drawing { height_px, shapes } = drawing(chart)?;
    let (title, description) = (signs::escaped(&chart.title), signs::escaped(&chart.description));
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH_PX} {height_px}\" role=\"img\" aria-labelledby=\"{name}-title {name}-description\">\
         <title id=\"{name}-title\">{title}</title><desc id=\"{name}-description\">{description}</desc>{shapes}</svg>"
    ))
}

/// The letters of charts.
static OPTIONS: LazyLock<usvg::Options<'static>> = LazyLock::new(|| {
    let mut fonts = usvg::fontdb::Database::new();
    fonts::FILES.iter().for_each(|file| fonts.load_font_data(file.to_vec()));
    usvg::Options { fontdb: Arc::new(fonts), ..usvg::Options::default() }
});

/// What went wrong with a drawing.
fn ours(wrong: &dyn std::fmt::Display) -> Error {
    Error::Ours(format!("a chart could not be drawn: {wrong}"))
}

/// A drawing as shapes, with the fonts that are built in.
fn tree(file: &str) -> Result<usvg::Tree, Error> {
    usvg::Tree::from_str(file, &OPTIONS).map_err(|wrong| ours(&wrong))
}

/// A chart as a picture, for programs that do not show SVG.
pub fn picture(chart: &Chart) -> Result<Picture, Error> {
    let tree = tree(&svg(chart)?)?;
    let size = tree.size().to_int_size();
    let mut dots = tiny_skia::Pixmap::new(size.width() * u32::from(DOTS_PER_PIXEL), size.height() * u32::from(DOTS_PER_PIXEL))
        .ok_or_else(|| ours(&"its size"))?;
    dots.fill(tiny_skia::Color::WHITE);
    resvg::render(&tree, tiny_skia::Transform::from_scale(DOTS_PER_PIXEL.into(), DOTS_PER_PIXEL.into()), &mut dots.as_mut());
    let png = packed(&dots).map_err(|wrong| ours(&wrong))?;
    let px = |length: u32| i32::try_from(length).map_err(|_| ours(&"its size"));
    Ok(Picture { png, width_px: px(size.width())?, height_px: px(size.height())? })
}

/// Dots as a file. None of them is seen through, for they lie on white.
fn packed(dots: &tiny_skia::Pixmap) -> Result<Vec<u8>, png::EncodingError> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, dots.width(), dots.height());
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder.write_header()?.write_image_data(dots.data())?;
    Ok(file)
}
