/**
 * Time that is in no latency: connections are opened and closed, first questions asked and others waited for between the requests
 * that count. Whoever stands still there would be seen in no figure, so that it is looked at here.
 */
import { failedShareOf } from './failures.ts'
import type { Measurement, Spent, Stage } from './measurement.ts'

/** Milliseconds that something may take longer than its kind does: a busy machine keeps anyone waiting now and then. */
const patience = 1000
/** How many times as long as half of its kind one may take besides. */
const timesMedian = 4
/** A stage that is slow again and again, none of them for long: how many medians its mean may be … */
const slowMean = 3
/** … before the rest is held against the time that counts, of which it may be this share. */
const mostOfCounted = 0.05

/** Something that happened outside the requests that count, and that no figure holds. */
export interface Hidden {
  key: string | null
  clients: number
  phase: Spent['phase']
  stage: Stage
  /** What was seen. */
  seen: string
}

const one: Record<Stage, string> = {
  opening: 'opening a connection',
  settling: 'the first questions of a connection',
  lead: 'a request in a lead',
  counted: 'a request',
  waiting: 'waiting for other clients',
  resting: 'resting until the next turn',
  closing: 'closing a connection',
}

const inWords = (ms: number) =>
  ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${Number(ms.toPrecision(2))} ms`

export const isTogether = (a: Pick<Spent, 'session' | 'clients'>, b: Pick<Spent, 'session' | 'clients'>) =>
  a.session === b.session && a.clients === b.clients

/**
 * What half of its kind take at most: in the session, warm-up or not, where it was least, for a stop may hit most of few. Without end
 * where it is not known, so that nothing is too long there.
 */
const usual = (all: Spent[], { key, clients, stage }: Spent) =>
  Math.min(
    ...all
      .filter((each) => each.key === key && each.clients === clients && each.stage === stage)
      .map(({ medianMs }) => medianMs ?? Number.POSITIVE_INFINITY),
  )

/** What users did may keep others waiting as long, and is told of by itself. */
function reasonToWait({ blocks }: Measurement, all: Spent[], wait: Spent): number {
  const stages = all.filter(
    (each) =>
      each.stage !== 'waiting' && isTogether(each, wait) && (wait.key === null || each.key === wait.key),
  )
  const counted = blocks
    .filter((block) => isTogether(block, wait) && (wait.key === null || block.key === wait.key))
    .map(({ ok, failed }) => Math.max(ok.maxMs ?? 0, failed.maxMs ?? 0))
  return stages.reduce((sum, { largestMs }) => sum + (largestMs ?? 0), Math.max(0, ...counted))
}

function stop(measurement: Measurement, all: Spent[], spent: Spent): string | undefined {
  const { stage } = spent
  // Who rests does so as long as the others take.
  if (stage === 'resting') return undefined
  const median = usual(all, spent)
  const largestMs = spent.largestMs ?? 0
  const reason = stage === 'waiting' ? reasonToWait(measurement, all, spent) : 0
  if (largestMs <= patience + timesMedian * median + reason) return undefined
  return `${one[stage]} took ${inWords(largestMs)}, where half take ${inWords(median)} at most`
}

function slowness(all: Spent[], spent: Spent): string | undefined {
  const { key, clients, stage, count, totalMs } = spent
  // Others are waited for because of what they do; a turn's lead takes what it was given.
  if (['waiting', 'resting', 'lead', 'counted'].includes(stage)) return undefined
  const countedMs = all.find(
    (each) =>
      each.key === key && isTogether(each, spent) && each.phase === spent.phase && each.stage === 'counted',
  )?.totalMs
  if (countedMs === undefined) return undefined
  const tooMuch = totalMs - slowMean * usual(all, spent) * count
  if (tooMuch / clients <= Math.max(patience, (mostOfCounted * countedMs) / clients)) return undefined
  return `${one[stage]} took ${inWords(totalMs / clients)} of each client's time, ${inWords(tooMuch / clients)} more than ${slowMean} times as long as half of the ${count} took; ${inWords(countedMs / clients)} are counted`
}

/** Failures that chance alone may add to those that are due. */
const byChance = 3
/** So many times as often as requests that count something may fail, and be told by those. */
const oftener = 5

/** Failures speak for themselves where about as large a share of the requests that count has failed, too. */
function failures({ blocks }: Measurement, spent: Spent): string | undefined {
  const { key, stage, count, failed } = spent
  if (failed === 0 || stage === 'counted') return undefined
  const counted = blocks.filter((block) => block.key === key && isTogether(block, spent))
  const share = failedShareOf(counted)
  const isTold = share > 0 && failed <= byChance + oftener * count * share
  return isTold ? undefined : `${one[stage]} failed ${failed} of ${count} times`
}

/**
 * Everything outside the requests that count that is more than it should be, by what is usual there; none where a run of an
 * earlier version did not look.
 */
export function hidden(measurement: Measurement): Hidden[] {
  const all = measurement.time?.spent ?? []
  return all.flatMap((spent) => {
    const { key, clients, phase, stage } = spent
    const slow = stop(measurement, all, spent) ?? slowness(all, spent)
    return [slow, failures(measurement, spent)].flatMap((seen) =>
      seen === undefined ? [] : [{ key, clients, phase, stage, seen }],
    )
  })
}

/** A target may wake up while it is warmed up: its first answers there say nothing of those that count. */
export const isWakingUp = ({ phase, stage }: Hidden) =>
  phase === 'warmup' && (stage === 'opening' || stage === 'settling')

export const clientsInWords = (clients: number) => `${clients} client${clients === 1 ? '' : 's'}`

export const hiddenInWords = ({ key, clients, phase, seen }: Hidden) =>
  `${key ?? 'all sides'} at ${clientsInWords(clients)}${phase === 'warmup' ? ', warm-up' : ''}: ${seen}`

/** The share of the sessions' length of which it is known what was done. */
export function accountedShare({ sessions }: NonNullable<Measurement['time']>): number {
  const sum = (of: 'accountedMs' | 'lengthMs') => sessions.reduce((total, session) => total + session[of], 0)
  return sum('accountedMs') / sum('lengthMs')
}
