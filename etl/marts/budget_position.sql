-- grain: one row a financial year and budget line, noughts where nothing happened
-- check: unique financial_year, budget_line
-- check: not_null financial_year, budget_line, budget_pence, actual_pence, commitment_pence, unconfirmed_pence, forecast_pence, variance_pence
-- check: every dim_financial_year, dim_budget_line
-- check: ledger actual_pence
-- check: budget budget_pence
--
-- Expenditure is positive, income negative. The commitment is what packages, grants and others' shares plan for the year and no payment
-- has settled, nor anybody released: what is open of the year's cells. A year that has ended keeps its commitments until it is closed,
-- since bills still come; a closed year has none. Unconfirmed is how much of the commitment rests on package lines that nobody with the
-- authority has confirmed.
WITH budget AS (
    SELECT financial_year, budget_line, CAST(SUM(amount_pence) AS BIGINT) AS budget_pence
    FROM fact_budget_movements
    GROUP BY financial_year, budget_line
),
actual AS (
    SELECT financial_year, budget_line, CAST(SUM(amount_pence) AS BIGINT) AS actual_pence
    FROM fact_ledger_entries
    GROUP BY financial_year, budget_line
),
commitment AS (
    SELECT
        financial_year,
        budget_line,
        CAST(SUM(open_pence) AS BIGINT) AS commitment_pence,
        CAST(SUM(unconfirmed_pence) AS BIGINT) AS unconfirmed_pence
    FROM fact_commitments
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
        COALESCE(commitment.commitment_pence, 0) AS commitment_pence,
        COALESCE(commitment.unconfirmed_pence, 0) AS unconfirmed_pence
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
    unconfirmed_pence,
    actual_pence + commitment_pence AS forecast_pence,
    actual_pence + commitment_pence - budget_pence AS variance_pence
FROM amounts
ORDER BY financial_year, budget_line
