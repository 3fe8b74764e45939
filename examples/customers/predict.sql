-- How likely customer $1 leaves: a logistic regression is a weighted sum and one function.
SELECT 1 / (1 + exp(-(
  model.intercept
  + model.months * customers.months
  + model.monthly_fee * customers.monthly_fee
  + model.support_calls * customers.support_calls
  + model.late_payments * customers.late_payments
))) AS probability
FROM churn_example.customers, churn_example.model
WHERE customers.id = $1
