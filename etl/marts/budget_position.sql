-- grain: one row a financial year and budget line, noughts where nothing happened
-- check: unique financial_year, budget_line
-- check: not_null financial_year, budget_line, budget_pence, actual_pence, commitment_pence, forecast_pence, variance_pence
-- check: every dim_financial_year, dim_budget_line
-- check: ledger actual_pence
-- check: budget budget_pence
--
-- Expenditure is positive, income negative. A month counts as paid or as planned, never as both: the commitment is what
-- packages plan for the periods after the last one with postings on the line (postings that cancel out are none), and what
-- grants award for the year beyond all that is posted, since they are paid in instalments of their own; and nothing once the
-- year has ended.
WITH budget AS (
    SELECT financial_year, budget_line, CAST(SUM(amount_pence) AS BIGINT) AS budget_pence
    FROM fact_budget_movements
    GROUP BY financial_year, budget_line
),
actual_by_period AS (
    SELECT financial_year, budget_line, period, CAST(SUM(amount_pence) AS BIGINT) AS actual_pence
    FROM fact_ledger_entries
    GROUP BY financial_year, budget_line, period
),
actual AS (
    SELECT
        financial_year,
        budget_line,
        CAST(SUM(actual_pence) AS BIGINT) AS actual_pence,
        MAX(CASE WHEN actual_pence <> 0 THEN period ELSE 0 END) AS last_period
    FROM actual_by_period
    GROUP BY financial_year, budget_line
),
planned AS (
    SELECT financial_year, budget_line, period, CAST(SUM(planned_pence) AS BIGINT) AS planned_pence
    FROM fact_planned_costs
    WHERE kind = 'package_line'
    GROUP BY financial_year, budget_line, period
),
awarded AS (
    SELECT financial_year, budget_line, CAST(SUM(planned_pence) AS BIGINT) AS awarded_pence
    FROM fact_planned_costs
    WHERE kind = 'grant'
    GROUP BY financial_year, budget_line
),
unpaid AS (
    SELECT planned.financial_year, planned.budget_line, planned.planned_pence
    FROM planned
    JOIN dim_financial_year ON dim_financial_year.financial_year = planned.financial_year
    LEFT JOIN actual ON actual.financial_year = planned.financial_year AND actual.budget_line = planned.budget_line
    WHERE dim_financial_year.has_ended = 0 AND planned.period > COALESCE(actual.last_period, 0)
),
unpaid_grants AS (
    SELECT
        awarded.financial_year,
        awarded.budget_line,
        CASE
            WHEN awarded.awarded_pence > COALESCE(actual.actual_pence, 0) THEN awarded.awarded_pence - COALESCE(actual.actual_pence, 0)
            ELSE 0
        END AS planned_pence
    FROM awarded
    JOIN dim_financial_year ON dim_financial_year.financial_year = awarded.financial_year
    LEFT JOIN actual ON actual.financial_year = awarded.financial_year AND actual.budget_line = awarded.budget_line
    WHERE dim_financial_year.has_ended = 0
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
