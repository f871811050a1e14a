//! A sheet as text for a terminal: columns side by side, numbers to the right.

use crate::text::in_one_line;
use crate::{Cell, Column, Kind, Sheet};
use domain::Pence;

/// Between two columns.
const GAP: &str = "  ";

impl Sheet {
    /// As text for a person at a terminal: title, headings, labels, rows and totals, amounts in pounds as people read them.
    pub fn to_text(&self) -> String {
        let labels: Vec<String> = self.columns.iter().map(Column::label).collect();
        let mut lines: Vec<Vec<String>> = vec![labels];
        lines.extend(self.rows.iter().map(|row| row.iter().map(Cell::to_text).collect()));
        if self.columns.iter().any(Column::is_summed) && !self.rows.is_empty() {
            lines.push((0..self.columns.len()).map(|column| self.total_text(column)).collect());
        }
        let width = |column: usize| lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let mut text = self.title.clone() + "\n";
        self.headings.iter().for_each(|heading| text.push_str(&format!("{heading}\n")));
        for line in &lines {
            let cells = line.iter().zip(&self.columns).zip(&widths).map(|((cell, column), width)| column.aligned(cell, *width));
            let line = cells.collect::<Vec<_>>().join(GAP);
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    fn total_text(&self, column: usize) -> String {
        match (self.total(column), self.columns[column].kind) {
            (Some(pence), Kind::Pounds) => Pence(pence).to_string(),
            (Some(number), _) => number.to_string(),
            (None, _) if column == 0 => "Total".to_owned(),
            (None, _) => String::new(),
        }
    }
}

impl Column {
    fn aligned(&self, cell: &str, width: usize) -> String {
        match self.kind {
            Kind::Text | Kind::Date => format!("{cell:<width$}"),
            Kind::Integer | Kind::Pounds => format!("{cell:>width$}"),
        }
    }
}

impl Cell {
    fn to_text(&self) -> String {
        match self {
            Cell::Text(words) => in_one_line(words),
            Cell::Date(day) => day.to_string(),
            Cell::Integer(number) => number.to_string(),
            Cell::Pence(pence) => Pence(*pence).to_string(),
            Cell::Blank => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_side_by_side_with_their_totals() {
        let columns = [Column::text("budget_line"), Column::integer("packages").summed(), Column::pounds("needed_pounds").summed()];
        let sheet = Sheet::new("Next year", columns)
            .heading("Income is negative")
            .with_rows([
                vec![Cell::text("care"), Cell::Integer(12), Cell::Pence(123_450)],
                vec![Cell::text("health\nincome"), Cell::Blank, Cell::Pence(-5)],
            ])
            .expect("fits");
        let expected = "Next year\n\
            Income is negative\n\
            Budget line    Packages  Needed (£)\n\
            care                 12   £1,234.50\n\
            health income                -£0.05\n\
            Total                12   £1,234.45\n";
        assert_eq!(sheet.to_text(), expected);
    }

    #[test]
    fn without_rows_there_is_no_total() {
        let sheet = Sheet::new("Empty", [Column::text("name"), Column::pounds("needed_pounds").summed()]);
        assert_eq!(sheet.to_text(), "Empty\nName  Needed (£)\n");
    }
}
