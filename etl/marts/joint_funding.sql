-- grain: one row a financial year, period, budget line and funder with anything expected, invoiced, credited, received or owed
-- check: unique financial_year, period, budget_line, provider_code
-- check: not_null financial_year, period, calendar_month, budget_line, provider_code, provider_name, expected_pence, invoiced_pence, credited_pence, received_pence, outstanding_pence
-- check: joint_funding invoiced_pence, credited_pence, received_pence, outstanding_pence
--
-- Amounts are positive, though the budget line is one of income. What is expected is in the month of the days it is for; what is invoiced
-- and credited in the month that the invoice or credit note is dated; what is received in the month it arrived. So a month's expected and
-- invoiced amounts differ where invoices follow the month. `outstanding_pence` is what was owed at the month's end, of all invoices before.
WITH expected AS (
    SELECT financial_year, period, budget_line, provider_key, CAST(SUM(expected_pence) AS BIGINT) AS expected_pence
    FROM fact_joint_funding
    GROUP BY financial_year, period, budget_line, provider_key
),
moved AS (
    SELECT
        fact_health_income.financial_year,
        fact_health_income.period,
        dim_month.starts_on,
        fact_health_income.budget_line,
        fact_health_income.provider_key,
        CAST(SUM(CASE WHEN fact_health_income.kind = 'invoiced' THEN fact_health_income.amount_pence ELSE 0 END) AS BIGINT)
            AS invoiced_pence,
        CAST(SUM(CASE WHEN fact_health_income.kind = 'credited' THEN fact_health_income.amount_pence ELSE 0 END) AS BIGINT)
            AS credited_pence,
        CAST(SUM(CASE WHEN fact_health_income.kind = 'received' THEN fact_health_income.amount_pence ELSE 0 END) AS BIGINT)
            AS received_pence
    FROM fact_health_income
    JOIN dim_month
        ON dim_month.financial_year = fact_health_income.financial_year AND dim_month.period = fact_health_income.period
    GROUP BY
        fact_health_income.financial_year,
        fact_health_income.period,
        dim_month.starts_on,
        fact_health_income.budget_line,
        fact_health_income.provider_key
),
funder AS (
    SELECT budget_line, provider_key, COUNT(*) AS mentions
    FROM (
        SELECT budget_line, provider_key FROM expected
        UNION ALL
        SELECT budget_line, provider_key FROM moved
    ) AS mentioned
    GROUP BY budget_line, provider_key
),
funder_month AS (
    SELECT
        dim_month.financial_year,
        dim_month.period,
        dim_month.calendar_month,
        dim_month.starts_on,
        funder.budget_line,
        funder.provider_key
    FROM dim_month
    CROSS JOIN funder
),
owed AS (
    SELECT
        funder_month.financial_year,
        funder_month.period,
        funder_month.budget_line,
        funder_month.provider_key,
        CAST(SUM(moved.invoiced_pence - moved.credited_pence - moved.received_pence) AS BIGINT) AS outstanding_pence
    FROM funder_month
    JOIN moved ON moved.budget_line = funder_month.budget_line AND moved.provider_key = funder_month.provider_key
    WHERE moved.starts_on <= funder_month.starts_on
    GROUP BY funder_month.financial_year, funder_month.period, funder_month.budget_line, funder_month.provider_key
),
amounts AS (
    SELECT
        funder_month.financial_year,
        funder_month.period,
        funder_month.calendar_month,
        funder_month.budget_line,
        funder_month.provider_key,
        COALESCE(expected.expected_pence, 0) AS expected_pence,
        COALESCE(moved.invoiced_pence, 0) AS invoiced_pence,
        COALESCE(moved.credited_pence, 0) AS credited_pence,
        COALESCE(moved.received_pence, 0) AS received_pence,
        COALESCE(owed.outstanding_pence, 0) AS outstanding_pence
    FROM funder_month
    LEFT JOIN expected
        ON expected.financial_year = funder_month.financial_year
        AND expected.period = funder_month.period
        AND expected.budget_line = funder_month.budget_line
        AND expected.provider_key = funder_month.provider_key
    LEFT JOIN moved
        ON moved.financial_year = funder_month.financial_year
        AND moved.period = funder_month.period
        AND moved.budget_line = funder_month.budget_line
        AND moved.provider_key = funder_month.provider_key
    LEFT JOIN owed
        ON owed.financial_year = funder_month.financial_year
        AND owed.period = funder_month.period
        AND owed.budget_line = funder_month.budget_line
        AND owed.provider_key = funder_month.provider_key
)
SELECT
    amounts.financial_year,
    amounts.period,
    amounts.calendar_month,
    amounts.budget_line,
    dim_provider.provider_code,
    dim_provider.provider_name,
    amounts.expected_pence,
    amounts.invoiced_pence,
    amounts.credited_pence,
    amounts.received_pence,
    amounts.outstanding_pence
FROM amounts
JOIN dim_provider ON dim_provider.provider_key = amounts.provider_key
WHERE amounts.expected_pence <> 0
    OR amounts.invoiced_pence <> 0
    OR amounts.credited_pence <> 0
    OR amounts.received_pence <> 0
    OR amounts.outstanding_pence <> 0
ORDER BY amounts.financial_year, amounts.period, amounts.budget_line, dim_provider.provider_code
