/** A workload of a user's own, for tests: customers of a database and a service, with names, variables and a header of its own. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'

export const customers = [1, 2, 3]

/** What both sides answer. */
export const scoreOf = (customer: number) => customer / 8

/** Makes the table. */
export const customersTable = `CREATE TABLE customers AS
  SELECT id, (id / 8.0)::float8 AS score FROM unnest(ARRAY[${customers}]) AS all_of_them (id)`

/** What a request is sent to, behind the address. */
export const pathOfScore = 'score'

const code = `
import { http, sql, workload } from 'inference-gap'

export default workload({
  name: 'tests-customers',
  keys: './customers.jsonl',
  sides: [
    sql({
      name: 'table',
      address: 'DATABASE_URL',
      query: 'SELECT score FROM customers WHERE id = $1',
      parameters: ({ id }) => [id],
    }),
    http({
      name: 'api',
      address: 'SERVICE_URL',
      path: '${pathOfScore}',
      headers: { 'X-Token': { variable: 'SERVICE_TOKEN' } },
      body: ({ id }) => ({ id }),
      value: ({ score }) => score,
    }),
  ],
})
`

/** @returns the workload's file, with its keys and its thresholds beside it */
export async function writeCustomers(folder: string): Promise<string> {
  const file = path.join(folder, 'workload.ts')
  await writeFile(file, code)
  await writeFile(
    path.join(folder, 'customers.jsonl'),
    customers.map((id) => `${JSON.stringify({ id })}\n`).join(''),
  )
  await writeFile(
    path.join(folder, 'thresholds.json'),
    JSON.stringify({ table: { maxFailureRate: 0 }, api: { maxFailureRate: 0 } }),
  )
  return file
}
