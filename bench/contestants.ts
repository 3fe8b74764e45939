/** Who takes turns on a side: pgbench, and k6 with a script that asks until it is told to end. */
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { execa } from 'execa'
import { environment, type Passed } from '../build/environment.ts'
import { CouldNotMeasure } from '../build/failure.ts'
import { hasEnded, keepTrackOf, signalGroup } from '../build/processes.ts'
import { queryText } from '../build/workload.ts'
import { k6Command } from '../cli/k6.ts'
import { forK6 } from '../targets/address/clients.ts'
import type { PostgresAddress } from '../targets/address/postgres.ts'
import type { Address } from '../targets/asker.ts'
import { pgbenchCommand, pgbenchProgress, pgbenchWarmup, readPgbench } from '../targets/postgres/pgbench.ts'
import { boundToParent } from '../targets/server.ts'
import type { AnyKey, Side, SqlSide } from '../workload/workload.ts'
import type { Contestant } from './turns.ts'

export interface Load {
  clients: number
  seed: number
  side: Side<AnyKey>
  address: Address
  keysFile: string
  /** For what they write. */
  folder: string
}

/** A process group of its own that does not outlive us, not even while it is stopped. */
function launch(command: string[], env: Record<string, string>, passed: readonly Passed[] = []) {
  const [file = '', ...args] = boundToParent(command, 'SIGKILL')
  const child = execa(file, args, {
    env: environment(env, passed),
    extendEnv: false,
    ...{ stdin: 'ignore', all: true, reject: false, detached: true },
  })
  const { pid } = child
  if (pid === undefined) throw new CouldNotMeasure(`${command[0]} could not be started`)
  keepTrackOf(pid)
  void child.then(() => hasEnded(pid))
  return {
    pid,
    onOutput: (listen: (text: string) => void) =>
      void child.all?.on('data', (bytes) => listen(String(bytes))),
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    output: async () => String((await child).all),
  }
}

/** What pgbench draws from: its script names each question, and grows with them. */
const mostQuestions = 20_000

/**
 * Has to be started last: it ends by its own clock, which goes on while it is stopped.
 *
 * What it asks before its turns, while its backends load their models, does not count: k6's clients have asked some questions
 * before theirs, too. Its own report of each second tells how much that was.
 */
export const pgbenchContestant = (
  side: SqlSide<AnyKey>,
  keys: readonly AnyKey[],
  { clients, seed, address, folder }: Load,
): Contestant => ({
  name: 'pgbench',
  async start(seconds) {
    const warmup = 1 + pgbenchWarmup(clients)
    const length = Math.ceil(seconds) + warmup + 2
    const { file, args, env } = await pgbenchCommand({
      ...{ address: address as PostgresAddress, query: queryText(side.query, {}), clients, seed, folder },
      ...{ questions: keys.slice(0, mostQuestions).map(side.parameters), queryMode: 'prepared' },
      length: { seconds: length },
    })
    const launchedAt = performance.now()
    const { output, onOutput, ...process } = launch([file, '--progress=1', ...args], env)
    const before = await new Promise<number>((resolve, reject) => {
      let said = ''
      onOutput((text) => {
        said += text
        const parts = pgbenchProgress(said)
        if ((parts.at(-1)?.at ?? 0) >= warmup) resolve(parts.reduce((sum, { queries }) => sum + queries, 0))
      })
      void output().then((all) =>
        reject(new CouldNotMeasure(`pgbench ended while it was warmed up:\n${all}`)),
      )
    })
    return {
      ...process,
      since: performance.now(),
      async finish() {
        // Its time must have passed before it goes on, or it would ask some more.
        await wait(Math.max(0, launchedAt + (length + 1) * 1000 - performance.now()))
        signalGroup(process.pid, 'SIGCONT')
        const { transactions, failures } = readPgbench(await output())
        if (failures > 0) throw new CouldNotMeasure(`pgbench saw ${failures} failures`)
        return { queries: transactions - before }
      },
    }
  },
})

export const k6Contestant = (
  name: string,
  binary: string,
  script: string,
  { clients, seed, side, address, keysFile, folder }: Load,
  flags: string[] = [],
  /** A program that starts k6 in its own place, with its arguments. */
  startedBy: readonly string[] = [],
): Contestant => ({
  name,
  async start() {
    const summary = path.join(folder, `${name}.json`)
    await rm(summary, { force: true })
    const startUp = 3000 + 50 * clients
    const since = performance.now() + startUp
    const k6 = await k6Command(flags, script, binary)
    const { output, ...process } = launch(
      [...startedBy, ...k6.command],
      {
        [side.address]: forK6(address),
        SIDE: side.name,
        KEYS_FILE: path.resolve(keysFile),
        CLIENTS: String(clients),
        SEED: String(seed),
        START: String(Date.now() + startUp),
        ...(side.protocol === 'sql' && { QUERY: queryText(side.query, {}) }),
        SUMMARY_FILE: summary,
        ...k6.env,
      },
      k6.passed,
    )
    await wait(startUp + 500)
    return {
      ...process,
      since,
      async finish() {
        // Both come to it at once: it ends where it was stopped.
        signalGroup(process.pid, 'SIGINT')
        signalGroup(process.pid, 'SIGCONT')
        const said = await output()
        const { queries, failed } = JSON.parse(await readFile(summary, 'utf8').catch(() => '{}')) as {
          queries?: number
          failed: number
        }
        // Queries under way were cut off.
        const errors = [...said.matchAll(/level=error msg="([^"]*)/g)].map(([, text = '']) => text)
        const unexpected = errors.filter(
          (text) => !/^(a request failed: )?(test ended: )?context canceled|^test run was aborted/.test(text),
        )
        if (!queries || failed > clients || unexpected.length > 0)
          throw new CouldNotMeasure(`${name} failed:\n${said}`)
        return { queries }
      },
    }
  },
})
