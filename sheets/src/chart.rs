//! A chart of a sheet's own rows.

/// A chart of a sheet's own rows, drawn below them in a workbook. It names columns by their place from nought; one that is not there is left
/// out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetChart {
    /// How it is drawn.
    pub kind: SheetChartKind,
    /// What stands above it.
    pub title: String,
    /// What it says, for those who do not see it.
    pub description: String,
    /// The column of the categories' names.
    pub categories: usize,
    /// The columns whose numbers are drawn, each as a series of its label.
    pub series: Vec<usize>,
}

/// How a chart of a sheet is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetChartKind {
    /// A bar for every number.
    Bars,
    /// A line for every series.
    Lines,
}
