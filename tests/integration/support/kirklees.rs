//! An authority whose managers agree small packages without a panel, and whose appeals have a day.

use super::panel_day::{Person, long_panel};
use super::records::Workers;
use super::{Client, TestApp, instant};
use domain::{Profile, Role};
use serde_json::{Value, json};

/// Its profile.
pub fn kirklees() -> Profile {
    Profile::bundled("kirklees").unwrap()
}

/// People in its posts, and those who bring requests.
pub struct Kirklees {
    pub administrator: Client,
    pub leader: Person,
    pub manager: Person,
    pub service_manager: Person,
    pub presenter: Person,
    pub support: Client,
    workers: Workers,
}

impl Kirklees {
    /// Puts everybody in post.
    pub async fn of(app: &TestApp) -> Self {
        let administrator = app.as_role(Role::Administrator);
        let in_post = async |post| Person::in_post(app, &administrator, Role::Manager, post).await;
        let (leader, manager, service_manager) =
            (in_post("team_leader").await, in_post("team_manager").await, in_post("service_manager").await);
        let (presenter, support) = (Person::of(app, Role::Practitioner), app.as_role(Role::PanelSupport));
        let workers =
            Workers { practitioner: presenter.client.clone(), manager: manager.client.clone(), support: support.clone(), coster: None };
        Kirklees { administrator, leader, manager, service_manager, presenter, support, workers }
    }

    /// Complete paperwork for a child that asks for these lines.
    pub async fn paperwork(&self, child: &str, lines: &[Value]) -> Value {
        let mut paperwork = self.workers.paperwork(child).await;
        paperwork["lines"] = json!(lines);
        paperwork
    }

    /// A submitted request; answers with its id.
    pub async fn submitted_with(&self, child: &str, paperwork: Value) -> String {
        self.workers.submitted(child, paperwork).await
    }

    /// A submitted request of a child for these lines; answers with its id.
    pub async fn submitted(&self, child: &str, lines: &[Value]) -> String {
        let paperwork = self.paperwork(child, lines).await;
        self.submitted_with(child, paperwork).await
    }

    /// A panel of 10 June that has begun, with these requests on its agenda and the team manager in the chair; answers with its id.
    pub async fn panel_with(&self, app: &TestApp, requests: &[&str]) -> String {
        let panel = long_panel(&self.support, "2024-06-10").await;
        for request in requests {
            self.support.booking(&panel, request).await;
        }
        app.clock.set(instant("2024-06-10T10:00:00"));
        let chair = self.support.member("local_offer_representative", Some(&self.manager.id)).await;
        self.support.attend(&panel, &chair, "chair").await;
        self.support.two_members(&panel).await;
        panel
    }
}

/// So many thousandths of an hour a week of a service.
pub fn weekly(service: &str, thousandths: i64) -> Value {
    json!({
        "service": service, "budget_line": "home_care", "unit": "hour", "quantity_thousandths": thousandths, "frequency": "weekly",
        "unit_rate_ten_thousandths": 200_000, "valid_from": "2024-06-17", "second_support_reason": "At other times"
    })
}
