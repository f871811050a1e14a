CREATE TABLE decisions (
    id                   TEXT      NOT NULL PRIMARY KEY,
    request_id           TEXT      NOT NULL REFERENCES requests (id),
    -- 1, 2, 3 … of the request.
    number               BIGINT    NOT NULL CHECK (number >= 1),
    route                TEXT      NOT NULL CHECK (route IN ('panel', 'without_panel')),
    panel_id             TEXT      REFERENCES panels (id),
    kind                 TEXT      NOT NULL CHECK (kind IN ('approved', 'approved_in_part', 'deferred', 'declined', 'signposted')),
    -- Who chaired the item, or agreed it without a panel, and as what.
    decided_by           TEXT      NOT NULL REFERENCES users (id),
    decided_as           TEXT      NOT NULL,
    decided_on           DATE      NOT NULL,
    -- The revision that holds the lines decided on.
    revision             BIGINT    NOT NULL,
    rationale            TEXT      NOT NULL,
    deferred_until       DATE,
    deferred_for         TEXT,
    decline_reason       TEXT      CHECK (decline_reason IN ('need_not_evidenced', 'met_by_local_offer', 'met_by_existing_package', 'not_eligible', 'other_agency', 'disproportionate', 'other')),
    -- When the post that has the authority hears it.
    authority_hearing_on DATE,
    -- The child's total care package, gross, for a full year, as tested.
    total_pence          BIGINT    NOT NULL,
    -- The lines decided on: a full year of them, the year of the decision, later years (none: a line has no end).
    full_year_pence      BIGINT    NOT NULL,
    this_year_pence      BIGINT    NOT NULL,
    later_years_pence    BIGINT,
    -- The posts responsible for the total, separated by commas; none, no post has the authority.
    tier                 TEXT,
    -- The whole explanation of the authority, as JSON.
    explanation          TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    UNIQUE (request_id, number),
    FOREIGN KEY (request_id, revision) REFERENCES request_revisions (request_id, revision),
    CHECK ((kind = 'deferred') = (deferred_until IS NOT NULL)),
    CHECK ((kind = 'declined') = (decline_reason IS NOT NULL)),
    CHECK ((route = 'panel') = (panel_id IS NOT NULL))
);
CREATE INDEX decisions_panel ON decisions (panel_id);

-- What each line decided on costs, as it was costed then: a change of the profile, or a school calendar published later, does not
-- change what was decided. They add up to the decision.
CREATE TABLE decision_lines (
    decision_id       TEXT   NOT NULL REFERENCES decisions (id),
    request_line_id   TEXT   NOT NULL REFERENCES request_lines (id),
    full_year_pence   BIGINT NOT NULL,
    this_year_pence   BIGINT NOT NULL,
    -- None: the line has no end.
    later_years_pence BIGINT,
    recorded_seq      BIGINT NOT NULL,
    PRIMARY KEY (decision_id, request_line_id)
);

CREATE TABLE decision_actions (
    id           TEXT      NOT NULL PRIMARY KEY,
    decision_id  TEXT      NOT NULL REFERENCES decisions (id),
    number       BIGINT    NOT NULL CHECK (number >= 1),
    action       TEXT      NOT NULL,
    owner_id     TEXT      NOT NULL REFERENCES users (id),
    due_on       DATE      NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    UNIQUE (decision_id, number)
);

CREATE TABLE decision_action_completions (
    action_id    TEXT      NOT NULL PRIMARY KEY REFERENCES decision_actions (id),
    completed_on DATE      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);

-- The local-offer services a family was signposted to.
CREATE TABLE decision_signposts (
    decision_id  TEXT      NOT NULL REFERENCES decisions (id),
    number       BIGINT    NOT NULL CHECK (number >= 1),
    service      TEXT      NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    PRIMARY KEY (decision_id, number)
);

CREATE TABLE decision_votes (
    decision_id  TEXT      NOT NULL REFERENCES decisions (id),
    member_id    TEXT      NOT NULL REFERENCES panel_members (id),
    vote         TEXT      NOT NULL CHECK (vote IN ('for', 'against', 'abstained')),
    recorded_seq BIGINT    NOT NULL,
    PRIMARY KEY (decision_id, member_id)
);

-- Who put the authority of a post behind a decision, or refused to.
CREATE TABLE authorisations (
    id            TEXT      NOT NULL PRIMARY KEY,
    decision_id   TEXT      NOT NULL REFERENCES decisions (id),
    kind          TEXT      NOT NULL CHECK (kind IN ('authority', 'ratification')),
    outcome       TEXT      NOT NULL CHECK (outcome IN ('given', 'declined')),
    user_id       TEXT      NOT NULL REFERENCES users (id),
    post          TEXT      NOT NULL,
    capacity      TEXT      NOT NULL CHECK (capacity IN ('holder', 'deputy')),
    authorised_on DATE      NOT NULL,
    total_pence   BIGINT    NOT NULL,
    -- Where the authority is written.
    clause        TEXT      NOT NULL,
    -- Why an approval was declined here.
    decline_reason TEXT     CHECK (decline_reason IN ('need_not_evidenced', 'met_by_local_offer', 'met_by_existing_package', 'not_eligible', 'other_agency', 'disproportionate', 'other')),
    reason        TEXT      NOT NULL,
    explanation   TEXT      NOT NULL,
    -- Of a ratification that goes on to the post that has the authority: when that post hears it.
    authority_hearing_on DATE,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    UNIQUE (decision_id, kind)
);

CREATE TABLE appeals (
    id           TEXT      NOT NULL PRIMARY KEY,
    request_id   TEXT      NOT NULL REFERENCES requests (id),
    decision_id  TEXT      NOT NULL UNIQUE REFERENCES decisions (id),
    received_on  DATE      NOT NULL,
    -- None where the profile gives no days.
    due_on       DATE,
    -- What the request was before, and is again if the appeal is dismissed.
    state_before TEXT      NOT NULL CHECK (state_before IN ('approved_in_part', 'declined', 'signposted')),
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);
CREATE INDEX appeals_request ON appeals (request_id, recorded_seq, id);

CREATE TABLE appeal_outcomes (
    appeal_id    TEXT      NOT NULL PRIMARY KEY REFERENCES appeals (id),
    outcome      TEXT      NOT NULL CHECK (outcome IN ('dismissed', 'upheld')),
    decided_on   DATE      NOT NULL,
    reason       TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);

-- The manager's case note in the child's own record was made; until then the item is outstanding.
CREATE TABLE case_management_decisions (
    decision_id  TEXT      NOT NULL PRIMARY KEY REFERENCES decisions (id),
    made_on      DATE      NOT NULL,
    -- The case management system's number for the note.
    reference    TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);

-- What is still to be done, so that a list of it costs what is on it and not all that was ever done: a row goes when its work is
-- done. The work itself is on record above.
CREATE TABLE outstanding_case_management_decisions (
    decision_id  TEXT   NOT NULL PRIMARY KEY REFERENCES decisions (id),
    recorded_seq BIGINT NOT NULL
);
CREATE INDEX outstanding_case_management_decisions_recorded ON outstanding_case_management_decisions (recorded_seq, decision_id);

CREATE TABLE open_decision_actions (
    action_id TEXT NOT NULL PRIMARY KEY REFERENCES decision_actions (id),
    owner_id  TEXT NOT NULL REFERENCES users (id),
    due_on    DATE NOT NULL
);
CREATE INDEX open_decision_actions_due ON open_decision_actions (due_on, action_id);
CREATE INDEX open_decision_actions_owner ON open_decision_actions (owner_id, due_on, action_id);

-- Lists go in the order recorded, a page at the cost of a page.
CREATE INDEX decisions_recorded ON decisions (recorded_seq, id);
CREATE INDEX appeals_recorded ON appeals (recorded_seq, id);

-- History is added to, never changed.
CREATE TRIGGER decisions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON decisions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decision_lines_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON decision_lines FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decision_actions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON decision_actions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decision_action_completions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON decision_action_completions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decision_signposts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON decision_signposts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decision_votes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON decision_votes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER authorisations_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON authorisations FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER appeals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON appeals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER appeal_outcomes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON appeal_outcomes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER case_management_decisions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_management_decisions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
