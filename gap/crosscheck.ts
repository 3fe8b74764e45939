/** k6 against the benchmark's own clients, on the same targets in the same minutes. */
import { median } from 'simple-statistics'
import { type Ratio, ratioOf } from './ratio.ts'

/** TPS of one round at one number of clients. */
export interface CrosscheckRound {
  clients: number
  pgbench: number
  k6Postgres: number
  http: number
  k6Python: number
}

export interface CrosscheckRow {
  clients: number
  /** Median TPS. */
  pgbench: number
  k6Postgres: number
  http: number
  k6Python: number
  /** k6 ÷ the other client: 1 means that k6 costs no more. */
  postgresShare: Ratio
  pythonShare: Ratio
  /** postgres ÷ python, by the benchmark's clients and by k6. */
  gapByOwnClients: Ratio
  gapByK6: Ratio
}

export function crosscheckRows(rounds: CrosscheckRound[], seed: number): CrosscheckRow[] {
  return [...new Set(rounds.map(({ clients }) => clients))].map((clients) => {
    const own = rounds.filter((round) => round.clients === clients)
    const middle = (figure: keyof CrosscheckRound) => median(own.map((round) => round[figure]))
    const share = (a: keyof CrosscheckRound, b: keyof CrosscheckRound) =>
      ratioOf([own.map((round) => round[a] / round[b])], seed)
    return {
      clients,
      pgbench: middle('pgbench'),
      k6Postgres: middle('k6Postgres'),
      http: middle('http'),
      k6Python: middle('k6Python'),
      postgresShare: share('k6Postgres', 'pgbench'),
      pythonShare: share('k6Python', 'http'),
      gapByOwnClients: share('pgbench', 'http'),
      gapByK6: share('k6Postgres', 'k6Python'),
    }
  })
}
