/** JUnit XML of a search: a case for each threshold, each rate that fresh sessions were asked at, and each premise. */
import { failureInWords, missedOf } from '../failures.ts'
import { type Case, failed, inLines, ofPremise, type Suite, suitesDocument } from '../suites.ts'
import { element } from '../xml.ts'
import type { CapacityRun, CapacitySide } from './run.ts'
import {
  boundInWords,
  type Confirmation,
  confirmationsOf,
  insteadOf,
  measuredInWords,
  rateInWords,
  sentence,
} from './words.ts'

function ofThreshold({ threshold, outcome, why, ...check }: CapacityRun['verdict']['checks'][number]): Case {
  if (outcome === 'pass') return { name: threshold }
  const given = { threshold, outcome, ...check }
  const [measured, expected] = [measuredInWords(given), boundInWords(given)]
  const message = `measured ${measured}, expected ${expected}${why ? `: ${why}` : ''}`
  const known = { threshold, measured, expected, ...(why && { why }) }
  return outcome === 'fail'
    ? { name: threshold, result: failed('failure', 'threshold crossed', message, known) }
    : { name: threshold, result: element('skipped', { message: `undecided: ${message}` }, inLines(known)) }
}

/** A rate at which not all held is no failure of a test: the search went on below it. */
function ofConfirmation({ objective }: CapacitySide, { side, rate, held, of }: Confirmation): Case {
  const name = `${side} holds ${objective} at ${rateInWords(rate)}/s`
  if (held === of) return { name }
  const message = `held in ${held} of ${of} fresh sessions`
  return { name, result: element('skipped', { message }, inLines({ side, objective, seen: message })) }
}

function ofSide(run: CapacityRun, side: CapacitySide): Case[] {
  const why = insteadOf(side)
  const name = `${side.side} has a capacity at ${side.objective}`
  return [
    why === undefined
      ? { name }
      : {
          name,
          result: element('skipped', { message: why }, inLines({ side: side.side, 'what is known': why })),
        },
    ...confirmationsOf(run)
      .filter((each) => each.side === side.side)
      .map((each) => ofConfirmation(side, each)),
  ]
}

const suitesOf = (run: CapacityRun): Suite[] =>
  [
    { name: 'thresholds', seconds: 0, cases: run.verdict.checks.map(ofThreshold) },
    {
      name: 'capacities',
      seconds: run.settings.seconds,
      cases: run.sides.flatMap((side) => ofSide(run, side)),
    },
    { name: 'premises', seconds: 0, cases: run.premises.map(ofPremise) },
  ].filter(({ cases }) => cases.length > 0)

export const capacityJunit = (run: CapacityRun): string =>
  suitesDocument(
    { ...run, said: sentence(run), errors: missedOf(run).map(failureInWords).join('\n') },
    suitesOf(run),
  )
