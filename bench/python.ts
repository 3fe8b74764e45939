/**
 * `npm run bench:python`: the service in several builds, all asked in turns by the product's own client, and what each step brought.
 *
 *   npm run bench:python -- --clients 1,20 --pairs 6 --block 2
 *
 * All run at once on the same feature store and the same model, with as many workers and no more threads than the published stack has.
 * Their answers are compared before any load.
 */
import { readdir, readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { run } from '../build/command.ts'
import { CouldNotMeasure } from '../build/failure.ts'
import { sha256File } from '../build/fingerprint.ts'
import { inCache, python } from '../build/paths.ts'
import { doStep, type Step } from '../build/step.ts'
import { exitCode } from '../cli/exit-codes.ts'
import { measureBlocks } from '../cli/k6.ts'
import { lengthOf } from '../cli/length.ts'
import { refuseBroken } from '../cli/premises.ts'
import { countdown, show } from '../cli/progress.ts'
import { readTargets, type Targets, withTargets } from '../cli/targets.ts'
import { preparedFlights } from '../datasets/flights.ts'
import { figuresOf } from '../gap/figures.ts'
import type { Measurement } from '../gap/measurement.ts'
import { premisesOf } from '../gap/premises.ts'
import { ratioOf } from '../gap/ratio.ts'
import { type Folder, withResults } from '../report/results.ts'
import { figure, table, withInterval } from '../report/table.ts'
import { httpAddress } from '../targets/address/http.ts'
import { machine } from '../targets/facts.ts'
import { ask } from '../targets/http.ts'
import { checkParity, sample } from '../targets/parity.ts'
import { modelFileOf } from '../targets/python/training.ts'
import { boundToParent, type Server, startOnPort } from '../targets/server.ts'
import { runProgram, wholeNumber } from './program.ts'
import { candidates, environmentOf, packages, requirements } from './python-builds.ts'

interface Running extends Server {
  url: string
}

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '1,20' },
    pairs: { type: 'string', default: '6' },
    block: { type: 'string', default: '2' },
    warmup: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
  },
})

const whole = (name: keyof typeof values) => wholeNumber(name, values[name])

/** Servers and frameworks that only some of the builds have. */
const install: Step = {
  title: 'Install the servers that are compared',
  name: 'bench-python',
  inputs: async () => ({ requirements: await sha256File(requirements), place: packages, python }),
  outputs: [packages],
  work: async ({ signal }) => {
    await run(
      python,
      ['-m', 'pip', 'install', '--quiet', '--upgrade', '--no-deps', '--target', packages, '-r', requirements],
      { signal, passed: ['pip'] },
    )
  },
}

async function start(index: number, targets: Targets, signal: AbortSignal): Promise<Running> {
  const candidate = candidates[index] as (typeof candidates)[number]
  const url = (port: number) => `http://127.0.0.1:${port}/`
  const store = targets.stack?.featureStore
  if (!store) throw new Error('the feature store was started before')
  const server = await startOnPort(undefined, (port) => ({
    name: candidate.name,
    command: boundToParent(candidate.command(port), 'SIGTERM'),
    env: {
      ...environmentOf(candidate, port),
      MODEL_FILE: modelFileOf(preparedFlights.dataset),
      DATASET_FILE: preparedFlights.description,
      REDIS_URL: candidate.store === 'lists' ? store.url : store.packed.url,
    },
    log: inCache('bench', `${candidate.name}.log`),
    stopSignal: 'SIGTERM',
    signal,
    ready: () =>
      ask(httpAddress(url(port)), { path: 'healthz', signal }).then(
        ({ status }) => status === 200,
        () => false,
      ),
  }))
  return { ...server, url: url(server.port) }
}

/** Hundredths of a second that a process group has had of the processors. */
async function ticksOf(group: number): Promise<number> {
  let sum = 0
  for (const name of await readdir('/proc').catch(() => [])) {
    const stat = /^\d+$/.test(name) ? await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '') : ''
    // Behind the program's name, which may hold anything: the group is field 5, user and system time are 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (Number(fields[2]) === group) sum += Number(fields[11]) + Number(fields[12])
  }
  return sum
}

/** Each is asked as the service is, at its own address. */
const variable = (index: number) => `PYTHON_URL_${index + 1}`
/** The first one last: others are compared with it. */
const wordOf = (index: number) => `python@${variable(index)}`

interface Row {
  name: string
  clients: number
  tps: number
  p50Ms: number
  /** Microseconds of processor time a request; absent where /proc does not tell. */
  processorUs?: number
  toPublished?: ReturnType<typeof ratioOf>
  toBefore?: ReturnType<typeof ratioOf>
}

const asked = ['opening', 'settling', 'lead', 'counted']

/** All requests of a side, those that do not count, too. */
const requestsOf = ({ time }: Measurement, key: string) =>
  (time?.spent ?? [])
    .filter((spent) => spent.key === key && asked.includes(spent.stage))
    .reduce((sum, { count }) => sum + count, 0)

/** @param order of the candidates, as sides @param ticks of each, in that order */
function rowsOf(measurement: Measurement, order: number[], ticks: number[]): Row[] {
  const { clients, sides, seed } = measurement.settings
  const count = clients[0] as number
  const keyOf = (name: string) => sides[order.findIndex((index) => candidates[index]?.name === name)] ?? ''
  const tpsOf = (key: string) =>
    measurement.blocks.filter((block) => block.key === key).sort((a, b) => a.pair - b.pair)
  const ratio = (key: string, other: string) =>
    ratioOf([tpsOf(key).map(({ tps }, at) => tps / (tpsOf(other)[at]?.tps ?? Number.NaN))], seed)
  return candidates.flatMap(({ name, from }, index) => {
    const key = keyOf(name)
    const figures = figuresOf(measurement, key, count)
    if (!figures) return []
    const spent = ticks[order.indexOf(index)] as number
    const [first] = candidates
    return [
      {
        ...{ name, clients: count, tps: figures.tps, p50Ms: figures.latencyMs.p50 },
        ...(spent > 0 && { processorUs: (spent * 1e4) / requestsOf(measurement, key) }),
        ...(from && {
          toPublished: ratio(key, keyOf(first?.name ?? '')),
          toBefore: ratio(key, keyOf(from)),
        }),
      },
    ]
  })
}

function report(rows: Row[]): string {
  const counts = [...new Set(rows.map(({ clients }) => clients))]
  const steps = candidates.map(({ name, step, from, threads }) => [
    ...[name, from ?? '', String(threads), step],
  ])
  return [
    table(['build', 'from', 'threads', 'its step'], steps),
    ...counts.flatMap((count) => [
      `\n  ${count} client${count === 1 ? '' : 's'}; processor time of the service in µs a request\n`,
      table(
        ['build', 'TPS', 'p50 ms', 'processor', '÷ published [95 %]', '÷ the one it is from'],
        rows
          .filter(({ clients }) => clients === count)
          .map(({ name, tps, p50Ms, processorUs, toPublished, toBefore }) => [
            name,
            ...[tps, p50Ms, processorUs ?? Number.NaN].map(figure),
            ...[toPublished, toBefore].map((ratio) => (ratio ? withInterval(ratio) : '')),
          ]),
      ),
    ]),
  ].join('\n')
}

async function compareAnswers(running: Running[], targets: Targets): Promise<string> {
  const side = targets.workload.sides.find(({ protocol }) => protocol === 'http')
  const { compare } = targets.workload
  if (!side || compare === false) throw new Error('the flights have a service whose answers are compared')
  const all = running.map(({ url }, index) => ({
    side: { ...side, name: candidates[index]?.name ?? '' },
    address: httpAddress(url),
  }))
  const found = await checkParity(all.reverse(), sample(targets.keys, 200, 1), compare, targets.asked)
  return `${found.keys} keys, ${found.identical} bit-identical`
}

async function measure(
  running: Running[],
  targets: Targets,
  left: Folder,
  signal: AbortSignal,
): Promise<Row[]> {
  const rows: Row[] = []
  const order = candidates.map((_, index) => index).reverse()
  for (const clients of values.clients.split(',').map((one) => wholeNumber('clients', one))) {
    const settings = {
      ...{ clients: [clients], pairs: whole('pairs'), block: whole('block'), warmup: whole('warmup') },
      ...{ seed: whole('seed'), sides: order.map(wordOf), queryMode: 'prepared' as const },
    }
    const before = await Promise.all(order.map((index) => ticksOf((running[index] as Running).pid)))
    const measurement = await show.one(`Ask all of them at ${clients}`, (progress) =>
      countdown(lengthOf(settings), progress, () =>
        measureBlocks(
          ...([settings, targets, left, signal, undefined] as const),
          running.map(({ url }, index) => ({ address: variable(index), to: httpAddress(url) })),
        ),
      ),
    )
    const after = await Promise.all(order.map((index) => ticksOf((running[index] as Running).pid)))
    rows.push(
      ...rowsOf(
        measurement,
        order,
        after.map((ticks, at) => ticks - (before[at] as number)),
      ),
    )
    refuseBroken(premisesOf(measurement), left.folder)
  }
  return rows
}

async function main(signal: AbortSignal): Promise<number> {
  const read = await readTargets({})
  await show([
    {
      title: install.title,
      work: async (progress) => ((await doStep(install, { progress, signal })) ? undefined : 'as before'),
    },
  ])
  return withResults((left) =>
    withTargets(
      read,
      signal,
      async (targets) => {
        const running: Running[] = []
        try {
          await show(
            candidates.map(({ name }, index) => ({
              title: `Start ${name}`,
              work: async () => {
                running.push(await start(index, targets, signal))
                return undefined
              },
            })),
          )
          await show.one('Compare the answers of all', async (tell) =>
            tell(await compareAnswers(running, targets)),
          )
          const rows = await measure(running, targets, left, signal)
          await left.keepJson('python.json', { machine: machine(), values, rows })
          process.stdout.write(`\n${report(rows)}\n\n${left.said()}\n`)
          if (rows.length === 0) throw new CouldNotMeasure('no build gave an answer')
          return exitCode.pass
        } finally {
          for (const server of running) await server.stop()
        }
      },
      // The store has packed rows only where those who read them are asked, too.
      { beside: true },
    ),
  )
}

await runProgram(main)
