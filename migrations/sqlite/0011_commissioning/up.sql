-- What is on record of an item of a provider's governance; of what has begun, the record made last counts.
CREATE TABLE provider_governance_records (
    id           TEXT      NOT NULL PRIMARY KEY,
    provider_id  TEXT      NOT NULL REFERENCES providers (id),
    -- An item of the authority's profile.
    item         TEXT      NOT NULL,
    status       TEXT      NOT NULL CHECK (status IN ('green', 'red')),
    -- Where the evidence is kept, or its number.
    evidence     TEXT,
    valid_from   DATE      NOT NULL,
    -- The first day it no longer holds; none, no end is known.
    expires_on   DATE,
    reason       TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    CHECK (expires_on > valid_from),
    CHECK (status = 'green' OR expires_on IS NULL)
);
CREATE INDEX provider_governance_records_provider ON provider_governance_records (provider_id, item, recorded_seq);
CREATE INDEX provider_governance_records_recorded ON provider_governance_records (recorded_seq, id);

-- What will expire, or has and was not renewed: a row goes when a later record takes its place. The records themselves are above.
CREATE TABLE governance_expiries (
    record_id   TEXT NOT NULL PRIMARY KEY REFERENCES provider_governance_records (id),
    provider_id TEXT NOT NULL REFERENCES providers (id),
    item        TEXT NOT NULL,
    expires_on  DATE NOT NULL
);
CREATE INDEX governance_expiries_due ON governance_expiries (expires_on, record_id);
CREATE INDEX governance_expiries_provider ON governance_expiries (provider_id, item);

-- A step from an approval to a package in force. Those that another record shows (the case management decision, the package line,
-- the purchase order) have no row here.
CREATE TABLE commissioning_steps (
    id              TEXT      NOT NULL PRIMARY KEY,
    request_id      TEXT      NOT NULL REFERENCES requests (id),
    decision_id     TEXT      NOT NULL REFERENCES decisions (id),
    -- The agreed line it is taken for; none, for the whole decision.
    request_line_id TEXT      REFERENCES request_lines (id),
    step            TEXT      NOT NULL CHECK (step IN ('family_told', 'outcome_sent', 'profile_sent', 'provider_found',
        'skills_confirmed', 'information_sharing_agreement', 'placement_agreement', 'agreement_sent', 'contract_terms_told',
        'paperwork_filed')),
    taken_on        DATE      NOT NULL,
    taken_by        TEXT      NOT NULL REFERENCES users (id),
    provider_id     TEXT      REFERENCES providers (id),
    -- Of a placement agreement.
    signed_by_provider_on DATE,
    signed_by_manager_on  DATE,
    manager_id      TEXT      REFERENCES users (id),
    -- Where the document is kept, or its number.
    reference       TEXT,
    recorded_by     TEXT      NOT NULL,
    recorded_at     TIMESTAMP NOT NULL,
    recorded_seq    BIGINT    NOT NULL,
    CHECK ((step = 'placement_agreement') = (signed_by_provider_on IS NOT NULL)),
    CHECK ((step = 'placement_agreement') = (signed_by_manager_on IS NOT NULL)),
    CHECK ((step = 'placement_agreement') = (manager_id IS NOT NULL))
);
CREATE INDEX commissioning_steps_request ON commissioning_steps (request_id, recorded_seq, id);
CREATE INDEX commissioning_steps_decision ON commissioning_steps (decision_id, recorded_seq, id);

-- A step recorded by mistake: it was not taken.
CREATE TABLE commissioning_step_reversals (
    step_id      TEXT      NOT NULL PRIMARY KEY REFERENCES commissioning_steps (id),
    reason       TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);

-- Who sees to the steps, where it is not whoever presented the request; the last counts.
CREATE TABLE commissioning_workers (
    id           TEXT      NOT NULL PRIMARY KEY,
    request_id   TEXT      NOT NULL REFERENCES requests (id),
    worker_id    TEXT      NOT NULL REFERENCES users (id),
    reason       TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);
CREATE INDEX commissioning_workers_request ON commissioning_workers (request_id, recorded_seq);

-- What is approved and may lack a step, so that the list of drift and delay costs what is on it and not all that was ever approved.
-- A row comes with the approval and goes when the last step is on record, or the request is approved no longer.
CREATE TABLE outstanding_commissionings (
    request_id  TEXT NOT NULL PRIMARY KEY REFERENCES requests (id),
    decision_id TEXT NOT NULL REFERENCES decisions (id),
    worker_id   TEXT,
    approved_on DATE NOT NULL
);
CREATE INDEX outstanding_commissionings_approved ON outstanding_commissionings (approved_on, request_id);
CREATE INDEX outstanding_commissionings_worker ON outstanding_commissionings (worker_id, approved_on, request_id);

-- What was approved before, and no package line carries out.
INSERT INTO outstanding_commissionings (request_id, decision_id, worker_id, approved_on)
SELECT r.id, d.id, v.presenter_id, COALESCE((SELECT MAX(a.authorised_on) FROM authorisations a
    WHERE a.decision_id = d.id AND a.kind = 'authority' AND a.outcome = 'given'), d.decided_on)
FROM requests r
JOIN decisions d ON d.id = r.decision_id
JOIN request_revisions v ON v.request_id = r.id AND v.revision = d.revision
WHERE r.state IN ('approved', 'approved_in_part') AND NOT EXISTS (SELECT 1 FROM package_lines p
    JOIN request_lines l ON l.id = p.request_line_id WHERE l.request_id = r.id AND NOT EXISTS
    (SELECT 1 FROM package_lines x WHERE x.line_id = p.line_id AND x.state = 'reversed'));

-- History is added to, never changed.
CREATE TRIGGER provider_governance_records_no_update BEFORE UPDATE ON provider_governance_records BEGIN SELECT RAISE(ABORT, 'provider_governance_records is append-only'); END;
CREATE TRIGGER provider_governance_records_no_delete BEFORE DELETE ON provider_governance_records BEGIN SELECT RAISE(ABORT, 'provider_governance_records is append-only'); END;
CREATE TRIGGER commissioning_steps_no_update BEFORE UPDATE ON commissioning_steps BEGIN SELECT RAISE(ABORT, 'commissioning_steps is append-only'); END;
CREATE TRIGGER commissioning_steps_no_delete BEFORE DELETE ON commissioning_steps BEGIN SELECT RAISE(ABORT, 'commissioning_steps is append-only'); END;
CREATE TRIGGER commissioning_step_reversals_no_update BEFORE UPDATE ON commissioning_step_reversals BEGIN SELECT RAISE(ABORT, 'commissioning_step_reversals is append-only'); END;
CREATE TRIGGER commissioning_step_reversals_no_delete BEFORE DELETE ON commissioning_step_reversals BEGIN SELECT RAISE(ABORT, 'commissioning_step_reversals is append-only'); END;
CREATE TRIGGER commissioning_workers_no_update BEFORE UPDATE ON commissioning_workers BEGIN SELECT RAISE(ABORT, 'commissioning_workers is append-only'); END;
CREATE TRIGGER commissioning_workers_no_delete BEFORE DELETE ON commissioning_workers BEGIN SELECT RAISE(ABORT, 'commissioning_workers is append-only'); END;
