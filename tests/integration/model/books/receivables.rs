//! What funders were asked for, month by month, what arrived of it and what they still owe.

use super::CREDITS_LOWER_WHAT_IS_EXPECTED;
use super::costs::{month_of, year_after};
use super::known::Known;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// An invoice's line: the share, the month it is for and how much.
pub type BillLine = (String, NaiveDate, i128);

/// What was recorded of invoices, each with its day.
#[derive(Debug, Default)]
pub struct Bills {
    pub invoiced: BTreeMap<String, (NaiveDate, i128)>,
    /// By the invoice credited.
    pub credited: Vec<(String, NaiveDate, i128)>,
    /// What credit notes said will not come.
    pub conceded: Vec<BillLine>,
    /// By the receipt: the invoice, the day, how much.
    pub received: BTreeMap<String, (String, NaiveDate, i128)>,
}

/// Expected for the month's days; invoiced, credited and received in the month; owed at its end.
pub type Owed = [i128; 5];

impl Bills {
    /// What is still owed on an invoice.
    pub fn owed(&self, bill: &str) -> i128 {
        let credited: i128 = self.credited.iter().filter(|(of, ..)| of == bill).map(|(.., pence)| pence).sum();
        let received: i128 = self.received.values().filter(|(of, ..)| of == bill).map(|(.., pence)| pence).sum();
        self.invoiced[bill].1 - credited - received
    }

    fn movements(&self) -> impl Iterator<Item = (NaiveDate, usize, i128)> {
        let invoiced = self.invoiced.values().map(|(on, pence)| (*on, 1, *pence));
        let credited = self.credited.iter().map(|(_, on, pence)| (*on, 2, *pence));
        invoiced.chain(credited).chain(self.received.values().map(|(_, on, pence)| (*on, 3, *pence)))
    }

    /// How much of a share's month will not come.
    pub fn given_up(&self, share: &str, month: NaiveDate, expected: i128) -> i128 {
        let of_month = self.conceded.iter().filter(|(of, when, _)| of == share && *when == month);
        let conceded: i128 = of_month.map(|(.., pence)| pence).sum();
        if CREDITS_LOWER_WHAT_IS_EXPECTED { conceded.min(expected.max(0)) } else { 0 }
    }
}

impl Known {
    /// Of each month of a year.
    pub fn receivables(&self, starts: NaiveDate) -> [Owed; 12] {
        let mut months = [[0; 5]; 12];
        for arrangement in self.arrangements.keys() {
            for (month, parts) in self.shares_by_month(arrangement, starts) {
                months[month_of(month)][0] += parts.values().map(|(_, pence)| pence).sum::<i128>();
            }
        }
        let mut owed = 0;
        for (on, kind, pence) in self.bills.movements() {
            let change = if kind == 1 { pence } else { -pence };
            if on < starts {
                owed += change;
            } else if on < year_after(starts) {
                months[month_of(on)][kind] += pence;
            }
        }
        for month in &mut months {
            owed += month[1] - month[2] - month[3];
            month[4] = owed;
        }
        months
    }
}
