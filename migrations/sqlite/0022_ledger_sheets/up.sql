-- The workbook's sheet that a line stands on. Null: a CSV file, or an entry from before sheets were kept.
ALTER TABLE ledger_entries ADD COLUMN sheet TEXT;
-- A file's new lines are compared with entries of the same day and amount, at the cost of the file's lines and not of the ledger's.
CREATE INDEX ledger_entries_alike ON ledger_entries (posted_on, amount_pence, budget_line);
