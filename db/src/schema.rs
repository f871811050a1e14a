//! The tables, the same on both databases; `migrations/` makes them and a test compares the two.
#![allow(missing_docs, reason = "the columns are described in the migrations")]

diesel::table! {
    audit_events (seq) {
        seq -> BigInt,
        recorded_at -> Timestamp,
        actor_kind -> Text,
        actor_id -> Text,
        action -> Text,
        entity -> Text,
        entity_id -> Text,
        request_id -> Nullable<Text>,
        detail -> Text,
        previous_hash -> Text,
        hash -> Text,
    }
}

diesel::table! {
    users (id) {
        id -> Text,
        username -> Text,
        role -> Text,
        password_hash -> Text,
        disabled_at -> Nullable<Timestamp>,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    api_clients (id) {
        id -> Text,
        name -> Text,
        secret_hash -> Text,
        scope -> Text,
        disabled_at -> Nullable<Timestamp>,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    refresh_tokens (token_hash) {
        token_hash -> Text,
        user_id -> Text,
        family_id -> Text,
        issued_at -> Timestamp,
        expires_at -> Timestamp,
        spent_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    idempotency_keys (actor_id, key) {
        actor_id -> Text,
        key -> Text,
        request_sha256 -> Text,
        status -> BigInt,
        location -> Nullable<Text>,
        body -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    financial_years (year) {
        year -> Text,
        starts_on -> Date,
        ends_on -> Date,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    budget_lines (code) {
        code -> Text,
        name -> Text,
        direction -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    budget_movements (id) {
        id -> Text,
        year -> Text,
        budget_line -> Text,
        kind -> Text,
        amount_pence -> BigInt,
        effective_on -> Date,
        virement_id -> Nullable<Text>,
        reverses_id -> Nullable<Text>,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    providers (id) {
        id -> Text,
        code -> Text,
        name -> Text,
        sector -> Text,
        location -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    children (id) {
        id -> Text,
        case_reference -> Text,
        date_of_birth -> Date,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    packages (id) {
        id -> Text,
        reference -> Text,
        child_id -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    package_lines (id) {
        id -> Text,
        line_id -> Text,
        version -> BigInt,
        package_id -> Text,
        service -> Text,
        budget_line -> Text,
        provider_id -> Nullable<Text>,
        statement_category -> Nullable<Text>,
        unit -> Text,
        quantity_thousandths -> BigInt,
        frequency -> Text,
        unit_rate_ten_thousandths -> BigInt,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        state -> Text,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    grants (id) {
        id -> Text,
        reference -> Text,
        provider_id -> Text,
        budget_line -> Text,
        title -> Text,
        purpose -> Text,
        awarded_on -> Date,
        period_from -> Date,
        period_to -> Date,
        amount_pence -> BigInt,
        reverses_id -> Nullable<Text>,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    grant_activity_returns (id) {
        id -> Text,
        grant_id -> Text,
        period_from -> Date,
        period_to -> Date,
        children_and_families_reached -> BigInt,
        sessions -> BigInt,
        reverses_id -> Nullable<Text>,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    activity_returns (id) {
        id -> Text,
        provider_id -> Text,
        service -> Text,
        period_from -> Date,
        period_to -> Date,
        sessions -> BigInt,
        reverses_id -> Nullable<Text>,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    ledger_files (id) {
        id -> Text,
        source -> Text,
        file_name -> Text,
        sha256 -> Text,
        mapping_sha256 -> Text,
        lines_read -> BigInt,
        blank -> BigInt,
        matched -> BigInt,
        kept_out -> BigInt,
        already_present -> BigInt,
        rounded -> BigInt,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    ledger_entries (id) {
        id -> Text,
        source -> Text,
        file_id -> Nullable<Text>,
        line_number -> Nullable<BigInt>,
        line_hash -> Text,
        occurrence -> BigInt,
        posted_on -> Date,
        year -> Text,
        budget_line -> Text,
        provider_id -> Nullable<Text>,
        reference -> Nullable<Text>,
        amount_pence -> BigInt,
        reverses_id -> Nullable<Text>,
        recodes_id -> Nullable<Text>,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::joinable!(budget_movements -> financial_years (year));
diesel::joinable!(budget_movements -> budget_lines (budget_line));
diesel::joinable!(packages -> children (child_id));
diesel::joinable!(package_lines -> packages (package_id));
diesel::joinable!(package_lines -> providers (provider_id));
diesel::joinable!(grants -> providers (provider_id));
diesel::joinable!(grant_activity_returns -> grants (grant_id));
diesel::joinable!(activity_returns -> providers (provider_id));
diesel::joinable!(ledger_entries -> ledger_files (file_id));
diesel::joinable!(ledger_entries -> providers (provider_id));
diesel::allow_tables_to_appear_in_same_query!(
    audit_events,
    users,
    api_clients,
    refresh_tokens,
    idempotency_keys,
    financial_years,
    budget_lines,
    budget_movements,
    providers,
    children,
    packages,
    package_lines,
    grants,
    grant_activity_returns,
    activity_returns,
    ledger_files,
    ledger_entries,
);
