import type { RecordedSeries } from 'k6/x/recorder'
import { expect, test } from 'vitest'
import { latenciesOf } from '../../gap/fixture.ts'
import { blockName, type Phase, stageName, turnName } from './blocks.ts'
import { accountedMs, everybody, spentOf } from './spent.ts'

const series = (side: string, block: string, ms: number[], failedMs: number[] = []) =>
  ({ side, block, ok: latenciesOf(ms), failed: latenciesOf(failedMs) }) as unknown as RecordedSeries

/** Two clients; what comes before the lead's and the whole turn's milliseconds does not matter but for the requests. */
const turn = (requests: number, leadMs: number, wholeMs: number) => ({
  at: 0,
  sums: [requests, 0, 0, 0, 0, 0, leadMs, wholeMs],
})
const name = (phase: Phase, number: number) =>
  turnName(phase, 2, phase === 'warmup' ? 0 : 1, 'python', number)

const meetings = {
  [name('warmup', 0)]: turn(3, 10, 100),
  [name('measure', 0)]: turn(7, 20, 100),
  [name('measure', 1)]: turn(8, 22, 102),
  // Asked beside the others: measured, too.
  [name('beside', 2)]: turn(1, 3, 10),
  'ready/2/1/0': { at: 5, sums: [] },
}
const recorded = [
  series('python', stageName('measure', 2, 'opening'), [4, 5, 6], [50]),
  series('python', stageName('warmup', 2, 'opening'), [900]),
  series('python', stageName('measure', 2, 'lead'), [2, 3]),
  series('python', blockName('warmup', 2, 0), [1, 1, 400]),
  series('python', blockName('measure', 2, 1), [9, 9]),
  series(everybody, stageName('measure', 2, 'waiting'), [1, 2]),
]
const spent = spentOf(['python'], [2], recorded, meetings)
const of = (phase: string, stage: string, key: string | null = 'python') =>
  spent.find((each) => each.phase === phase && each.stage === stage && each.key === key)

test('a stage has its count, its total, its median and its largest, failed ones among them', () => {
  expect(of('measure', 'opening')).toEqual({
    ...{ key: 'python', clients: 2, session: 1, phase: 'measure', stage: 'opening' },
    ...{ count: 4, failed: 1, totalMs: 65, medianMs: expect.closeTo(5, 1), largestMs: 50 },
  })
  expect(of('warmup', 'opening')).toMatchObject({ count: 1, totalMs: 900, largestMs: 900 })
})

test('a lead takes what passes between its requests as well, which is what it is judged by', () => {
  expect(of('measure', 'lead')).toMatchObject({ count: 2, totalMs: 20 + 22 + 3, largestMs: 3 })
})

test('what counts is the rest of each turn; of the warm-up nothing else tells its largest', () => {
  expect(of('measure', 'counted')).toMatchObject({
    ...{ count: 16, totalMs: 80 + 80 + 7, medianMs: null, largestMs: null },
  })
  expect(of('warmup', 'counted')).toMatchObject({ count: 3, totalMs: 90, largestMs: 400 })
})

test('time that is no single side’s', () => {
  expect(of('measure', 'waiting', null)).toMatchObject({ count: 2, totalMs: 3 })
})

test('what did not happen is left out', () => {
  expect(of('measure', 'closing')).toBeUndefined()
  expect(spent.every(({ count, totalMs }) => count > 0 || totalMs > 0)).toBe(true)
})

test('a side may be called as a round is, whose meeting brings other figures', () => {
  const named = {
    [turnName('measure', 2, 1, '0', 0)]: turn(7, 20, 100),
    'ready/2/1/0': { at: 5, sums: [10, 0] },
  }
  expect(spentOf(['0'], [2], [], named)).toMatchObject([
    { key: '0', stage: 'lead' },
    { key: '0', stage: 'counted', count: 7, totalMs: 80 },
  ])
})

test('the clients work at once: their mean is what of the session is accounted for', () => {
  const total = spent.reduce((sum, { totalMs }) => sum + totalMs, 0)
  expect(accountedMs(1000, spent)).toBeCloseTo(1000 + total / 2)
  expect(accountedMs(7, [])).toBe(7)
})
