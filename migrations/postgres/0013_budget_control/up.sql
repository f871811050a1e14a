-- What is carried from a closed year into the next moves two budgets, so there is a kind of movement more. Both sides share a `virement_id`,
-- as those of a virement do.
ALTER TABLE budget_movements DROP CONSTRAINT budget_movements_kind_check;
ALTER TABLE budget_movements ADD CONSTRAINT budget_movements_kind_check
    CHECK (kind IN ('original', 'virement', 'adjustment', 'carry_forward', 'reversal'));

-- What is committed is asked by budget line.
CREATE INDEX package_lines_budget_line ON package_lines (budget_line, line_id, version);
CREATE INDEX request_lines_budget_line ON request_lines (budget_line, request_id, revision);
CREATE INDEX grants_budget_line ON grants (budget_line, id);
CREATE INDEX commitment_carry_forwards_from ON commitment_carry_forwards (from_year, budget_line, recorded_seq, id);
