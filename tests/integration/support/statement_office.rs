//! The people of a statement, and an edition's way to its publication.

use super::people::Person;
use super::{Client, TestApp};
use domain::{Profile, Role};
use serde_json::{Value, json};

/// An author, the director who approves, and a snapshot to take figures from.
pub struct Office {
    pub author: Client,
    pub director: Person,
}

impl Office {
    pub async fn of(app: &TestApp) -> Self {
        // The warehouse has the years that are opened.
        let finance = app.as_role(Role::FinanceOfficer);
        for year in ["2021-22", "2022-23", "2023-24", "2024-25"] {
            // It may be open already.
            finance.post("/v1/financial-years", &json!({ "year": year })).await;
        }
        publish_warehouse(app);
        let director = app.person(Role::AssistantDirector);
        app.as_role(Role::Administrator).holding("director", &director.id).await;
        Office { author: app.as_role(Role::PanelSupport), director }
    }

    /// An edition of a year, with one section; answers with its path.
    pub async fn draft(&self, year: &str) -> String {
        let edition = self.author.record("/v1/statement-editions", &json!({ "financial_year": year })).await;
        let path = format!("/v1/statement-editions/{}", text(&edition["id"]));
        self.write(&path, "local_offer_range", "Breaks by day and by night.").await;
        path
    }

    pub async fn write(&self, path: &str, section: &str, markdown: &str) -> Value {
        let path = format!("{path}/sections/{section}");
        let version = self.author.get(&path).await.expect(200).body["version"].as_i64().unwrap();
        self.author.put(&path, version, &json!({ "markdown": markdown })).await.expect(200).body
    }

    pub async fn consult(&self, path: &str) -> Value {
        let consultation = json!({ "with_whom": "The forum", "held_on": "2024-05-14", "what_changed": "Fewer words." });
        self.author.record(&format!("{path}/consultations"), &consultation).await
    }

    pub async fn meet_all(&self, path: &str) {
        for requirement in ["range_of_services", "eligibility_criteria", "carers_needs"] {
            let word = json!({ "standing": "met", "section": "local_offer_range" });
            self.author.record(&format!("{path}/requirements/{requirement}"), &word).await;
        }
    }

    /// The edition's revision and its snapshot, as whoever approves it reads them.
    pub async fn revision(&self, path: &str) -> Value {
        let stands = self.director.client.get(path).await.expect(200).body;
        json!({ "revision": stands["revision"], "snapshot_id": stands["snapshot_id"] })
    }

    pub async fn approve(&self, path: &str) -> Value {
        self.director.client.record(&format!("{path}/approval"), &self.revision(path).await).await
    }

    /// From the text as it stands to its publication.
    pub async fn publish(&self, path: &str) -> Value {
        self.meet_all(path).await;
        self.consult(path).await;
        self.approve(path).await;
        self.author.record(&format!("{path}/publication"), &json!({})).await
    }

    /// A published edition of a year; answers with its path.
    pub async fn published(&self, year: &str) -> String {
        let path = self.draft(year).await;
        self.publish(&path).await;
        path
    }

    /// A correction of a published edition, not yet published; answers with its path.
    pub async fn correction(&self, path: &str, year: &str) -> String {
        let corrected = path.rsplit('/').next().unwrap();
        let new = json!({ "financial_year": year, "corrects_id": corrected, "what_changed": "A figure was wrong." });
        let edition = self.author.record("/v1/statement-editions", &new).await;
        format!("/v1/statement-editions/{}", text(&edition["id"]))
    }

    pub async fn state(&self, path: &str) -> String {
        text(&self.author.get(path).await.expect(200).body["state"])
    }
}

/// A row in every table of editions and of what the public is told.
pub async fn in_every_table(app: &TestApp) {
    let office = Office::of(app).await;
    let path = office.draft("2023-24").await;
    let choice = json!({ "disclosure": "withheld", "reason": "-" });
    office.author.record(&format!("{path}/disclosure"), &choice).await;
    let consultation = text(&office.consult(&path).await["id"]);
    let reason = json!({ "reason": "-" });
    office.author.record(&format!("{path}/consultations/{consultation}/reversal"), &reason).await;
    office.publish(&path).await;
    let correction = office.correction(&path, "2023-24").await;
    office.author.put(&format!("{correction}/what-changed"), 1, &json!({ "what_changed": "-" })).await.expect(200);
    office.author.record(&format!("{correction}/withdrawal"), &reason).await;
    let provider = office.author.provider("own").await;
    office.author.record(&format!("/v1/providers/{provider}/public-entries"), &entry()).await;
}

pub fn publish_warehouse(app: &TestApp) -> String {
    let profile = Profile::bundled("tameside").unwrap();
    let (warehouse, keys) = (app.folder.path().join("warehouse"), app.folder.path().join("keys"));
    etl::run(&app.store, &profile, &warehouse, &keys, &etl::Options::default()).unwrap().snapshot_id
}

pub fn entry() -> Value {
    json!({
        "kind": "educational_or_leisure", "offer": "Swimming on Saturdays.", "link": "https://swim.example.org", "from_age_years": 5,
        "valid_from": "2024-04-01", "reason": "Their page"
    })
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
