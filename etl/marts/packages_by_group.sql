-- grain: one row a financial year, what packages are grouped by, and group with a line in force on any day of the year
-- check: unique financial_year, grouped_by, group_code
-- check: not_null financial_year, grouped_by, group_code, label, sort_order, children, arrangements, planned_pence, children_at_end, full_year_pence
--
-- Packages by budget line, service, provider, sector, cost band, tier and age band. Only lines count that somebody with the authority agreed.
-- `children` have a line of the group in force on any day of the year, each once a row; `arrangements` are lines with what carries them on;
-- `planned_pence` is what they cost in the year. `children_at_end` and `full_year_pence` are of what is in force on its last day. Children and
-- arrangements do not add up over groups, money does.
--
-- A line without a provider is in the group `none` of providers and sectors. Cost band and tier are of the child's whole package on the year's last
-- day, and a child with nothing in force then is in the group `none` of both. An age band is of the child's age on that day; a child that no
-- date of birth is known of would be in `none`. Lines of income are in the groups of budget lines, services, providers and sectors alone.
WITH planned AS (
    SELECT source_key, financial_year, CAST(SUM(planned_pence) AS BIGINT) AS planned_pence
    FROM fact_planned_costs
    WHERE kind = 'package_line'
    GROUP BY source_key, financial_year
),
lines AS (
    SELECT
        fact_line_years.financial_year,
        fact_line_years.arrangement_key,
        fact_line_years.child_key,
        fact_line_years.budget_line,
        fact_line_years.service,
        COALESCE(dim_provider.provider_code, 'none') AS provider_code,
        COALESCE(dim_provider.sector, 'none') AS sector,
        COALESCE(fact_child_years.cost_band, 'none') AS cost_band,
        COALESCE(fact_child_years.tier, 'none') AS tier,
        COALESCE(fact_child_years.age_band, 'none') AS age_band,
        fact_line_years.is_at_end,
        CASE WHEN dim_budget_line.direction = 'income' THEN 1 ELSE 0 END AS is_income,
        COALESCE(planned.planned_pence, 0) AS planned_pence,
        fact_line_years.full_year_pence
    FROM fact_line_years
    JOIN fact_child_years
        ON fact_child_years.child_key = fact_line_years.child_key
        AND fact_child_years.financial_year = fact_line_years.financial_year
    JOIN dim_budget_line ON dim_budget_line.budget_line = fact_line_years.budget_line
    LEFT JOIN dim_provider ON dim_provider.provider_key = fact_line_years.provider_key
    LEFT JOIN planned
        ON planned.source_key = fact_line_years.line_key AND planned.financial_year = fact_line_years.financial_year
),
pairs AS (
    SELECT
        financial_year,
        'budget_line' AS grouped_by,
        budget_line AS group_code,
        arrangement_key,
        child_key,
        is_at_end,
        planned_pence,
        full_year_pence
    FROM lines
    UNION ALL
    SELECT
        financial_year,
        'service' AS grouped_by,
        service AS group_code,
        arrangement_key,
        child_key,
        is_at_end,
        planned_pence,
        full_year_pence
    FROM lines
    UNION ALL
    SELECT
        financial_year,
        'provider' AS grouped_by,
        provider_code AS group_code,
        arrangement_key,
        child_key,
        is_at_end,
        planned_pence,
        full_year_pence
    FROM lines
    UNION ALL
    SELECT
        financial_year,
        'sector' AS grouped_by,
        sector AS group_code,
        arrangement_key,
        child_key,
        is_at_end,
        planned_pence,
        full_year_pence
    FROM lines
    UNION ALL
    SELECT
        financial_year,
        'cost_band' AS grouped_by,
        cost_band AS group_code,
        arrangement_key,
        child_key,
        is_at_end,
        planned_pence,
        full_year_pence
    FROM lines
    WHERE is_income = 0
    UNION ALL
    SELECT
        financial_year,
        'tier' AS grouped_by,
        tier AS group_code,
        arrangement_key,
        child_key,
        is_at_end,
        planned_pence,
        full_year_pence
    FROM lines
    WHERE is_income = 0
    UNION ALL
    SELECT
        financial_year,
        'age_band' AS grouped_by,
        age_band AS group_code,
        arrangement_key,
        child_key,
        is_at_end,
        planned_pence,
        full_year_pence
    FROM lines
    WHERE is_income = 0
),
in_year AS (
    SELECT
        financial_year,
        grouped_by,
        group_code,
        CAST(COUNT(DISTINCT child_key) AS BIGINT) AS children,
        CAST(COUNT(DISTINCT arrangement_key) AS BIGINT) AS arrangements,
        CAST(SUM(planned_pence) AS BIGINT) AS planned_pence
    FROM pairs
    GROUP BY financial_year, grouped_by, group_code
),
at_end AS (
    SELECT
        financial_year,
        grouped_by,
        group_code,
        CAST(COUNT(DISTINCT child_key) AS BIGINT) AS children_at_end,
        CAST(SUM(full_year_pence) AS BIGINT) AS full_year_pence
    FROM pairs
    WHERE is_at_end = 1
    GROUP BY financial_year, grouped_by, group_code
),
labels AS (
    SELECT 'budget_line' AS grouped_by, budget_line AS group_code, name AS label, CAST(0 AS BIGINT) AS sort_order FROM dim_budget_line
    UNION ALL
    SELECT 'provider' AS grouped_by, provider_code AS group_code, provider_name AS label, CAST(0 AS BIGINT) AS sort_order FROM dim_provider
    UNION ALL
    SELECT grouped_by, band AS group_code, label, CAST(sort_order AS BIGINT) AS sort_order FROM dim_band
)
SELECT
    in_year.financial_year,
    in_year.grouped_by,
    in_year.group_code,
    COALESCE(labels.label, in_year.group_code) AS label,
    COALESCE(labels.sort_order, CAST(1000 AS BIGINT)) AS sort_order,
    in_year.children,
    in_year.arrangements,
    in_year.planned_pence,
    COALESCE(at_end.children_at_end, 0) AS children_at_end,
    COALESCE(at_end.full_year_pence, 0) AS full_year_pence
FROM in_year
LEFT JOIN at_end
    ON at_end.financial_year = in_year.financial_year
    AND at_end.grouped_by = in_year.grouped_by
    AND at_end.group_code = in_year.group_code
LEFT JOIN labels ON labels.grouped_by = in_year.grouped_by AND labels.group_code = in_year.group_code
ORDER BY in_year.financial_year, in_year.grouped_by, in_year.group_code
