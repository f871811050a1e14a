-- grain: one row a financial year, item of expenditure and budget line
-- check: unique financial_year, item_key, budget_line
-- check: not_null financial_year, item_key, posted_on, budget_line, budget_line_name, amount_pence, item_pence
--
-- An item is what the ledger has of one day, provider and number of the finance system: an invoice, however many lines it has. An entry that
-- lacks one of them is an item of its own. `item_pence` is the item over all its budget lines: whether it is over a limit is asked of that.
--
-- An entry that was corrected, and the entry that takes it back, are no spending and are left out; the entry that puts it right stands.
-- Lines of income are left out.
WITH undone AS (
    SELECT reverses_key AS undone_key, 1 AS is_undone
    FROM fact_ledger_entries
    WHERE reverses_key IS NOT NULL
),
standing AS (
    SELECT
        fact_ledger_entries.financial_year,
        fact_ledger_entries.item_key,
        fact_ledger_entries.posted_on,
        fact_ledger_entries.budget_line,
        dim_budget_line.name AS budget_line_name,
        fact_ledger_entries.provider_key,
        fact_ledger_entries.amount_pence,
        COALESCE(undone.is_undone, 0) AS is_undone
    FROM fact_ledger_entries
    JOIN dim_budget_line ON dim_budget_line.budget_line = fact_ledger_entries.budget_line
    LEFT JOIN undone ON undone.undone_key = fact_ledger_entries.entry_key
    WHERE fact_ledger_entries.reverses_key IS NULL AND dim_budget_line.direction = 'expenditure'
),
parts AS (
    SELECT
        financial_year,
        item_key,
        posted_on,
        budget_line,
        budget_line_name,
        provider_key,
        CAST(SUM(amount_pence) AS BIGINT) AS amount_pence
    FROM standing
    WHERE is_undone = 0
    GROUP BY financial_year, item_key, posted_on, budget_line, budget_line_name, provider_key
),
items AS (
    SELECT item_key, CAST(SUM(amount_pence) AS BIGINT) AS item_pence
    FROM parts
    GROUP BY item_key
)
SELECT
    parts.financial_year,
    parts.item_key,
    parts.posted_on,
    parts.budget_line,
    parts.budget_line_name,
    dim_provider.provider_code,
    dim_provider.provider_name,
    parts.amount_pence,
    items.item_pence
FROM parts
JOIN items ON items.item_key = parts.item_key
LEFT JOIN dim_provider ON dim_provider.provider_key = parts.provider_key
ORDER BY parts.posted_on, parts.budget_line, dim_provider.provider_code, parts.item_key
