/** A dead side in each command that measures, and faults of what measures: k6, the null server, the client's limits. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { k6Binary, nullServerBinary, results } from '../../build/paths.ts'
import { family } from '../../build/processes.ts'
import { processesOf } from '../program.ts'
import { backInTime } from './clock.ts'
import {
  answerTo,
  type Expected,
  expectedInWords,
  fine,
  httpSide,
  inTheMidst,
  judged,
  loaded,
  writeWorkload,
} from './load.ts'
import type { Group, Row } from './row.ts'
import { type Manner, message, rightly, serve } from './service.ts'
import { isRoot, notRoot, onSmallDisk } from './small-disk.ts'
import { Trigger } from './trigger.ts'

const files: Record<string, string> = {}
const both = [httpSide('faulty', 'FAULTY_URL'), httpSide('well', 'WELL_URL')]

interface Case {
  workload?: string
  command?: string
  args?: string[]
  faulty?: Manner
  once?: () => Promise<unknown>
  at?: number
}

async function loadedBoth({
  workload = 'both',
  command = 'compare',
  args,
  faulty = failing,
  once,
  at = inTheMidst,
}: Case) {
  const trigger = new Trigger(at)
  void trigger.begun.then(() => once?.())
  const [first, last] = [
    await serve(answerTo, trigger, faulty),
    await serve(answerTo, new Trigger(0), rightly),
  ]
  try {
    const env = { FAULTY_URL: first.url, WELL_URL: last.url }
    return await loaded({ workload: String(files[workload]), env, trigger, ...(args && { args }) }, command)
  } finally {
    await first.close()
    await last.close()
  }
}

const failing: Manner = ({ socket }) =>
  void socket.write(message('no', { status: '500 Internal Server Error' }))
const every =
  (of: number): Manner =>
  (question) =>
    (question.number % of === 0 ? failing : rightly)(question)

const fault = (what: string, how: Case, expected: Expected, often?: true): Row => ({
  what,
  expected: expectedInWords(expected),
  ...(often && { often }),
  see: async () => judged(() => loadedBoth(how), expected),
})

const dead: Expected = { told: /HTTP 500/, found: ['failures'] }
const short = ['--clients', '1', '--sessions', '1', '--pairs', '2', '--block', '1', '--warmup', '1']

/** Processes that came from this one and run a program. */
const running = (program: string) =>
  family(process.pid).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] === program
    } catch {
      return false
    }
  })
const signal = (program: string, name: NodeJS.Signals) => {
  for (const pid of running(program)) process.kill(pid, name)
}

/** All that came from this process, and itself, as where a lid is closed. */
async function suspend(): Promise<void> {
  const all = family(process.pid).join(' ')
  // Not one of them.
  spawn('sh', ['-c', `kill -STOP ${all}; sleep 4; kill -CONT ${all}`], { detached: true, stdio: 'ignore' })
  await sleep(100)
}

/** What `reproduce` asks are the embedded targets, which nobody starts for it. */
async function reproduced(dying: 'postgres' | 'gunicorn') {
  let isDead = false
  const arm = async () => {
    if (isDead) return
    isDead = true
    for (const pid of await processesOf(dying))
      try {
        process.kill(pid, 'SIGKILL')
      } catch {} // went with the one before
  }
  const args = ['--calls', '20000', '--rounds', '1']
  return loaded({ env: {}, args, trigger: { arm: () => void arm() } }, 'reproduce')
}

const reproducing = (dying: 'postgres' | 'gunicorn', told: RegExp): Row => {
  const expected: Expected = { codes: [3], told, found: [] }
  return {
    what: `reproduce, ${dying === 'postgres' ? 'Postgres' : 'Gunicorn'} killed`,
    expected: expectedInWords(expected),
    see: () => judged(() => reproduced(dying), expected),
  }
}

/** The results' disk becomes full once load has begun, and a side dies. */
async function withoutRoom(): Promise<string> {
  return onSmallDisk(results, '1m', async (disk) => {
    const seen = await judged(
      async () => {
        await disk.makeRoom()
        const seen = await loadedBoth({ once: () => disk.fill() })
        if (!/could not be written: no space left/.test(seen.output)) throw new Error(seen.output)
        return seen
      },
      { told: /HTTP 500/, found: [] },
    )
    await disk.makeRoom()
    const left = await readdir(results, { recursive: true })
    const halves = left.filter((name) => path.basename(name).startsWith('.'))
    if (halves.length > 0) throw new Error(`half there: ${halves}`)
    for (const name of left.filter((each) => each.endsWith('.json')))
      JSON.parse(await readFile(path.join(results, name), 'utf8'))
    return `${seen}; what is missing is named, and nothing is half there`
  })
}

const rows: Row[] = [
  fault('compare, one side alone dies', { workload: 'alone' }, dead, true),
  fault(
    'compare, no thresholds, and one of ten fails',
    { workload: 'unbounded', faulty: every(10) },
    { codes: [3], told: /\d % of the requests of faulty failed, and no maxFailureRate/, found: ['failures'] },
  ),
  fault(
    'compare with --rate, a side dies',
    {
      args: [
        '--rate',
        '50',
        '--block',
        '2',
        '--sessions',
        '1',
        '--pairs',
        '2',
        '--looks',
        '1',
        '--clients',
        '4',
      ],
      at: 8,
    },
    dead,
  ),
  fault('compare with --aa, the side dies', { args: [...short, '--aa', 'faulty'], at: 8 }, dead),
  fault(
    'crosscheck, a side dies',
    { command: 'crosscheck', args: ['--clients', '1', '--rounds', '1', '--block', '1'], at: 3 },
    { codes: [3], told: /HTTP 500|[1-9]\d* failures of faulty/, found: [] },
  ),
  fault(
    'capacity, a side dies',
    {
      command: 'capacity',
      args: [
        '--clients',
        '2',
        '--rounds',
        '6',
        '--block',
        '1',
        '--warmup',
        '1',
        '--time-limit',
        '1',
        '--objective',
        'p99<50ms,failures<0.1%',
      ],
      at: 8,
    },
    { codes: [3, 98, 99], told: /HTTP 500/, found: [] },
  ),
  fault(
    'k6 killed',
    { faulty: rightly, once: async () => signal(k6Binary, 'SIGKILL') },
    { codes: [3], told: /k6 was ended by SIGKILL/, found: ['unfinished'] },
  ),
  fault(
    'k6 stopped for 4 s',
    {
      faulty: rightly,
      once: async () => {
        signal(k6Binary, 'SIGSTOP')
        await sleep(4000)
        signal(k6Binary, 'SIGCONT')
      },
    },
    { codes: [3], told: /outside the turns|time accounted for|Little's law/, found: ['hole'] },
  ),
  fault(
    'the null server killed',
    { faulty: rightly, once: async () => signal(nullServerBinary, 'SIGKILL') },
    { codes: [3], told: /faulty-null.* ECONN|answers: in/, found: ['failures'], side: 'faulty-null' },
  ),
  fault(
    'connections, a side dies',
    { command: 'connections', args: ['--clients', '2', '--rounds', '3'], at: 4 },
    { codes: [3], told: /faulty: HTTP 500/, found: [] },
  ),
  reproducing('postgres', /pgbench (ended with|reported no)|did not answer|refused|ended the connection/),
  reproducing('gunicorn', /gave no answer|ab ended with|[1-9]\d* failed/),
  fault(
    'all that runs stopped for 4 s, as where the machine is suspended',
    { faulty: rightly, once: suspend },
    { codes: [3], told: /outside the turns|time accounted for|Little's law/, found: ['hole'] },
  ),
  fine("the command's clock set back by an hour", () =>
    backInTime(3_600_000, (setBack) => loadedBoth({ faulty: rightly, once: async () => setBack() })),
  ),
  {
    what: 'results on a full disk, and a side dies',
    expected: '99 or 3; says HTTP 500; names what could not be written; nothing is half there',
    see: async () => (isRoot ? withoutRoom() : notRoot),
  },
]

export const commands: Group = {
  title: 'Every command, and what measures',
  before: async () => {
    files.both = await writeWorkload('faults-both', both.join())
    files.unbounded = await writeWorkload('faults-unbounded', both.join(), { thresholds: {} })
    files.alone = await writeWorkload('faults-alone', both[0] as string, {
      thresholds: { faulty: { maxFailureRate: 0 } },
    })
  },
  rows,
}
