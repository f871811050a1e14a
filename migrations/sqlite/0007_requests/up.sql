-- Where a request stands now; how it came there is in request_transitions, written in the same transaction.
CREATE TABLE requests (
    id           TEXT      NOT NULL PRIMARY KEY,
    reference    TEXT      NOT NULL UNIQUE,
    child_id     TEXT      NOT NULL REFERENCES children (id),
    state        TEXT      NOT NULL CHECK (state IN ('draft', 'submitted', 'booked', 'deferred', 'awaiting_ratification', 'awaiting_authority', 'approved', 'approved_in_part', 'declined', 'signposted', 'under_appeal', 'withdrawn')),
    -- The revision of the paperwork that counts.
    revision     BIGINT    NOT NULL CHECK (revision >= 1),
    -- How often it has been on an agenda.
    hearing      BIGINT    NOT NULL,
    -- The last decision; none yet.
    decision_id  TEXT,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);
CREATE INDEX requests_child ON requests (child_id, state, recorded_seq, id);
CREATE INDEX requests_state ON requests (state, recorded_seq, id);

-- The paperwork, whole, each time it was written. Special-category text: every read is on the audit trail, and none of it leaves
-- the store.
CREATE TABLE request_revisions (
    request_id          TEXT      NOT NULL REFERENCES requests (id),
    revision            BIGINT    NOT NULL CHECK (revision >= 1),
    assessment_id       TEXT      REFERENCES assessments (id),
    -- Who brings it to the panel, and who costed it: neither may authorise it.
    presenter_id        TEXT      REFERENCES users (id),
    coster_id           TEXT      REFERENCES users (id),
    strengths           TEXT,
    worries             TEXT,
    unmet_need          TEXT,
    outcomes            TEXT,
    outcome_measures    TEXT,
    in_place            TEXT,
    impact              TEXT,
    local_offer_used    TEXT,
    local_offer_barrier TEXT,
    -- The decision that changed the lines; none, the worker wrote it.
    decision_id         TEXT,
    recorded_by         TEXT      NOT NULL,
    recorded_at         TIMESTAMP NOT NULL,
    recorded_seq        BIGINT    NOT NULL,
    PRIMARY KEY (request_id, revision)
);

-- What a revision asks for (form PA1).
CREATE TABLE request_lines (
    id                        TEXT      NOT NULL PRIMARY KEY,
    request_id                TEXT      NOT NULL,
    revision                  BIGINT    NOT NULL,
    number                    BIGINT    NOT NULL CHECK (number >= 1),
    service                   TEXT      NOT NULL,
    budget_line               TEXT      NOT NULL REFERENCES budget_lines (code),
    provider_id               TEXT      REFERENCES providers (id),
    statement_category        TEXT,
    unit                      TEXT      NOT NULL CHECK (unit IN ('hour', 'night', 'session', 'day', 'week', 'mile', 'item')),
    quantity_thousandths      BIGINT    NOT NULL CHECK (quantity_thousandths > 0),
    frequency                 TEXT      NOT NULL CHECK (frequency IN ('weekly', 'fortnightly', 'four_weekly', 'monthly', 'term_time_weeks', 'holiday_weeks', 'per_year', 'one_off')),
    unit_rate_ten_thousandths BIGINT    NOT NULL CHECK (unit_rate_ten_thousandths >= 0),
    valid_from                DATE      NOT NULL,
    valid_to                  DATE,
    -- The package line that ends when this one starts: it then counts once.
    replaces_line_id          TEXT,
    recorded_seq              BIGINT    NOT NULL,
    UNIQUE (request_id, revision, number),
    FOREIGN KEY (request_id, revision) REFERENCES request_revisions (request_id, revision),
    CHECK (valid_to IS NULL OR valid_to > valid_from)
);

CREATE TABLE request_transitions (
    id           TEXT      NOT NULL PRIMARY KEY,
    request_id   TEXT      NOT NULL REFERENCES requests (id),
    number       BIGINT    NOT NULL CHECK (number >= 1),
    action       TEXT      NOT NULL CHECK (action IN ('revise', 'submit', 'book', 'release', 'agree_without_panel', 'decide', 'ratify', 'authorise', 'appeal', 'decide_appeal', 'withdraw')),
    from_state   TEXT      NOT NULL CHECK (from_state IN ('draft', 'submitted', 'booked', 'deferred', 'awaiting_ratification', 'awaiting_authority', 'approved', 'approved_in_part', 'declined', 'signposted', 'under_appeal', 'withdrawn')),
    to_state     TEXT      NOT NULL CHECK (to_state IN ('draft', 'submitted', 'booked', 'deferred', 'awaiting_ratification', 'awaiting_authority', 'approved', 'approved_in_part', 'declined', 'signposted', 'under_appeal', 'withdrawn')),
    reason       TEXT,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    UNIQUE (request_id, number)
);

-- The request line that a package line carries out; none, it was agreed before requests were kept here.
ALTER TABLE package_lines ADD COLUMN request_line_id TEXT REFERENCES request_lines (id);
CREATE INDEX package_lines_request_line ON package_lines (request_line_id, line_id, state);

-- Lists go in the order recorded, a page at the cost of a page.
CREATE INDEX requests_recorded ON requests (recorded_seq, id);

-- History is added to, never changed.
CREATE TRIGGER request_revisions_no_update BEFORE UPDATE ON request_revisions BEGIN SELECT RAISE(ABORT, 'request_revisions is append-only'); END;
CREATE TRIGGER request_revisions_no_delete BEFORE DELETE ON request_revisions BEGIN SELECT RAISE(ABORT, 'request_revisions is append-only'); END;
CREATE TRIGGER request_lines_no_update BEFORE UPDATE ON request_lines BEGIN SELECT RAISE(ABORT, 'request_lines is append-only'); END;
CREATE TRIGGER request_lines_no_delete BEFORE DELETE ON request_lines BEGIN SELECT RAISE(ABORT, 'request_lines is append-only'); END;
CREATE TRIGGER request_transitions_no_update BEFORE UPDATE ON request_transitions BEGIN SELECT RAISE(ABORT, 'request_transitions is append-only'); END;
CREATE TRIGGER request_transitions_no_delete BEFORE DELETE ON request_transitions BEGIN SELECT RAISE(ABORT, 'request_transitions is append-only'); END;
