import type { XmlElement } from 'libxml2-wasm'
import { expect, test } from 'vitest'
import { compareWithBaseline } from '../gap/baseline.ts'
import { all, attribute, one, read } from '../tests/junit/read.ts'
import { everyForm, runByHand, sampleRun } from './fixture.ts'
import { junit } from './junit.ts'
import { element, xmlDocument } from './xml.ts'

test('a case for each threshold and each premise', () => {
  const run = sampleRun()
  const document = read(junit(run))
  expect(all(document, '//testsuite').map((suite) => attribute(suite, 'name'))).toEqual([
    'thresholds',
    'premises',
  ])
  const names = (suite: string) =>
    all(document, `//testsuite[@name="${suite}"]/testcase`).map((each) => attribute(each, 'name'))
  expect(names('thresholds')).toHaveLength(run.verdict.checks.length)
  expect(names('thresholds')).toContain('gap.minTpsRatio at one client')
  expect(names('premises')).toEqual(run.premises.map(({ name }) => name))
  expect(all(document, '//testcase/*')).toEqual([])
})

test('when and where it ran, and how long was measured', () => {
  const run = { ...sampleRun(), startedAt: '2026-01-02T03:04:05.678Z' }
  run.machine.host = 'ci-7'
  const suite = one(read(junit(run)), '//testsuite[@name="thresholds"]')
  expect(attribute(suite, 'timestamp')).toBe('2026-01-02T03:04:05')
  expect(attribute(suite, 'hostname')).toBe('ci-7')
  const milliseconds = run.measurement.blocks.reduce((sum, { windowMs }) => sum + windowMs, 0)
  expect(milliseconds).toBeGreaterThan(0)
  expect(Number(attribute(suite, 'time'))).toBeCloseTo(milliseconds / 1000, 3)
  // A run of an earlier version does not know its host.
  delete run.machine.host
  expect(attribute(one(read(junit(run)), '//testsuite[@name="thresholds"]'), 'hostname')).toBe('localhost')
})

test('a crossed one fails with value, bound, type and text', () => {
  const document = read(junit(sampleRun([0.5, 0.5])))
  expect(all(document, '//failure')).toHaveLength(3)
  expect(attribute(one(document, '//testsuite[@name="thresholds"]'), 'failures')).toBe('3')
  const failure = one(document, '//testcase[@name="gap.minTpsRatio at one client"]/failure')
  expect(attribute(failure, 'message')).toBe('measured 0.500× [0.500, 0.500], expected ≥ 4.00×')
  expect(attribute(failure, 'type')).toBe('threshold crossed')
  expect(failure.content).toBe(
    'threshold: gap.minTpsRatio at one client\nmeasured: 0.500× [0.500, 0.500]\nexpected: ≥ 4.00×',
  )
})

test('an undecided one is skipped, with text', () => {
  const document = read(junit(sampleRun([2, 3, 5, 8])))
  expect(all(document, '//failure')).toEqual([])
  expect(attribute(one(document, '//testsuite[@name="thresholds"]'), 'skipped')).toBe('3')
  for (const skipped of all(document, '//skipped')) {
    expect(attribute(skipped, 'message')).toMatch(/^undecided: measured /)
    expect(skipped.content).toMatch(/^threshold: .*\nmeasured: .*\nexpected: /)
  }
})

test('a broken premise is an error, and its text cannot become markup', () => {
  const run = sampleRun()
  run.premises = [{ name: 'a <b> & "c"', holds: false, seen: '<script>]]>\n\ttwo\r\nlines' }]
  const error = one(read(junit(run)), '//testcase[@name=\'a <b> & "c"\']/error')
  expect(attribute(error, 'message')).toBe('broken: <script>]]>\n\ttwo\r\nlines')
  expect(attribute(error, 'type')).toBe('premise broken')
  expect(error.content).toContain('seen: <script>]]>\n\ttwo\r\nlines')
})

test.each([
  ['\u0000', '\\u0000'],
  ['\u0007', '\\u0007'],
  ['\u001b[31m', '\\u001b[31m'],
  ['\ufffe', '\\ufffe'],
  ['\uffff', '\\uffff'],
  ['\ud800', '\\ud800'],
  ['\udfff x', '\\udfff x'],
  ['\u0085', '\u0085'],
  ['\u{1f600} ä', '\u{1f600} ä'],
  // Unicode's signs that turn text round, join, or end lines: a reader of the list would see another text than stands there.
  ['a\u202eb\u2066c', 'a\\u202eb\\u2066c'],
  ['\u2028\u200b\ufeff', '\\u2028\\u200b\\ufeff'],
  ['\u{e0001}', '\\ue0001'],
])('%j, which XML may have no way to write, can be read', (text, expected) => {
  const run = sampleRun()
  run.premises = [{ name: `n${text}`, holds: false, seen: text }]
  run.command = text
  run.machine.host = text
  run.versions = { [`v${text}`]: text }
  const document = read(junit(run))
  const error = one(document, '//error')
  expect(attribute(error, 'message')).toBe(`broken: ${expected}`)
  expect(error.content).toContain(`seen: ${expected}\n`)
})

test('what is empty', () => {
  const run = sampleRun()
  run.premises = [{ name: '', holds: false, seen: '' }]
  run.machine.host = ' '
  run.versions = { '': '' }
  read(junit(run))
  read(junit({ ...run, premises: [], verdict: { ...run.verdict, checks: [] } }))
})

test('a bound for a number of clients that was not measured is skipped, and is no failure', async () => {
  const run = sampleRun()
  run.verdict.notJudged = [{ threshold: 'python[1].minTps', clients: 20, why: 'clients' }]
  const document = read(junit(run))
  const skipped = one(document, '//testcase[@name="python[1].minTps at 20 clients"]/skipped')
  expect(attribute(skipped, 'message')).toBe('not judged: 20 clients not measured')
  expect(all(document, '//failure')).toEqual([])
  for (const [form, text] of Object.entries(await everyForm(run)))
    if (form !== 'run.json') expect(text, form).toContain('not judged')
})

test('a gap that regressed fails', () => {
  const now = sampleRun([2, 2, 2, 2])
  const compared = compareWithBaseline(sampleRun([5, 5, 5, 5]).verdict.gaps, now.verdict.gaps)
  const document = read(junit(now, compared))
  expect(all(document, '//testsuite[@name="baseline"]/testcase')).toHaveLength(compared.length)
  const failure = all(document, '//testsuite[@name="baseline"]//failure')[0] as XmlElement
  expect(attribute(failure, 'type')).toBe('gap regressed')
  expect(attribute(failure, 'message')).toBe('2.00× [2.00, 2.00], before 5.00× [5.00, 5.00]')
  expect(failure.content).toContain('now: 2.00× [2.00, 2.00]\nbefore: 5.00× [5.00, 5.00]')
})

test('the whole document: each suite with its own counts, what ran it and what was said', () => {
  const run = runByHand()
  const { failures } = run.measurement
  const late = { kind: 'late', message: '', count: 2 }
  failures.push(...failures.map((each) => ({ ...each, key: 'postgres', ...late })))
  run.verdict.notJudged = [{ threshold: 'python[1].minTps', clients: 20, why: 'clients' }]
  run.premises.push({ name: 'c', holds: false, seen: 'w' })
  const ratio = (median: number) => ({ median, low: median - 0.5, high: median + 0.5, pairs: 6 })
  const compared = (['regressed', 'improved', 'within noise'] as const).map((change, at) => ({
    ...{ key: 'postgres', figure: 'tps' as const, clients: at + 1, change, before: ratio(5), now: ratio(2) },
  }))
  const [odd, slow] = [
    'python: odd × 1,234 (clients: 1; measuring 1,234): busy',
    'postgres: late × 2 (clients: 1; measuring 2)',
  ]
  const suite = (name: string, id: number, counts: string, ...cases: string[]) => [
    `  <testsuite name="${name}" package="inference-gap" id="${id}" ${counts} timestamp="2026-01-02T03:04:05" hostname="localhost">`,
    '    <properties>',
    ...[
      ...['name="command" value="npx x"', 'name="system" value="Linux 6"', 'name="processor" value="CPU"'],
      ...['name="cores" value="2"', 'name="memory" value="25000000000"'],
      ...['name="k6" value="1"', 'name="Node" value="20"'],
    ].map((each) => `      <property ${each}/>`),
    '    </properties>',
    ...cases,
    '    <system-out>At one client postgres gives 5.00 times as many answers as python [5.00, 5.00]; 1 of 4 thresholds crossed.</system-out>',
    `    <system-err>${odd}`,
    `${slow}</system-err>`,
    '  </testsuite>',
  ]
  const sound = (of: string, name: string) =>
    `    <testcase name="${name}" classname="inference-gap.${of}" time="0"/>`
  const other = (of: string, name: string, tag: string, attributes: string, ...known: string[]) => [
    `    <testcase name="${name}" classname="inference-gap.${of}" time="0">`,
    `      <${tag} ${attributes}>${known.join('\n')}</${tag}>`,
    '    </testcase>',
  ]
  const text = junit(run, compared)
  read(text)
  expect(text.split('\n')).toEqual(
    [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<testsuites>',
      ...suite(
        'thresholds',
        0,
        // Four blocks of each side, a second long.
        'tests="5" failures="1" errors="0" skipped="2" time="8.000"',
        sound('thresholds', 'gap.minTpsRatio at one client'),
        ...other(
          'thresholds',
          'python.maxFailureRate',
          'failure',
          'message="measured 0.0123, expected ≤ 0.001" type="threshold crossed"',
          ...[
            'threshold: python.maxFailureRate',
            'measured: 0.0123',
            'expected: ≤ 0.001',
            `failures: ${odd}`,
          ],
        ),
        ...other(
          'thresholds',
          'postgres.maxLatencyMs.p50 at one client',
          'skipped',
          'message="undecided: measured 1.00 ms, expected ≤ 2.00 ms"',
          ...[
            'threshold: postgres.maxLatencyMs.p50 at one client',
            'measured: 1.00 ms',
            'expected: ≤ 2.00 ms',
          ],
          `failures: ${slow}`,
        ),
        sound('thresholds', 'postgres.minTps at one client'),
        ...other(
          'thresholds',
          'python[1].minTps at 20 clients',
          'skipped',
          'message="not judged: 20 clients not measured"',
          'threshold: python[1].minTps at 20 clients',
        ),
      ),
      ...suite(
        'premises',
        1,
        'tests="3" failures="0" errors="2" skipped="0" time="0.000"',
        sound('premises', 'a'),
        ...other(
          'premises',
          'b',
          'error',
          'message="broken: x; most likely cause: y" type="premise broken"',
          ...['premise: b', 'seen: x', 'most likely cause: y', 'what to do: z'],
          'what follows: the figures mean nothing',
        ),
        ...other(
          'premises',
          'c',
          'error',
          'message="broken: w" type="premise broken"',
          ...['premise: c', 'seen: w', 'what follows: the figures mean nothing'],
        ),
      ),
      ...suite(
        'baseline',
        2,
        'tests="3" failures="1" errors="0" skipped="0" time="0.000"',
        ...other(
          'baseline',
          'tps gap of postgres at one client',
          'failure',
          'message="2.00× [1.50, 2.50], before 5.00× [4.50, 5.50]" type="gap regressed"',
          ...[
            'gap: tps gap of postgres at one client',
            'now: 2.00× [1.50, 2.50]',
            'before: 5.00× [4.50, 5.50]',
          ],
        ),
        sound('baseline', 'tps gap of postgres at 2 clients'),
        sound('baseline', 'tps gap of postgres at 3 clients'),
      ),
      '</testsuites>',
      '',
    ].flatMap((line) => line.split('\n')),
  )
})

test('a threshold of the gap is about all sides, and tells of the failures of all', () => {
  const run = runByHand()
  const { failures } = run.measurement
  failures.push(...failures.map((each) => ({ ...each, key: 'postgres' })))
  Object.assign(run.verdict.checks[0] ?? {}, { outcome: 'fail' })
  const failure = one(read(junit(run)), '//testcase[@name="gap.minTpsRatio at one client"]/failure')
  expect(failure.content).toMatch(/\nfailures: python: odd × 1,234 .*; postgres: odd × 1,234 /)
})

test('XML has a line for each element but beside text, and what is text stays so', () => {
  const made = element(
    'a',
    { b: '"\t\n\r&<>' },
    element('c'),
    element('d', {}, '"&<>\r\t'),
    element('e', {}, 'x', element('f', { g: '1', h: '2' }), 'y'),
  )
  expect(xmlDocument(made)).toBe(
    [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<a b="&quot;&#9;&#10;&#13;&amp;&lt;&gt;">',
      '  <c/>',
      '  <d>"&amp;&lt;&gt;&#13;\t</d>',
      '  <e>x<f g="1" h="2"/>y</e>',
      '</a>',
      '',
    ].join('\n'),
  )
})
