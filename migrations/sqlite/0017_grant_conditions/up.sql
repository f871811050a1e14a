-- A provider's number with the register it is on. The newest of a kind that nothing took back counts.
CREATE TABLE provider_registrations (
    id           TEXT      NOT NULL PRIMARY KEY,
    provider_id  TEXT      NOT NULL REFERENCES providers (id),
    kind         TEXT      NOT NULL CHECK (kind IN ('charity', 'charity_scotland', 'charity_northern_ireland', 'company', 'cic')),
    number       TEXT      NOT NULL,
    -- As the 360Giving standard writes it.
    org_id       TEXT      NOT NULL,
    -- The registration that this row takes back.
    reverses_id  TEXT      UNIQUE REFERENCES provider_registrations (id),
    reason       TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);
CREATE INDEX provider_registrations_recorded ON provider_registrations (recorded_seq, id);
CREATE INDEX provider_registrations_provider ON provider_registrations (provider_id, recorded_seq, id);
CREATE INDEX provider_registrations_kind ON provider_registrations (provider_id, kind, recorded_seq, id);

-- What the group has to do or show for its grant.
CREATE TABLE grant_conditions (
    id           TEXT      NOT NULL PRIMARY KEY,
    grant_id     TEXT      NOT NULL REFERENCES grants (id),
    number       BIGINT    NOT NULL,
    code         TEXT      NOT NULL,
    wording      TEXT      NOT NULL,
    -- Null: due before anything is paid.
    due_on       DATE,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    UNIQUE (grant_id, number),
    UNIQUE (grant_id, code),
    CHECK (number > 0)
);
CREATE INDEX grant_conditions_recorded ON grant_conditions (recorded_seq, id);

CREATE TABLE grant_condition_completions (
    id           TEXT      NOT NULL PRIMARY KEY,
    condition_id TEXT      NOT NULL REFERENCES grant_conditions (id),
    met_on       DATE      NOT NULL,
    -- Where the proof is.
    evidence     TEXT      NOT NULL,
    reverses_id  TEXT      UNIQUE REFERENCES grant_condition_completions (id),
    -- Why it is taken back.
    reason       TEXT,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    CHECK ((reason IS NULL) = (reverses_id IS NULL))
);
CREATE INDEX grant_condition_completions_condition ON grant_condition_completions (condition_id, recorded_seq);
CREATE INDEX grant_condition_completions_recorded ON grant_condition_completions (recorded_seq, id);

-- What is to be paid of a grant, and when; they add up to the award. A grant without any is spread over its days.
CREATE TABLE grant_instalments (
    id           TEXT      NOT NULL PRIMARY KEY,
    grant_id     TEXT      NOT NULL REFERENCES grants (id),
    number       BIGINT    NOT NULL,
    due_on       DATE      NOT NULL,
    amount_pence BIGINT    NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    UNIQUE (grant_id, number),
    CHECK (number > 0),
    CHECK (amount_pence > 0)
);
CREATE INDEX grant_instalments_recorded ON grant_instalments (recorded_seq, id);
CREATE INDEX grant_instalments_due ON grant_instalments (due_on, grant_id);

CREATE TABLE grant_instalment_payments (
    id            TEXT      NOT NULL PRIMARY KEY,
    instalment_id TEXT      NOT NULL REFERENCES grant_instalments (id),
    paid_on       DATE      NOT NULL,
    reference     TEXT      NOT NULL,
    amount_pence  BIGINT    NOT NULL,
    reverses_id   TEXT      UNIQUE REFERENCES grant_instalment_payments (id),
    -- Why it is taken back.
    reason        TEXT,
    recorded_by   TEXT      NOT NULL,
    recorded_at   TIMESTAMP NOT NULL,
    recorded_seq  BIGINT    NOT NULL,
    CHECK ((amount_pence > 0) = (reverses_id IS NULL)),
    CHECK ((reason IS NULL) = (reverses_id IS NULL))
);
CREATE INDEX grant_instalment_payments_instalment ON grant_instalment_payments (instalment_id, recorded_seq);
CREATE INDEX grant_instalment_payments_recorded ON grant_instalment_payments (recorded_seq, id);

-- The periods that the group returns its activity for, and by when.
CREATE TABLE grant_returns_due (
    id           TEXT      NOT NULL PRIMARY KEY,
    grant_id     TEXT      NOT NULL REFERENCES grants (id),
    number       BIGINT    NOT NULL,
    period_from  DATE      NOT NULL,
    period_to    DATE      NOT NULL,
    due_on       DATE      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    UNIQUE (grant_id, number),
    CHECK (number > 0),
    CHECK (period_to > period_from)
);
CREATE INDEX grant_returns_due_recorded ON grant_returns_due (recorded_seq, id);

-- A worklist, not history: the returns that are still to come. A row goes when the period is covered, and comes back with a reversal.
CREATE TABLE open_grant_returns (
    return_due_id TEXT NOT NULL PRIMARY KEY REFERENCES grant_returns_due (id),
    provider_id   TEXT NOT NULL REFERENCES providers (id),
    due_on        DATE NOT NULL
);
CREATE INDEX open_grant_returns_due ON open_grant_returns (due_on, return_due_id);
CREATE INDEX open_grant_returns_provider ON open_grant_returns (provider_id, due_on, return_due_id);

-- History is added to, never changed.
CREATE TRIGGER provider_registrations_no_update BEFORE UPDATE ON provider_registrations BEGIN SELECT RAISE(ABORT, 'provider_registrations is append-only'); END;
CREATE TRIGGER provider_registrations_no_delete BEFORE DELETE ON provider_registrations BEGIN SELECT RAISE(ABORT, 'provider_registrations is append-only'); END;
CREATE TRIGGER grant_conditions_no_update BEFORE UPDATE ON grant_conditions BEGIN SELECT RAISE(ABORT, 'grant_conditions is append-only'); END;
CREATE TRIGGER grant_conditions_no_delete BEFORE DELETE ON grant_conditions BEGIN SELECT RAISE(ABORT, 'grant_conditions is append-only'); END;
CREATE TRIGGER grant_condition_completions_no_update BEFORE UPDATE ON grant_condition_completions BEGIN SELECT RAISE(ABORT, 'grant_condition_completions is append-only'); END;
CREATE TRIGGER grant_condition_completions_no_delete BEFORE DELETE ON grant_condition_completions BEGIN SELECT RAISE(ABORT, 'grant_condition_completions is append-only'); END;
CREATE TRIGGER grant_instalments_no_update BEFORE UPDATE ON grant_instalments BEGIN SELECT RAISE(ABORT, 'grant_instalments is append-only'); END;
CREATE TRIGGER grant_instalments_no_delete BEFORE DELETE ON grant_instalments BEGIN SELECT RAISE(ABORT, 'grant_instalments is append-only'); END;
CREATE TRIGGER grant_instalment_payments_no_update BEFORE UPDATE ON grant_instalment_payments BEGIN SELECT RAISE(ABORT, 'grant_instalment_payments is append-only'); END;
CREATE TRIGGER grant_instalment_payments_no_delete BEFORE DELETE ON grant_instalment_payments BEGIN SELECT RAISE(ABORT, 'grant_instalment_payments is append-only'); END;
CREATE TRIGGER grant_returns_due_no_update BEFORE UPDATE ON grant_returns_due BEGIN SELECT RAISE(ABORT, 'grant_returns_due is append-only'); END;
CREATE TRIGGER grant_returns_due_no_delete BEFORE DELETE ON grant_returns_due BEGIN SELECT RAISE(ABORT, 'grant_returns_due is append-only'); END;
