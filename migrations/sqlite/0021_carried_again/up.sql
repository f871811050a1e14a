-- A commitment carried forward again after the close: what changed in the closed year, a package line, a grant or a purchase order.
-- Null: it was carried at the close.
ALTER TABLE commitment_carry_forwards ADD COLUMN changed_id TEXT;
-- A new order settles the payments that carry its number.
CREATE INDEX ledger_entries_purchase_order ON ledger_entries (purchase_order, year, budget_line) WHERE purchase_order IS NOT NULL;
