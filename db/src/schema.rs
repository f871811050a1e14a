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
        request_line_id -> Nullable<Text>,
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

diesel::table! {
    post_holdings (id) {
        id -> Text,
        holding_id -> Text,
        version -> BigInt,
        post -> Text,
        user_id -> Text,
        capacity -> Text,
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
    assessments (id) {
        id -> Text,
        child_id -> Text,
        kind -> Text,
        started_on -> Date,
        assessor_id -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    assessment_steps (id) {
        id -> Text,
        assessment_id -> Text,
        number -> BigInt,
        step -> Text,
        taken_on -> Date,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    requests (id) {
        id -> Text,
        reference -> Text,
        child_id -> Text,
        state -> Text,
        revision -> BigInt,
        hearing -> BigInt,
        decision_id -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    request_revisions (request_id, revision) {
        request_id -> Text,
        revision -> BigInt,
        assessment_id -> Nullable<Text>,
        presenter_id -> Nullable<Text>,
        coster_id -> Nullable<Text>,
        strengths -> Nullable<Text>,
        worries -> Nullable<Text>,
        unmet_need -> Nullable<Text>,
        outcomes -> Nullable<Text>,
        outcome_measures -> Nullable<Text>,
        in_place -> Nullable<Text>,
        impact -> Nullable<Text>,
        local_offer_used -> Nullable<Text>,
        local_offer_barrier -> Nullable<Text>,
        decision_id -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    request_lines (id) {
        id -> Text,
        request_id -> Text,
        revision -> BigInt,
        number -> BigInt,
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
        replaces_line_id -> Nullable<Text>,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    request_transitions (id) {
        id -> Text,
        request_id -> Text,
        number -> BigInt,
        action -> Text,
        from_state -> Text,
        to_state -> Text,
        reason -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    panels (id) {
        id -> Text,
        held_on -> Date,
        starts_at -> Text,
        slots -> BigInt,
        slot_minutes -> BigInt,
        papers_due_on -> Date,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    panel_cancellations (panel_id) {
        panel_id -> Text,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    panel_members (id) {
        id -> Text,
        role -> Text,
        title -> Text,
        user_id -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    panel_signatures (id) {
        id -> Text,
        member_id -> Text,
        document -> Text,
        signed_on -> Date,
        expires_on -> Date,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    panel_attendances (id) {
        id -> Text,
        panel_id -> Text,
        member_id -> Text,
        version -> BigInt,
        attendance -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    panel_bookings (id) {
        id -> Text,
        panel_id -> Text,
        slot -> BigInt,
        request_id -> Text,
        hearing -> BigInt,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    panel_booking_releases (booking_id) {
        booking_id -> Text,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    declared_interests (id) {
        id -> Text,
        request_id -> Text,
        member_id -> Nullable<Text>,
        user_id -> Nullable<Text>,
        nature -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    declared_interest_reversals (interest_id) {
        interest_id -> Text,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    panel_notes (id) {
        id -> Text,
        panel_id -> Text,
        number -> BigInt,
        notes -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    decisions (id) {
        id -> Text,
        request_id -> Text,
        number -> BigInt,
        route -> Text,
        panel_id -> Nullable<Text>,
        kind -> Text,
        decided_by -> Text,
        decided_as -> Text,
        decided_on -> Date,
        revision -> BigInt,
        rationale -> Text,
        deferred_until -> Nullable<Date>,
        deferred_for -> Nullable<Text>,
        decline_reason -> Nullable<Text>,
        authority_hearing_on -> Nullable<Date>,
        total_pence -> BigInt,
        full_year_pence -> BigInt,
        this_year_pence -> BigInt,
        later_years_pence -> Nullable<BigInt>,
        tier -> Nullable<Text>,
        explanation -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    decision_lines (decision_id, request_line_id) {
        decision_id -> Text,
        request_line_id -> Text,
        full_year_pence -> BigInt,
        this_year_pence -> BigInt,
        later_years_pence -> Nullable<BigInt>,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    decision_actions (id) {
        id -> Text,
        decision_id -> Text,
        number -> BigInt,
        action -> Text,
        owner_id -> Text,
        due_on -> Date,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    decision_action_completions (action_id) {
        action_id -> Text,
        completed_on -> Date,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    decision_signposts (decision_id, number) {
        decision_id -> Text,
        number -> BigInt,
        service -> Text,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    decision_votes (decision_id, member_id) {
        decision_id -> Text,
        member_id -> Text,
        vote -> Text,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    authorisations (id) {
        id -> Text,
        decision_id -> Text,
        kind -> Text,
        outcome -> Text,
        user_id -> Text,
        post -> Text,
        capacity -> Text,
        authorised_on -> Date,
        total_pence -> BigInt,
        clause -> Text,
        decline_reason -> Nullable<Text>,
        reason -> Text,
        explanation -> Text,
        authority_hearing_on -> Nullable<Date>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    appeals (id) {
        id -> Text,
        request_id -> Text,
        decision_id -> Text,
        received_on -> Date,
        due_on -> Nullable<Date>,
        state_before -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    appeal_outcomes (appeal_id) {
        appeal_id -> Text,
        outcome -> Text,
        decided_on -> Date,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    case_management_decisions (decision_id) {
        decision_id -> Text,
        made_on -> Date,
        reference -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    outstanding_case_management_decisions (decision_id) {
        decision_id -> Text,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    open_decision_actions (action_id) {
        action_id -> Text,
        owner_id -> Text,
        due_on -> Date,
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
diesel::joinable!(post_holdings -> users (user_id));
diesel::joinable!(assessment_steps -> assessments (assessment_id));
diesel::joinable!(requests -> children (child_id));
diesel::joinable!(request_revisions -> requests (request_id));
diesel::joinable!(panel_attendances -> panel_members (member_id));
diesel::joinable!(panel_bookings -> panels (panel_id));
diesel::joinable!(panel_bookings -> requests (request_id));
diesel::joinable!(panel_booking_releases -> panel_bookings (booking_id));
diesel::joinable!(declared_interest_reversals -> declared_interests (interest_id));
diesel::joinable!(decisions -> requests (request_id));
diesel::joinable!(decision_lines -> decisions (decision_id));
diesel::joinable!(decision_lines -> request_lines (request_line_id));
diesel::joinable!(decision_actions -> decisions (decision_id));
diesel::joinable!(decision_action_completions -> decision_actions (action_id));
diesel::joinable!(outstanding_case_management_decisions -> decisions (decision_id));
diesel::joinable!(open_decision_actions -> decision_actions (action_id));
diesel::joinable!(authorisations -> decisions (decision_id));
diesel::joinable!(appeal_outcomes -> appeals (appeal_id));
diesel::joinable!(case_management_decisions -> decisions (decision_id));
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
    post_holdings,
    assessments,
    assessment_steps,
    requests,
    request_revisions,
    request_lines,
    request_transitions,
    panels,
    panel_cancellations,
    panel_members,
    panel_signatures,
    panel_attendances,
    panel_bookings,
    panel_booking_releases,
    declared_interests,
    declared_interest_reversals,
    panel_notes,
    decisions,
    decision_lines,
    decision_actions,
    decision_action_completions,
    decision_signposts,
    decision_votes,
    authorisations,
    appeals,
    appeal_outcomes,
    case_management_decisions,
    outstanding_case_management_decisions,
    open_decision_actions,
);
