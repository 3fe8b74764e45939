import { expect, test } from 'vitest'
import { latenciesOf, sampleMeasurement } from './fixture.ts'
import { hostRows, hostsAnswer, unevenHosts } from './hosts.ts'
import type { Measurement } from './measurement.ts'

/** @param answers of each host, in each block of the first side */
function ofHosts(answers: Record<string, number>): Measurement {
  const measurement = sampleMeasurement([5, 5])
  for (const block of measurement.blocks)
    if (block.key === 'postgres')
      block.hosts = Object.entries(answers).map(([name, count]) => ({
        name,
        ok: latenciesOf(Array.from({ length: count }, () => (name === 'a' ? 1 : 3))),
        failed: latenciesOf(count === 0 ? [9] : []),
      }))
  return measurement
}

test('a side that is one host has no rows and no premise', () => {
  expect(hostRows(sampleMeasurement())).toEqual([])
  expect(hostsAnswer(sampleMeasurement())).toEqual([])
})

test('each host by itself, over all blocks', () => {
  const rows = hostRows(ofHosts({ a: 60, b: 40 }))
  expect(rows.map(({ host, answers, share, failures }) => [host, answers, share, failures])).toEqual([
    ['a', 120, 0.6, 0],
    ['b', 80, 0.4, 0],
  ])
  expect(rows[0]?.p50Ms).toBeCloseTo(1, 2)
  expect(rows[1]?.p50Ms).toBeCloseTo(3, 2)
})

test.each([
  [{ a: 50, b: 50 }, []],
  [{ a: 62, b: 38 }, ['b']],
  [{ a: 63, b: 37 }, ['a', 'b']],
  [{ a: 34, b: 33, c: 33 }, []],
])('%o: uneven are %s', (answers, uneven) => {
  expect(unevenHosts(hostRows(ofHosts(answers as Record<string, number>))).map(({ host }) => host)).toEqual(
    uneven,
  )
})

test('one that gave no answer breaks a premise, by its name', () => {
  expect(hostsAnswer(ofHosts({ a: 50, b: 50 }))).toMatchObject([
    { name: 'hosts', holds: true, seen: 'all 2 hosts gave answers' },
  ])
  expect(hostsAnswer(ofHosts({ a: 100, b: 0 }))).toMatchObject([
    { holds: false, seen: 'b of postgres gave no right answer to 1 clients' },
  ])
})
