/** Runs of k6 against null servers of both protocols, each by way of an observer. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { bundle } from '../build/bundles.ts'
import { nullServerBinary, thresholdsFile } from '../build/paths.ts'
import { type Measurement, readMeasurement, type Spent, type Stage } from '../gap/measurement.ts'
import { type Hold, type Observer, observe } from './observer.ts'
import { k6Run } from './program.ts'

let folder: string
let nullServer: ChildProcess
const places: Record<'http' | 'postgres', { host: string; port: number }> = {
  http: { host: '', port: 0 },
  postgres: { host: '', port: 0 },
}

/** Starts them before the tests of a file, and ends them afterwards. */
export function withNullServers(): void {
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'observed '))
    nullServer = spawn(nullServerBinary, { stdio: ['ignore', 'pipe', 'inherit'] })
    const [said] = await once(nullServer.stdout as NodeJS.ReadableStream, 'data')
    for (const [protocol, address] of Object.entries(JSON.parse(String(said)) as Record<string, string>)) {
      const [host = '', port] = address.split(':')
      places[protocol as 'http' | 'postgres'] = { host, port: Number(port) }
    }
  })
  afterAll(async () => {
    nullServer.kill('SIGTERM')
    await rm(folder, { recursive: true })
  })
}

export interface Observed {
  measured: Measurement
  http: Observer
  sql: Observer
  /** Milliseconds since 1970, around k6. */
  began: number
  ended: number
}

/** Both protocols, each by way of an observer. */
export async function observed(
  env: Record<string, string>,
  hold: { http?: Hold; sql?: Hold } = {},
): Promise<Observed> {
  const delay = 3
  const http = await observe(places.http, delay, hold.http)
  const sql = await observe(places.postgres, delay, hold.sql)
  const own = await mkdtemp(path.join(folder, 'run '))
  const [summary, keys] = [path.join(own, 'summary.json'), path.join(own, 'keys.json')]
  await writeFile(keys, JSON.stringify([1, 2, 3].map((day) => [1, 2013, 1, day])))
  try {
    const began = Date.now()
    const { code, output } = await k6Run(bundle('compare'), {
      NULL_POSTGRES_URL: `postgres://null@127.0.0.1:${sql.port}/null?sslmode=disable`,
      NULL_PYTHON_URL: `http://127.0.0.1:${http.port}/`,
      ...{ KEYS_FILE: keys, SUMMARY_FILE: summary, THRESHOLDS_FILE: thresholdsFile },
      ...{ SIDES: 'postgres:null,python:null', PAIRS: '1', BLOCK_SECONDS: '1', WARMUP_SECONDS: '1' },
      ...env,
    })
    const ended = Date.now()
    expect(code, output).toBe(0)
    return { measured: await readMeasurement(summary), http, sql, began, ended }
  } finally {
    await http.close()
    await sql.close()
  }
}

export const spentIn = ({ time }: Measurement, key: string, stage: Stage): Spent[] =>
  (time?.spent ?? []).filter((each) => each.key === key && each.stage === stage)
export const sum = (them: Spent[], of: 'count' | 'totalMs') =>
  them.reduce((total, each) => total + each[of], 0)

/** A connection's first questions, the last nine of which are its settling. */
export const firstQuestions = 10
