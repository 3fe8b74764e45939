// The least that a db.query costs this client, on a machine that has other work too: one client, rounds of 100 queries, and
// of all rounds the quickest. Against bin/null-server it is the client's own cost, plus an answer that takes no time.
//
//   bin/null-server                                   # prints its addresses
//   POSTGRES_URL='postgres://null@127.0.0.1:…/null?sslmode=disable' bin/k6 run --quiet --address '' bench/floor.js
import clock from 'k6/x/clock'
import sql from 'k6/x/sql'
import pgx from 'k6/x/sql/driver/pgx'

const query = 'SELECT 1::real AS prediction FROM (VALUES ($1::int, $2::int, $3::int, $4::int)) AS key LIMIT 1'
const [rounds, queries] = [150, 100]

export const options = { vus: 1, iterations: 1 }

export default function () {
  const db = sql.open(pgx, __ENV.POSTGRES_URL, { max_open_conns: 1, max_idle_conns: 1 })
  const ask = (times) => {
    const startedAt = clock.now()
    for (let turn = 0; turn < times; turn++)
      if (db.query(query, 1, 2, 3, 4)[0].prediction !== 1) throw new Error('another answer than 1')
    return ((clock.now() - startedAt) / times) * 1000
  }
  ask(500)
  const found = Array.from({ length: rounds }, () => ask(queries)).sort((a, b) => a - b)
  console.log(
    `µs a query: least ${found[0].toFixed(1)}, 10 % ${found[rounds / 10].toFixed(1)}, median ${found[rounds / 2].toFixed(1)}`,
  )
}
