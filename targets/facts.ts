/** What took part in a run: machine, versions and settings, as the parts themselves say. */
import os from 'node:os'
import { z } from 'zod'
import { k6Binary } from '../build/paths.ts'
import { patience } from '../build/patience.ts'
import { probe } from '../build/probe.ts'
import type { AnyKey, HttpSide, SqlSide } from '../workload/workload.ts'
import type { HttpAddress } from './address/http.ts'
import type { PostgresAddress } from './address/postgres.ts'
import { ask } from './http.ts'
import type { AskedSide } from './parity.ts'
import { withClient } from './postgres/client.ts'
import { setSession } from './postgres/session.ts'
import { threadsOf } from './postgres/threads.ts'

export interface Machine {
  /** Its name. */
  host: string
  system: string
  processor: string
  cores: number
  /** Bytes. */
  memory: number
}

export function machine(): Machine {
  return {
    host: os.hostname(),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    processor: os.cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: os.availableParallelism(),
    memory: os.totalmem(),
  }
}

/** What a service tells of itself; one of someone else's may tell less. */
const about = z.looseObject({
  versions: z.record(z.string(), z.string()).optional(),
  workers: z.number().optional(),
  threads: z.number().optional(),
  worker_class: z.string().optional(),
  serializer: z.string().optional(),
})

type About = z.infer<typeof about>

async function aboutService(
  { about: path }: HttpSide<AnyKey>,
  service: HttpAddress,
  signal?: AbortSignal,
): Promise<About> {
  if (path === undefined) return {}
  try {
    const { body } = await ask(service, { path, signal })
    return about.parse(JSON.parse(new TextDecoder().decode(body)))
  } catch {
    signal?.throwIfAborted()
    return {}
  }
}

interface Facts {
  versions: Record<string, string>
  /** How it is set up. */
  words: string
}

/** Settings that change what a query takes. */
const settings = ['shared_buffers', 'max_connections', 'jit', 'fsync']

/** What the workload sets for its session is named, too: it may be all in which two sides differ. */
const ofDatabase = (
  { settings: own = {} }: SqlSide<AnyKey>,
  address: PostgresAddress,
  signal?: AbortSignal,
): Promise<Facts> =>
  withClient(
    address,
    async (client) => {
      await setSession(client, own)
      const { rows } = await client.query<{ name: string; value: string }>(
        'SELECT name, current_setting(name) AS value FROM unnest($1::text[]) AS name',
        [['server_version', ...new Set([...Object.keys(own), ...settings])]],
      )
      const { rows: extensions } = await client.query<{ name: string; version: string }>(
        "SELECT extname AS name, extversion AS version FROM pg_extension WHERE extname <> 'plpgsql'",
      )
      const [version, ...others] = rows
      const threads = await threadsOf(client)
      return {
        versions: {
          Postgres: version?.value ?? 'unknown',
          ...Object.fromEntries(extensions.map(({ name, version }) => [name, version])),
        },
        words: [
          ...others.map(({ name, value }) => `${name} ${value}`),
          ...(threads ? [threads.remark ?? threads.words] : []),
        ].join(', '),
      }
    },
    { limit: patience, signal },
  )

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`

async function ofService(side: HttpSide<AnyKey>, address: HttpAddress, signal?: AbortSignal): Promise<Facts> {
  const {
    versions = {},
    workers,
    threads,
    worker_class,
    serializer,
  } = await aboutService(side, address, signal)
  const words = [
    workers !== undefined && counted(workers, 'worker'),
    threads !== undefined && `${counted(threads, 'thread')} each`,
    worker_class,
    serializer,
  ].filter((word) => word)
  return { versions, words: words.join(', ') || 'says nothing of its settings' }
}

/**
 * What takes part: versions of everything, and how each side is set up. Where two sides have another version of the same, each is named.
 * @param more versions of what no side tells
 */
export async function factsOf(
  sides: readonly AskedSide[],
  more: Record<string, string>,
  signal?: AbortSignal,
): Promise<{ versions: Record<string, string>; targets: Record<string, string> }> {
  const k6 = probe(k6Binary, 'version') ?? ''
  const versions: Record<string, string> = {
    Node: process.versions.node,
    k6: /v(\d\S*)/.exec(k6)?.[1] ?? 'unknown',
  }
  const targets: Record<string, string> = {}
  for (const { side, address } of sides) {
    const facts =
      side.protocol === 'sql'
        ? await ofDatabase(side, address as PostgresAddress, signal)
        : await ofService(side, address as HttpAddress, signal)
    for (const [name, version] of Object.entries(facts.versions))
      versions[versions[name] === undefined || versions[name] === version ? name : `${name} (${side.name})`] =
        version
    targets[side.name] = `${address}, ${facts.words}`
  }
  return { versions: { ...versions, ...more }, targets }
}
