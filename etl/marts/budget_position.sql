-- grain: one row a financial year and budget line, noughts where nothing happened
-- check: unique financial_year, budget_line
-- check: not_null financial_year, budget_line, budget_pence, actual_pence, commitment_pence, forecast_pence, variance_pence
-- check: every dim_financial_year, dim_budget_line
-- check: ledger actual_pence
-- check: budget budget_pence
--
-- Expenditure is positive, income negative. The commitment is nothing once the year has ended; until then it is two things:
--
-- What packages plan for the months that count as planned. A month counts as paid or as planned, never as both: as planned if
-- and only if it comes after the last posted month that has begun (the month of the day the snapshot looks from has), and is
-- not itself posted. So a posting dated ahead makes its own month paid and no month before it. A month is posted if what is
-- posted in it is not nought: postings that cancel out are none.
--
-- What grants award for the year beyond what is posted for them, since they are paid in instalments of their own. On a line
-- without packages everything posted is for the grants. On a line with both, what names a provider with a grant on that line
-- in that year is for the grants and nothing else is; the rest alone makes the packages' months posted.
WITH budget AS (
    SELECT financial_year, budget_line, CAST(SUM(amount_pence) AS BIGINT) AS budget_pence
    FROM fact_budget_movements
    GROUP BY financial_year, budget_line
),
awarded_to AS (
    SELECT financial_year, budget_line, provider_key, CAST(SUM(planned_pence) AS BIGINT) AS awarded_pence
    FROM fact_planned_costs
    WHERE kind = 'grant'
    GROUP BY financial_year, budget_line, provider_key
),
posted AS (
    SELECT
        fact_ledger_entries.financial_year,
        fact_ledger_entries.budget_line,
        fact_ledger_entries.period,
        CAST(SUM(fact_ledger_entries.amount_pence) AS BIGINT) AS posted_pence,
        CAST(SUM(CASE WHEN awarded_to.awarded_pence IS NULL THEN 0 ELSE fact_ledger_entries.amount_pence END) AS BIGINT)
            AS for_grants_pence
    FROM fact_ledger_entries
    LEFT JOIN awarded_to
        ON awarded_to.financial_year = fact_ledger_entries.financial_year
        AND awarded_to.budget_line = fact_ledger_entries.budget_line
        AND awarded_to.provider_key = fact_ledger_entries.provider_key
    GROUP BY fact_ledger_entries.financial_year, fact_ledger_entries.budget_line, fact_ledger_entries.period
),
actual AS (
    SELECT
        financial_year,
        budget_line,
        CAST(SUM(posted_pence) AS BIGINT) AS actual_pence,
        CAST(SUM(for_grants_pence) AS BIGINT) AS for_grants_pence
    FROM posted
    GROUP BY financial_year, budget_line
),
posted_month AS (
    SELECT financial_year, budget_line, period, 1 AS is_posted
    FROM posted
    WHERE posted_pence <> for_grants_pence
),
last_posted AS (
    SELECT posted_month.financial_year, posted_month.budget_line, MAX(posted_month.period) AS last_period
    FROM posted_month
    JOIN dim_financial_year ON dim_financial_year.financial_year = posted_month.financial_year
    WHERE posted_month.period <= dim_financial_year.as_at_period
    GROUP BY posted_month.financial_year, posted_month.budget_line
),
planned AS (
    SELECT financial_year, budget_line, period, CAST(SUM(planned_pence) AS BIGINT) AS planned_pence
    FROM fact_planned_costs
    WHERE kind = 'package_line'
    GROUP BY financial_year, budget_line, period
),
packaged AS (
    SELECT financial_year, budget_line, COUNT(*) AS planned_months
    FROM planned
    GROUP BY financial_year, budget_line
),
awarded AS (
    SELECT financial_year, budget_line, CAST(SUM(awarded_pence) AS BIGINT) AS awarded_pence
    FROM awarded_to
    GROUP BY financial_year, budget_line
),
unpaid AS (
    SELECT planned.financial_year, planned.budget_line, planned.planned_pence
    FROM planned
    JOIN dim_financial_year ON dim_financial_year.financial_year = planned.financial_year
    LEFT JOIN last_posted
        ON last_posted.financial_year = planned.financial_year AND last_posted.budget_line = planned.budget_line
    LEFT JOIN posted_month
        ON posted_month.financial_year = planned.financial_year
        AND posted_month.budget_line = planned.budget_line
        AND posted_month.period = planned.period
    WHERE dim_financial_year.has_ended = 0
        AND planned.period > COALESCE(last_posted.last_period, 0)
        AND posted_month.is_posted IS NULL
),
granted AS (
    SELECT
        awarded.financial_year,
        awarded.budget_line,
        awarded.awarded_pence,
        COALESCE(CASE WHEN packaged.planned_months IS NULL THEN actual.actual_pence ELSE actual.for_grants_pence END, 0)
            AS paid_pence
    FROM awarded
    LEFT JOIN packaged
        ON packaged.financial_year = awarded.financial_year AND packaged.budget_line = awarded.budget_line
    LEFT JOIN actual ON actual.financial_year = awarded.financial_year AND actual.budget_line = awarded.budget_line
),
unpaid_grants AS (
    SELECT granted.financial_year, granted.budget_line, granted.awarded_pence - granted.paid_pence AS planned_pence
    FROM granted
    JOIN dim_financial_year ON dim_financial_year.financial_year = granted.financial_year
    WHERE dim_financial_year.has_ended = 0 AND granted.awarded_pence > granted.paid_pence
),
commitment AS (
    SELECT financial_year, budget_line, CAST(SUM(planned_pence) AS BIGINT) AS commitment_pence
    FROM (
        SELECT financial_year, budget_line, planned_pence FROM unpaid
        UNION ALL
        SELECT financial_year, budget_line, planned_pence FROM unpaid_grants
    ) AS all_unpaid
    GROUP BY financial_year, budget_line
),
line_years AS (
    SELECT dim_financial_year.financial_year, dim_budget_line.budget_line, dim_budget_line.name, dim_budget_line.direction
    FROM dim_financial_year
    CROSS JOIN dim_budget_line
),
amounts AS (
    SELECT
        line_years.financial_year,
        line_years.budget_line,
        line_years.name,
        line_years.direction,
        COALESCE(budget.budget_pence, 0) AS budget_pence,
        COALESCE(actual.actual_pence, 0) AS actual_pence,
        COALESCE(commitment.commitment_pence, 0) AS commitment_pence
    FROM line_years
    LEFT JOIN budget ON budget.financial_year = line_years.financial_year AND budget.budget_line = line_years.budget_line
    LEFT JOIN actual ON actual.financial_year = line_years.financial_year AND actual.budget_line = line_years.budget_line
    LEFT JOIN commitment
        ON commitment.financial_year = line_years.financial_year AND commitment.budget_line = line_years.budget_line
)
SELECT
    financial_year,
    budget_line,
    name,
    direction,
    budget_pence,
    actual_pence,
    commitment_pence,
    actual_pence + commitment_pence AS forecast_pence,
    actual_pence + commitment_pence - budget_pence AS variance_pence
FROM amounts
ORDER BY financial_year, budget_line
