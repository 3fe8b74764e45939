/** What does an index bring? One query in two schemas. Two servers differ in nothing but the variables of their addresses. */
import { sql, workload } from 'inference-gap'

/** A row of the query of keys. */
interface Customer {
  customer: number
}

const spent = {
  address: 'DATABASE_URL',
  query: 'SELECT sum(cents) FROM orders WHERE customer = $1',
  parameters: ({ customer }: Customer) => [customer],
}

export default workload<Customer>({
  name: 'two-databases',
  // Asked once, before anything else, in a session of that side.
  keys: { sql: 'SELECT DISTINCT customer FROM orders ORDER BY customer', of: 'indexed' },
  // A few customers are asked for again and again.
  draw: { zipf: 1.1 },
  compare: 'equal',
  sides: [
    sql({ ...spent, name: 'indexed', settings: { search_path: 'orders_indexed' } }),
    sql({ ...spent, name: 'scanned', settings: { search_path: 'orders_scanned' } }),
  ],
})
