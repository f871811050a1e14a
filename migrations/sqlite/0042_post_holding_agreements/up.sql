-- A post with authority over money needs two people: a time in it that one administrator recorded, or made longer, waits until another agrees.
CREATE TABLE waiting_post_holdings (
    holding_id TEXT   NOT NULL PRIMARY KEY,
    opened_by  TEXT   NOT NULL,
    opened_seq BIGINT NOT NULL
);

CREATE TABLE post_holding_agreements (
    id           TEXT      NOT NULL PRIMARY KEY,
    holding_id   TEXT      NOT NULL,
    opened_by    TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);
CREATE INDEX post_holding_agreements_recorded ON post_holding_agreements (recorded_seq, id);

-- History is added to, never changed.
CREATE TRIGGER post_holding_agreements_no_update BEFORE UPDATE ON post_holding_agreements BEGIN SELECT RAISE(ABORT, 'post_holding_agreements is append-only'); END;
CREATE TRIGGER post_holding_agreements_no_delete BEFORE DELETE ON post_holding_agreements BEGIN SELECT RAISE(ABORT, 'post_holding_agreements is append-only'); END;
