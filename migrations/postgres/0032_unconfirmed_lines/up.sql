-- The package lines that nobody with the authority has agreed, so that their list, and each thing that is shut to them, costs what is
-- unconfirmed and not all that was ever recorded. A row comes with the line, and goes when it is confirmed or reversed.
CREATE TABLE unconfirmed_lines (
    line_id        TEXT   NOT NULL PRIMARY KEY,
    -- The first line of its arrangement.
    arrangement_id TEXT   NOT NULL,
    package_id     TEXT   NOT NULL REFERENCES packages (id),
    budget_line    TEXT   NOT NULL,
    valid_from     DATE   NOT NULL,
    valid_to       DATE,
    -- Who recorded what waits, and since when it does. Null of lines from before: whether they wait is worked out when the program starts.
    recorded_by    TEXT   NOT NULL,
    waits_since    DATE,
    recorded_seq   BIGINT NOT NULL
);
CREATE INDEX unconfirmed_lines_recorded ON unconfirmed_lines (recorded_seq, line_id);
CREATE INDEX unconfirmed_lines_arrangement ON unconfirmed_lines (arrangement_id);
CREATE INDEX unconfirmed_lines_budget_line ON unconfirmed_lines (budget_line, recorded_seq, line_id);
CREATE INDEX unconfirmed_lines_worker ON unconfirmed_lines (recorded_by, recorded_seq, line_id);
CREATE INDEX unconfirmed_lines_waits ON unconfirmed_lines (waits_since, line_id);

-- Every line that stands, to be looked at.
INSERT INTO unconfirmed_lines (line_id, arrangement_id, package_id, budget_line, valid_from, valid_to, recorded_by, waits_since, recorded_seq)
SELECT l.line_id, COALESCE(l.continues_line_id, l.line_id), l.package_id, l.budget_line, l.valid_from, l.valid_to, l.recorded_by, NULL,
    l.recorded_seq
FROM package_lines l
WHERE l.state <> 'reversed' AND NOT EXISTS (SELECT 1 FROM package_lines n WHERE n.line_id = l.line_id AND n.version > l.version);
