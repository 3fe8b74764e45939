// The prediction as a user of xk6-sql with lib/pq asks for it: a text with parameters, one query an iteration, and nothing of
// ours. Its figure is k6's own count of iterations. The first one of each virtual user connects and waits for START
// (milliseconds since 1970).
import { sleep } from 'k6'
import exec from 'k6/execution'
import sql from 'k6/x/sql'
import driver from 'k6/x/sql/driver/postgres'

const query = __ENV.QUERY
const clients = Number(__ENV.CLIENTS)
const keys = JSON.parse(open(__ENV.KEYS_FILE))
const db = sql.open(driver, __ENV.POSTGRES_URL)

export const options = {
  scenarios: { predict: { executor: 'constant-vus', vus: clients, duration: '24h', gracefulStop: '1s' } },
  systemTags: ['scenario'],
}

export default function () {
  const key = keys[Math.floor(Math.random() * keys.length)]
  const rows = db.query(query, key[0], key[1], key[2], key[3])
  if (rows.length !== 1) throw new Error(`${rows.length} rows`)
  if (exec.vu.iterationInInstance > 0) return
  const left = __ENV.START - Date.now()
  if (left < 0) console.error(`late by ${-left} ms`)
  sleep(Math.max(0, left) / 1000)
}

export function handleSummary({ metrics }) {
  const queries = metrics.iterations.values.count - clients
  return { [__ENV.SUMMARY_FILE]: JSON.stringify({ queries, failed: 0 }) }
}
