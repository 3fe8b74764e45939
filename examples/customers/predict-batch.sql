-- As predict.sql, for the customers in the array $1: a row for each, in their order.
SELECT 1 / (1 + exp(-(
  model.intercept
  + model.months * customers.months
  + model.monthly_fee * customers.monthly_fee
  + model.support_calls * customers.support_calls
  + model.late_payments * customers.late_payments
))) AS probability
FROM unnest($1::int[]) WITH ORDINALITY AS asked (id, position)
JOIN churn_example.customers USING (id), churn_example.model
ORDER BY position
