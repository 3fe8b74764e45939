/** A fault under load: a command measures two sides, one of them becomes faulty in the midst of it, and all that is left is looked at. */
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { inCache, results } from '../../build/paths.ts'
import { called, hasStack } from './called.ts'
import type { Row } from './row.ts'
import { type Opinion, opinionOf, type Sign } from './second-opinion.ts'
import type { Trigger } from './trigger.ts'

/** What must be seen of a run that met a fault. */
export interface Expected {
  /** The exit code; absent: 99 or 3. */
  codes?: number[]
  /** Stands in what the command says: the kind of the failures, or the premise. */
  told: RegExp
  /** At least one of these is what a second opinion finds, on this side; none: the command leaves no run. */
  found: Sign[]
  side?: string
}

/** `faulty` first, `well` last. */
export interface Load {
  /** Absent: the flights. */
  workload?: string
  env: Record<string, string>
  /** Of the command line. */
  args?: string[]
  trigger: Pick<Trigger, 'arm'>
}

export interface Loaded {
  code: number
  output: string
  opinion: Opinion
}

export const clients = 2
/** The warm-up's connections and those of two openings; the next ones are opened while it is measured. */
export const inTheMidst = 3 * clients + 1

export const brief = [
  ...[
    '--clients',
    String(clients),
    '--sessions',
    '1',
    '--pairs',
    '2',
    '--block',
    '1',
    '--warmup',
    '1',
    '--looks',
    '1',
  ],
]
/** The title of the step in which a command begins to measure; what asks each side a few keys first does not. */
const begins = /Measure at|Ask with |Ask all of them |Ask [\d,]+ times |Open connections of |Search, /

/** Seconds in which any of these commands must have ended by itself, on a machine that is very busy. */
const limit = 300

const foldersOfResults = async () => {
  const all = await readdir(results, { withFileTypes: true }).catch(() => [])
  return new Set(all.filter((entry) => entry.isDirectory()).map(({ name }) => name))
}

/** Runs a command that measures; the fault is armed when it begins to. */
export async function loaded(
  { workload, env, args = brief, trigger }: Load,
  command = 'compare',
): Promise<Loaded> {
  const before = await foldersOfResults()
  const asked = workload ? ['--workload', workload] : []
  const { code, output } = await called([command, ...asked, ...args], env, limit, (said) => {
    if (begins.test(said)) trigger.arm()
  })
  if (code === undefined) throw new Error(`did not end within ${limit} s:\n${output}`)
  const [made = 'none'] = [...(await foldersOfResults())].filter((name) => !before.has(name))
  return { code, output, opinion: await opinionOf(path.join(results, made)) }
}

/** A machine so busy that the side that is well fails, too, has shown nothing of a fault. */
const isSpoiled = ({ output, opinion }: Loaded, side: string) =>
  /, whose address is in \w+, did not answer/.test(output.replaceAll(`${side}, whose`, '')) ||
  // What is asked first is asked before the fault.
  /: none that was whole within \d+ s/.test(output) ||
  opinion.findings.some(
    (one) => one.sign === 'failures' && !one.side.startsWith(side) && !one.side.endsWith('-null'),
  )

/** What is seen of a fault; anew where the machine has spoiled it, up to three times. */
export async function judged(run: () => Promise<Loaded>, expected: Expected): Promise<string> {
  let seen = await run()
  for (let look = 1; look < 3 && isSpoiled(seen, expected.side ?? 'faulty'); look++) seen = await run()
  return judgedOnce(seen, expected)
}

/** Also in each of its query modes. */
const isOf = (key: string, side: string) =>
  key === side || (key.startsWith(`${side}-`) && !key.endsWith('-null'))

/** In words. @throws where it is not what was expected */
function judgedOnce({ code, output, opinion }: Loaded, expected: Expected): string {
  const { codes = [99, 3], told, found, side = 'faulty' } = expected
  const problems: string[] = []
  if (!codes.includes(code)) problems.push(`ended with ${code}`)
  const line = output.split('\n').find((each) => told.test(each))
  if (line === undefined) problems.push(`does not say ${told}`)
  if (opinion.outcome === 'pass' && opinion.broken.length === 0) problems.push('passed')
  if (opinion.hasGap && opinion.outcome !== 'fail') problems.push('has a gap')
  if (hasStack(output)) problems.push('prints a stack')
  const own = opinion.findings.filter(
    (one) => found.includes(one.sign) && (one.side === '' || isOf(one.side, side)),
  )
  if (found.length > 0 && own.length === 0)
    problems.push(`a second opinion finds ${JSON.stringify(opinion.findings)}`)
  if (problems.length > 0) throw new Error(`${problems.join('; ')}:\n${output}`)
  const broken = opinion.broken.length > 0 ? `; broken: ${opinion.broken.join(', ')}` : ''
  return `${code}${broken}; ${own[0] ? `found: ${own[0].said}` : String(line).trim().slice(0, 120)}`
}

/** What is no fault at all: it must be as clean as any other run. */
export const fine = (what: string, run: () => Promise<Loaded>): Row => ({
  what,
  expected: 'as any other run: no failure, no other answer',
  see: async () => {
    await clean(run)
    return 'no failure'
  },
})

/** In the table. */
export const expectedInWords = ({ codes = [99, 3], told, found }: Expected) =>
  [
    codes.join(' or '),
    `says ${told.source.replaceAll('\\', '')}`,
    ...(found.length > 0 ? [`a second opinion finds ${found.join(' or ')}`] : []),
  ].join('; ')

/** A clean run: no failure, no other answer. What only the machine decides, as an interval, is not looked at. */
export async function clean(run: () => Promise<Loaded>): Promise<void> {
  for (let look = 1; ; look++) {
    const { code, output, opinion } = await run()
    const wrong = opinion.findings.filter(({ sign }) =>
      ['failures', 'other answers', 'unfinished'].includes(sign),
    )
    if ([0, 3, 98].includes(code) && wrong.length === 0) return
    // Time-outs are the machine's own when they are gone afterwards.
    const isMachine = wrong.every(({ said }) => /time-out|did not answer/.test(said))
    if (look === 3 || !isMachine) throw new Error(`not clean: ${code}, ${JSON.stringify(wrong)}:\n${output}`)
  }
}

const bounds = { faulty: { maxFailureRate: 0 }, well: { maxFailureRate: 0 } }

/** A workload's folder, with its keys and its thresholds. @param sides in the workload's own words */
export async function writeWorkload(
  name: string,
  sides: string,
  { thresholds = { ...bounds, gap: { minTpsRatio: 1e-300 } } as object } = {},
): Promise<string> {
  const folder = inCache('tests', 'faults', name)
  await mkdir(folder, { recursive: true })
  const file = path.join(folder, 'workload.ts')
  await writeFile(
    file,
    `import { http, sql, workload } from 'inference-gap'
export default workload({ name: '${name}', keys: './keys.json', sides: [${sides}] })\n`,
  )
  await writeFile(path.join(folder, 'keys.json'), JSON.stringify(keys))
  await writeFile(path.join(folder, 'thresholds.json'), JSON.stringify(thresholds))
  return file
}

export const keys = [1, 2, 3, 4, 5, 6, 7, 8]
export const scoreOf = (key: number) => key / 8

export const httpSide = (name: string, address: string) =>
  `http({ name: '${name}', address: '${address}', path: 'score', body: (key) => ({ key }), value: ({ score }) => score })`
export const sqlSide = (name: string, address: string) =>
  `sql({ name: '${name}', address: '${address}', query: 'SELECT score FROM scores WHERE key = $1', parameters: (key) => [key] })`

export const answerTo = (body: string) => JSON.stringify({ score: scoreOf(JSON.parse(body).key) })
