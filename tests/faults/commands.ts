/** A dead side in each command that measures, and faults of what measures: k6, the null server, the client's limits. */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { k6Binary, nullServerBinary } from '../../build/paths.ts'
import { family } from '../../build/processes.ts'
import {
  answerTo,
  type Expected,
  expectedInWords,
  httpSide,
  inTheMidst,
  judged,
  loaded,
  writeWorkload,
} from './load.ts'
import type { Group, Row } from './row.ts'
import { type Manner, message, rightly, serve } from './service.ts'
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

async function seen({
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
  see: async () => judged(() => seen(how), expected),
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

const rows: Row[] = [
  fault('compare, one side alone dies', { workload: 'alone' }, dead, true),
  fault(
    'compare, no thresholds, and one of ten fails',
    { workload: 'unbounded', faulty: every(10) },
    { codes: [3], told: /10\.\d % of the requests of faulty failed|1[01]\.\d % of/, found: ['failures'] },
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
    { codes: [3], told: /HTTP 500|failures of faulty/, found: [] },
  ),
  fault(
    'capacity, a side dies',
    {
      command: 'capacity',
      args: [
        '--clients',
        '2',
        '--sessions',
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
    { codes: [3, 98, 99], told: /HTTP 500|faulty/, found: [] },
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
