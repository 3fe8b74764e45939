/** The customers of workload.ts, who may be asked for several at once, too: `capacity --workload batches.ts --batch 1,5,20`. */
import { http, sql, workload } from 'inference-gap'

/** A row of customers.csv; what a CSV holds is text. */
interface Customer {
  id: string
}

export default workload<Customer>({
  name: 'customers-batches',
  keys: 'customers.csv',
  compare: { tolerance: 1e-6 },
  sides: [
    sql({
      name: 'database',
      address: 'DATABASE_URL',
      query: { file: 'predict.sql' },
      parameters: ({ id }) => [Number(id)],
      // The one parameter is an array.
      batch: {
        query: { file: 'predict-batch.sql' },
        parameters: (customers) => [customers.map(({ id }) => Number(id))],
      },
    }),
    http({
      name: 'service',
      address: 'SERVICE_URL',
      path: 'churn',
      body: ({ id }) => ({ customer: Number(id) }),
      value: (answer: { probability: number }) => answer.probability,
      batch: {
        path: 'churn/batch',
        body: (customers) => ({ customers: customers.map(({ id }) => Number(id)) }),
        values: (answer: { probabilities: number[] }) => answer.probabilities,
      },
    }),
  ],
})
