-- Rates of a provider or a service are raised by two people: one proposes what a preview shows, another, in a post, agrees it.
CREATE TABLE uprating_proposals (
    id                         TEXT      NOT NULL PRIMARY KEY,
    provider_id                TEXT      REFERENCES providers (id),
    service                    TEXT,
    valid_from                 DATE      NOT NULL,
    -- In ten-thousandths of one per cent, or else the new rate in ten-thousandths of a pound.
    percentage_ten_thousandths BIGINT,
    unit_rate_ten_thousandths  BIGINT    CHECK (unit_rate_ten_thousandths >= 0),
    lines                      BIGINT    NOT NULL CHECK (lines > 0),
    full_year_before_pence     BIGINT    NOT NULL,
    full_year_after_pence      BIGINT    NOT NULL,
    -- Of the preview that was looked at before.
    preview_sha256             TEXT      NOT NULL,
    reason                     TEXT      NOT NULL,
    recorded_by                TEXT      NOT NULL,
    recorded_at                TIMESTAMP NOT NULL,
    recorded_seq               BIGINT    NOT NULL,
    CHECK (provider_id IS NOT NULL OR service IS NOT NULL),
    CHECK ((percentage_ten_thousandths IS NULL) <> (unit_rate_ten_thousandths IS NULL))
);
CREATE INDEX uprating_proposals_recorded ON uprating_proposals (recorded_seq, id);

CREATE TABLE uprating_proposal_withdrawals (
    proposal_id  TEXT      NOT NULL PRIMARY KEY REFERENCES uprating_proposals (id),
    reason       TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);
CREATE INDEX uprating_proposal_withdrawals_recorded ON uprating_proposal_withdrawals (recorded_seq, proposal_id);

-- What is still to be agreed: a proposal leaves when it is agreed or withdrawn.
CREATE TABLE open_uprating_proposals (
    proposal_id  TEXT   NOT NULL PRIMARY KEY REFERENCES uprating_proposals (id),
    proposal_seq BIGINT NOT NULL
);
CREATE INDEX open_uprating_proposals_recorded ON open_uprating_proposals (proposal_seq, proposal_id);

-- Null of those recorded before: nobody had to agree them. A proposal is used once.
ALTER TABLE upratings ADD COLUMN proposal_id TEXT REFERENCES uprating_proposals (id);
ALTER TABLE upratings ADD COLUMN post TEXT;
ALTER TABLE upratings ADD COLUMN capacity TEXT CHECK (capacity IN ('holder', 'deputy'));
ALTER TABLE upratings ADD COLUMN clause TEXT;
CREATE UNIQUE INDEX upratings_proposal ON upratings (proposal_id);

-- History is added to, never changed.
CREATE TRIGGER uprating_proposals_no_update BEFORE UPDATE ON uprating_proposals BEGIN SELECT RAISE(ABORT, 'uprating_proposals is append-only'); END;
CREATE TRIGGER uprating_proposals_no_delete BEFORE DELETE ON uprating_proposals BEGIN SELECT RAISE(ABORT, 'uprating_proposals is append-only'); END;
CREATE TRIGGER uprating_proposal_withdrawals_no_update BEFORE UPDATE ON uprating_proposal_withdrawals BEGIN SELECT RAISE(ABORT, 'uprating_proposal_withdrawals is append-only'); END;
CREATE TRIGGER uprating_proposal_withdrawals_no_delete BEFORE DELETE ON uprating_proposal_withdrawals BEGIN SELECT RAISE(ABORT, 'uprating_proposal_withdrawals is append-only'); END;
