-- Who may call, and the trail of what they did.

CREATE TABLE audit_events (
    -- One number a write, in commit order: writers take turns, so it is also the warehouse's watermark.
    seq           BIGINT    NOT NULL PRIMARY KEY,
    recorded_at   TIMESTAMP NOT NULL,
    actor_kind    TEXT      NOT NULL CHECK (actor_kind IN ('user', 'client', 'system')),
    actor_id      TEXT      NOT NULL,
    action        TEXT      NOT NULL,
    entity        TEXT      NOT NULL,
    entity_id     TEXT      NOT NULL,
    request_id    TEXT,
    -- What was done, without personal data: counts, codes, reasons.
    detail        TEXT      NOT NULL,
    previous_hash TEXT      NOT NULL,
    hash          TEXT      NOT NULL UNIQUE
);
CREATE INDEX audit_events_entity ON audit_events (entity, entity_id, seq);

CREATE TABLE users (
    id            TEXT      NOT NULL PRIMARY KEY,
    username      TEXT      NOT NULL UNIQUE,
    role          TEXT      NOT NULL CHECK (role IN ('finance_officer', 'panel_support', 'practitioner', 'manager',
                                'head_of_service', 'assistant_director', 'auditor', 'administrator')),
    password_hash TEXT      NOT NULL,
    disabled_at   TIMESTAMP,
    recorded_at   TIMESTAMP NOT NULL,
    recorded_seq  BIGINT    NOT NULL
);

CREATE TABLE api_clients (
    id           TEXT      NOT NULL PRIMARY KEY,
    name         TEXT      NOT NULL UNIQUE,
    secret_hash  TEXT      NOT NULL,
    -- Permissions, space separated, as in an OAuth scope.
    scope        TEXT      NOT NULL,
    disabled_at  TIMESTAMP,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);

CREATE TABLE refresh_tokens (
    -- The token itself is never stored, only its SHA-256.
    token_hash  TEXT      NOT NULL PRIMARY KEY,
    user_id     TEXT      NOT NULL REFERENCES users (id),
    -- All tokens that descend from one login: the reuse of a spent one revokes the family.
    family_id   TEXT      NOT NULL,
    issued_at   TIMESTAMP NOT NULL,
    expires_at  TIMESTAMP NOT NULL,
    spent_at    TIMESTAMP,
    revoked_at  TIMESTAMP
);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);

CREATE TABLE idempotency_keys (
    actor_id       TEXT      NOT NULL,
    key            TEXT      NOT NULL,
    request_sha256 TEXT      NOT NULL,
    status         BIGINT    NOT NULL,
    location       TEXT,
    body           TEXT      NOT NULL,
    recorded_at    TIMESTAMP NOT NULL,
    PRIMARY KEY (actor_id, key)
);
-- Old keys are forgotten.
CREATE INDEX idempotency_keys_recorded ON idempotency_keys (recorded_at);

-- Lists go in the order recorded, a page at the cost of a page.
CREATE INDEX users_recorded ON users (recorded_seq, id);
CREATE INDEX api_clients_recorded ON api_clients (recorded_seq, id);

-- History is added to, never changed.
CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END;
CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END;
