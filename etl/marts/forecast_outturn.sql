-- grain: one row a financial year, period and budget line, noughts where nothing happened
-- check: unique financial_year, period, budget_line
-- check: not_null financial_year, period, calendar_month, budget_line, direction, actual_pence, committed_pence, unconfirmed_pence, pending_pence, forecast_pence, forecast_with_pending_pence
-- check: every dim_month, dim_budget_line
-- check: ledger actual_pence
--
-- Expenditure is positive, income negative. Actual is what the ledger has of the month; what was posted in a year that was closed
-- counts in the first month of the year its entry went to. Committed is what is open of the month's planned days; unconfirmed is how much
-- of that rests on package lines that nobody with the authority has confirmed. Forecast is actual and committed
-- together. Pending, shown apart, is what requests that no package carries out yet would cost in the month, each by the weight that the
-- profile gives the state it stands in; gross of the request's own lines: what they would replace is not taken off.
WITH actual AS (
    SELECT financial_year, period, budget_line, CAST(SUM(amount_pence) AS BIGINT) AS actual_pence
    FROM fact_ledger_entries
    GROUP BY financial_year, period, budget_line
),
committed AS (
    SELECT
        financial_year,
        period,
        budget_line,
        CAST(SUM(open_pence) AS BIGINT) AS committed_pence,
        CAST(SUM(unconfirmed_pence) AS BIGINT) AS unconfirmed_pence
    FROM fact_commitments
    GROUP BY financial_year, period, budget_line
),
pending AS (
    SELECT financial_year, period, budget_line, CAST(SUM(pending_pence) AS BIGINT) AS pending_pence
    FROM fact_pending_costs
    GROUP BY financial_year, period, budget_line
),
line_months AS (
    SELECT
        dim_month.financial_year,
        dim_month.period,
        dim_month.calendar_month,
        dim_budget_line.budget_line,
        dim_budget_line.direction
    FROM dim_month
    CROSS JOIN dim_budget_line
),
amounts AS (
    SELECT
        line_months.financial_year,
        line_months.period,
        line_months.calendar_month,
        line_months.budget_line,
        line_months.direction,
        COALESCE(actual.actual_pence, 0) AS actual_pence,
        COALESCE(committed.committed_pence, 0) AS committed_pence,
        COALESCE(committed.unconfirmed_pence, 0) AS unconfirmed_pence,
        COALESCE(pending.pending_pence, 0) AS pending_pence
    FROM line_months
    LEFT JOIN actual
        ON actual.financial_year = line_months.financial_year
        AND actual.period = line_months.period
        AND actual.budget_line = line_months.budget_line
    LEFT JOIN committed
        ON committed.financial_year = line_months.financial_year
        AND committed.period = line_months.period
        AND committed.budget_line = line_months.budget_line
    LEFT JOIN pending
        ON pending.financial_year = line_months.financial_year
        AND pending.period = line_months.period
        AND pending.budget_line = line_months.budget_line
)
SELECT
    financial_year,
    period,
    calendar_month,
    budget_line,
    direction,
    actual_pence,
    committed_pence,
    unconfirmed_pence,
    pending_pence,
    actual_pence + committed_pence AS forecast_pence,
    actual_pence + committed_pence + pending_pence AS forecast_with_pending_pence
FROM amounts
ORDER BY financial_year, budget_line, period
