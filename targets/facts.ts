/** What took part in a run: machine, versions and settings, as the parts themselves say. */
import os from 'node:os'
import { z } from 'zod'
import { k6Binary } from '../build/paths.ts'
import { patience } from '../build/patience.ts'
import { probe } from '../build/probe.ts'
import type { Machine } from '../report/run.ts'
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

async function healthOf(pythonUrl: string): Promise<z.infer<typeof health>> {
  try {
    const answer = await fetch(new URL('healthz', pythonUrl), {
      signal: AbortSignal.timeout(patience * 1000),
    })
    return health.parse(await answer.json())
  } catch {
    return {}
  }
}

/** Name to version of everything that takes part. */
export async function versions(
  postgresUrl: string,
  pythonUrl: string,
  store?: string,
): Promise<Record<string, string>> {
  const server = await withClient(postgresUrl, async (client) => {
    const { rows } = await client.query<{ postgres: string; pgml: string | null }>(
      "SELECT current_setting('server_version') AS postgres, (SELECT extversion FROM pg_extension WHERE extname = 'pgml') AS pgml",
    )
    return rows[0]
  })
  const k6 = probe(k6Binary, 'version') ?? ''
  const { versions: python = {} } = await healthOf(pythonUrl)
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
  postgresUrl: string,
  pythonUrl: string,
): Promise<{ postgres: string; python: string }> {
  const settings = await withClient(postgresUrl, async (client) => {
    const names = ['shared_buffers', 'max_connections', 'jit', 'fsync']
    const { rows } = await client.query<{ name: string; value: string }>(
      'SELECT name, current_setting(name) AS value FROM unnest($1::text[]) AS name',
      [names],
    )
    return rows.map(({ name, value }) => `${name} ${value}`).join(', ')
  })
  const { workers, threads, worker_class, serializer } = await healthOf(pythonUrl)
  const words = [
    workers !== undefined && `${workers} workers`,
    threads !== undefined && `${threads} threads each`,
    worker_class,
    serializer,
  ].filter((word) => word)
  return { postgres: settings, python: words.join(', ') || 'says nothing of its settings' }
}
