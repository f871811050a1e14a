-- Each row is one version of somebody's time in a post: authority belongs to posts, people hold them from a day to a day.
CREATE TABLE post_holdings (
    id           TEXT      NOT NULL PRIMARY KEY,
    -- The id of the first version, the same for all of them.
    holding_id   TEXT      NOT NULL,
    version      BIGINT    NOT NULL CHECK (version >= 1),
    -- A post of the authority's profile.
    post         TEXT      NOT NULL,
    user_id      TEXT      NOT NULL REFERENCES users (id),
    capacity     TEXT      NOT NULL CHECK (capacity IN ('holder', 'deputy')),
    valid_from   DATE      NOT NULL,
    -- The first day on which it is no longer held.
    valid_to     DATE,
    state        TEXT      NOT NULL CHECK (state IN ('recorded', 'ended', 'reversed')),
    reason       TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    UNIQUE (holding_id, version),
    CHECK (valid_to IS NULL OR valid_to > valid_from)
);
CREATE INDEX post_holdings_user ON post_holdings (user_id);

CREATE TABLE assessments (
    id           TEXT      NOT NULL PRIMARY KEY,
    child_id     TEXT      NOT NULL REFERENCES children (id),
    kind         TEXT      NOT NULL CHECK (kind IN ('child_and_family', 'early_help', 'single')),
    started_on   DATE      NOT NULL,
    -- Who makes it, and so may not authorise it.
    assessor_id  TEXT      NOT NULL REFERENCES users (id),
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);
CREATE INDEX assessments_child ON assessments (child_id, recorded_seq, id);

-- What happened to an assessment. The last consent counts.
CREATE TABLE assessment_steps (
    id            TEXT      NOT NULL PRIMARY KEY,
    assessment_id TEXT      NOT NULL REFERENCES assessments (id),
    number        BIGINT    NOT NULL CHECK (number >= 1),
    step          TEXT      NOT NULL CHECK (step IN ('checkpoint', 'completed', 'authorised', 'consent_given', 'consent_withdrawn')),
    taken_on      DATE      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    UNIQUE (assessment_id, number)
);

-- Lists go in the order recorded, a page at the cost of a page.
CREATE INDEX post_holdings_recorded ON post_holdings (recorded_seq, id);
CREATE INDEX assessments_recorded ON assessments (recorded_seq, id);

-- History is added to, never changed.
CREATE TRIGGER post_holdings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON post_holdings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER assessments_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON assessments FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER assessment_steps_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON assessment_steps FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
