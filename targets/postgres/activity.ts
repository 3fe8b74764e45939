/** What a Postgres says that its connections wait for, looked at again and again while something else asks it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { PostgresAddress } from '../address/postgres.ts'
import { openClient } from './client.ts'

export interface Activity {
  /** Looks that were taken. */
  looks: number
  /** Connections of clients, ours left out: the most at once. */
  connections: number
  /** As the server allows. */
  mostConnections: number
  /** Connections at work at a time, in the mean. */
  active: number
  /** Of these, what they waited for, as "LWLock: BufferMapping"; "running" where for nothing. Shares, the largest first. */
  waits: { what: string; share: number }[]
}

const interval = 200

/** Of `pg_stat_activity`, whose columns a user without further rights sees of own connections. */
const question = `
  SELECT CASE WHEN wait_event IS NULL THEN 'running' ELSE wait_event_type || ': ' || wait_event END AS what,
         count(*) FILTER (WHERE state = 'active')::int AS active, count(*)::int AS connections
  FROM pg_catalog.pg_stat_activity
  WHERE backend_type = 'client backend' AND pid <> pg_catalog.pg_backend_pid()
  GROUP BY 1`

interface Row {
  what: string
  active: number
  connections: number
}

/** Looks until it is told to stop. What cannot be asked leaves nothing: it is told beside figures that stand without it. */
export class ActivityWatch {
  readonly #looks: { at: number; rows: Row[] }[] = []
  #mostConnections = 0
  readonly #ended = new AbortController()
  readonly #work: Promise<void>

  constructor(address: PostgresAddress, signal: AbortSignal) {
    this.#work = this.#run(address, signal).catch(() => {})
  }

  async #run(address: PostgresAddress, signal: AbortSignal): Promise<void> {
    const client = await openClient(address, { signal })
    try {
      const { rows } = await client.query<{ most: number }>(
        "SELECT pg_catalog.current_setting('max_connections')::int AS most",
      )
      this.#mostConnections = rows[0]?.most ?? 0
      while (!this.#ended.signal.aborted) {
        const { rows } = await client.query<Row>(question)
        this.#looks.push({ at: Date.now(), rows })
        await sleep(interval, undefined, { signal: this.#ended.signal }).catch(() => {})
      }
    } finally {
      await client.end()
    }
  }

  async stop(): Promise<void> {
    this.#ended.abort()
    await this.#work
  }

  /** @param stretches from and to, in milliseconds since 1970 @returns undefined where no look fell into them */
  within(stretches: readonly (readonly [from: number, to: number])[]): Activity | undefined {
    const own = this.#looks.filter(({ at }) => stretches.some(([from, to]) => at >= from && at <= to))
    if (own.length === 0) return undefined
    const sums = new Map<string, number>()
    let active = 0
    let connections = 0
    for (const { rows } of own) {
      connections = Math.max(
        connections,
        rows.reduce((sum, row) => sum + row.connections, 0),
      )
      for (const row of rows) {
        active += row.active
        sums.set(row.what, (sums.get(row.what) ?? 0) + row.active)
      }
    }
    return {
      looks: own.length,
      connections,
      mostConnections: this.#mostConnections,
      active: active / own.length,
      waits: [...sums]
        .filter(([, count]) => count > 0)
        .map(([what, count]) => ({ what, share: count / active }))
        .sort((a, b) => b.share - a.share),
    }
  }
}
