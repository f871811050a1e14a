-- A post's word that support is agreed which no request brought: what the line was in the version looked at.
CREATE TABLE package_line_confirmations (
    id           TEXT      NOT NULL PRIMARY KEY,
    line_id      TEXT      NOT NULL,
    version      BIGINT    NOT NULL,
    -- On which day, in which post, by which rule.
    confirmed_on DATE      NOT NULL,
    post         TEXT      NOT NULL,
    capacity     TEXT      NOT NULL CHECK (capacity IN ('holder', 'deputy')),
    clause       TEXT      NOT NULL,
    -- The first day that is paid here, of a line that is paid to a family: another system paid what came before. Null, every day of it.
    paid_from    DATE,
    -- The child's total care package with the line, as tested on the day, and the whole reasoning.
    total_pence  BIGINT    NOT NULL,
    explanation  TEXT      NOT NULL,
    reason       TEXT,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    UNIQUE (line_id, version),
    FOREIGN KEY (line_id, version) REFERENCES package_lines (line_id, version)
);
CREATE INDEX package_line_confirmations_recorded ON package_line_confirmations (recorded_seq, id);

-- Since when all that an account pays is agreed; null, something of it is not. What rows from before say is worked out when the program
-- starts, and again while it says nothing.
ALTER TABLE direct_payment_standings ADD COLUMN support_agreed_on DATE;

-- History is added to, never changed.
CREATE TRIGGER package_line_confirmations_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON package_line_confirmations FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
