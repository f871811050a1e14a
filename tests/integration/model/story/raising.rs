//! Rates that rise for all lines of a provider or a service at once: one person proposes it, another agrees.

use super::{Account, Callers, Line, text, whole};
use crate::model::books::costs::{ALL, Terms, rounded};
use chrono::NaiveDate;
use domain::FinancialYear;
use serde_json::{Value, json};

impl Account {
    pub(super) async fn raise(&mut self, callers: &Callers, today: NaiveDate) {
        let Some(chosen) = (!self.lines.is_empty()).then(|| self.dice.pick(&self.lines).clone()) else { return };
        let from = self.dice.day_near(today, 40, 60);
        let year = FinancialYear::of(from).unwrap();
        if self.closed.contains(&year) {
            return;
        }
        let percentage = self.dice.between(1, 90_000);
        let of_provider = chosen.terms.provider.clone().filter(|_| self.dice.one_in(2));
        let of_service = of_provider.is_none().then(|| chosen.service.clone());
        let raised: Vec<(Line, Terms)> = self
            .lines
            .iter()
            .filter(|line| of_provider.is_none() || line.terms.provider == of_provider)
            .filter(|line| of_service.as_ref().is_none_or(|service| line.service == *service))
            .filter_map(|line| Some((line.clone(), self.raised(line, (from, year), percentage.into())?)))
            .collect();
        let mut rise = json!({
            "provider_id": of_provider, "service": of_service, "from": from, "percentage_ten_thousandths": percentage, "reason": "-"
        });
        let preview = callers.officer.post("/v1/uprating-previews", &rise).await.expect(200).body;
        let shown = preview["lines"].as_array().unwrap().iter();
        let mut shown: Vec<(String, i64)> =
            shown.map(|line| (text(line, "line_id"), line["rate_after_ten_thousandths"].as_i64().unwrap())).collect();
        let mut expected: Vec<(String, i64)> = raised.iter().map(|(line, terms)| (line.id.clone(), whole(terms.rate))).collect();
        shown.sort();
        expected.sort();
        assert_eq!(shown, expected, "{rise} {preview:#} {:#?}", self.lines);
        if raised.is_empty() {
            return;
        }
        rise["preview_sha256"] = preview["preview_sha256"].clone();
        let proposal = text(&callers.officer.record("/v1/uprating-proposals", &rise).await, "id");
        let agreement = json!({ "proposal_id": proposal, "post": "assistant_director" });
        callers.director.record("/v1/upratings", &agreement).await;
        let list = callers.officer.get(&format!("/v1/package-lines?package_id={}", self.package)).await.expect(200).body;
        for (line, terms) in raised {
            self.raised.insert((line.arrangement.clone(), year));
            let is_own = |one: &&Value| one["continues_line_id"] == line.arrangement.as_str();
            let made: Vec<Value> = list["items"].as_array().unwrap().iter().filter(is_own).cloned().collect();
            let starts = line.from.max(from);
            self.take_over(today, line, (starts, None), Some(terms), &made);
        }
    }

    /// A line's terms after a rise; none where it is left as it is: what is over or was bought, what rose in that year before, and
    /// what a rise by so little leaves the same.
    fn raised(&self, line: &Line, (from, year): (NaiveDate, FinancialYear), percentage: i128) -> Option<Terms> {
        let is_over = line.to.is_some_and(|ends| ends <= from) || (line.terms.frequency == "one_off" && line.from < from);
        let rate = rounded(line.terms.rate * (ALL + percentage), ALL);
        let is_left = is_over || rate == line.terms.rate || self.raised.contains(&(line.arrangement.clone(), year));
        (!is_left).then(|| Terms { rate, ..line.terms.clone() })
    }
}
