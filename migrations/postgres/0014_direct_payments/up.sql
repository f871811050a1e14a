-- One account an arrangement: what a family is paid for the support it buys itself.
CREATE TABLE direct_payment_accounts (
    id                TEXT      NOT NULL PRIMARY KEY,
    -- As the pay file names it: nothing of the child.
    reference         TEXT      NOT NULL UNIQUE,
    child_id          TEXT      NOT NULL REFERENCES children (id),
    package_id        TEXT      NOT NULL REFERENCES packages (id),
    -- The first line of the arrangement that is paid.
    line_id           TEXT      NOT NULL UNIQUE,
    opened_on         DATE      NOT NULL,
    -- The first day paid for.
    starts_on         DATE      NOT NULL,
    -- As the policy was when the account was opened: the periods of an account never move.
    weeks_per_payment BIGINT    NOT NULL,
    -- When everything that is needed has to be on record; null, the policy names no time.
    set_up_due_at     TIMESTAMP,
    recorded_by       TEXT      NOT NULL,
    recorded_at       TIMESTAMP NOT NULL,
    recorded_seq      BIGINT    NOT NULL,
    CHECK (weeks_per_payment > 0)
);
CREATE INDEX direct_payment_accounts_recorded ON direct_payment_accounts (recorded_seq, id);
CREATE INDEX direct_payment_accounts_child ON direct_payment_accounts (child_id, recorded_seq, id);

-- What happened to an account. A reversal names the step it takes back.
CREATE TABLE direct_payment_steps (
    id              TEXT      NOT NULL PRIMARY KEY,
    account_id      TEXT      NOT NULL REFERENCES direct_payment_accounts (id),
    number          BIGINT    NOT NULL,
    kind            TEXT      NOT NULL CHECK (kind IN
        ('agreement_signed', 'bank_account_recorded', 'dbs_seen', 'set_up_payment', 'pause', 'resume', 'close')),
    taken_on        DATE      NOT NULL,
    -- The first day on which it no longer holds: a check's expiry, a pause's end.
    until_on        DATE,
    -- Four asterisks and the last four digits, never more.
    bank_reference  TEXT      CHECK (LENGTH(bank_reference) = 8),
    -- What the finance system calls the payee.
    payee_reference TEXT,
    -- The one-off package line that a set-up payment pays.
    line_id         TEXT,
    reverses_id     TEXT      UNIQUE REFERENCES direct_payment_steps (id),
    reason          TEXT,
    recorded_by     TEXT      NOT NULL,
    recorded_at     TIMESTAMP NOT NULL,
    recorded_seq    BIGINT    NOT NULL,
    UNIQUE (account_id, number)
);
CREATE INDEX direct_payment_steps_recorded ON direct_payment_steps (recorded_seq, id);
CREATE INDEX direct_payment_steps_line ON direct_payment_steps (line_id);

-- Pay files as they were written.
CREATE TABLE direct_payment_exports (
    id             TEXT      NOT NULL PRIMARY KEY,
    number         BIGINT    NOT NULL UNIQUE,
    layout         TEXT      NOT NULL,
    pay_on         DATE      NOT NULL,
    reason         TEXT,
    accounts       BIGINT    NOT NULL,
    payments       BIGINT    NOT NULL,
    total_pence    BIGINT    NOT NULL,
    details_sha256 TEXT      NOT NULL,
    file_sha256    TEXT      NOT NULL,
    file           TEXT      NOT NULL,
    -- JSON: the accounts left out, and what each of them lacked.
    left_out       TEXT      NOT NULL,
    recorded_by    TEXT      NOT NULL,
    recorded_at    TIMESTAMP NOT NULL,
    recorded_seq   BIGINT    NOT NULL,
    CHECK (payments > 0)
);
CREATE INDEX direct_payment_exports_recorded ON direct_payment_exports (recorded_seq, id);

-- A pay file given out once more; the first copy is the export itself.
CREATE TABLE direct_payment_re_exports (
    id           TEXT      NOT NULL PRIMARY KEY,
    export_id    TEXT      NOT NULL REFERENCES direct_payment_exports (id),
    copy         BIGINT    NOT NULL CHECK (copy > 1),
    reason       TEXT      NOT NULL,
    file_sha256  TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    UNIQUE (export_id, copy)
);
CREATE INDEX direct_payment_re_exports_recorded ON direct_payment_re_exports (recorded_seq, id);

-- What a family says it spent and has left, with evidence. A reversal has the opposite amounts.
CREATE TABLE direct_payment_returns (
    id              TEXT      NOT NULL PRIMARY KEY,
    account_id      TEXT      NOT NULL REFERENCES direct_payment_accounts (id),
    period_from     DATE      NOT NULL,
    period_to       DATE      NOT NULL,
    evidenced_pence BIGINT    NOT NULL,
    balance_pence   BIGINT    NOT NULL,
    received_on     DATE      NOT NULL,
    reverses_id     TEXT      UNIQUE REFERENCES direct_payment_returns (id),
    reason          TEXT,
    recorded_by     TEXT      NOT NULL,
    recorded_at     TIMESTAMP NOT NULL,
    recorded_seq    BIGINT    NOT NULL,
    CHECK (period_to > period_from)
);
CREATE INDEX direct_payment_returns_recorded ON direct_payment_returns (recorded_seq, id);
CREATE INDEX direct_payment_returns_account ON direct_payment_returns (account_id, recorded_seq, id);

-- What an audit found. A reversal has the opposite amounts.
CREATE TABLE direct_payment_audits (
    id                    TEXT      NOT NULL PRIMARY KEY,
    account_id            TEXT      NOT NULL REFERENCES direct_payment_accounts (id),
    audited_on            DATE      NOT NULL,
    period_from           DATE      NOT NULL,
    period_to             DATE      NOT NULL,
    -- What the last audit left in the account.
    brought_forward_pence BIGINT    NOT NULL,
    -- What was paid on the days of the period.
    paid_pence            BIGINT    NOT NULL,
    -- What is asked back otherwise since the last audit: paid too much, or for a breach.
    claimed_pence         BIGINT    NOT NULL,
    evidenced_pence       BIGINT    NOT NULL,
    contingency_pence     BIGINT    NOT NULL,
    surplus_pence         BIGINT    NOT NULL,
    -- What is asked back.
    required_pence        BIGINT    NOT NULL,
    -- What is left in the account.
    carried_pence         BIGINT    NOT NULL,
    finding               TEXT      NOT NULL CHECK (finding IN ('sound', 'surplus', 'breach')),
    reverses_id           TEXT      UNIQUE REFERENCES direct_payment_audits (id),
    reason                TEXT,
    recorded_by           TEXT      NOT NULL,
    recorded_at           TIMESTAMP NOT NULL,
    recorded_seq          BIGINT    NOT NULL,
    CHECK (period_to > period_from)
);
CREATE INDEX direct_payment_audits_recorded ON direct_payment_audits (recorded_seq, id);
CREATE INDEX direct_payment_audits_account ON direct_payment_audits (account_id, recorded_seq, id);

-- A breach of the agreement, and what is asked back for it. A reversal has the opposite amount.
CREATE TABLE direct_payment_breaches (
    id             TEXT      NOT NULL PRIMARY KEY,
    account_id     TEXT      NOT NULL REFERENCES direct_payment_accounts (id),
    found_on       DATE      NOT NULL,
    what           TEXT      NOT NULL,
    required_pence BIGINT    NOT NULL,
    reverses_id    TEXT      UNIQUE REFERENCES direct_payment_breaches (id),
    reason         TEXT,
    recorded_by    TEXT      NOT NULL,
    recorded_at    TIMESTAMP NOT NULL,
    recorded_seq   BIGINT    NOT NULL
);
CREATE INDEX direct_payment_breaches_recorded ON direct_payment_breaches (recorded_seq, id);
CREATE INDEX direct_payment_breaches_account ON direct_payment_breaches (account_id, recorded_seq, id);

-- What a family paid back. A reversal has the opposite amount.
CREATE TABLE direct_payment_repayments (
    id           TEXT      NOT NULL PRIMARY KEY,
    account_id   TEXT      NOT NULL REFERENCES direct_payment_accounts (id),
    received_on  DATE      NOT NULL,
    amount_pence BIGINT    NOT NULL,
    -- As the finance system has it.
    reference    TEXT      NOT NULL,
    reverses_id  TEXT      UNIQUE REFERENCES direct_payment_repayments (id),
    reason       TEXT,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    CHECK (amount_pence <> 0)
);
CREATE INDEX direct_payment_repayments_recorded ON direct_payment_repayments (recorded_seq, id);
CREATE INDEX direct_payment_repayments_account ON direct_payment_repayments (account_id, recorded_seq, id);

-- What was paid, frozen: each in one pay file, or a recovery that one repayment brought.
CREATE TABLE direct_payments (
    id           TEXT      NOT NULL PRIMARY KEY,
    account_id   TEXT      NOT NULL REFERENCES direct_payment_accounts (id),
    export_id    TEXT      REFERENCES direct_payment_exports (id),
    repayment_id TEXT      REFERENCES direct_payment_repayments (id),
    kind         TEXT      NOT NULL CHECK (kind IN ('period', 'set_up', 'adjustment', 'recovery')),
    -- The one-off package line that a set-up payment pays.
    line_id      TEXT,
    -- The payment that an adjustment or a recovery corrects.
    corrects_id  TEXT      REFERENCES direct_payments (id),
    period_from  DATE      NOT NULL,
    period_to    DATE      NOT NULL,
    due_on       DATE      NOT NULL,
    -- The day of the pay file, or on which a repayment was received.
    paid_on      DATE      NOT NULL,
    amount_pence BIGINT    NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    CHECK (period_to > period_from),
    CHECK (amount_pence <> 0),
    CHECK ((kind = 'recovery') = (repayment_id IS NOT NULL)),
    CHECK ((export_id IS NULL) = (repayment_id IS NOT NULL)),
    CHECK ((corrects_id IS NULL) = (kind IN ('period', 'set_up'))),
    CHECK (kind <> 'set_up' OR line_id IS NOT NULL)
);
CREATE INDEX direct_payments_recorded ON direct_payments (recorded_seq, id);
CREATE INDEX direct_payments_account ON direct_payments (account_id, recorded_seq, id);
CREATE INDEX direct_payments_export ON direct_payments (export_id);
CREATE INDEX direct_payments_repayment ON direct_payments (repayment_id);
-- A day is paid once, and so is a set-up; whatever else changes is an adjustment.
CREATE UNIQUE INDEX direct_payments_period_key ON direct_payments (account_id, period_from) WHERE kind = 'period';
CREATE UNIQUE INDEX direct_payments_set_up_key ON direct_payments (account_id, line_id) WHERE kind = 'set_up';

-- Where each account stands, written anew with every step, return and audit, so that lists need not read all of them.
CREATE TABLE direct_payment_standings (
    account_id    TEXT NOT NULL PRIMARY KEY REFERENCES direct_payment_accounts (id),
    agreement_on  DATE,
    bank_on       DATE,
    dbs_on        DATE,
    -- The first day on which no check seen holds; null beside dbs_on, none runs out.
    dbs_until     DATE,
    -- The pause that is not over yet.
    paused_from   DATE,
    paused_until  DATE,
    closed_on     DATE,
    return_due_on DATE,
    audit_due_on  DATE
);
CREATE INDEX direct_payment_standings_return ON direct_payment_standings (return_due_on, account_id);
CREATE INDEX direct_payment_standings_audit ON direct_payment_standings (audit_due_on, account_id);

-- History is added to, never changed.
CREATE TRIGGER direct_payment_accounts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON direct_payment_accounts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER direct_payment_steps_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON direct_payment_steps FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER direct_payment_exports_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON direct_payment_exports FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER direct_payment_re_exports_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON direct_payment_re_exports FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER direct_payment_returns_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON direct_payment_returns FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER direct_payment_audits_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON direct_payment_audits FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER direct_payment_breaches_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON direct_payment_breaches FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER direct_payment_repayments_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON direct_payment_repayments FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER direct_payments_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON direct_payments FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
