-- What was paid before the period's end for later days, and what of the money left is the family's own: neither is surplus.
ALTER TABLE direct_payment_audits ADD COLUMN in_advance_pence BIGINT NOT NULL DEFAULT 0;
ALTER TABLE direct_payment_audits ADD COLUMN own_money_pence BIGINT NOT NULL DEFAULT 0;
