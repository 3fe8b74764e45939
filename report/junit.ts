/** JUnit XML: a case for each threshold, premise and compared figure, as CI systems show them. */
import type { Comparison } from '../gap/baseline.ts'
import type { Check } from '../gap/verdict.ts'
import type { Run } from './run.ts'
import { figure } from './table.ts'
import { boundInWords, clientsInWords, measuredInWords } from './words.ts'

/** Also without the control characters that XML 1.0 cannot hold. */
const escaped = (text: string) =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to be left out
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')

interface Case {
  suite: string
  name: string
  /** How it ended, if not well. */
  result?: { tag: 'failure' | 'error' | 'skipped'; message: string }
}

function caseOf(check: Check): Case {
  const name = `${check.threshold}${check.clients === undefined ? '' : ` at ${clientsInWords(check.clients)}`}`
  const message = `measured ${measuredInWords(check)}, expected ${boundInWords(check)}`
  const suite = 'thresholds'
  if (check.outcome === 'pass') return { suite, name }
  return check.outcome === 'fail'
    ? { suite, name, result: { tag: 'failure', message } }
    : // Neither pass nor fail: JUnit's word for what was not decided is skipped.
      { suite, name, result: { tag: 'skipped', message: `undecided: ${message}` } }
}

function casesOf(run: Run, compared: Comparison[]): Case[] {
  return [
    ...run.verdict.checks.map(caseOf),
    ...run.premises.map(
      ({ name, holds, seen }): Case => ({
        suite: 'premises',
        name,
        ...(!holds && { result: { tag: 'error' as const, message: `broken: ${seen}` } }),
      }),
    ),
    ...compared.map(
      ({ key, figure: name, clients, before, now, change }): Case => ({
        suite: 'baseline',
        name: `${name} gap of ${key} at ${clientsInWords(clients)}`,
        ...(change === 'regressed' && {
          result: {
            tag: 'failure' as const,
            message: `${figure(now.median)} [${figure(now.low)}, ${figure(now.high)}], before ${figure(before.median)} [${figure(before.low)}, ${figure(before.high)}]`,
          },
        }),
      }),
    ),
  ]
}

export function junit(run: Run, compared: Comparison[] = []): string {
  const cases = casesOf(run, compared)
  const count = (of: Case[], tag: string) => of.filter(({ result }) => result?.tag === tag).length
  const counts = (of: Case[]) =>
    `tests="${of.length}" failures="${count(of, 'failure')}" errors="${count(of, 'error')}" skipped="${count(of, 'skipped')}"`
  const suites = [...new Set(cases.map(({ suite }) => suite))].map((suite) => {
    const own = cases.filter((each) => each.suite === suite)
    const lines = own.map(({ name, result }) => {
      const open = `    <testcase classname="inference-gap.${suite}" name="${escaped(name)}" time="0"`
      return result
        ? `${open}>\n      <${result.tag} message="${escaped(result.message)}"/>\n    </testcase>`
        : `${open}/>`
    })
    return `  <testsuite name="${suite}" ${counts(own)} timestamp="${escaped(run.startedAt)}">\n${lines.join('\n')}\n  </testsuite>`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="inference-gap" ${counts(cases)}>\n${suites.join('\n')}\n</testsuites>\n`
}
