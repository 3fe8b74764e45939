/** What is drawn is measured with a ruler, by the ticks of the axes: a chart that lies does so beside a table that does not. */
import { describe, expect, test } from 'vitest'
import { runByHand, runWithShares, sampleRun } from '../fixture.ts'
import type { Run } from '../run.ts'
import { colourOf, legendOf, partColour, partsOf } from './charts.ts'
import { rateBars } from './data.ts'
import { chartsRead } from './fixture.ts'
import { htmlReport } from './page.ts'

const read = (run: Run) => chartsRead(htmlReport(run))

/** Turns of 1 ms and of 10 ms a request; in the second session twice as much. */
function twoSessions(): Run {
  const run = runByHand()
  for (const block of run.measurement.blocks) {
    block.session = 1 + (block.pair % 2)
    block.turns = [0, 1, 2].map((turn) => ({
      ...{ endMs: turn * 1000, requests: 10 },
      busyMs: (block.key === 'python' ? 100 : 10) * block.session,
    }))
  }
  return run
}

function severalClients(): Run {
  const run = runByHand()
  run.measurement.settings.clients = [1, 5]
  run.verdict.figures.push(
    ...run.verdict.figures.map(({ latencyMs, ...figures }) => ({
      ...{ ...figures, clients: 5, tps: 2 * figures.tps },
      latencyMs: { ...latencyMs, p95: 2 * latencyMs.p95, p99: 4 * latencyMs.p99 },
    })),
  )
  return run
}

describe('charts as they are read', () => {
  const one = read(runByHand())

  test.each<[string, string[]]>([
    [
      'Throughput',
      [
        '440 by 140',
        'x | TPS → | 0k 0.2k 0.4k 0.6k 0.8k 1k | linear | grid',
        'y |  | postgres python',
        'bar, fill side-1: 0 to 1000; postgres',
        'bar, fill side-2: 0 to 200; python',
        'rule, stroke currentColor, stroke-width 2: 1000; postgres | 200; python',
      ],
    ],
    [
      'Latency',
      [
        '440 by 264',
        'x | ms → | 0 1 2 3 4 5 | linear | grid',
        'y |  | postgres python',
        'fy |  | p50 p95 p99',
        ...['p50', 'p95', 'p99'].flatMap((figure) => [
          `bar, ${figure}, fill side-1: 0 to 1; postgres`,
          `bar, ${figure}, fill side-2: 0 to 5; python`,
        ]),
        ...['p50', 'p95', 'p99'].map(
          (figure) => `rule, ${figure}, stroke currentColor, stroke-width 2: 1; postgres | 5; python`,
        ),
      ],
    ],
    [
      // The published 5926.5 ÷ 859.09 is a dashed line, and 1, where neither wins, is one, too.
      'The gap',
      [
        '440 by 260',
        'x | clients | 1',
        "y | ↑ TPS ÷ python's | 0 2 4 6 | linear | grid",
        'rule, stroke currentColor, stroke-opacity 0.5: -; 1',
        'rule, stroke currentColor, stroke-dasharray 4 3, stroke-opacity 0.8: -; 6.9',
        "text: 'published: 6.9' at -; 7.23",
        'rule, stroke side-1, stroke-width 3: 1; 5',
        'dot, fill side-1, r 5: 1; 5',
      ],
    ],
    [
      'Distribution of latency',
      [
        '440 by 300',
        'x | ms → | 2 3 4 5 | log | grid',
        'y | ↑ % of requests answered within | 0 20 40 60 80 100 | linear | grid',
        'line, stroke side-1, stroke-width 2: 1,1 …  1,52 … 1,100 (103)',
        'line, stroke side-2, stroke-width 2: 5,1 …  5,51 … 5,99.7 (101)',
      ],
    ],
    [
      'Where the time goes',
      [
        '440 by 140',
        'x | ms → | 0 1 2 3 4 5 | linear | grid',
        'y |  | postgres python',
        'bar, fill part-1: 0 to 0.1; postgres | 0 to 0.4; python',
        'bar, fill part-2: 0.1 to 0.3; postgres',
        'bar, fill part-3: 0.3 to 1; postgres',
        'bar, fill part-4: 0.4 to 5; python',
      ],
    ],
    [
      // The parts of a side together: 300 and 20 MB.
      'Memory',
      [
        '440 by 198',
        'x | MB → | 0 100 200 300 | linear | grid',
        'y |  | postgres python',
        'fy |  | training serving, one client',
        'bar, training, fill side-1: 0 to 100; postgres',
        'bar, training, fill side-2: 0 to 300; python',
        'bar, serving, one client, fill side-1: 0 to 40; postgres',
        'bar, serving, one client, fill side-2: 0 to 320; python',
        "text, training: '100' at 107; postgres | '300' at 307; python",
        "text, serving, one client: '40' at 47.3; postgres | '320' at 327; python",
      ],
    ],
  ])('%s', (title, expected) => {
    expect(one[title]).toEqual(expected)
  })

  test('turns by their time within each session', () => {
    const dots = (session: number, side: number, at: string) =>
      `dot, session ${session}, fill side-${side}, fill-opacity 0.7, r 1.6: ${at}`
    expect(read(twoSessions())['Over time']).toEqual([
      '900 by 350',
      'x | seconds → | 0.0 0.2 0.4 0.6 0.8 1.0 1.2 1.4 1.6 1.8 2.0 | linear',
      'y | ↑ ms | 1 2 3 10 20 | log | grid',
      'fy |  | session 1 session 2',
      'frame, session 1, stroke currentColor, stroke-opacity 0.2: around | around',
      // Two blocks of each in a session, with three turns.
      dots(1, 1, '0; 1 | 1; 1 | 2; 1 | 0; 1 | 1; 1 | 2; 1'),
      dots(1, 2, '0; 10 | 1; 10 | 2; 10 | 0; 10 | 1; 10 | 2; 10'),
      dots(2, 1, '0; 2 | 1; 2 | 2; 2 | 0; 2 | 1; 2 | 2; 2'),
      dots(2, 2, '0; 20 | 1; 20 | 2; 20 | 0; 20 | 1; 20 | 2; 20'),
    ])
  })

  test('of several numbers of clients a dot for each block, a line for all, and what is published', () => {
    const marks = (kind: string, side: number, look: string, at: string) =>
      `${kind}, stroke side-${side}, ${look}: ${at}`
    expect(read(severalClients()).Throughput).toEqual([
      '440 by 320',
      'x | clients | 1 5 10 20 100',
      'y | ↑ TPS | 200 300 1k 2k 3k 10k 20k 30k | log | grid',
      marks('dot', 1, 'stroke-width 1.5, stroke-opacity 0.6, r 3', Array(4).fill('1; 1000').join(' | ')),
      marks('dot', 2, 'stroke-width 1.5, stroke-opacity 0.6, r 3', Array(4).fill('1; 200').join(' | ')),
      marks('line', 1, 'stroke-width 2', '1,1000 5,2000'),
      marks('line', 2, 'stroke-width 2', '1,200 5,400'),
      // A diamond where nothing lies between, a cross where a pool does.
      marks('dot diamond', 1, 'stroke-width 2', '1; 5900 | 10; 32300 | 20; 17300'),
      marks('dot diamond', 2, 'stroke-width 2', '1; 860 | 10; 4700 | 20; 5000'),
      marks('dot times', 1, 'stroke-width 2', '20; 25900 | 100; 24100'),
      marks('dot times', 2, 'stroke-width 2', '20; 5000 | 100; 5000'),
    ])
    expect(read(severalClients()).Latency).toEqual([
      '440 by 320',
      'x | clients | 1 5',
      'y | ↑ ms | 2 3 4 5 6 10 20 | log | grid',
      ...[
        ['', '1,1 5,1', '1,5 5,5'],
        ['6 3', '1,1 5,2', '1,5 5,10'],
        ['2 3', '1,1 5,4', '1,5 5,20'],
      ].flatMap(([dash, ...sides]) =>
        sides.map((at, side) => marks('line', side + 1, `stroke-width 2, stroke-dasharray ${dash}`, at)),
      ),
      'dot, fill side-1, r 2.5: 1; 1 | 1; 1 | 1; 1 | 5; 1 | 5; 2 | 5; 4',
      'dot, fill side-2, r 2.5: 1; 5 | 1; 5 | 1; 5 | 5; 5 | 5; 10 | 5; 20',
    ])
  })

  test('whose the gap is, as a way of two pieces', () => {
    expect(read(runWithShares())['Whose the gap is']).toEqual([
      '440 by 140',
      'x | times as many answers → | 1 2 3 10 20 | log | grid',
      'y |  | postgres postgres-fast',
      'fy |  | one client',
      'bar, one client, fill part-3: 1 to 2.5; postgres | 1 to 10; postgres-fast',
      'bar, one client, fill part-6: 2.5 to 5; postgres | 10 to 20; postgres-fast',
      'rule, one client, stroke currentColor, stroke-opacity 0.5: 1; -',
    ])
  })

  test('of what differs from block to block the interval of the row behind it', () => {
    const run = sampleRun([2, 4, 4, 8])
    for (const [at, block] of run.measurement.blocks.entries()) block.tps = 100 + 10 * at
    const digits = (value: number | undefined) => Number(value?.toPrecision(3))
    const ends = rateBars(run).map(({ key, low, high }) => `${digits(low)} to ${digits(high)}; ${key}`)
    const rules = (title: string) => read(run)[title]?.filter((line) => /^(rule.*width|dot)/.test(line))
    expect(rules('Throughput')).toEqual([`rule, stroke currentColor, stroke-width 2: ${ends.join(' | ')}`])
    const [gap] = run.verdict.gaps
    expect(gap?.tps.median).toBe(4)
    expect(rules('The gap')).toEqual([
      `rule, stroke side-1, stroke-width 3: 1; ${digits(gap?.tps.low)} to ${digits(gap?.tps.high)}`,
      'dot, fill side-1, r 5: 1; 4',
    ])
  })
})

test('beyond six sides and seven parts there is no colour of their own', () => {
  const sides = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  expect(['a', 'f', 'g', 'nobody'].map((key) => colourOf(sides)({ key }))).toEqual([
    ...['var(--side-1)', 'var(--side-6)', 'currentColor', 'currentColor'],
  ])
  expect(legendOf(['b', 'g'], sides).text).toBe(
    '<ul class="key"><li><i style="background:var(--side-2)"></i>b</li><li><i style="background:currentColor"></i>g</li></ul>',
  )
  expect(legendOf(['b']).text).toContain('var(--side-1)')
  const run = runByHand()
  const [cost] = run.costs
  // Each part ends later than the one before; the client is the first, and what is left the last.
  if (cost)
    cost.parts = [1, 2, 3, 4, 5, 6].map((at) => ({ key: `p${at}`, until: `part ${at}`, ms: 0.1 * (at + 1) }))
  expect(partsOf(run)).toEqual([
    'client and network',
    ...[1, 2, 3, 4, 5, 6].map((at) => `part ${at}`),
    ...['postgres: the rest', 'python'],
  ])
  expect(['client and network', 'part 6', 'python', 'none'].map((part) => partColour(run, part))).toEqual([
    ...['var(--part-1)', 'var(--part-7)', 'currentColor', 'currentColor'],
  ])
})
