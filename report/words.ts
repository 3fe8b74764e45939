/** Measured values and bounds as people read them, in every form of the report alike. */
import { isOpenModel, type Measurement, sideOf } from '../gap/measurement.ts'
import type { NotJudged } from '../gap/not-judged.ts'
import { percentInWords } from '../gap/percent.ts'
import type { Ratio } from '../gap/ratio.ts'
import { skewInWords } from '../gap/together.ts'
import type { Check, Gap, Outcome, RunOutcome } from '../gap/verdict.ts'
import type { AskedWorkload, Machine, Offered } from './run.ts'
import { ends, figure } from './table.ts'

const suffix = { ms: ' ms', TPS: '/s', share: '', times: '×' } as const

const number = (unit: Check['unit'], value: number) =>
  unit === 'share' && Number.isFinite(value) ? String(Number(value.toPrecision(3))) : figure(value)

export const measuredInWords = ({ measured, interval, unit }: Check) =>
  `${number(unit, measured)}${suffix[unit]}${interval ? ` ${ends(...interval)}` : ''}`

export const boundInWords = ({ relation, bound, unit }: Check) =>
  `${relation} ${number(unit, bound)}${suffix[unit]}`

/** Why a bound says nothing of the run. */
export const notJudgedInWords = ({ why, clients = 1 }: Pick<NotJudged, 'why' | 'clients'>): string =>
  ({
    clients: `${clientsInWords(clients)} not measured`,
    rate: 'at a given rate every side serves what is due',
    training: 'no training was measured',
    sides: 'its sides were not asked as the workload declares them',
  })[why]

/** Of a rate that was given as a share. */
export const offeredInWords = ({ share, of, capacity, clients }: Offered) =>
  `${percentInWords(share)} of the ${figure(capacity)} requests a second that ${of} served to ${clientsInWords(clients)} of a closed model just before`

export const clientsInWords = (clients: number) => (clients === 1 ? 'one client' : `${clients} clients`)

/** The figure in which a gap is told first, and the gap in it. */
export const mainGap = (
  measurement: Pick<Measurement, 'settings'>,
  { tps, mean }: Pick<Gap, 'tps' | 'mean'>,
): [name: 'TPS' | 'mean latency', ratio: Ratio] =>
  isOpenModel(measurement) ? ['mean latency', mean] : ['TPS', tps]

/** How the queries were sent: `prepared`, or by side where they differ; undefined where nobody was sent a query. */
export function modesInWords(measurement: Measurement): string | undefined {
  const sent = measurement.settings.sides.flatMap((key) => {
    const { mode } = sideOf(measurement, key)
    return mode === undefined ? [] : [{ key, mode }]
  })
  const modes = [...new Set(sent.map(({ mode }) => mode))]
  return modes.length < 2 ? modes[0] : sent.map(({ key, mode }) => `${key} ${mode}`).join(', ')
}

/** Of several k6 that shared a run: where each ran, and how far its clock was off. Undefined where one asked alone. */
export const partsInWords = ({ parts }: Measurement): string | undefined =>
  parts
    ?.map((each) => {
      const { part, of, session, machine } = each
      const cores = `${machine.cores} core${machine.cores === 1 ? '' : 's'}`
      return `session ${session}, part ${part} of ${of}: ${machine.host || 'a host without a name'}, ${cores}, clock ${skewInWords(each)}`
    })
    .join('; ')

/** How they were judged, all together; without a capital and without a full stop. @param checks with a reason where it is no interval */
export function thresholdsInWords(checks: readonly { outcome: Outcome; why?: string | undefined }[]): string {
  const those = (outcome: Outcome) => checks.filter((check) => check.outcome === outcome)
  const [fail, undecided] = [those('fail').length, those('undecided').length]
  const isWide = those('undecided').some(({ why }) => why === undefined)
  if (fail > 0) return `${fail} of ${checks.length} thresholds crossed`
  if (undecided > 0)
    return `${undecided} of ${checks.length} thresholds undecided${isWide ? ': their intervals are too wide to judge' : ''}`
  return checks.length === 0 ? 'no threshold was judged' : `all ${checks.length} thresholds hold`
}

/** The same, and that they say nothing where a premise is broken: whoever reads one sentence alone must not take it for a verdict. */
export const judgedInWords = ({
  checks,
  outcome,
}: {
  checks: Parameters<typeof thresholdsInWords>[0]
  outcome: RunOutcome
}): string =>
  outcome === 'could not measure'
    ? 'a premise is broken, so that these figures mean nothing'
    : outcome === 'undecided' && checks.length === 0
      ? 'no threshold is about what was measured, so that nothing has passed'
      : thresholdsInWords(checks)

export const machineInWords = ({ processor, cores, memory, system }: Machine) =>
  `${processor}, ${cores} cores, ${figure(memory / 1e9)} GB, ${system}`

export const versionsInWords = (versions: Record<string, string>) =>
  Object.entries(versions)
    .map((entry) => entry.join(' '))
    .join(', ')

/** Which rows and which keys, where they are not all of the bundled ones. */
export function rowsAndKeysInWords(workload: AskedWorkload | undefined): [string, string][] {
  if (!workload) return []
  const { rows, keys, keysInAll, draw } = workload
  const [some, all] = [keys, keysInAll ?? keys].map((count) => count.toLocaleString('en'))
  return [
    ...(rows === undefined ? [] : [['rows', rows] as [string, string]]),
    ...(keysInAll === undefined
      ? []
      : [['keys', `${some} of ${all} by the seed, draw ${draw}`] as [string, string]]),
  ]
}
