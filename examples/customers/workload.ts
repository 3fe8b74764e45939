/** Which customers leave? One logistic regression, as plain SQL over a table and behind FastAPI. */
import { http, sql, workload } from 'inference-gap'

/** A row of customers.csv; what a CSV holds is text. */
interface Customer {
  id: string
}

export default workload<Customer>({
  name: 'customers',
  keys: 'customers.csv',
  // Both work with 64-bit floats, and add in another order.
  compare: { tolerance: 1e-6 },
  sides: [
    sql({
      name: 'database',
      address: 'DATABASE_URL', // the variable that holds it
      query: { file: 'predict.sql' },
      parameters: ({ id }) => [Number(id)],
    }),
    // The last side is what the others are compared with.
    http({
      name: 'service',
      address: 'SERVICE_URL',
      path: 'churn',
      body: ({ id }) => ({ customer: Number(id) }),
      value: (answer: { probability: number }) => answer.probability,
    }),
  ],
})
