-- grain: one row a financial year, budget line, provider and unit with spend or activity; spend that no one unit accounts for has a null
-- unit, spend without a provider a null provider, activity that belongs to no one budget line a null budget line
-- check: unique financial_year, budget_line, provider_code, unit
-- check: not_null financial_year, comparables, outlier
-- check: ledger spend_pence
--
-- Spend is what the ledger has, to the penny. Activity, in thousandths of a unit, is the units that package lines planned up to the day the
-- snapshot looks from, and as sessions what grants' returns and commissioned services' returns tell of. A commissioned service
-- names no budget line: its sessions are put beside the spend of the one budget line on which its provider was paid in the year.
--
-- `why_no_cost` says why a row has no unit cost: income (of a line of income), several_units (the provider's spend on the budget line
-- pays for more than one unit, and cannot be divided between them: it stands in the row without a unit), no_activity, no_spend, net_credit
-- (credits exceed payments), no_budget_line. A unit cost is rounded half away from zero, in whole numbers: twice the thousandfold spend plus
-- the activity, less what twice the activity leaves of it, is a multiple of twice the activity, so that the division is exact.
--
-- `comparables` are the unit costs on the same budget line and unit in the year, this one included; the median is theirs, of an even number the
-- mean of the middle two, half a penny rounded up. `outlier` is high or low where a unit cost is further from the median than the authority's
-- rule allows, no where it is not, and not_judged where there is no unit cost, no rule, or too few to compare. Twice the median is a whole
-- number, so that it is compared exactly.
WITH entries AS (
    SELECT financial_year, budget_line, COALESCE(provider_key, '') AS payee, amount_pence
    FROM fact_ledger_entries
),
spend AS (
    SELECT financial_year, budget_line, payee, CAST(SUM(amount_pence) AS BIGINT) AS spend_pence
    FROM entries
    GROUP BY financial_year, budget_line, payee
),
paid_on AS (
    SELECT financial_year, payee, MIN(budget_line) AS budget_line, COUNT(*) AS budget_lines
    FROM spend
    GROUP BY financial_year, payee
),
all_activity AS (
    SELECT
        financial_year,
        budget_line,
        COALESCE(provider_key, '') AS payee,
        unit,
        planned_units_thousandths AS thousandths
    FROM fact_planned_units
    UNION ALL
    SELECT
        fact_grant_returns.financial_year,
        fact_grants.budget_line,
        fact_grant_returns.provider_key AS payee,
        'session' AS unit,
        fact_grant_returns.sessions * 1000 AS thousandths
    FROM fact_grant_returns
    JOIN fact_grants ON fact_grants.grant_key = fact_grant_returns.grant_key
    UNION ALL
    SELECT
        fact_activity_returns.financial_year,
        CASE WHEN paid_on.budget_lines = 1 THEN paid_on.budget_line ELSE '' END AS budget_line,
        fact_activity_returns.provider_key AS payee,
        'session' AS unit,
        fact_activity_returns.sessions * 1000 AS thousandths
    FROM fact_activity_returns
    LEFT JOIN paid_on
        ON paid_on.financial_year = fact_activity_returns.financial_year AND paid_on.payee = fact_activity_returns.provider_key
),
summed AS (
    SELECT financial_year, budget_line, payee, unit, CAST(SUM(thousandths) AS BIGINT) AS thousandths
    FROM all_activity
    GROUP BY financial_year, budget_line, payee, unit
),
activity AS (
    SELECT financial_year, budget_line, payee, unit, thousandths
    FROM summed
    WHERE thousandths > 0
),
unit_counts AS (
    SELECT financial_year, budget_line, payee, CAST(COUNT(*) AS BIGINT) AS units
    FROM activity
    GROUP BY financial_year, budget_line, payee
),
with_unit AS (
    SELECT
        activity.financial_year,
        activity.budget_line,
        activity.payee,
        activity.unit,
        CASE WHEN unit_counts.units = 1 THEN COALESCE(spend.spend_pence, 0) END AS spend_pence,
        activity.thousandths,
        unit_counts.units
    FROM activity
    JOIN unit_counts
        ON unit_counts.financial_year = activity.financial_year
        AND unit_counts.budget_line = activity.budget_line
        AND unit_counts.payee = activity.payee
    LEFT JOIN spend
        ON spend.financial_year = activity.financial_year
        AND spend.budget_line = activity.budget_line
        AND spend.payee = activity.payee
),
spend_units AS (
    SELECT spend.financial_year, spend.budget_line, spend.payee, spend.spend_pence, COALESCE(unit_counts.units, 0) AS units
    FROM spend
    LEFT JOIN unit_counts
        ON unit_counts.financial_year = spend.financial_year
        AND unit_counts.budget_line = spend.budget_line
        AND unit_counts.payee = spend.payee
),
paired AS (
    SELECT financial_year, budget_line, payee, unit, spend_pence, thousandths, units
    FROM with_unit
    UNION ALL
    SELECT
        financial_year,
        budget_line,
        payee,
        CAST(NULL AS VARCHAR) AS unit,
        spend_pence,
        CAST(NULL AS BIGINT) AS thousandths,
        units
    FROM spend_units
    WHERE units <> 1
),
reasons AS (
    SELECT
        paired.financial_year,
        paired.budget_line,
        paired.payee,
        paired.unit,
        paired.spend_pence,
        paired.thousandths,
        CASE
            WHEN dim_budget_line.direction = 'income' THEN 'income'
            WHEN paired.units > 1 THEN 'several_units'
            WHEN paired.units = 0 THEN 'no_activity'
            WHEN paired.budget_line = '' THEN 'no_budget_line'
            WHEN paired.spend_pence = 0 THEN 'no_spend'
            WHEN paired.spend_pence < 0 THEN 'net_credit'
        END AS why_no_cost,
        2000 * paired.spend_pence + paired.thousandths AS numerator,
        2 * paired.thousandths AS denominator
    FROM paired
    LEFT JOIN dim_budget_line ON dim_budget_line.budget_line = paired.budget_line
),
costs AS (
    SELECT
        financial_year,
        budget_line,
        payee,
        unit,
        spend_pence,
        thousandths,
        why_no_cost,
        CASE WHEN why_no_cost IS NULL THEN CAST((numerator - numerator % denominator) / denominator AS BIGINT) END AS unit_cost_pence
    FROM reasons
),
ranked AS (
    SELECT
        financial_year,
        budget_line,
        unit,
        unit_cost_pence,
        CAST(ROW_NUMBER() OVER (PARTITION BY financial_year, budget_line, unit ORDER BY unit_cost_pence, payee) AS BIGINT) AS place
    FROM costs
    WHERE unit_cost_pence IS NOT NULL
),
alike AS (
    SELECT financial_year, budget_line, unit, CAST(COUNT(*) AS BIGINT) AS comparables
    FROM ranked
    GROUP BY financial_year, budget_line, unit
),
middle AS (
    SELECT ranked.financial_year, ranked.budget_line, ranked.unit, ranked.unit_cost_pence
    FROM ranked
    JOIN alike
        ON alike.financial_year = ranked.financial_year AND alike.budget_line = ranked.budget_line AND alike.unit = ranked.unit
    WHERE 2 * ranked.place >= alike.comparables AND 2 * ranked.place <= alike.comparables + 2
),
middles AS (
    SELECT
        financial_year,
        budget_line,
        unit,
        CAST(SUM(unit_cost_pence) AS BIGINT) AS total_pence,
        COUNT(*) AS places
    FROM middle
    GROUP BY financial_year, budget_line, unit
),
medians AS (
    SELECT
        alike.financial_year,
        alike.budget_line,
        alike.unit,
        alike.comparables,
        CASE WHEN middles.places = 1 THEN 2 * middles.total_pence ELSE middles.total_pence END AS twice_median
    FROM alike
    JOIN middles
        ON middles.financial_year = alike.financial_year AND middles.budget_line = alike.budget_line AND middles.unit = alike.unit
)
SELECT
    costs.financial_year,
    CASE WHEN costs.budget_line <> '' THEN costs.budget_line END AS budget_line,
    dim_provider.provider_code,
    dim_provider.provider_name,
    costs.unit,
    costs.spend_pence,
    costs.thousandths AS activity_thousandths,
    costs.unit_cost_pence,
    costs.why_no_cost,
    COALESCE(medians.comparables, 0) AS comparables,
    CAST((medians.twice_median + medians.twice_median % 2) / 2 AS BIGINT) AS median_unit_cost_pence,
    CASE
        WHEN costs.unit_cost_pence IS NULL THEN 'not_judged'
        WHEN dim_unit_cost_rule.outlier_percent_of_median IS NULL THEN 'not_judged'
        WHEN medians.comparables < dim_unit_cost_rule.least_comparables THEN 'not_judged'
        WHEN costs.unit_cost_pence * 200 > medians.twice_median * dim_unit_cost_rule.outlier_percent_of_median THEN 'high'
        WHEN costs.unit_cost_pence * 2 * dim_unit_cost_rule.outlier_percent_of_median < medians.twice_median * 100 THEN 'low'
        ELSE 'no'
    END AS outlier
FROM costs
CROSS JOIN dim_unit_cost_rule
LEFT JOIN medians
    ON medians.financial_year = costs.financial_year
    AND medians.budget_line = costs.budget_line
    AND medians.unit = costs.unit
LEFT JOIN dim_provider ON dim_provider.provider_key = costs.payee
ORDER BY costs.financial_year, costs.budget_line, dim_provider.provider_code, costs.unit
