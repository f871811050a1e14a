-- grain: one row a financial year, week, budget line and provider with something planned; what is planned for nobody named makes a
-- row of its own, with nulls for the provider
-- check: unique financial_year, week_starts_on, budget_line, provider_code
-- check: not_null financial_year, week_starts_on, budget_line, arrangements, planned_pence, carried_forward_pence, paid_pence, released_pence, open_pence, unconfirmed_pence
--
-- A week is known by its Monday, and belongs to the year its days are in: the week in which a year ends has a row in each of the two.
-- planned = paid + released + open, always: a week is never both paid and open. What was carried forward from a closed year is
-- planned in the week of the year's first day, and `carried_forward_pence` says how much of it. Payments settle the earliest week first.
-- `unconfirmed_pence` is how much of what is open rests on package lines that nobody with the authority has confirmed.
-- Expenditure is positive, income negative. `arrangements` counts package lines with what carries them on, and grants.
WITH weeks AS (
    SELECT
        financial_year,
        week_starts_on,
        budget_line,
        provider_key,
        CAST(COUNT(DISTINCT owner_key) AS BIGINT) AS arrangements,
        CAST(SUM(planned_pence) AS BIGINT) AS planned_pence,
        CAST(SUM(CASE WHEN is_carried = 1 THEN planned_pence ELSE 0 END) AS BIGINT) AS carried_forward_pence,
        CAST(SUM(paid_pence) AS BIGINT) AS paid_pence,
        CAST(SUM(released_pence) AS BIGINT) AS released_pence,
        CAST(SUM(open_pence) AS BIGINT) AS open_pence,
        CAST(SUM(unconfirmed_pence) AS BIGINT) AS unconfirmed_pence
    FROM fact_commitments
    GROUP BY financial_year, week_starts_on, budget_line, provider_key
)
SELECT
    weeks.financial_year,
    weeks.week_starts_on,
    weeks.budget_line,
    dim_provider.provider_code,
    dim_provider.provider_name,
    weeks.arrangements,
    weeks.planned_pence,
    weeks.carried_forward_pence,
    weeks.paid_pence,
    weeks.released_pence,
    weeks.open_pence,
    weeks.unconfirmed_pence
FROM weeks
LEFT JOIN dim_provider ON dim_provider.provider_key = weeks.provider_key
ORDER BY weeks.financial_year, weeks.week_starts_on, weeks.budget_line, dim_provider.provider_code
