/** pgbench, packaged with Postgres: the published benchmark's client, on the same query and the same keys. */
import { writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { BadInput, CouldNotMeasure } from '../../build/failure.ts'
import { patience } from '../../build/patience.ts'
import type { Parameter, QueryMode } from '../../workload/workload.ts'
import type { PostgresAddress } from '../address/postgres.ts'
import { runClient } from '../client-program.ts'
import { libpqEnvironment, pgbenchFor } from './libpq.ts'

/** Clients of other makes report the same two figures. */
export interface ClientFigures {
  tps: number
  meanMs: number
  failures: number
}

/** What a client that asked for some seconds saw. */
export type Answers = Pick<ClientFigures, 'tps' | 'failures'>

/** Bounds of what pgbench counts with. */
const most = 2n ** 62n

/** What may hold `$1` without meaning it: texts, names, what stands between $tags$, comments. Then a parameter. */
const tokens = /'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$(?:[a-z_]\w*)?\$).*?\1|(--[^\n]*|\/\*.*?\*\/)|\$(\d+)/gis

/** A query as pgbench takes it. To it a parameter is a variable, and one in a comment counts, too. */
const forPgbench = (query: string): string =>
  query
    .replace(tokens, (whole, _, comment?: string, parameter?: string) =>
      comment !== undefined ? ' ' : parameter !== undefined ? `:p${parameter}` : whole,
    )
    .trim()

/**
 * A script that draws evenly from the given questions. pgbench draws whole numbers only, so the number chooses a question by
 * halving, in a handful of comparisons in pgbench itself; all parameters of a question are packed into one number.
 * @param questions parameters of each, `$1` first
 * @throws {BadInput} where they are anything but whole numbers, or too large to be packed into 62 bits
 */
export function pgbenchScript(questions: readonly (readonly Parameter[])[], query: string): string {
  const columns = (questions[0] ?? []).map((_, column) => questions.map((parameters) => parameters[column]))
  const refuse = (what: string) => {
    throw new BadInput(
      `pgbench cannot ask this query: ${what}; it knows whole numbers only`,
      'Leave crosscheck to workloads whose parameters are whole numbers',
    )
  }
  const ranges = columns.map((values, column) => {
    if (!values.every((value) => Number.isSafeInteger(value)))
      refuse(`parameter $${column + 1} is not a whole number`)
    const least = Math.min(...(values as number[]))
    return { least, span: BigInt(Math.max(...(values as number[])) - least + 1) }
  })
  if (ranges.reduce((all, { span }) => all * span, 1n) >= most)
    refuse('its parameters are too large together')
  const packed = questions.map((parameters) =>
    ranges.reduce(
      (all, { least, span }, column) => all * span + BigInt((parameters[column] as number) - least),
      0n,
    ),
  )
  const choose = (from: number, to: number): string => {
    if (to - from === 1) return String(packed[from])
    const middle = (from + to) >> 1
    return `case when :k < ${middle} then ${choose(from, middle)} else ${choose(middle, to)} end`
  }
  let below = 1n
  const parts = ranges
    .map(({ least, span }, column) => [column, least, span] as const)
    .reverse()
    .map(([column, least, span]) => {
      const line = `\\set p${column + 1} (:key / ${below}) % ${span} + ${least}`
      below *= span
      return line
    })
  return [
    `\\set k random(0, ${questions.length - 1})`,
    `\\set key ${choose(0, questions.length)}`,
    ...parts,
    `${forPgbench(query)};`,
    '',
  ].join('\n')
}

export interface PgbenchOptions {
  address: PostgresAddress
  query: string
  /** Parameters of each question. A single one gives the published benchmark's way, a fixed one. */
  questions: readonly (readonly Parameter[])[]
  clients: number
  queryMode: QueryMode
  seed: number
  /** How long, in seconds, or how many queries each client asks; all of it counts. */
  length: { seconds: number } | { transactions: number }
  folder: string
}

/** Its command line; the script that it names is written. */
export async function pgbenchCommand(options: PgbenchOptions) {
  const { address, query, questions, clients, queryMode, seed, length, folder } = options
  const script = path.join(folder, 'pgbench.sql')
  await writeFile(script, pgbenchScript(questions, query))
  const env = libpqEnvironment(address)
  return {
    file: await pgbenchFor(address),
    args: [
      ...['--no-vacuum', `--protocol=${queryMode}`, `--file=${script}`, `--random-seed=${seed}`],
      ...[`--client=${clients}`, `--jobs=${Math.min(clients, os.availableParallelism())}`],
      'seconds' in length ? `--time=${length.seconds}` : `--transactions=${length.transactions}`,
    ],
    // All of the address: a command line is read by every user of the machine.
    env: { PGAPPNAME: 'pgbench', PGCONNECT_TIMEOUT: String(patience), ...env },
  }
}

/** @throws {CouldNotMeasure} when pgbench says nothing that can be read */
export function readPgbench(output: string) {
  const number = (pattern: RegExp) => Number(pattern.exec(output)?.[1] ?? Number.NaN)
  const figures = {
    tps: number(/^tps = ([\d.]+)/m),
    meanMs: number(/^latency average = ([\d.]+) ms/m),
    failures: number(/^number of failed transactions: (\d+)/m),
    transactions: number(/^number of transactions actually processed: (\d+)/m),
    connectingMs: number(/^initial connection time = ([\d.]+) ms/m),
  }
  if (!(figures.tps > 0)) throw new CouldNotMeasure(`pgbench reported no TPS:\n${output}`)
  return figures
}

/** What pgbench reports with `--progress`: lines as `progress: 3.0 s, 5123.4 tps, lat 0.195 ms stddev 0.034, 0 failed`. */
export function pgbenchProgress(output: string) {
  let last = 0
  return [...output.matchAll(/^progress: ([\d.]+) s, ([\d.]+) tps, .*?, (\d+) failed/gm)].map(
    ([, at, tps, failures]) => {
      const seconds = Number(at) - last
      last = Number(at)
      return { at: last, seconds, queries: Number(tps) * seconds, failures: Number(failures) }
    },
  )
}

/**
 * The seconds between two of them, from pgbench's own report of each.
 * @throws {CouldNotMeasure} when there is none
 */
export function readPgbenchProgress(output: string, from: number, to: number): Answers {
  const parts = pgbenchProgress(output)
    // Each ends when it says; pgbench is some milliseconds late, or a whole second where it was kept from its clock.
    .filter(({ at, seconds }) => at - seconds > from - 0.5 && at < to + 0.5)
  const sum = (of: (part: (typeof parts)[number]) => number) => parts.reduce((all, part) => all + of(part), 0)
  const queries = sum((part) => part.queries)
  if (!(queries > 0))
    throw new CouldNotMeasure(`pgbench reported no TPS from ${from} s to ${to} s:\n${output}`)
  return { tps: queries / sum((part) => part.seconds), failures: sum((part) => part.failures) }
}

/**
 * Seconds until all backends have loaded their model and settled on a plan, which takes each some milliseconds of a core, once: 2 s
 * that began with it gave a quarter of the TPS at a hundred clients.
 */
export const pgbenchWarmup = (clients: number) => 1 + Math.ceil(clients / 50)

/**
 * Runs it for as long as somebody answers: pgbench itself waits without end, and tells each second how much was answered.
 * @returns what it said, and of that its standard output
 */
async function asking(
  { file, args, env }: Awaited<ReturnType<typeof pgbenchCommand>>,
  address: PostgresAddress,
  signal: AbortSignal,
): Promise<{ all: string; stdout: string }> {
  const silence = new AbortController()
  let all = ''
  let quiet = 0
  const onLine = (line: string) => {
    all += `${line}\n`
    const tps = /^progress: [\d.]+ s, ([\d.]+) tps/.exec(line)?.[1]
    if (tps === undefined) return
    quiet = Number(tps) > 0 ? 0 : quiet + 1
    if (quiet >= patience)
      silence.abort(new CouldNotMeasure(`Postgres at ${address} did not answer pgbench within ${patience} s`))
  }
  const both = AbortSignal.any([signal, silence.signal])
  const stdout = await runClient(file, ['--progress=1', ...args], { env, signal: both, onLine })
  return { all, stdout }
}

/** Whole seconds, after a warm-up. @throws {CouldNotMeasure} when pgbench says nothing that can be read */
export async function pgbenchWarm({
  seconds,
  signal,
  ...options
}: Omit<PgbenchOptions, 'length'> & { seconds: number; signal: AbortSignal }): Promise<Answers> {
  const from = pgbenchWarmup(options.clients)
  const to = from + Math.max(1, Math.round(seconds))
  // One more, for the last second is not always reported.
  const command = await pgbenchCommand({ ...options, length: { seconds: to + 1 } })
  const { all } = await asking(command, options.address, signal)
  return readPgbenchProgress(all, from, to)
}

/** @throws {CouldNotMeasure} when pgbench says nothing that can be read */
export async function pgbench(options: PgbenchOptions & { signal: AbortSignal }): Promise<ClientFigures> {
  const { stdout } = await asking(await pgbenchCommand(options), options.address, options.signal)
  return readPgbench(stdout)
}
