//! The operations of the statement.

use crate::routes::{providers, statement_editions};
use utoipa_actix_web::service_config::ServiceConfig;

/// What the year's work is published as.
pub(super) fn statement(routes: &mut ServiceConfig<'_>) {
    routes
        // providers
        .service(providers::public_entries::list_public_entries)
        .service(providers::public_entries::create_public_entry)
        .service(providers::public_entries::get_public_entry)
        .service(providers::public_entries::change_public_entry)
        // statement
        .service(statement_editions::list_statement_editions)
        .service(statement_editions::get_statement_edition)
        .service(statement_editions::create_statement_edition)
        .service(statement_editions::sections::get_statement_section)
        .service(statement_editions::sections::write_statement_section)
        .service(statement_editions::sections::list_statement_section_versions)
        .service(statement_editions::course::create_statement_consultation)
        .service(statement_editions::course::create_statement_requirement)
        .service(statement_editions::course::create_statement_disclosure)
        .service(statement_editions::course::approve_statement_edition)
        .service(statement_editions::course::reverse_statement_consultation)
        .service(statement_editions::course::change_statement_what_changed)
        .service(statement_editions::course::withdraw_statement_edition)
        .service(statement_editions::publishing::publish_statement_edition)
        .service(statement_editions::publishing::get_statement_file)
        .service(statement_editions::publishing::get_statement_withheld);
}
