-- The ledger entry that a receipt came in: that much of it settles the days of the receipt's invoice. Null: it is not said.
ALTER TABLE health_receipts ADD COLUMN ledger_entry_id TEXT REFERENCES ledger_entries (id);
CREATE INDEX health_receipts_entry ON health_receipts (ledger_entry_id) WHERE ledger_entry_id IS NOT NULL;
