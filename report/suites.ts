/**
 * Suites of cases as JUnit XML. It has no one standard: this form is valid by the two that readers hold to, Jenkins' and Ant's
 * (tests/junit/).
 */
import type { Premise } from '../gap/premises.ts'
import { seenInWords } from './failures.ts'
import type { Run } from './run.ts'
import { type Element, element, xmlDocument } from './xml.ts'

export interface Case {
  name: string
  /** How it ended, if not well. */
  result?: Element
}

export interface Suite {
  name: string
  /** What measuring took; judging takes no time. */
  seconds: number
  cases: Case[]
}

/** A message for the list, and for who looks closer a line for each thing that is known. */
export const failed = (
  tag: 'failure' | 'error',
  type: string,
  message: string,
  known: Record<string, string>,
) => element(tag, { message, type }, inLines(known))

export const inLines = (known: Record<string, string>) =>
  Object.entries(known)
    .map(([what, value]) => `${what}: ${value}`)
    .join('\n')

/** Where and when the suites were run, and what was said. */
interface Origin extends Pick<Run, 'machine' | 'command' | 'versions' | 'startedAt'> {
  said: string
  errors: string
}

export function ofPremise(premise: Premise): Case {
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

/** Ant's form wants all of these, in this order; Jenkins' takes them in any. */
function suiteElement(origin: Origin, { name, seconds, cases }: Suite, id: number): Element {
  const { host, ...machine } = origin.machine
  const count = (tag: string) => String(cases.filter(({ result }) => result?.name === tag).length)
  const properties = { command: origin.command, ...machine, ...origin.versions }
  return element(
    'testsuite',
    {
      ...{ name, package: 'inference-gap', id: String(id) },
      ...{ tests: String(cases.length), failures: count('failure'), errors: count('error') },
      ...{ skipped: count('skipped'), time: seconds.toFixed(3) },
      // In UTC, which the form has no way to say: neither a fraction nor a zone may stand there.
      timestamp: new Date(origin.startedAt).toISOString().slice(0, 19),
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
    element('system-out', {}, origin.said),
    element('system-err', {}, origin.errors),
  )
}

export const suitesDocument = (origin: Origin, suites: Suite[]): string =>
  // Counts of all suites are what Ant's form has no place for.
  xmlDocument(element('testsuites', {}, ...suites.map((suite, id) => suiteElement(origin, suite, id))))
