-- What is carried from a closed year into the next moves two budgets, so there is a kind of movement more. SQLite cannot change a CHECK: the
-- table is made anew, with every row as it was.
CREATE TABLE budget_movements_anew (
    id           TEXT      NOT NULL PRIMARY KEY,
    year         TEXT      NOT NULL REFERENCES financial_years (year),
    budget_line  TEXT      NOT NULL REFERENCES budget_lines (code),
    kind         TEXT      NOT NULL CHECK (kind IN ('original', 'virement', 'adjustment', 'carry_forward', 'reversal')),
    -- Expenditure is positive, income negative.
    amount_pence BIGINT    NOT NULL,
    effective_on DATE      NOT NULL,
    -- Both sides of a virement, and of its reversal, share one; and both sides of what is carried forward.
    virement_id  TEXT,
    reverses_id  TEXT      UNIQUE REFERENCES budget_movements_anew (id),
    reason       TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    CHECK ((kind = 'reversal') = (reverses_id IS NOT NULL))
);
INSERT INTO budget_movements_anew (id, year, budget_line, kind, amount_pence, effective_on, virement_id, reverses_id, reason, recorded_by,
    recorded_at, recorded_seq)
SELECT id, year, budget_line, kind, amount_pence, effective_on, virement_id, reverses_id, reason, recorded_by, recorded_at, recorded_seq
FROM budget_movements;
DROP TABLE budget_movements;
-- The table's reference to itself takes the new name along.
ALTER TABLE budget_movements_anew RENAME TO budget_movements;
CREATE INDEX budget_movements_year ON budget_movements (year, budget_line, recorded_seq, id);
CREATE INDEX budget_movements_virement ON budget_movements (virement_id);
CREATE INDEX budget_movements_recorded ON budget_movements (recorded_seq, id);
CREATE TRIGGER budget_movements_no_update BEFORE UPDATE ON budget_movements BEGIN SELECT RAISE(ABORT, 'budget_movements is append-only'); END;
CREATE TRIGGER budget_movements_no_delete BEFORE DELETE ON budget_movements BEGIN SELECT RAISE(ABORT, 'budget_movements is append-only'); END;

-- What is committed is asked by budget line.
CREATE INDEX package_lines_budget_line ON package_lines (budget_line, line_id, version);
CREATE INDEX request_lines_budget_line ON request_lines (budget_line, request_id, revision);
CREATE INDEX grants_budget_line ON grants (budget_line, id);
CREATE INDEX commitment_carry_forwards_from ON commitment_carry_forwards (from_year, budget_line, recorded_seq, id);
