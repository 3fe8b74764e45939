/** What holds where several k6 shared a comparison: all of them are there, go by one clock, and keep to the turns. */
import { isOpenModel, type Measurement, type OwnPart } from './measurement.ts'
import { clientsInWords } from './outside.ts'
import type { Premise } from './premises.ts'

/** Share of a turn that the clocks may differ by. */
const mostSkew = 0.1
/** Share of the turns that a part may begin late: then another side was still asked. */
const mostLate = 0.05

const percent = (share: number) => `${(share * 100).toFixed(1)} %`

const sessionsOf = (parts: readonly OwnPart[]) =>
  [...new Set(parts.map(({ session }) => session))].map((session) =>
    parts.filter((part) => part.session === session),
  )

/** Of one session, in words: what is not there, and what ended before the others did. */
function lacking(own: readonly OwnPart[], sessions: number): string[] {
  const [first] = own
  if (!first) return []
  const where = sessions > 1 ? ` of session ${first.session}` : ''
  const most = Math.max(...own.map(({ turns }) => turns))
  const missing = Array.from({ length: first.of }, (_, index) => index + 1).filter(
    (number) => !own.some(({ part }) => part === number),
  )
  return [
    ...missing.map((part) => `part ${part} of ${first.of}${where} is missing`),
    ...own
      .filter(({ turns }) => turns < most)
      .map(({ part, turns }) => `part ${part}${where} ended after ${turns} of ${most} turns`),
  ]
}

/** Pairs that no part has, as where all of them were ended at the same moment. */
function lackingPairs({ settings, blocks }: Measurement): string[] {
  return settings.clients.flatMap((clients) =>
    settings.sides.flatMap((key) => {
      const own = blocks.filter((block) => block.key === key && block.clients === clients)
      const measured = new Set(own.map(({ pair }) => pair)).size
      return measured < settings.pairs
        ? [`of ${key} at ${clientsInWords(clients)} ${measured} of ${settings.pairs} pairs were measured`]
        : []
    }),
  )
}

function allThere(measurement: Measurement, parts: readonly OwnPart[]): Premise {
  const sessions = sessionsOf(parts)
  const lack = [
    ...sessions.flatMap((own) => lacking(own, sessions.length)),
    // At rates of their own not every side is asked in each pair.
    ...(isOpenModel(measurement) ? [] : lackingPairs(measurement)),
  ]
  return {
    name: 'all parts',
    holds: lack.length === 0,
    seen:
      lack.length > 0
        ? lack.join('; ')
        : `${parts.length} parts of ${sessions.length === 1 ? 'one session' : `${sessions.length} sessions`}`,
    ...(lack.length > 0 && {
      cause: 'its k6 ended before its time, or its file was not named',
      next: 'See in its log why; name all files, or measure again',
    }),
  }
}

/** Milliseconds that it may be off at the most. */
const off = ({ skew }: OwnPart) => (skew ? Math.abs(skew.aheadMs) + skew.withinMs : Number.POSITIVE_INFINITY)

const ms = (value: number) => `${Number(value.toPrecision(2))} ms`

export const skewInWords = ({ skew }: OwnPart) =>
  skew
    ? `${ms(Math.abs(skew.aheadMs))} ${skew.aheadMs < 0 ? 'behind' : 'ahead of'} ${skew.key} (± ${ms(skew.withinMs)})`
    : 'not known: no side told the time'

function oneClock(parts: readonly OwnPart[]): Premise {
  const worst = parts.reduce((a, b) => (off(b) - mostSkew * b.turnMs > off(a) - mostSkew * a.turnMs ? b : a))
  const holds = off(worst) <= mostSkew * worst.turnMs
  return {
    name: 'one clock',
    holds,
    seen: `the clock of part ${worst.part} is ${skewInWords(worst)}; of turns of ${ms(worst.turnMs)} it may be ${ms(mostSkew * worst.turnMs)}`,
    ...(!holds && {
      cause: 'the clock of its machine, or that of the side, is not set by a server of time',
      next: 'Let all machines set their clocks by one server (chrony or systemd-timesyncd), or take longer turns: TURN_SECONDS',
    }),
  }
}

function inTime(parts: readonly OwnPart[]): Premise {
  const share = ({ late, turns }: OwnPart) => (turns > 0 ? late / turns : 0)
  const worst = parts.reduce((a, b) => (share(b) > share(a) ? b : a))
  const holds = share(worst) <= mostLate
  return {
    name: 'turns in time',
    holds,
    seen:
      worst.late === 0
        ? 'every part began every turn in time'
        : `part ${worst.part} began ${percent(share(worst))} of its turns late`,
    ...(!holds && {
      cause: 'answers take longer than the rest between two turns, or its machine is too busy',
      next: 'Take longer turns (TURN_SECONDS) or fewer CLIENTS, or give the part a machine of its own',
    }),
  }
}

/** None where one k6 asked alone. */
export const ofParts = (measurement: Measurement): Premise[] => {
  const { parts } = measurement
  return parts ? [allThere(measurement, parts), oneClock(parts), inTime(parts)] : []
}
