-- That another than whoever recorded a repayment saw it too: it then holds up nobody's pay file.
CREATE TABLE direct_payment_repayment_confirmations (
    repayment_id TEXT      NOT NULL PRIMARY KEY REFERENCES direct_payment_repayments (id),
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);

-- History is added to, never changed.
CREATE TRIGGER direct_payment_repayment_confirmations_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON direct_payment_repayment_confirmations FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
