CREATE TABLE financial_years (
    year         TEXT      NOT NULL PRIMARY KEY,
    starts_on    DATE      NOT NULL,
    -- Last day of the year, inclusive.
    ends_on      DATE      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);

CREATE TABLE budget_lines (
    -- Sorted as SQLite sorts it, whatever the database's language.
    code         TEXT      COLLATE "C" NOT NULL PRIMARY KEY,
    name         TEXT      NOT NULL,
    direction    TEXT      NOT NULL CHECK (direction IN ('expenditure', 'income')),
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);

CREATE TABLE budget_movements (
    id           TEXT      NOT NULL PRIMARY KEY,
    year         TEXT      NOT NULL REFERENCES financial_years (year),
    budget_line  TEXT      NOT NULL REFERENCES budget_lines (code),
    kind         TEXT      NOT NULL CHECK (kind IN ('original', 'virement', 'adjustment', 'reversal')),
    -- Expenditure is positive, income negative.
    amount_pence BIGINT    NOT NULL,
    effective_on DATE      NOT NULL,
    -- Both sides of a virement, and of its reversal, share one.
    virement_id  TEXT,
    reverses_id  TEXT      UNIQUE REFERENCES budget_movements (id),
    reason       TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    CHECK ((kind = 'reversal') = (reverses_id IS NOT NULL))
);
CREATE INDEX budget_movements_year ON budget_movements (year, budget_line, recorded_seq, id);
CREATE INDEX budget_movements_virement ON budget_movements (virement_id);

-- Lists go in the order recorded, a page at the cost of a page.
CREATE INDEX budget_movements_recorded ON budget_movements (recorded_seq, id);

-- History is added to, never changed.
CREATE TRIGGER budget_movements_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON budget_movements FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
