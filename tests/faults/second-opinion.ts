/**
 * A second opinion: what can be told of a run from the data alone that it left. It reads JSON, and shares neither code nor types
 * with what is measured or judged: what it cannot find, no reader can.
 */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'

export const signs = ['failures', 'other answers', 'step', 'hole', 'lost connections', 'unfinished'] as const
export type Sign = (typeof signs)[number]

export interface Finding {
  sign: Sign
  side: string
  /** In words. */
  said: string
}

interface Block {
  key: string
  phase: string
  clients: number
  session: number
  ok: { count: number; maxMs: number | null }
  failed: { count: number; maxMs: number | null }
  turns: { endMs: number; requests: number; busyMs: number }[]
}
interface Data {
  premises: { different: number }
  connections?: { key: string; replaced: number }[]
  time?: { spent: { key: string | null; stage: string; largestMs: number | null }[] }
  blocks: Block[]
  failures: { key: string; kind: string; count: number }[]
}

const median = (them: number[]) => [...them].sort((a, b) => a - b)[Math.floor(them.length / 2)] ?? Number.NaN

/** Turns on either side of a step. */
const least = 3
/** How many times as long a request takes after it as before, or the reverse. */
const step = 3
/** Milliseconds. */
const hole = 1000

/** By what one request takes, turn by turn. */
function stepOf(key: string, blocks: Block[]): Finding[] {
  const turns = blocks
    .filter((block) => block.key === key && block.phase === 'measure')
    .flatMap(({ session, turns }) => turns.map((turn) => ({ ...turn, session })))
    .filter(({ requests }) => requests > 0)
    .sort((a, b) => a.session - b.session || a.endMs - b.endMs)
  const each = turns.map(({ requests, busyMs }) => busyMs / requests)
  let [largest, at] = [1, 0]
  for (let split = least; split <= each.length - least; split++) {
    const ratio = median(each.slice(split)) / median(each.slice(0, split))
    const times = Math.max(ratio, 1 / ratio)
    if (times > largest) [largest, at] = [times, split]
  }
  if (largest < step) return []
  const seconds = ((turns[at]?.endMs ?? 0) / 1000).toFixed(1)
  return [
    {
      sign: 'step',
      side: key,
      said: `a request takes ${largest.toFixed(0)} times as long from ${seconds} s on, or before`,
    },
  ]
}

function holeOf(key: string, { blocks, time }: Data): Finding[] {
  const inBlocks = blocks
    .filter((block) => block.key === key)
    .flatMap(({ ok, failed }) => [ok.maxMs ?? 0, failed.maxMs ?? 0])
  const outside = (time?.spent ?? [])
    .filter((spent) => spent.key === key && spent.stage !== 'waiting')
    .map(({ largestMs }) => largestMs ?? 0)
  const longest = Math.max(0, ...inBlocks, ...outside)
  return longest < hole
    ? []
    : [{ sign: 'hole', side: key, said: `${(longest / 1000).toFixed(1)} s without an answer` }]
}

function ofSide(key: string, data: Data): Finding[] {
  const kinds = new Map<string, number>()
  for (const failure of data.failures)
    if (failure.key === key) kinds.set(failure.kind, (kinds.get(failure.kind) ?? 0) + failure.count)
  const replaced = (data.connections ?? [])
    .filter((each) => each.key === key)
    .reduce((sum, each) => sum + each.replaced, 0)
  const findings: Finding[] = [...kinds].map(([kind, count]) => ({
    sign: 'failures',
    side: key,
    said: `${kind} ${count === 1 ? 'once' : `${count} times`}`,
  }))
  if (replaced > 0)
    findings.push({ sign: 'lost connections', side: key, said: `${replaced} connections replaced` })
  return [...findings, ...stepOf(key, data.blocks), ...holeOf(key, data)]
}

export function findingsOf(data: Data): Finding[] {
  const keys = [...new Set(data.blocks.map(({ key }) => key))]
  const different = data.premises.different
  return [
    ...keys.flatMap((key) => ofSide(key, data)),
    ...(different > 0
      ? [{ sign: 'other answers' as const, side: '', said: `answers differed ${different} times` }]
      : []),
  ]
}

export interface Opinion {
  /** The run's own verdict; undefined where there is none. */
  outcome?: string
  /** Names of premises that do not hold. */
  broken: string[]
  /** Whether it has a gap that a reader would believe. */
  hasGap: boolean
  findings: Finding[]
}

const json = async (file: string) => JSON.parse(await readFile(file, 'utf8'))

interface Whole {
  measurement: Data
  premises: { name: string; holds: boolean }[]
  /** Of a comparison. */
  verdict?: { outcome: string; gaps: unknown[] }
}

function ofWhole({ measurement, premises, verdict }: Whole): Opinion {
  const broken = premises.filter(({ holds }) => !holds).map(({ name }) => name)
  return {
    ...(verdict && { outcome: verdict.outcome }),
    broken,
    hasGap: (verdict?.gaps.length ?? 0) > 0 && broken.length === 0,
    findings: findingsOf(measurement),
  }
}

/** Of whatever a command left in its folder of results. */
export async function opinionOf(folder: string): Promise<Opinion> {
  for (const name of ['run.json', 'aa.json', 'modes.json'])
    if (existsSync(path.join(folder, name))) return ofWhole(await json(path.join(folder, name)))
  const findings: Finding[] = []
  for (const name of existsSync(folder) ? await readdir(folder) : []) {
    const partial = path.join(folder, name, 'partial.json')
    if (!existsSync(partial)) continue
    const { why, measurement } = await json(partial)
    findings.push({ sign: 'unfinished', side: '', said: `${name}: ${String(why).split('\n')[0]}` })
    if (measurement) findings.push(...findingsOf(measurement))
  }
  return { broken: [], hasGap: false, findings }
}
