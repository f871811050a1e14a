-- What a pay file sent to an account and the bank returned: its days are due again. A reversal has the opposite amount.
CREATE TABLE direct_payment_bounces (
    id           TEXT      NOT NULL PRIMARY KEY,
    account_id   TEXT      NOT NULL REFERENCES direct_payment_accounts (id),
    export_id    TEXT      NOT NULL REFERENCES direct_payment_exports (id),
    bounced_on   DATE      NOT NULL,
    amount_pence BIGINT    NOT NULL,
    reverses_id  TEXT      UNIQUE REFERENCES direct_payment_bounces (id),
    reason       TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    CHECK (amount_pence <> 0)
);
CREATE INDEX direct_payment_bounces_recorded ON direct_payment_bounces (recorded_seq, id);
CREATE INDEX direct_payment_bounces_account ON direct_payment_bounces (account_id, recorded_seq, id);

-- 1, or one more for each time the bank returned a payment for the same days: a day is paid once, unless the bank returned it.
ALTER TABLE direct_payments ADD COLUMN attempt BIGINT NOT NULL DEFAULT 1;
DROP INDEX direct_payments_period_key;
DROP INDEX direct_payments_set_up_key;
CREATE UNIQUE INDEX direct_payments_period_key ON direct_payments (account_id, period_from, attempt) WHERE kind = 'period';
CREATE UNIQUE INDEX direct_payments_set_up_key ON direct_payments (account_id, line_id, attempt) WHERE kind = 'set_up';

-- History is added to, never changed.
CREATE TRIGGER direct_payment_bounces_no_update BEFORE UPDATE ON direct_payment_bounces BEGIN SELECT RAISE(ABORT, 'direct_payment_bounces is append-only'); END;
CREATE TRIGGER direct_payment_bounces_no_delete BEFORE DELETE ON direct_payment_bounces BEGIN SELECT RAISE(ABORT, 'direct_payment_bounces is append-only'); END;
