import { expect, test } from 'vitest'
import { TimeLeft } from './time-left.ts'

function of(seconds: number) {
  let now = 1000
  const time = new TimeLeft(seconds, 4, () => now)
  const session = (rounds: number, took: number) =>
    time.taken(rounds, async () => {
      now += took
    })
  return { time, session }
}

test('until a session was seen only its rounds are known', () => {
  const { time } = of(8)
  expect(time.has(2)).toBe(true)
  expect(time.has(3)).toBe(false)
})

test('a session takes what the slowest start took, and its rounds', async () => {
  const { time, session } = of(100)
  await session(5, 30) // a start of 10 s
  await session(5, 28)
  // 42 s are left: 10 + 4 for each round.
  expect(time.has(8)).toBe(true)
  expect(time.has(9)).toBe(false)
})

test('the search leaves seven sessions of two rounds for the confirmation', async () => {
  const { time, session } = of(30 + 30 + 7 * 18)
  await session(5, 30)
  expect(time.hasForSearch(5)).toBe(true)
  expect(time.hasForSearch(6)).toBe(false)
  await session(5, 30)
  expect(time.hasForSearch(1)).toBe(false)
  expect(time.has(2)).toBe(true)
})

test('what a backlog took is not expected of the confirmation, where a rate holds', async () => {
  const { time, session } = of(30 + 60 + 60 + 7 * 18)
  await session(5, 30) // a start of 10 s
  await session(5, 60) // the same, and 30 s until all was answered
  expect(time.hasForSearch(5)).toBe(true)
  expect(time.hasForSearch(6)).toBe(false)
})

test('what a session returns or throws comes through', async () => {
  const { time } = of(100)
  expect(await time.taken(1, async () => 7)).toBe(7)
  await expect(time.taken(1, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
})
