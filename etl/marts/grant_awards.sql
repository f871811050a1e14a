-- grain: one row a grant that stands, in the financial year of its award
-- check: unique grant_key
-- check: not_null financial_year, grant_key, budget_line, budget_line_name, provider_code, provider_name, sector, awarded_on, period_from, period_to, amount_pence
--
-- The whole award, whichever years it is paid in. `period_to` is the first day after it. What a grant is for in its recipient's words stays in
-- the store, as free text does: the budget line says what it contributes to.
SELECT
    fact_grants.awarded_in AS financial_year,
    fact_grants.grant_key,
    fact_grants.budget_line,
    dim_budget_line.name AS budget_line_name,
    dim_provider.provider_code,
    dim_provider.provider_name,
    dim_provider.sector,
    dim_provider.charity_number,
    dim_provider.company_number,
    dim_provider.organisation_id,
    fact_grants.awarded_on,
    fact_grants.period_from,
    fact_grants.period_to,
    fact_grants.amount_pence
FROM fact_grants
JOIN dim_provider ON dim_provider.provider_key = fact_grants.provider_key
JOIN dim_budget_line ON dim_budget_line.budget_line = fact_grants.budget_line
ORDER BY fact_grants.awarded_on, dim_provider.provider_code, fact_grants.grant_key
