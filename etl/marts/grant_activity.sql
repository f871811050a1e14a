-- grain: one row a grant and financial year, from the first to the last in which it has a day, an instalment, a payment or a return due
-- check: unique grant_key, financial_year
-- check: not_null financial_year, budget_line, provider_code, grant_key, award_pence, planned_pence, paid_pence, returns_due, returns_received, returns_overdue, returned_for_pence
-- check: grants planned_pence, paid_pence, returns_due
--
-- A grant that was taken back has no row. `award_pence` is the whole grant, the same in each of its years. `planned_pence` is what is to be
-- paid in the year: its instalments, or for a grant without any its share by days; over the years it is the award. `paid_pence` is what was
-- paid of instalments in the year; a grant without any has noughts, as its payments are in the ledger alone.
--
-- Returns due count in the year of their day. A return is received when returns cover each day of its period, overdue once its day has
-- passed without. Activity counts in the year its period starts in. Of the children and families that a grant's returns tell of, the
-- authority's rule adds up, takes the largest or takes the last. What was not returned is null: that is not known, and not nought.
--
-- `returned_for_pence` is what of the award, spread evenly over its days, falls on the days that the year's returns tell of; the costs are that for
-- one session, and for one child or family, so a year of which only a quarter is returned does not look four times as dear. Null where
-- nothing was returned. They are rounded half away from zero, in whole numbers: twice the amount plus the count, less what twice the count
-- leaves of it, is a multiple of twice the count, so that the division is exact whether an engine divides whole numbers or others.
WITH paid AS (
    SELECT grant_key, financial_year, CAST(SUM(amount_pence) AS BIGINT) AS paid_pence
    FROM fact_grant_payments
    GROUP BY grant_key, financial_year
),
due AS (
    SELECT
        grant_key,
        financial_year,
        CAST(COUNT(*) AS BIGINT) AS returns_due,
        CAST(SUM(CASE WHEN state = 'received' THEN 1 ELSE 0 END) AS BIGINT) AS returns_received,
        CAST(SUM(CASE WHEN state = 'overdue' THEN 1 ELSE 0 END) AS BIGINT) AS returns_overdue
    FROM fact_grant_returns_due
    GROUP BY grant_key, financial_year
),
returned AS (
    SELECT
        grant_key,
        financial_year,
        CAST(SUM(sessions) AS BIGINT) AS sessions
    FROM fact_grant_returns
    GROUP BY grant_key, financial_year
),
amounts AS (
    SELECT
        fact_grant_years.financial_year,
        fact_grants.budget_line,
        fact_grants.provider_key,
        fact_grant_years.grant_key,
        fact_grants.period_from,
        fact_grants.period_to,
        fact_grants.amount_pence AS award_pence,
        fact_grant_years.planned_pence,
        COALESCE(paid.paid_pence, 0) AS paid_pence,
        COALESCE(due.returns_due, 0) AS returns_due,
        COALESCE(due.returns_received, 0) AS returns_received,
        COALESCE(due.returns_overdue, 0) AS returns_overdue,
        COALESCE(returned.sessions, 0) AS sessions,
        fact_grant_reach.children_and_families_reached AS reached,
        fact_grant_years.returned_for_pence
    FROM fact_grant_years
    JOIN fact_grants ON fact_grants.grant_key = fact_grant_years.grant_key
    LEFT JOIN paid ON paid.grant_key = fact_grant_years.grant_key AND paid.financial_year = fact_grant_years.financial_year
    LEFT JOIN due ON due.grant_key = fact_grant_years.grant_key AND due.financial_year = fact_grant_years.financial_year
    LEFT JOIN returned
        ON returned.grant_key = fact_grant_years.grant_key AND returned.financial_year = fact_grant_years.financial_year
    LEFT JOIN fact_grant_reach
        ON fact_grant_reach.grant_key = fact_grant_years.grant_key
        AND fact_grant_reach.financial_year = fact_grant_years.financial_year
),
divided AS (
    SELECT
        grant_key,
        financial_year,
        2 * returned_for_pence + sessions AS for_sessions,
        CASE WHEN sessions > 0 THEN 2 * sessions ELSE 1 END AS twice_sessions,
        2 * returned_for_pence + reached AS for_reached,
        CASE WHEN reached > 0 THEN 2 * reached ELSE 1 END AS twice_reached
    FROM amounts
)
SELECT
    amounts.financial_year,
    amounts.budget_line,
    dim_provider.provider_code,
    dim_provider.provider_name,
    amounts.grant_key,
    amounts.period_from,
    amounts.period_to,
    amounts.award_pence,
    amounts.planned_pence,
    amounts.paid_pence,
    amounts.returns_due,
    amounts.returns_received,
    amounts.returns_overdue,
    amounts.sessions,
    amounts.reached AS children_and_families_reached,
    amounts.returned_for_pence,
    CASE
        WHEN amounts.sessions > 0 AND amounts.returned_for_pence > 0
            THEN CAST((divided.for_sessions - divided.for_sessions % divided.twice_sessions) / divided.twice_sessions AS BIGINT)
    END AS cost_per_session_pence,
    CASE
        WHEN amounts.reached > 0 AND amounts.returned_for_pence > 0
            THEN CAST((divided.for_reached - divided.for_reached % divided.twice_reached) / divided.twice_reached AS BIGINT)
    END AS cost_per_child_or_family_pence
FROM amounts
JOIN divided ON divided.grant_key = amounts.grant_key AND divided.financial_year = amounts.financial_year
JOIN dim_provider ON dim_provider.provider_key = amounts.provider_key
ORDER BY amounts.financial_year, amounts.budget_line, dim_provider.provider_code, amounts.grant_key
