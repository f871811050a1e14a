-- grain: one row a financial year, budget line, target, provider and reason with at least one payment; payments that are for no one
-- provider make a row of their own, with nulls for it
-- check: unique financial_year, budget_line, target, provider_code, reason
-- check: not_null financial_year, budget_line, target, payments_pence, paid_pence, overpaid_pence, credit_pence, unmatched_pence
-- check: ledger payments_pence
--
-- `target` is what payments settle: the invoice that a receipt says they paid, an arrangement they were matched to, the purchase order they name, their provider's plans, or, without
-- a provider, the whole budget line; `unmatched` settle nothing, and `reason` says why. payments = paid + overpaid - credit + unmatched.
-- Overpaid is beyond all that was planned; a credit is beyond all that had been paid. Expenditure is positive, income negative.
WITH settled AS (
    SELECT
        financial_year,
        budget_line,
        target,
        provider_key,
        reason,
        CAST(SUM(payments_pence) AS BIGINT) AS payments_pence,
        CAST(SUM(paid_pence) AS BIGINT) AS paid_pence,
        CAST(SUM(overpaid_pence) AS BIGINT) AS overpaid_pence,
        CAST(SUM(credit_pence) AS BIGINT) AS credit_pence,
        CAST(SUM(unmatched_pence) AS BIGINT) AS unmatched_pence
    FROM fact_settlements
    GROUP BY financial_year, budget_line, target, provider_key, reason
)
SELECT
    settled.financial_year,
    settled.budget_line,
    settled.target,
    dim_provider.provider_code,
    dim_provider.provider_name,
    settled.reason,
    settled.payments_pence,
    settled.paid_pence,
    settled.overpaid_pence,
    settled.credit_pence,
    settled.unmatched_pence
FROM settled
LEFT JOIN dim_provider ON dim_provider.provider_key = settled.provider_key
ORDER BY settled.financial_year, settled.budget_line, settled.target, dim_provider.provider_code, settled.reason
