-- grain: one row a financial year, kind of short break and band of age with a service for it
-- check: unique financial_year, kind, age_band
-- check: not_null financial_year, kind, age_band, services
--
-- Services that the public is told of on any day of the year, whose ages and the band have a year in common. One for any age counts in each
-- band, so bands do not add up. How many places a service has is not recorded.
WITH offered AS (
    SELECT
        dim_financial_year.financial_year,
        fact_services.kind,
        fact_services.service_key,
        COALESCE(fact_services.from_age_years, 0) AS from_age_years,
        COALESCE(fact_services.to_age_years, 99) AS to_age_years
    FROM fact_services
    CROSS JOIN dim_financial_year
    WHERE fact_services.valid_from <= dim_financial_year.ends_on
        AND (fact_services.valid_to IS NULL OR fact_services.valid_to > dim_financial_year.starts_on)
        AND (fact_services.valid_to IS NULL OR fact_services.valid_to > fact_services.valid_from)
),
of_bands AS (
    SELECT offered.financial_year, offered.kind, dim_age_band.age_band, offered.service_key
    FROM offered
    CROSS JOIN dim_age_band
    WHERE offered.from_age_years <= COALESCE(dim_age_band.to_years, 99) AND offered.to_age_years >= dim_age_band.from_years
)
SELECT financial_year, kind, age_band, CAST(COUNT(DISTINCT service_key) AS BIGINT) AS services
FROM of_bands
GROUP BY financial_year, kind, age_band
ORDER BY financial_year, kind, age_band
