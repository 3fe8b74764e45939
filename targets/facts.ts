/** What took part in a run: machine, versions and settings, as the parts themselves say. */
import os from 'node:os'
import { z } from 'zod'
import { k6Binary } from '../build/paths.ts'
import { patience } from '../build/patience.ts'
import { probe } from '../build/probe.ts'
import type { Machine } from '../report/run.ts'
import type { HttpAddress } from './address/http.ts'
import type { PostgresAddress } from './address/postgres.ts'
import { ask } from './http.ts'
import { withClient } from './postgres/client.ts'

export function machine(): Machine {
  return {
    host: os.hostname(),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    processor: os.cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: os.availableParallelism(),
    memory: os.totalmem(),
  }
}

/** What /healthz tells; a service of someone else's may tell less. */
const health = z.looseObject({
  versions: z.record(z.string(), z.string()).optional(),
  workers: z.number().optional(),
  threads: z.number().optional(),
  worker_class: z.string().optional(),
  serializer: z.string().optional(),
})

async function healthOf(service: HttpAddress, signal?: AbortSignal): Promise<z.infer<typeof health>> {
  try {
    const { body } = await ask(service, { path: 'healthz', signal })
    return health.parse(JSON.parse(new TextDecoder().decode(body)))
  } catch {
    signal?.throwIfAborted()
    return {}
  }
}

/** Name to version of everything that takes part. */
export async function versions(
  postgresUrl: PostgresAddress,
  pythonUrl: HttpAddress,
  store?: string,
  signal?: AbortSignal,
): Promise<Record<string, string>> {
  const server = await withClient(
    postgresUrl,
    async (client) => {
      const { rows } = await client.query<{ postgres: string; pgml: string | null }>(
        "SELECT current_setting('server_version') AS postgres, (SELECT extversion FROM pg_extension WHERE extname = 'pgml') AS pgml",
      )
      return rows[0]
    },
    { limit: patience, signal },
  )
  const k6 = probe(k6Binary, 'version') ?? ''
  const { versions: python = {} } = await healthOf(pythonUrl, signal)
  return {
    Node: process.versions.node,
    k6: /v(\d\S*)/.exec(k6)?.[1] ?? 'unknown',
    Postgres: server?.postgres ?? 'unknown',
    pgml: server?.pgml ?? 'unknown',
    ...python,
    ...(store && { 'feature store': store.split(' ').slice(0, 3).join(' ') }),
  }
}

export async function targetsInWords(
  postgresUrl: PostgresAddress,
  pythonUrl: HttpAddress,
  signal?: AbortSignal,
): Promise<{ postgres: string; python: string }> {
  const names = ['shared_buffers', 'max_connections', 'jit', 'fsync']
  const settings = await withClient(
    postgresUrl,
    async (client) => {
      const { rows } = await client.query<{ name: string; value: string }>(
        'SELECT name, current_setting(name) AS value FROM unnest($1::text[]) AS name',
        [names],
      )
      return rows.map(({ name, value }) => `${name} ${value}`).join(', ')
    },
    { limit: patience, signal },
  )
  const { workers, threads, worker_class, serializer } = await healthOf(pythonUrl, signal)
  const words = [
    workers !== undefined && `${workers} workers`,
    threads !== undefined && `${threads} threads each`,
    worker_class,
    serializer,
  ].filter((word) => word)
  return { postgres: settings, python: words.join(', ') || 'says nothing of its settings' }
}
