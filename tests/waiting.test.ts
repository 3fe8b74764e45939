/** Nobody is waited for without end, and a signal ends a command within two seconds wherever it is, with nothing left. */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle } from '../build/bundles.ts'
import { inCache } from '../build/paths.ts'
import { patience } from '../build/patience.ts'
import { family } from '../build/processes.ts'
import { preparedFlights } from '../datasets/flights.ts'
import { Stack } from '../targets/stack.ts'
import { placeWithPrograms } from './places.ts'
import {
  bothSides,
  inferenceGap,
  inferenceGapIn,
  interrupted,
  k6Run,
  leftBehind,
  processesOf,
} from './program.ts'
import { expectMeasured, left } from './verdicts.ts'

const short = [
  ...['--clients', '1', '--sessions', '1', '--pairs', '1', '--block', '1', '--warmup', '1'],
  ...['--looks', '1'],
]

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'waiting '))
})
afterAll(() => rm(folder, { recursive: true }))

/** Accepts connections, reads what is sent, and says nothing. */
async function withSilence<T>(work: (port: number) => Promise<T>): Promise<T> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => void sockets.add(socket.resume().on('error', () => {})))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  try {
    return await work((server.address() as { port: number }).port)
  } finally {
    for (const socket of sockets) socket.destroy()
    await new Promise((closed) => server.close(closed))
  }
}

const everything = async () => ({
  processes: await leftBehind(),
  lock: existsSync(inCache('lock')),
  // Each is named after its process, which takes it away at its end; whoever runs the tests has one, too.
  temporary: (await readdir(inCache('tmp')).catch(() => [])).filter((pid) => !existsSync(`/proc/${pid}`)),
})
const nothing = { processes: [], lock: false, temporary: [] }

const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
const all = Object.keys(codes) as (keyof typeof codes)[]

/** Every step of a comparison, as its output names it, and how many milliseconds into it the signal comes. */
const points = [
  ['Look for Go', 0],
  ['Start Postgres', 0],
  ['Start Postgres', 300],
  ['Load the rows into Postgres', 100],
  ['Train in Postgres', 0],
  ['Load the rows into the feature store', 300],
  ['Load the rows into the feature store', 1000],
  ['Start the Python service', 300],
  ['Compare the answers of all sides', 0],
  ['Compare the answers of all sides', 200],
  ['Measure at', 0],
  ['Measure at', 2500],
  ['Measure at', 1500],
] as const

describe('a signal', () => {
  test.each(
    points.map(([at, after], index) => [all[index % all.length] as keyof typeof codes, at, after] as const),
  )('%s at "%s" after %i ms', async (signal, at, after) => {
    const { code, output, took } = await interrupted(['compare', ...short], at, signal, { after })
    expect(took, output).toBeLessThan(2000)
    expect(code, output).toBe(codes[signal])
    expect(output).toContain('Everything that was started has ended')
    expect(await everything()).toEqual(nothing)
  })

  test.each(['postgres', 'gunicorn'] as const)('while %s is stopped and does not end', async (name) => {
    const meanwhile = async () => {
      const mine = await processesOf(name)
      expect(mine.length).toBeGreaterThan(0)
      for (const pid of new Set(mine.flatMap(family))) process.kill(pid, 'SIGSTOP')
    }
    const { code, output, took } = await interrupted(['compare', ...short], 'Measure at', 'SIGTERM', {
      after: 1500,
      meanwhile,
    })
    expect(took, output).toBeLessThan(2000)
    expect(code, output).toBe(143)
    expect(await everything()).toEqual(nothing)
  })

  test('to Postgres that was ended hard leaves data with which it starts again', async () => {
    const { code, output } = await inferenceGap('compare', ...short)
    expect(output).toContain('Load the rows into Postgres (as before')
    expectMeasured({ code, output }, await left(output))
  })
})

describe('who accepts connections and stays silent', () => {
  const stack = new Stack({ asked: bothSides })
  let env: { POSTGRES_URL: string; PYTHON_URL: string }
  beforeAll(async () => {
    for (const { work } of stack.steps) await work(() => {})
    env = { POSTGRES_URL: String(stack.postgres?.url), PYTHON_URL: String(stack.service?.url) }
  })
  afterAll(() => stack.stop())

  const silent = (which: 'postgres' | 'python', port: number) => ({
    POSTGRES_URL: which === 'postgres' ? `postgres://me:canary@127.0.0.1:${port}/x` : env.POSTGRES_URL,
    PYTHON_URL: which === 'python' ? `http://127.0.0.1:${port}/` : env.PYTHON_URL,
  })
  const compare = ({ POSTGRES_URL, PYTHON_URL }: typeof env) => [
    ...['compare', ...short, '--keys', preparedFlights.keys],
    ...['--postgres-url', POSTGRES_URL, '--python-url', PYTHON_URL],
  ]

  test.each(['postgres', 'python'] as const)('a signal while %s is waited for', async (which) => {
    await withSilence(async (port) => {
      const { code, output, took } = await interrupted(
        compare(silent(which, port)),
        'Compare the answers of all sides',
        'SIGTERM',
      )
      expect(took, output).toBeLessThan(2000)
      expect(code, output).toBe(143)
      expect(existsSync(inCache('lock'))).toBe(false)
    })
  })

  const brief = { CLIENTS: '2', PAIRS: '1', BLOCK_SECONDS: '1', WARMUP_SECONDS: '1' }

  // All of them wait for the same seconds; of the commands each has a lock of its own.
  describe.concurrent('within its time', () => {
    test.each(['postgres', 'python'] as const)('%s is named', async (which) => {
      const place = path.join(folder, `cache for ${which}`)
      await placeWithPrograms(place)
      await withSilence(async (port) => {
        const { code, output } = await inferenceGapIn(
          { INFERENCE_GAP_CACHE: place },
          ...compare(silent(which, port)),
        )
        expect(output).toContain(`127.0.0.1:${port}`)
        expect(output).toMatch(new RegExp(`answer.* within ${patience} s`))
        expect(output).not.toContain('canary')
        expect(code, output).toBe(3)
      })
    })

    test.each(['postgres', 'python'] as const)('%s ends a comparison of k6', async (which) => {
      await withSilence(async (port) => {
        const { code, output } = await k6Run(bundle('compare'), { ...env, ...brief, ...silent(which, port) })
        expect(output).toContain(
          `test aborted: ${which}, whose address is in ${which.toUpperCase()}_URL, did not answer within ${patience} s`,
        )
        expect(code, output).toBe(108)
      })
    })
  })

  test('a port that is asked for is told to be taken, before anything starts', async () => {
    await withSilence(async (port) => {
      const flags = ['--postgres-port', '--python-port']
      const all = await Promise.all(flags.map((flag) => inferenceGap('serve', flag, String(port))))
      for (const [at, { code, output }] of all.entries()) {
        const flag = flags[at]
        expect(output).toContain(`${flag} ${port}: the port cannot be used, another program listens on it`)
        expect(output).not.toContain('Start Postgres')
        expect(code, output).toBe(2)
      }
    })
  })

  test('a virtual user that ends before its time ends the comparison', async () => {
    // Who comes to a meeting that is over by then is refused, as any exception in the script.
    const script = path.join(folder, 'dies.js')
    await writeFile(
      script,
      `import rendezvous from 'k6/x/rendezvous'
       import exec from 'k6/execution'
       export { options, teardown } from '${bundle('compare')}'
       import { compare as all } from '${bundle('compare')}'
       export function compare() {
         if (exec.vu.idInInstance === 2) rendezvous.meet('ready/2/0', 1)
         all()
       }`,
    )
    const { code, output } = await k6Run(script, { ...env, ...brief })
    expect(output).toMatch(/test aborted: client \d ended before its time: .*another virtual user said 1/)
    expect(code, output).toBe(108)
  })

  test('options in the environment and in the configuration of k6 reach no run of ours', async () => {
    const home = path.join(folder, 'home')
    for (const place of ['.config', path.join('Library', 'Application Support')]) {
      await mkdir(path.join(home, place, 'k6'), { recursive: true })
      await writeFile(path.join(home, place, 'k6', 'config.json'), '{"linger":true,"paused":true}')
    }
    const leaks = {
      ...{ K6_LINGER: 'true', K6_PAUSED: 'true', K6_ITERATIONS: '1', K6_NO_TEARDOWN: 'true', K6_VUS: '3' },
      ...{ K6_DURATION: '1s', K6_NO_SETUP: 'true', QUERY_MODE: 'simple', POOL: '1', HOME: home },
    }
    const { code, output } = await inferenceGapIn(leaks, ...compare(env))
    expectMeasured({ code, output }, await left(output))
    expect(output).toMatch(/query mode +prepared/)
  })
})
