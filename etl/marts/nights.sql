-- grain: one row a financial year, period and setting with nights of any state, or with a child in its count who is at a warning
-- or above the limit
-- check: unique financial_year, period, provider_code
-- check: not_null financial_year, period, calendar_month, provider_code, provider_name, location, booked_nights, stayed_nights
-- check: not_null cancelled_nights, children, children_at_warning, children_above_limit
-- check: nights booked_nights, stayed_nights, cancelled_nights
--
-- A night counts in the month it is in, as booked, stayed or cancelled as the stay was last known; what was taken back does not. A
-- booking whose nights are past and that nobody has confirmed is still booked, and so is one that waits for its acknowledgement.
-- `children` have a booked or stayed night at the setting in the month.
--
-- A child is at a warning, or above the limit, by its rolling count at the end of the month, whatever the settings of its nights; it is
-- shown at each setting that has a night in that count. So children do not add up over settings, nor over months; nights do.
WITH by_state AS (
    SELECT
        financial_year,
        period,
        calendar_month,
        provider_key,
        CAST(SUM(CASE WHEN state = 'booked' THEN nights ELSE 0 END) AS BIGINT) AS booked_nights,
        CAST(SUM(CASE WHEN state = 'stayed' THEN nights ELSE 0 END) AS BIGINT) AS stayed_nights,
        CAST(SUM(CASE WHEN state = 'cancelled' THEN nights ELSE 0 END) AS BIGINT) AS cancelled_nights
    FROM fact_nights
    GROUP BY financial_year, period, calendar_month, provider_key
),
reached AS (
    SELECT
        financial_year,
        period,
        calendar_month,
        provider_key,
        CAST(COUNT(DISTINCT child_key) AS BIGINT) AS children
    FROM fact_nights
    WHERE state <> 'cancelled'
    GROUP BY financial_year, period, calendar_month, provider_key
),
standing AS (
    SELECT
        financial_year,
        period,
        calendar_month,
        provider_key,
        CAST(SUM(is_at_warning) AS BIGINT) AS children_at_warning,
        CAST(SUM(is_above_limit) AS BIGINT) AS children_above_limit
    FROM fact_child_nights
    WHERE is_at_warning = 1 OR is_above_limit = 1
    GROUP BY financial_year, period, calendar_month, provider_key
),
measures AS (
    SELECT
        financial_year,
        period,
        calendar_month,
        provider_key,
        booked_nights,
        stayed_nights,
        cancelled_nights,
        CAST(0 AS BIGINT) AS children,
        CAST(0 AS BIGINT) AS children_at_warning,
        CAST(0 AS BIGINT) AS children_above_limit
    FROM by_state
    UNION ALL
    SELECT
        financial_year,
        period,
        calendar_month,
        provider_key,
        CAST(0 AS BIGINT) AS booked_nights,
        CAST(0 AS BIGINT) AS stayed_nights,
        CAST(0 AS BIGINT) AS cancelled_nights,
        children,
        CAST(0 AS BIGINT) AS children_at_warning,
        CAST(0 AS BIGINT) AS children_above_limit
    FROM reached
    UNION ALL
    SELECT
        financial_year,
        period,
        calendar_month,
        provider_key,
        CAST(0 AS BIGINT) AS booked_nights,
        CAST(0 AS BIGINT) AS stayed_nights,
        CAST(0 AS BIGINT) AS cancelled_nights,
        CAST(0 AS BIGINT) AS children,
        children_at_warning,
        children_above_limit
    FROM standing
),
by_setting AS (
    SELECT
        financial_year,
        period,
        calendar_month,
        provider_key,
        CAST(SUM(booked_nights) AS BIGINT) AS booked_nights,
        CAST(SUM(stayed_nights) AS BIGINT) AS stayed_nights,
        CAST(SUM(cancelled_nights) AS BIGINT) AS cancelled_nights,
        CAST(SUM(children) AS BIGINT) AS children,
        CAST(SUM(children_at_warning) AS BIGINT) AS children_at_warning,
        CAST(SUM(children_above_limit) AS BIGINT) AS children_above_limit
    FROM measures
    GROUP BY financial_year, period, calendar_month, provider_key
)
SELECT
    by_setting.financial_year,
    by_setting.period,
    by_setting.calendar_month,
    dim_provider.provider_code,
    dim_provider.provider_name,
    dim_provider.location,
    by_setting.booked_nights,
    by_setting.stayed_nights,
    by_setting.cancelled_nights,
    by_setting.children,
    by_setting.children_at_warning,
    by_setting.children_above_limit
FROM by_setting
JOIN dim_provider ON dim_provider.provider_key = by_setting.provider_key
ORDER BY by_setting.financial_year, by_setting.period, dim_provider.provider_code
