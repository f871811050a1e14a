//! Workbooks that the API answers with, read as a person reads them.

use super::Client;
use calamine::{Data, DataType, Reader, Xlsx};
use domain::Pence;
use reqwest::Method;
use std::io::Cursor;

/// A tab of a workbook: its title, its header row, its rows, and its totals with their formulas.
pub struct Tab {
    pub title: String,
    pub heading: String,
    pub headers: Vec<String>,
    pub rows: Vec<Vec<Data>>,
    pub totals: Vec<(Data, String)>,
}

pub async fn workbook(client: &Client, path: &str) -> (Vec<String>, Xlsx<Cursor<Vec<u8>>>) {
    let answer = client.request(Method::GET, &format!("{path}?format=xlsx")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let disposition = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(disposition.starts_with("attachment; filename=\"") && disposition.ends_with(".xlsx\""), "{disposition}");
    let bytes = answer.bytes().await.unwrap().to_vec();
    let book = Xlsx::new(Cursor::new(bytes)).unwrap();
    (book.sheet_names(), book)
}

/// Reads a tab that has so many headings under its title.
pub fn tab(book: &mut Xlsx<Cursor<Vec<u8>>>, name: &str, headings: usize) -> Tab {
    let (values, formulas) = (book.worksheet_range(name).unwrap(), book.worksheet_formula(name).unwrap());
    let rows: Vec<Vec<Data>> = values.rows().map(<[Data]>::to_vec).collect();
    let header = headings + 2;
    let headers = rows[header].iter().map(ToString::to_string).collect();
    let last = rows.len() - 1;
    let total = |column: usize| {
        let at = (u32::try_from(last).unwrap(), u32::try_from(column).unwrap());
        (rows[last][column].clone(), formulas.get_value(at).cloned().unwrap_or_default())
    };
    let has_totals = rows[last][0] == Data::String("Total".to_owned());
    let totals = if has_totals { (0..rows[last].len()).map(total).collect() } else { Vec::new() };
    let end = if has_totals { last - 1 } else { last + 1 };
    Tab { title: rows[0][0].to_string(), heading: rows[1][0].to_string(), headers, rows: rows[header + 1..end].to_vec(), totals }
}

impl Tab {
    pub fn place(&self, header: &str) -> usize {
        self.headers.iter().position(|one| one == header).unwrap_or_else(|| panic!("{header} in {:?}", self.headers))
    }

    pub fn column(&self, header: &str) -> Vec<&Data> {
        let place = self.place(header);
        self.rows.iter().map(|row| &row[place]).collect()
    }

    /// The column's pounds are these pence, and its total is a formula that last came to their sum.
    #[track_caller]
    pub fn assert_pounds(&self, header: &str, pence: &[i64]) {
        let pounds = |data: &Data| format!("{:.2}", data.as_f64().unwrap());
        let found: Vec<_> = self.column(header).into_iter().map(pounds).collect();
        assert!(self.column(header).iter().all(|data| data.is_float()), "{header} holds numbers");
        assert_eq!(found, pence.iter().map(|pence| Pence(*pence).to_pounds()).collect::<Vec<_>>(), "{header}");
        let (total, formula) = &self.totals[self.place(header)];
        assert!(formula.starts_with("SUBTOTAL(109,"), "{header}: {formula}");
        assert_eq!(pounds(total), Pence(pence.iter().sum()).to_pounds(), "the total of {header}");
    }
}
