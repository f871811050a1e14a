-- Each row is one version of a funder's share of an arrangement, a package line and the lines that carry it on.
CREATE TABLE joint_fundings (
    id                         TEXT      NOT NULL PRIMARY KEY,
    -- The id of the first version, the same for all of them.
    funding_id                 TEXT      NOT NULL,
    version                    BIGINT    NOT NULL CHECK (version >= 1),
    -- The arrangement's first line, which is also the id of that line's first version.
    line_id                    TEXT      NOT NULL REFERENCES package_lines (id),
    package_id                 TEXT      NOT NULL REFERENCES packages (id),
    -- The body that pays.
    provider_id                TEXT      NOT NULL REFERENCES providers (id),
    -- A line of income.
    budget_line                TEXT      NOT NULL REFERENCES budget_lines (code),
    -- Of the cost, in ten-thousandths of a per cent; or an amount so often.
    percentage_ten_thousandths BIGINT    CHECK (percentage_ten_thousandths BETWEEN 1 AND 1000000),
    amount_pence               BIGINT    CHECK (amount_pence > 0),
    amount_frequency           TEXT      CHECK (amount_frequency IN ('weekly', 'four_weekly', 'monthly', 'per_year')),
    valid_from                 DATE      NOT NULL,
    -- The first day it no longer pays for.
    valid_to                   DATE,
    agreement_reference        TEXT      NOT NULL,
    state                      TEXT      NOT NULL CHECK (state IN ('recorded', 'ended', 'reversed')),
    reason                     TEXT      NOT NULL,
    recorded_by                TEXT      NOT NULL,
    recorded_at                TIMESTAMP NOT NULL,
    recorded_seq               BIGINT    NOT NULL,
    UNIQUE (funding_id, version),
    CHECK (valid_to IS NULL OR valid_to > valid_from),
    CHECK ((percentage_ten_thousandths IS NULL) <> (amount_pence IS NULL)),
    CHECK ((amount_pence IS NULL) = (amount_frequency IS NULL))
);
CREATE INDEX joint_fundings_line ON joint_fundings (line_id, recorded_seq, id);
CREATE INDEX joint_fundings_package ON joint_fundings (package_id, recorded_seq, id);
CREATE INDEX joint_fundings_provider ON joint_fundings (provider_id, recorded_seq, id);

-- What a funder is asked to pay.
CREATE TABLE health_invoices (
    id           TEXT      NOT NULL PRIMARY KEY,
    number       TEXT      NOT NULL UNIQUE,
    provider_id  TEXT      NOT NULL REFERENCES providers (id),
    budget_line  TEXT      NOT NULL REFERENCES budget_lines (code),
    issued_on    DATE      NOT NULL,
    due_on       DATE      NOT NULL,
    -- From the first day of its lines to the first day after the last.
    period_from  DATE      NOT NULL,
    period_to    DATE      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    CHECK (due_on >= issued_on),
    CHECK (period_to > period_from)
);
CREATE INDEX health_invoices_provider ON health_invoices (provider_id, recorded_seq, id);

CREATE TABLE health_invoice_lines (
    id              TEXT      NOT NULL PRIMARY KEY,
    invoice_id      TEXT      NOT NULL REFERENCES health_invoices (id),
    number          BIGINT    NOT NULL CHECK (number >= 1),
    -- The id of the funding's first version.
    funding_id      TEXT      NOT NULL REFERENCES joint_fundings (id),
    period_from     DATE      NOT NULL,
    period_to       DATE      NOT NULL,
    -- The line that was invoiced for these days before, where this one corrects it; null, the days are invoiced here.
    adjusts_line_id TEXT      REFERENCES health_invoice_lines (id),
    -- What was expected when it was issued; of a correction, how much more or less than before.
    expected_pence  BIGINT    NOT NULL,
    amount_pence    BIGINT    NOT NULL,
    -- Why another amount than the expected one is asked for.
    reason          TEXT,
    recorded_at     TIMESTAMP NOT NULL,
    recorded_seq    BIGINT    NOT NULL,
    UNIQUE (invoice_id, number),
    CHECK (period_to > period_from),
    CHECK (amount_pence >= 0 OR adjusts_line_id IS NOT NULL),
    CHECK (amount_pence = expected_pence OR reason IS NOT NULL)
);
CREATE INDEX health_invoice_lines_funding ON health_invoice_lines (funding_id, period_from);
CREATE INDEX health_invoice_lines_adjusts ON health_invoice_lines (adjusts_line_id);

CREATE TABLE health_credit_notes (
    id           TEXT      NOT NULL PRIMARY KEY,
    number       TEXT      NOT NULL UNIQUE,
    invoice_id   TEXT      NOT NULL REFERENCES health_invoices (id),
    cause        TEXT      NOT NULL CHECK (cause IN ('adjustment', 'error', 'dispute', 'reversal')),
    issued_on    DATE      NOT NULL,
    reason       TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);
CREATE INDEX health_credit_notes_invoice ON health_credit_notes (invoice_id, recorded_seq, id);

CREATE TABLE health_credit_note_lines (
    id             TEXT      NOT NULL PRIMARY KEY,
    credit_note_id TEXT      NOT NULL REFERENCES health_credit_notes (id),
    -- A line of the note's invoice.
    line_id        TEXT      NOT NULL REFERENCES health_invoice_lines (id),
    -- How much less it asks for; negative only where a reversal takes back a line that asked for less.
    amount_pence   BIGINT    NOT NULL CHECK (amount_pence <> 0),
    recorded_at    TIMESTAMP NOT NULL,
    recorded_seq   BIGINT    NOT NULL,
    UNIQUE (credit_note_id, line_id)
);
CREATE INDEX health_credit_note_lines_line ON health_credit_note_lines (line_id);

-- Negative: paid back to a funder whose invoice is in credit, or the row that takes a receipt back.
CREATE TABLE health_receipts (
    id           TEXT      NOT NULL PRIMARY KEY,
    invoice_id   TEXT      NOT NULL REFERENCES health_invoices (id),
    amount_pence BIGINT    NOT NULL CHECK (amount_pence <> 0),
    received_on  DATE      NOT NULL,
    reference    TEXT      NOT NULL,
    reverses_id  TEXT      UNIQUE REFERENCES health_receipts (id),
    reason       TEXT,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    CHECK ((reverses_id IS NULL) = (reason IS NULL))
);
CREATE INDEX health_receipts_invoice ON health_receipts (invoice_id, recorded_seq, id);

CREATE TABLE health_disputes (
    id           TEXT      NOT NULL PRIMARY KEY,
    invoice_id   TEXT      NOT NULL REFERENCES health_invoices (id),
    opened_on    DATE      NOT NULL,
    amount_pence BIGINT    NOT NULL CHECK (amount_pence > 0),
    reason       TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);
CREATE INDEX health_disputes_invoice ON health_disputes (invoice_id, recorded_seq, id);

-- The lines that a dispute names, if it names any.
CREATE TABLE health_dispute_lines (
    dispute_id   TEXT      NOT NULL REFERENCES health_disputes (id),
    line_id      TEXT      NOT NULL REFERENCES health_invoice_lines (id),
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    PRIMARY KEY (dispute_id, line_id)
);

CREATE TABLE health_dispute_resolutions (
    dispute_id     TEXT      NOT NULL PRIMARY KEY REFERENCES health_disputes (id),
    outcome        TEXT      NOT NULL CHECK (outcome IN ('upheld', 'rejected')),
    resolved_on    DATE      NOT NULL,
    credit_note_id TEXT      UNIQUE REFERENCES health_credit_notes (id),
    reason         TEXT      NOT NULL,
    recorded_by    TEXT      NOT NULL,
    recorded_at    TIMESTAMP NOT NULL,
    recorded_seq   BIGINT    NOT NULL,
    CHECK ((outcome = 'upheld') = (credit_note_id IS NOT NULL))
);

-- Lists go in the order recorded, a page at the cost of a page.
CREATE INDEX joint_fundings_recorded ON joint_fundings (recorded_seq, id);
CREATE INDEX health_invoices_recorded ON health_invoices (recorded_seq, id);
CREATE INDEX health_credit_notes_recorded ON health_credit_notes (recorded_seq, id);
CREATE INDEX health_receipts_recorded ON health_receipts (recorded_seq, id);
CREATE INDEX health_disputes_recorded ON health_disputes (recorded_seq, id);

-- History is added to, never changed.
CREATE TRIGGER joint_fundings_no_update BEFORE UPDATE ON joint_fundings BEGIN SELECT RAISE(ABORT, 'joint_fundings is append-only'); END;
CREATE TRIGGER joint_fundings_no_delete BEFORE DELETE ON joint_fundings BEGIN SELECT RAISE(ABORT, 'joint_fundings is append-only'); END;
CREATE TRIGGER health_invoices_no_update BEFORE UPDATE ON health_invoices BEGIN SELECT RAISE(ABORT, 'health_invoices is append-only'); END;
CREATE TRIGGER health_invoices_no_delete BEFORE DELETE ON health_invoices BEGIN SELECT RAISE(ABORT, 'health_invoices is append-only'); END;
CREATE TRIGGER health_invoice_lines_no_update BEFORE UPDATE ON health_invoice_lines BEGIN SELECT RAISE(ABORT, 'health_invoice_lines is append-only'); END;
CREATE TRIGGER health_invoice_lines_no_delete BEFORE DELETE ON health_invoice_lines BEGIN SELECT RAISE(ABORT, 'health_invoice_lines is append-only'); END;
CREATE TRIGGER health_credit_notes_no_update BEFORE UPDATE ON health_credit_notes BEGIN SELECT RAISE(ABORT, 'health_credit_notes is append-only'); END;
CREATE TRIGGER health_credit_notes_no_delete BEFORE DELETE ON health_credit_notes BEGIN SELECT RAISE(ABORT, 'health_credit_notes is append-only'); END;
CREATE TRIGGER health_credit_note_lines_no_update BEFORE UPDATE ON health_credit_note_lines BEGIN SELECT RAISE(ABORT, 'health_credit_note_lines is append-only'); END;
CREATE TRIGGER health_credit_note_lines_no_delete BEFORE DELETE ON health_credit_note_lines BEGIN SELECT RAISE(ABORT, 'health_credit_note_lines is append-only'); END;
CREATE TRIGGER health_receipts_no_update BEFORE UPDATE ON health_receipts BEGIN SELECT RAISE(ABORT, 'health_receipts is append-only'); END;
CREATE TRIGGER health_receipts_no_delete BEFORE DELETE ON health_receipts BEGIN SELECT RAISE(ABORT, 'health_receipts is append-only'); END;
CREATE TRIGGER health_disputes_no_update BEFORE UPDATE ON health_disputes BEGIN SELECT RAISE(ABORT, 'health_disputes is append-only'); END;
CREATE TRIGGER health_disputes_no_delete BEFORE DELETE ON health_disputes BEGIN SELECT RAISE(ABORT, 'health_disputes is append-only'); END;
CREATE TRIGGER health_dispute_lines_no_update BEFORE UPDATE ON health_dispute_lines BEGIN SELECT RAISE(ABORT, 'health_dispute_lines is append-only'); END;
CREATE TRIGGER health_dispute_lines_no_delete BEFORE DELETE ON health_dispute_lines BEGIN SELECT RAISE(ABORT, 'health_dispute_lines is append-only'); END;
CREATE TRIGGER health_dispute_resolutions_no_update BEFORE UPDATE ON health_dispute_resolutions BEGIN SELECT RAISE(ABORT, 'health_dispute_resolutions is append-only'); END;
CREATE TRIGGER health_dispute_resolutions_no_delete BEFORE DELETE ON health_dispute_resolutions BEGIN SELECT RAISE(ABORT, 'health_dispute_resolutions is append-only'); END;
