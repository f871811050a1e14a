CREATE TABLE grants (
    id           TEXT      NOT NULL PRIMARY KEY,
    reference    TEXT      NOT NULL,
    provider_id  TEXT      NOT NULL REFERENCES providers (id),
    budget_line  TEXT      NOT NULL REFERENCES budget_lines (code),
    title        TEXT      NOT NULL,
    purpose      TEXT      NOT NULL,
    awarded_on   DATE      NOT NULL,
    period_from  DATE      NOT NULL,
    -- Half-open, as every period here.
    period_to    DATE      NOT NULL,
    amount_pence BIGINT    NOT NULL,
    reverses_id  TEXT      UNIQUE REFERENCES grants (id),
    reason       TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    CHECK (period_to > period_from),
    CHECK ((amount_pence > 0) = (reverses_id IS NULL))
);
CREATE INDEX grants_reference ON grants (reference);

CREATE TABLE grant_activity_returns (
    id                            TEXT      NOT NULL PRIMARY KEY,
    grant_id                      TEXT      NOT NULL REFERENCES grants (id),
    period_from                   DATE      NOT NULL,
    period_to                     DATE      NOT NULL,
    children_and_families_reached BIGINT    NOT NULL,
    sessions                      BIGINT    NOT NULL,
    reverses_id                   TEXT      UNIQUE REFERENCES grant_activity_returns (id),
    reason                        TEXT      NOT NULL,
    recorded_by                   TEXT      NOT NULL,
    recorded_at                   TIMESTAMP NOT NULL,
    recorded_seq                  BIGINT    NOT NULL,
    CHECK (period_to > period_from),
    CHECK (reverses_id IS NOT NULL OR (children_and_families_reached >= 0 AND sessions >= 0))
);
CREATE INDEX grant_activity_returns_grant ON grant_activity_returns (grant_id, period_from);

-- Sessions of a service the council commissions as a whole, open to any child: no package stands behind them.
CREATE TABLE activity_returns (
    id           TEXT      NOT NULL PRIMARY KEY,
    provider_id  TEXT      NOT NULL REFERENCES providers (id),
    service      TEXT      NOT NULL,
    period_from  DATE      NOT NULL,
    period_to    DATE      NOT NULL,
    sessions     BIGINT    NOT NULL,
    reverses_id  TEXT      UNIQUE REFERENCES activity_returns (id),
    reason       TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    CHECK (period_to > period_from),
    CHECK (reverses_id IS NOT NULL OR sessions >= 0)
);
CREATE INDEX activity_returns_provider ON activity_returns (provider_id, service, period_from);

-- Lists go in the order recorded, a page at the cost of a page.
CREATE INDEX grants_recorded ON grants (recorded_seq, id);
CREATE INDEX grant_activity_returns_recorded ON grant_activity_returns (recorded_seq, id);
CREATE INDEX activity_returns_recorded ON activity_returns (recorded_seq, id);

-- History is added to, never changed.
CREATE TRIGGER grants_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON grants FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER grant_activity_returns_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON grant_activity_returns FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER activity_returns_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON activity_returns FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
