-- grain: one row a financial year, period, budget line and provider with at least one ledger entry; entries that name no
-- provider make a row of their own, with nulls for it
-- check: unique financial_year, period, budget_line, provider_code
-- check: not_null financial_year, period, calendar_month, budget_line, actual_pence, entries
-- check: ledger actual_pence, entries
WITH spend AS (
    SELECT
        financial_year,
        period,
        budget_line,
        provider_key,
        CAST(SUM(amount_pence) AS BIGINT) AS actual_pence,
        CAST(COUNT(*) AS BIGINT) AS entries
    FROM fact_ledger_entries
    GROUP BY financial_year, period, budget_line, provider_key
)
SELECT
    spend.financial_year,
    spend.period,
    dim_month.calendar_month,
    spend.budget_line,
    dim_provider.provider_code,
    dim_provider.provider_name,
    dim_provider.sector,
    spend.actual_pence,
    spend.entries
FROM spend
JOIN dim_month ON dim_month.financial_year = spend.financial_year AND dim_month.period = spend.period
LEFT JOIN dim_provider ON dim_provider.provider_key = spend.provider_key
ORDER BY spend.financial_year, spend.period, spend.budget_line, dim_provider.provider_code
