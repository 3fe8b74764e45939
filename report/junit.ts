/** JUnit XML: a case for each threshold, premise and compared figure, as CI systems show them. */
import type { Comparison } from '../gap/baseline.ts'
import type { NotJudged } from '../gap/not-judged.ts'
import type { Check } from '../gap/verdict.ts'
import { failureInWords, failuresOf } from './failures.ts'
import type { Run } from './run.ts'
import { type Case, failed, inLines, ofPremise, type Suite, suitesDocument } from './suites.ts'
import { withInterval } from './table.ts'
import { sentence } from './terminal.ts'
import { boundInWords, clientsInWords, measuredInWords, notJudgedInWords } from './words.ts'
import { element } from './xml.ts'

/** What failed where a threshold is about: `database.minTps` is about one side, `gap.minTpsRatio` about all. */
function failuresBehind(run: Run, { threshold }: Check): Record<string, string> {
  const [about = ''] = threshold.split(/[.[]/)
  const failed = failuresOf(run, about === 'gap' ? undefined : about)
  return failed.length > 0 ? { failures: failed.map(failureInWords).join('; ') } : {}
}

const nameOf = ({ threshold, clients }: Pick<NotJudged, 'threshold' | 'clients'>) =>
  `${threshold}${clients === undefined ? '' : ` at ${clientsInWords(clients)}`}`

function ofThreshold(run: Run, check: Check): Case {
  const name = nameOf(check)
  if (check.outcome === 'pass') return { name }
  const [measured, expected] = [measuredInWords(check), boundInWords(check)]
  const message = `measured ${measured}, expected ${expected}`
  const known = { threshold: name, measured, expected, ...failuresBehind(run, check) }
  return check.outcome === 'fail'
    ? { name, result: failed('failure', 'threshold crossed', message, known) }
    : // Neither pass nor fail: JUnit's word for what was not decided is skipped. In Ant's form it has no type.
      { name, result: element('skipped', { message: `undecided: ${message}` }, inLines(known)) }
}

/** Nothing is known of what was not measured. */
function ofUnmeasured(bound: NotJudged): Case {
  const name = nameOf(bound)
  const message = `not judged: ${notJudgedInWords(bound)}`
  return { name, result: element('skipped', { message }, inLines({ threshold: name })) }
}

function ofComparison({ key, figure, clients, before, now, change }: Comparison): Case {
  const name = `${figure} gap of ${key} at ${clientsInWords(clients)}`
  if (change !== 'regressed') return { name }
  const known = { gap: name, now: withInterval(now), before: withInterval(before) }
  return { name, result: failed('failure', 'gap regressed', `${known.now}, before ${known.before}`, known) }
}

function suitesOf(run: Run, compared: Comparison[]): Suite[] {
  const measured = run.measurement.blocks.reduce((sum, { windowMs }) => sum + windowMs, 0)
  return [
    {
      name: 'thresholds',
      seconds: measured / 1000,
      cases: [
        ...run.verdict.checks.map((check) => ofThreshold(run, check)),
        ...run.verdict.notJudged.map(ofUnmeasured),
      ],
    },
    { name: 'premises', seconds: 0, cases: run.premises.map(ofPremise) },
    { name: 'baseline', seconds: 0, cases: compared.map(ofComparison) },
  ].filter(({ cases }) => cases.length > 0)
}

export const junit = (run: Run, compared: Comparison[] = []): string =>
  suitesDocument(
    { ...run, said: sentence(run), errors: failuresOf(run).map(failureInWords).join('\n') },
    suitesOf(run, compared),
  )
