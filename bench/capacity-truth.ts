/**
 * How often does `capacity` find the truth? Whole searches against `bin/null-server`, whose capacity is known by formula.
 * `npx tsx bench/capacity-truth.ts [--searches 20] [--at-once 1] [server …]`, where bin/ is built. Each search is kept in
 * bench/capacity/truth.jsonl as soon as it is there, and the table is of all that are. These servers sleep for most of a request, so
 * that a machine can hold several searches at once. Then each is in a process namespace of its own (Linux, as root), or it would
 * count the others among the programs that take its processors.
 */
import { execFile } from 'node:child_process'
import { appendFile, cp, readFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { median } from 'simple-statistics'
import { z } from 'zod'
import { inCache, k6Binary, root } from '../build/paths.ts'
import { constantCapacity, exponentialCapacity } from '../gap/capacity/fixture.ts'
import { boundToParent } from '../targets/server.ts'
import { startKnown } from './known/servers.ts'

interface Known {
  /** Of the null server's configuration. */
  pace: object
  objective: string
  /** Requests a second. */
  truth: number
}

const queue = (servers: number, distribution: string, meanMs: number, seed: number) => ({
  queue: { kind: 'fcfs', servers, service: { distribution, meanMs }, seed },
})

/**
 * Their limits are long beside the milliseconds for which a machine that sleeps between requests is late by itself, which move an
 * interval's upper end: the longer the service, the further, so that it is short.
 */
const known: Record<string, (seed: number) => Known> = {
  'M/M/4': (seed) => ({
    pace: queue(4, 'exponential', 3, seed),
    objective: 'p99<40ms',
    truth: exponentialCapacity(4, 1000 / 3, 0.99, 0.04),
  }),
  'M/D/1': (seed) => ({
    pace: queue(1, 'deterministic', 1, seed),
    objective: 'p99<40ms',
    truth: constantCapacity(1000, 0.99, 0.04),
  }),
  'M/M/1': (seed) => ({
    pace: queue(1, 'exponential', 1, seed),
    objective: 'p99<40ms',
    truth: exponentialCapacity(1, 1000, 0.99, 0.04),
  }),
}

const foundSchema = z.object({
  sides: z.array(
    z.object({
      found: z.object({ capacity: z.number(), low: z.number(), high: z.number() }).optional(),
      confirmed: z.number().optional(),
      atLeast: z.object({ rate: z.number(), why: z.string() }).optional(),
      none: z.string().optional(),
    }),
  ),
  settings: z.object({ seconds: z.number() }),
})
const keptSchema = z.object({
  ...{ server: z.string(), seed: z.number(), truth: z.number(), code: z.number() },
  ...foundSchema.shape,
})

const kept = path.join(root, 'bench', 'capacity', 'truth.jsonl')
const all = async () =>
  (await readFile(kept, 'utf8').catch(() => ''))
    .split('\n')
    .filter(Boolean)
    .map((line) => keptSchema.parse(JSON.parse(line)))

/** Searches that run at once have a cache each, with what is built already in it. */
async function placeOf(at: number): Promise<string> {
  const place = inCache('bench', `place-${at}`)
  await cp(inCache('steps'), path.join(place, 'steps'), { recursive: true })
  await cp(path.dirname(k6Binary), path.join(place, 'bin'), { recursive: true })
  return place
}

/** A command that sees no process but its own. */
const apart = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child']

async function search(
  { server, seed }: { server: string; seed: number },
  place: string,
  before: readonly string[],
): Promise<void> {
  const { pace, objective, truth } = (known[server] as (seed: number) => Known)(seed)
  const started = await startKnown(server, [{ protocol: 'http', pace }], place)
  try {
    const [command = '', ...args] = boundToParent([...before, process.execPath], 'SIGTERM')
    const told = promisify(execFile)(
      command,
      [
        ...args,
        ...[path.join(root, 'cli', 'inference-gap.mjs'), 'capacity', '--json', '--objective', objective],
        ...['--workload', path.join(root, 'bench', 'capacity', 'workload.ts')],
        ...['--seed', String(seed * 1000), '--clients', '100'],
      ],
      {
        env: { ...process.env, KNOWN_URL: `http://${started.places[0]}/`, INFERENCE_GAP_CACHE: place },
        maxBuffer: 2 ** 28,
      },
    )
    // Exit code 3, a premise that broke, tells what was found all the same: it counts as any other search.
    const { stdout, code } = await told.then(
      (ended) => ({ stdout: ended.stdout, code: 0 }),
      (error: { stdout?: string; code?: number }) => {
        if (error.code !== 3 || !error.stdout) throw error
        return { stdout: error.stdout, code: error.code }
      },
    )
    const result = foundSchema.parse(JSON.parse(stdout))
    await appendFile(kept, `${JSON.stringify({ server, seed, truth, code, ...result })}\n`)
  } finally {
    await started.stop()
  }
}

const { values, positionals } = parseArgs({
  options: { searches: { type: 'string', default: '20' }, 'at-once': { type: 'string', default: '1' } },
  allowPositionals: true,
})
const servers = positionals.length > 0 ? positionals : Object.keys(known)
for (const server of servers)
  if (!(server in known))
    throw new RangeError(`server '${server}'; expected one of ${Object.keys(known).join(', ')}`)
const atOnce = Number(values['at-once'])
const before = await all()
const left = Array.from({ length: Number(values.searches) }, (_, at) =>
  servers.map((server) => ({ server, seed: at + 1 })),
)
  .flat()
  .filter(({ server, seed }) => !before.some((each) => each.server === server && each.seed === seed))
await Promise.all(
  Array.from({ length: atOnce }, async (_, at) => {
    const place = await placeOf(at + 1)
    for (let next = left.shift(); next; next = left.shift())
      // One that could not be made is told, and is missing in the table; the others go on.
      await search(next, place, atOnce > 1 ? apart : []).catch((error) => console.error(String(error)))
  }),
)

console.log('| server | true capacity | searches | hold it | half-width, median | confirmed | longest, s |')
console.log('| --- | --- | --- | --- | --- | --- | --- |')
for (const server of servers) {
  const own = (await all()).filter((each) => each.server === server)
  const sides = own.flatMap(({ sides: [side], truth }) =>
    side?.found ? [{ ...side, ...side.found, truth }] : [],
  )
  const held = sides.filter(({ low, high, truth }) => low <= truth && truth <= high)
  const widths = sides.map(({ low, high, capacity }) => (high - low) / 2 / capacity)
  console.log(
    `| ${[
      ...[server, `${own[0]?.truth.toFixed(0)}/s`, own.length, held.length],
      widths.length > 0 ? `${(100 * median(widths)).toFixed(1)} %` : '-',
      sides.filter(({ confirmed }) => confirmed !== undefined).length,
      Math.max(...own.map(({ settings }) => settings.seconds)).toFixed(0),
    ].join(' | ')} |`,
  )
}
