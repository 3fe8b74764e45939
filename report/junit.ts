/**
 * JUnit XML: a case for each threshold, premise and compared figure, as CI systems show them.
 *
 * It has no one standard. This form is valid by the two that readers hold to, Jenkins' and Ant's (tests/junit/).
 */
import type { Comparison } from '../gap/baseline.ts'
import type { Premise } from '../gap/premises.ts'
import type { Check, NotJudged } from '../gap/verdict.ts'
import { failureInWords, failuresOf, seenInWords } from './failures.ts'
import type { Run } from './run.ts'
import { withInterval } from './table.ts'
import { sentence } from './terminal.ts'
import { boundInWords, clientsInWords, measuredInWords } from './words.ts'
import { type Element, element, xmlDocument } from './xml.ts'

interface Case {
  name: string
  /** How it ended, if not well. */
  result?: Element
}

interface Suite {
  name: string
  /** What measuring took; judging takes no time. */
  seconds: number
  cases: Case[]
}

/** A message for the list, and for who looks closer a line for each thing that is known. */
const failed = (tag: 'failure' | 'error', type: string, message: string, known: Record<string, string>) =>
  element(tag, { message, type }, inLines(known))

const inLines = (known: Record<string, string>) =>
  Object.entries(known)
    .map(([what, value]) => `${what}: ${value}`)
    .join('\n')

/** What failed where a threshold is about: `database.minTps` is about one side, `gap.minTpsRatio` about all. */
function failuresBehind(run: Run, { threshold }: Check): Record<string, string> {
  const [about = ''] = threshold.split(/[.[]/)
  const failed = failuresOf(run, about === 'gap' ? undefined : about)
  return failed.length > 0 ? { failures: failed.map(failureInWords).join('; ') } : {}
}

function ofThreshold(run: Run, check: Check): Case {
  const name = `${check.threshold}${check.clients === undefined ? '' : ` at ${clientsInWords(check.clients)}`}`
  if (check.outcome === 'pass') return { name }
  const [measured, expected] = [measuredInWords(check), boundInWords(check)]
  const message = `measured ${measured}, expected ${expected}`
  const known = { threshold: name, measured, expected, ...failuresBehind(run, check) }
  return check.outcome === 'fail'
    ? { name, result: failed('failure', 'threshold crossed', message, known) }
    : // Neither pass nor fail: JUnit's word for what was not decided is skipped. In Ant's form it has no type.
      { name, result: element('skipped', { message: `undecided: ${message}` }, inLines(known)) }
}

/** Of numbers of clients that were not measured nothing is known. */
function ofUnmeasured(bound: NotJudged): Case {
  const name = `${bound.threshold} at ${clientsInWords(bound.clients)}`
  const message = `not judged: ${clientsInWords(bound.clients)} not measured`
  return { name, result: element('skipped', { message }, inLines({ threshold: name })) }
}

function ofPremise(premise: Premise): Case {
  const { name, holds, seen, cause, next } = premise
  if (holds) return { name }
  const known = {
    ...{
      premise: name,
      seen,
      ...(cause && { 'most likely cause': cause }),
      ...(next && { 'what to do': next }),
    },
    'what follows': 'the figures mean nothing',
  }
  return { name, result: failed('error', 'premise broken', `broken: ${seenInWords(premise)}`, known) }
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

/** Ant's form wants all of these, in this order; Jenkins' takes them in any. */
function suiteElement(run: Run, { name, seconds, cases }: Suite, id: number): Element {
  const { host, ...machine } = run.machine
  const count = (tag: string) => String(cases.filter(({ result }) => result?.name === tag).length)
  const properties = { command: run.command, ...machine, ...run.versions }
  return element(
    'testsuite',
    {
      ...{ name, package: 'inference-gap', id: String(id) },
      ...{ tests: String(cases.length), failures: count('failure'), errors: count('error') },
      ...{ skipped: count('skipped'), time: seconds.toFixed(3) },
      // In UTC, which the form has no way to say: neither a fraction nor a zone may stand there.
      timestamp: new Date(run.startedAt).toISOString().slice(0, 19),
      hostname: host?.trim() || 'localhost',
    },
    element(
      'properties',
      {},
      ...Object.entries(properties)
        .filter(([name]) => name.trim() !== '')
        .map(([name, value]) => element('property', { name, value: String(value) })),
    ),
    ...cases.map(({ name: of, result }) =>
      element(
        'testcase',
        { name: of, classname: `inference-gap.${name}`, time: '0' },
        ...(result ? [result] : []),
      ),
    ),
    element('system-out', {}, sentence(run)),
    element('system-err', {}, failuresOf(run).map(failureInWords).join('\n')),
  )
}

export const junit = (run: Run, compared: Comparison[] = []): string =>
  // Counts of all suites are what Ant's form has no place for.
  xmlDocument(
    element('testsuites', {}, ...suitesOf(run, compared).map((suite, id) => suiteElement(run, suite, id))),
  )
