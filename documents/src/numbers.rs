//! Numbers of tables and charts: the same in every format.

/// How many tables and charts there have been.
#[derive(Debug, Default)]
pub struct Numbers {
    tables: usize,
    charts: usize,
}

impl Numbers {
    /// The caption of the next table, with its number.
    pub fn table(&mut self, caption: &str) -> String {
        self.tables += 1;
        format!("Table {}: {caption}", self.tables)
    }

    /// The caption of the next chart, with its number.
    pub fn chart(&mut self, title: &str) -> String {
        self.charts += 1;
        format!("Chart {}: {title}", self.charts)
    }
}
