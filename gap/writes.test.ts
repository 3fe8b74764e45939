import { expect, test } from 'vitest'
import { neither } from '../workload/changes.ts'
import type { Stretch } from './changes.ts'
import { writesRows } from './writes.ts'

/** For a second a question every 10 ms for key 0, answered in `ms`; one of 100 answers takes four times as long. */
function stretch(round: number, pace: number, ms: number): Stretch {
  const changes = pace === 0 ? [] : [{ sentMs: 500, doneMs: 502, key: 0, state: 1 }]
  const answers = Array.from({ length: 100 }, (_, index) => ({
    sentMs: 10 * index,
    doneMs: 10 * index + (index === 7 ? 4 * ms : ms),
    key: 0,
    state: pace > 0 && 10 * index >= 510 ? 1 : 0,
  }))
  return { clients: 1, round, side: 'service', pace, answers, changes, before: [0], failures: [] }
}

test('what latency becomes by writes, round by round', () => {
  const rows = writesRows(
    [
      stretch(1, 0, 1),
      stretch(2, 0, 1),
      stretch(3, 0, 1),
      stretch(1, 1, 2),
      stretch(2, 1, 3),
      stretch(3, 1, 2.5),
    ],
    [0, 50],
    1,
    1,
  )
  expect(rows.map(({ due }) => due)).toEqual([0, 50])
  const [none, some] = rows
  expect(none).toMatchObject({
    key: 'service',
    clients: 1,
    made: 0,
    tps: 100,
    p50Ms: 1,
    oldestMs: 0,
    stale: 0,
  })
  expect(none).not.toHaveProperty('p50Ratio')
  expect(none).not.toHaveProperty('writeMs')
  expect(some).toMatchObject({
    made: 1,
    tps: 100,
    p50Ms: 2.5,
    writeMs: 2,
    answers: 300,
    neither: 0,
    failed: 0,
  })
  expect(some?.p50Ratio?.median).toBeCloseTo(2.5)
  expect(some?.p99Ratio?.pairs).toBe(3)
  // Asked at 500 ms and answered at 503, when the write had been confirmed for 1 ms.
  expect(some?.oldestMs).toBeCloseTo(1)
  expect(some?.stale).toBe(0)
})

test('answers from before a confirmed write are stale, and those of what never was are counted', () => {
  const one = stretch(1, 1, 1)
  // Asked at 600 and 900 ms.
  for (const at of [60, 90]) Object.assign(one.answers[at] as object, { state: 0 })
  Object.assign(one.answers[1] as object, { state: 1 })
  Object.assign(one.answers[2] as object, { state: neither })
  one.failures = [{ kind: 'HTTP 503', message: 'busy', count: 2 }]
  const [row] = writesRows([one], [0, 50], 1, 1)
  expect(row).toMatchObject({ stale: 2, neither: 2, failed: 2 })
  expect(row?.oldestMs).toBeCloseTo(399)
})

test('of what was never answered there is no row', () => {
  const silent = { ...stretch(1, 0, 1), answers: [] }
  expect(writesRows([silent], [0], 1, 1)).toEqual([])
})
