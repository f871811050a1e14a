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
        owner_id -> Nullable<Text>,
        owner_accepted_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    waiting_access (subject_id) {
        subject_id -> Text,
        subject -> Text,
        opened_by -> Text,
        opened_seq -> BigInt,
    }
}

diesel::table! {
    access_agreements (id) {
        id -> Text,
        subject_id -> Text,
        subject -> Text,
        opened_by -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    waiting_post_holdings (holding_id) {
        holding_id -> Text,
        opened_by -> Text,
        opened_seq -> BigInt,
    }
}

diesel::table! {
    post_holding_agreements (id) {
        id -> Text,
        holding_id -> Text,
        opened_by -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    request_own_parts (id) {
        id -> Text,
        request_id -> Text,
        revision -> BigInt,
        recorded_by -> Text,
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
    authority (number) {
        number -> BigInt,
        code -> Text,
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
    child_leavings (id) {
        id -> Text,
        child_id -> Text,
        reason -> Text,
        left_on -> Date,
        reverses_id -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    child_leaving_lines (id) {
        id -> Text,
        leaving_id -> Text,
        line_id -> Text,
        version -> BigInt,
        gives_back_line_id -> Nullable<Text>,
        gives_back_version -> Nullable<BigInt>,
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
        continues_line_id -> Nullable<Text>,
        variation_id -> Nullable<Text>,
        second_support_reason -> Nullable<Text>,
        ends_by_age_on -> Nullable<Date>,
        beyond_age_reason -> Nullable<Text>,
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
        purchase_order -> Nullable<Text>,
        sheet -> Nullable<Text>,
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
        second_support_reason -> Nullable<Text>,
        ends_by_age_on -> Nullable<Date>,
        beyond_age_reason -> Nullable<Text>,
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

diesel::table! {
    purchase_orders (id) {
        id -> Text,
        number -> Text,
        package_id -> Text,
        provider_id -> Text,
        cost_centre -> Text,
        expense_code -> Text,
        raised_on -> Date,
        corrects_id -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    purchase_order_cancellations (id) {
        id -> Text,
        purchase_order_id -> Text,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    purchase_order_lines (id) {
        id -> Text,
        purchase_order_id -> Text,
        line_id -> Text,
        covers_from -> Nullable<Date>,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    ledger_matches (id) {
        id -> Text,
        entry_id -> Text,
        line_id -> Nullable<Text>,
        reverses_id -> Nullable<Text>,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    commitment_releases (id) {
        id -> Text,
        year -> Text,
        budget_line -> Text,
        provider_id -> Nullable<Text>,
        line_id -> Nullable<Text>,
        up_to -> Date,
        reverses_id -> Nullable<Text>,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
        only_carried -> Bool,
    }
}

diesel::table! {
    year_closures (year) {
        year -> Text,
        closed_on -> Date,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    commitment_carry_forwards (id) {
        id -> Text,
        from_year -> Text,
        to_year -> Text,
        budget_line -> Text,
        provider_id -> Nullable<Text>,
        line_id -> Nullable<Text>,
        grant_id -> Nullable<Text>,
        amount_pence -> BigInt,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
        changed_id -> Nullable<Text>,
    }
}

diesel::table! {
    provider_registrations (id) {
        id -> Text,
        provider_id -> Text,
        kind -> Text,
        number -> Text,
        org_id -> Text,
        reverses_id -> Nullable<Text>,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    grant_conditions (id) {
        id -> Text,
        grant_id -> Text,
        number -> BigInt,
        code -> Text,
        wording -> Text,
        due_on -> Nullable<Date>,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    grant_condition_completions (id) {
        id -> Text,
        condition_id -> Text,
        met_on -> Date,
        evidence -> Text,
        reverses_id -> Nullable<Text>,
        reason -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    grant_instalments (id) {
        id -> Text,
        grant_id -> Text,
        number -> BigInt,
        due_on -> Date,
        amount_pence -> BigInt,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    grant_instalment_payments (id) {
        id -> Text,
        instalment_id -> Text,
        paid_on -> Date,
        reference -> Text,
        amount_pence -> BigInt,
        reverses_id -> Nullable<Text>,
        reason -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    grant_returns_due (id) {
        id -> Text,
        grant_id -> Text,
        number -> BigInt,
        period_from -> Date,
        period_to -> Date,
        due_on -> Date,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    open_grant_returns (return_due_id) {
        return_due_id -> Text,
        provider_id -> Text,
        due_on -> Date,
    }
}

diesel::table! {
    provider_governance_records (id) {
        id -> Text,
        provider_id -> Text,
        item -> Text,
        status -> Text,
        evidence -> Nullable<Text>,
        valid_from -> Date,
        expires_on -> Nullable<Date>,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    governance_expiries (record_id) {
        record_id -> Text,
        provider_id -> Text,
        item -> Text,
        expires_on -> Date,
    }
}

diesel::table! {
    commissioning_steps (id) {
        id -> Text,
        request_id -> Text,
        decision_id -> Text,
        request_line_id -> Nullable<Text>,
        step -> Text,
        taken_on -> Date,
        taken_by -> Text,
        provider_id -> Nullable<Text>,
        signed_by_provider_on -> Nullable<Date>,
        signed_by_manager_on -> Nullable<Date>,
        manager_id -> Nullable<Text>,
        reference -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    commissioning_step_reversals (step_id) {
        step_id -> Text,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    commissioning_workers (id) {
        id -> Text,
        request_id -> Text,
        worker_id -> Text,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    unconfirmed_lines (line_id) {
        line_id -> Text,
        arrangement_id -> Text,
        package_id -> Text,
        budget_line -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        recorded_by -> Text,
        waits_since -> Nullable<Date>,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    outstanding_commissionings (request_id) {
        request_id -> Text,
        decision_id -> Text,
        worker_id -> Nullable<Text>,
        approved_on -> Date,
    }
}

diesel::table! {
    direct_payment_accounts (id) {
        id -> Text,
        reference -> Text,
        child_id -> Text,
        package_id -> Text,
        line_id -> Text,
        opened_on -> Date,
        starts_on -> Date,
        weeks_per_payment -> BigInt,
        set_up_due_at -> Nullable<Timestamp>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    direct_payment_steps (id) {
        id -> Text,
        account_id -> Text,
        number -> BigInt,
        kind -> Text,
        taken_on -> Date,
        until_on -> Nullable<Date>,
        bank_reference -> Nullable<Text>,
        payee_reference -> Nullable<Text>,
        line_id -> Nullable<Text>,
        reverses_id -> Nullable<Text>,
        reason -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    direct_payment_bounces (id) {
        id -> Text,
        account_id -> Text,
        export_id -> Text,
        bounced_on -> Date,
        amount_pence -> BigInt,
        reverses_id -> Nullable<Text>,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    direct_payment_exports (id) {
        id -> Text,
        number -> BigInt,
        layout -> Text,
        pay_on -> Date,
        reason -> Nullable<Text>,
        accounts -> BigInt,
        payments -> BigInt,
        total_pence -> BigInt,
        details_sha256 -> Text,
        file_sha256 -> Text,
        file -> Text,
        left_out -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    direct_payment_re_exports (id) {
        id -> Text,
        export_id -> Text,
        copy -> BigInt,
        reason -> Text,
        file_sha256 -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    direct_payment_returns (id) {
        id -> Text,
        account_id -> Text,
        period_from -> Date,
        period_to -> Date,
        evidenced_pence -> BigInt,
        balance_pence -> BigInt,
        received_on -> Date,
        reverses_id -> Nullable<Text>,
        reason -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    direct_payment_audits (id) {
        id -> Text,
        account_id -> Text,
        audited_on -> Date,
        period_from -> Date,
        period_to -> Date,
        brought_forward_pence -> BigInt,
        paid_pence -> BigInt,
        claimed_pence -> BigInt,
        evidenced_pence -> BigInt,
        contingency_pence -> BigInt,
        surplus_pence -> BigInt,
        required_pence -> BigInt,
        carried_pence -> BigInt,
        finding -> Text,
        reverses_id -> Nullable<Text>,
        reason -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
        in_advance_pence -> BigInt,
        own_money_pence -> BigInt,
    }
}

diesel::table! {
    direct_payment_breaches (id) {
        id -> Text,
        account_id -> Text,
        found_on -> Date,
        what -> Text,
        required_pence -> BigInt,
        reverses_id -> Nullable<Text>,
        reason -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    direct_payment_repayments (id) {
        id -> Text,
        account_id -> Text,
        received_on -> Date,
        amount_pence -> BigInt,
        reference -> Text,
        reverses_id -> Nullable<Text>,
        reason -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    direct_payment_repayment_confirmations (repayment_id) {
        repayment_id -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    direct_payments (id) {
        id -> Text,
        account_id -> Text,
        export_id -> Nullable<Text>,
        repayment_id -> Nullable<Text>,
        kind -> Text,
        line_id -> Nullable<Text>,
        corrects_id -> Nullable<Text>,
        period_from -> Date,
        period_to -> Date,
        due_on -> Date,
        paid_on -> Date,
        amount_pence -> BigInt,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
        attempt -> BigInt,
    }
}

diesel::table! {
    direct_payment_standings (account_id) {
        account_id -> Text,
        agreement_on -> Nullable<Date>,
        bank_on -> Nullable<Date>,
        dbs_on -> Nullable<Date>,
        dbs_until -> Nullable<Date>,
        paused_from -> Nullable<Date>,
        paused_until -> Nullable<Date>,
        closed_on -> Nullable<Date>,
        return_due_on -> Nullable<Date>,
        audit_due_on -> Nullable<Date>,
        support_agreed_on -> Nullable<Date>,
    }
}

diesel::table! {
    package_line_confirmations (id) {
        id -> Text,
        line_id -> Text,
        version -> BigInt,
        confirmed_on -> Date,
        post -> Text,
        capacity -> Text,
        clause -> Text,
        paid_from -> Nullable<Date>,
        total_pence -> BigInt,
        explanation -> Text,
        reason -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    night_bookings (id) {
        id -> Text,
        stay_id -> Text,
        version -> BigInt,
        child_id -> Text,
        provider_id -> Text,
        line_id -> Nullable<Text>,
        first_night -> Date,
        last_night -> Date,
        state -> Text,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
        unacknowledged_reason -> Nullable<Text>,
    }
}

diesel::table! {
    night_passings (id) {
        id -> Text,
        stay_id -> Text,
        booking_id -> Text,
        child_id -> Text,
        limit_kind -> Text,
        provider_id -> Nullable<Text>,
        most -> BigInt,
        counted -> BigInt,
        passed_on -> Date,
        clause -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    night_acknowledgements (id) {
        id -> Text,
        passing_id -> Text,
        user_id -> Text,
        post -> Text,
        capacity -> Text,
        acknowledged_on -> Date,
        clause -> Text,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    stays_to_confirm (stay_id) {
        stay_id -> Text,
        last_night -> Date,
    }
}

diesel::table! {
    open_night_passings (passing_id) {
        passing_id -> Text,
        stay_id -> Text,
        child_id -> Text,
    }
}

diesel::table! {
    joint_fundings (id) {
        id -> Text,
        funding_id -> Text,
        version -> BigInt,
        line_id -> Text,
        package_id -> Text,
        provider_id -> Text,
        budget_line -> Text,
        percentage_ten_thousandths -> Nullable<BigInt>,
        amount_pence -> Nullable<BigInt>,
        amount_frequency -> Nullable<Text>,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        agreement_reference -> Text,
        state -> Text,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    health_invoices (id) {
        id -> Text,
        number -> Text,
        provider_id -> Text,
        budget_line -> Text,
        issued_on -> Date,
        due_on -> Date,
        period_from -> Date,
        period_to -> Date,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    health_invoice_lines (id) {
        id -> Text,
        invoice_id -> Text,
        number -> BigInt,
        funding_id -> Text,
        period_from -> Date,
        period_to -> Date,
        adjusts_line_id -> Nullable<Text>,
        expected_pence -> BigInt,
        amount_pence -> BigInt,
        reason -> Nullable<Text>,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    health_credit_notes (id) {
        id -> Text,
        number -> Text,
        invoice_id -> Text,
        cause -> Text,
        issued_on -> Date,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    health_credit_note_lines (id) {
        id -> Text,
        credit_note_id -> Text,
        line_id -> Text,
        amount_pence -> BigInt,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    health_receipts (id) {
        id -> Text,
        invoice_id -> Text,
        amount_pence -> BigInt,
        received_on -> Date,
        reference -> Text,
        reverses_id -> Nullable<Text>,
        reason -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
        ledger_entry_id -> Nullable<Text>,
    }
}

diesel::table! {
    health_disputes (id) {
        id -> Text,
        invoice_id -> Text,
        opened_on -> Date,
        amount_pence -> BigInt,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    health_dispute_lines (dispute_id, line_id) {
        dispute_id -> Text,
        line_id -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    health_dispute_resolutions (dispute_id) {
        dispute_id -> Text,
        outcome -> Text,
        resolved_on -> Date,
        credit_note_id -> Nullable<Text>,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    upratings (id) {
        id -> Text,
        provider_id -> Nullable<Text>,
        service -> Nullable<Text>,
        valid_from -> Date,
        percentage_ten_thousandths -> Nullable<BigInt>,
        unit_rate_ten_thousandths -> Nullable<BigInt>,
        lines -> BigInt,
        full_year_before_pence -> BigInt,
        full_year_after_pence -> BigInt,
        preview_sha256 -> Text,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
        proposal_id -> Nullable<Text>,
        post -> Nullable<Text>,
        capacity -> Nullable<Text>,
        clause -> Nullable<Text>,
    }
}

diesel::table! {
    uprating_proposals (id) {
        id -> Text,
        provider_id -> Nullable<Text>,
        service -> Nullable<Text>,
        valid_from -> Date,
        percentage_ten_thousandths -> Nullable<BigInt>,
        unit_rate_ten_thousandths -> Nullable<BigInt>,
        lines -> BigInt,
        full_year_before_pence -> BigInt,
        full_year_after_pence -> BigInt,
        preview_sha256 -> Text,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    uprating_proposal_withdrawals (proposal_id) {
        proposal_id -> Text,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    open_uprating_proposals (proposal_id) {
        proposal_id -> Text,
        proposal_seq -> BigInt,
    }
}

diesel::table! {
    package_variations (id) {
        id -> Text,
        package_id -> Text,
        line_id -> Text,
        line_version -> BigInt,
        arrangement_id -> Text,
        kind -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        quantity_thousandths -> Nullable<BigInt>,
        frequency -> Nullable<Text>,
        unit_rate_ten_thousandths -> Nullable<BigInt>,
        provider_id -> Nullable<Text>,
        basis -> Text,
        request_line_id -> Nullable<Text>,
        uprating_id -> Nullable<Text>,
        total_before_pence -> BigInt,
        total_after_pence -> BigInt,
        tier_before -> Nullable<Text>,
        tier_after -> Nullable<Text>,
        beyond_percent -> Nullable<BigInt>,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
        ends_by_age_on -> Nullable<Date>,
        beyond_age_reason -> Nullable<Text>,
    }
}

diesel::table! {
    package_variation_steps (id) {
        id -> Text,
        variation_id -> Text,
        variation_seq -> BigInt,
        state -> Text,
        taken_on -> Date,
        post -> Nullable<Text>,
        capacity -> Nullable<Text>,
        clause -> Nullable<Text>,
        total_before_pence -> Nullable<BigInt>,
        total_after_pence -> Nullable<BigInt>,
        explanation -> Nullable<Text>,
        reason -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    open_package_variations (variation_id) {
        variation_id -> Text,
        package_id -> Text,
        variation_seq -> BigInt,
    }
}

diesel::table! {
    statement_editions (id) {
        id -> Text,
        financial_year -> Text,
        number -> BigInt,
        corrects_id -> Nullable<Text>,
        what_changed -> Nullable<Text>,
        copied_from_id -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    statement_sections (id) {
        id -> Text,
        edition_id -> Text,
        section -> Text,
        version -> BigInt,
        markdown -> Text,
        copied_from_id -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    statement_consultations (id) {
        id -> Text,
        edition_id -> Text,
        with_whom -> Text,
        held_on -> Date,
        what_changed -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    statement_requirements (id) {
        id -> Text,
        edition_id -> Text,
        requirement -> Text,
        standing -> Text,
        section -> Nullable<Text>,
        reason -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    statement_disclosures (id) {
        id -> Text,
        edition_id -> Text,
        disclosure -> Text,
        reason -> Text,
        accepts_narrower -> Bool,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    provider_public_entries (id) {
        id -> Text,
        entry_id -> Text,
        version -> BigInt,
        provider_id -> Text,
        kind -> Text,
        offer -> Text,
        phone -> Nullable<Text>,
        email -> Nullable<Text>,
        link -> Nullable<Text>,
        from_age_years -> Nullable<BigInt>,
        to_age_years -> Nullable<BigInt>,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    statement_approvals (id) {
        id -> Text,
        edition_id -> Text,
        user_id -> Text,
        post -> Text,
        capacity -> Text,
        clause -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
        snapshot_id -> Nullable<Text>,
        prints_sha256 -> Nullable<Text>,
    }
}

diesel::table! {
    statement_publications (edition_id) {
        edition_id -> Text,
        published_on -> Date,
        review_due_on -> Date,
        content -> Text,
        content_sha256 -> Text,
        profile_code -> Text,
        profile -> Text,
        profile_sha256 -> Text,
        code_version -> Text,
        withheld -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    statement_snapshots (edition_id, snapshot_id) {
        edition_id -> Text,
        snapshot_id -> Text,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    statement_files (edition_id, format) {
        edition_id -> Text,
        format -> Text,
        media_type -> Text,
        sha256 -> Text,
        size_bytes -> BigInt,
        bytes -> Binary,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    statement_withdrawals (edition_id) {
        edition_id -> Text,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    statement_consultation_reversals (consultation_id) {
        consultation_id -> Text,
        edition_id -> Text,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        recorded_seq -> BigInt,
    }
}

diesel::table! {
    statement_what_changed (id) {
        id -> Text,
        edition_id -> Text,
        version -> BigInt,
        what_changed -> Text,
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
    post_holding_agreements,
    post_holdings,
    waiting_post_holdings,
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
    child_leavings,
    child_leaving_lines,
);
diesel::joinable!(grant_condition_completions -> grant_conditions (condition_id));
diesel::joinable!(grant_instalments -> grants (grant_id));
diesel::joinable!(grant_instalment_payments -> grant_instalments (instalment_id));
diesel::joinable!(grant_returns_due -> grants (grant_id));
diesel::joinable!(open_grant_returns -> grant_returns_due (return_due_id));
diesel::allow_tables_to_appear_in_same_query!(grant_condition_completions, grant_conditions);
diesel::allow_tables_to_appear_in_same_query!(grants, grant_instalments);
diesel::allow_tables_to_appear_in_same_query!(grants, grant_instalment_payments);
diesel::allow_tables_to_appear_in_same_query!(grant_instalments, grant_instalment_payments);
diesel::allow_tables_to_appear_in_same_query!(grants, grant_returns_due);
diesel::allow_tables_to_appear_in_same_query!(grants, open_grant_returns);
diesel::allow_tables_to_appear_in_same_query!(grant_returns_due, open_grant_returns);
diesel::allow_tables_to_appear_in_same_query!(providers, grant_returns_due);
diesel::allow_tables_to_appear_in_same_query!(providers, open_grant_returns);

diesel::joinable!(governance_expiries -> provider_governance_records (record_id));
diesel::joinable!(commissioning_step_reversals -> commissioning_steps (step_id));
diesel::allow_tables_to_appear_in_same_query!(governance_expiries, provider_governance_records);
diesel::allow_tables_to_appear_in_same_query!(commissioning_steps, commissioning_step_reversals);
diesel::allow_tables_to_appear_in_same_query!(outstanding_commissionings, requests);
diesel::allow_tables_to_appear_in_same_query!(outstanding_commissionings, child_leavings);
diesel::allow_tables_to_appear_in_same_query!(direct_payment_accounts, direct_payment_standings);
diesel::allow_tables_to_appear_in_same_query!(direct_payment_accounts, direct_payments);
diesel::allow_tables_to_appear_in_same_query!(direct_payment_accounts, direct_payment_steps);
diesel::allow_tables_to_appear_in_same_query!(direct_payment_accounts, package_lines);
diesel::allow_tables_to_appear_in_same_query!(direct_payment_steps, package_lines);
diesel::joinable!(open_night_passings -> night_passings (passing_id));
diesel::joinable!(night_acknowledgements -> night_passings (passing_id));
diesel::allow_tables_to_appear_in_same_query!(open_night_passings, night_passings);
diesel::allow_tables_to_appear_in_same_query!(night_acknowledgements, night_passings);
diesel::allow_tables_to_appear_in_same_query!(stays_to_confirm, night_bookings);
diesel::allow_tables_to_appear_in_same_query!(open_night_passings, night_bookings);

diesel::joinable!(health_credit_note_lines -> health_credit_notes (credit_note_id));
diesel::joinable!(health_invoice_lines -> health_invoices (invoice_id));
diesel::joinable!(health_dispute_resolutions -> health_disputes (dispute_id));
diesel::allow_tables_to_appear_in_same_query!(health_credit_notes, health_credit_note_lines);
diesel::allow_tables_to_appear_in_same_query!(health_invoices, health_invoice_lines);
diesel::allow_tables_to_appear_in_same_query!(health_disputes, health_dispute_resolutions);
diesel::joinable!(health_invoice_lines -> joint_fundings (funding_id));
diesel::joinable!(health_credit_note_lines -> health_invoice_lines (line_id));
diesel::allow_tables_to_appear_in_same_query!(joint_fundings, health_invoices);
diesel::allow_tables_to_appear_in_same_query!(joint_fundings, health_invoice_lines);
diesel::allow_tables_to_appear_in_same_query!(health_credit_note_lines, health_invoice_lines);
diesel::allow_tables_to_appear_in_same_query!(health_credit_note_lines, health_invoices);
diesel::allow_tables_to_appear_in_same_query!(health_credit_notes, health_invoice_lines);
diesel::allow_tables_to_appear_in_same_query!(health_credit_notes, health_invoices);
diesel::allow_tables_to_appear_in_same_query!(health_receipts, ledger_entries);
diesel::allow_tables_to_appear_in_same_query!(joint_fundings, direct_payment_accounts);
diesel::allow_tables_to_appear_in_same_query!(joint_fundings, direct_payment_steps);

diesel::allow_tables_to_appear_in_same_query!(package_variations, open_package_variations);
diesel::allow_tables_to_appear_in_same_query!(package_variations, package_variation_steps);
diesel::allow_tables_to_appear_in_same_query!(package_variations, upratings);
diesel::allow_tables_to_appear_in_same_query!(uprating_proposals, open_uprating_proposals);
diesel::allow_tables_to_appear_in_same_query!(package_variations, package_lines);
diesel::allow_tables_to_appear_in_same_query!(package_variation_steps, package_lines);
diesel::allow_tables_to_appear_in_same_query!(package_line_confirmations, package_lines);
diesel::allow_tables_to_appear_in_same_query!(unconfirmed_lines, package_lines);
diesel::allow_tables_to_appear_in_same_query!(unconfirmed_lines, packages);
diesel::allow_tables_to_appear_in_same_query!(unconfirmed_lines, children);
diesel::allow_tables_to_appear_in_same_query!(package_line_confirmations, package_variations);
diesel::allow_tables_to_appear_in_same_query!(child_leaving_lines, package_variations);
diesel::allow_tables_to_appear_in_same_query!(child_leaving_lines, package_line_confirmations);
diesel::allow_tables_to_appear_in_same_query!(package_line_confirmations, package_variation_steps);
diesel::allow_tables_to_appear_in_same_query!(ledger_matches, ledger_entries);
diesel::allow_tables_to_appear_in_same_query!(purchase_orders, purchase_order_lines);
diesel::allow_tables_to_appear_in_same_query!(purchase_orders, ledger_entries);
diesel::allow_tables_to_appear_in_same_query!(purchase_orders, purchase_order_cancellations);
diesel::allow_tables_to_appear_in_same_query!(purchase_order_cancellations, ledger_entries);
diesel::allow_tables_to_appear_in_same_query!(purchase_order_lines, purchase_order_cancellations);
diesel::allow_tables_to_appear_in_same_query!(purchase_order_lines, ledger_entries);

diesel::allow_tables_to_appear_in_same_query!(request_own_parts, request_revisions);

diesel::joinable!(provider_public_entries -> providers (provider_id));
diesel::allow_tables_to_appear_in_same_query!(provider_public_entries, providers);
diesel::allow_tables_to_appear_in_same_query!(statement_editions, statement_publications);
diesel::allow_tables_to_appear_in_same_query!(statement_snapshots, statement_editions);
diesel::allow_tables_to_appear_in_same_query!(statement_editions, statement_withdrawals);
diesel::allow_tables_to_appear_in_same_query!(statement_publications, statement_withdrawals);
diesel::allow_tables_to_appear_in_same_query!(statement_consultations, statement_consultation_reversals);
