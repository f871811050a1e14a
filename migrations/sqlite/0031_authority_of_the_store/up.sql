-- Whose store it is: the code of the authority's profile. One row, written when a profile is first used with the store; a store from
-- before belongs to whoever's profile brought its first budget lines.
CREATE TABLE authority (
    number       BIGINT    NOT NULL PRIMARY KEY CHECK (number = 1),
    code         TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);

-- History is added to, never changed.
CREATE TRIGGER authority_no_update BEFORE UPDATE ON authority BEGIN SELECT RAISE(ABORT, 'authority is append-only'); END;
CREATE TRIGGER authority_no_delete BEFORE DELETE ON authority BEGIN SELECT RAISE(ABORT, 'authority is append-only'); END;
