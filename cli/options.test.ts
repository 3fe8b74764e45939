import { InvalidArgumentError } from 'commander'
import { describe, expect, test } from 'vitest'
import { demand, headroom, length, lengths, listOf, price, wholeNumber } from './options.ts'

describe('a demand', () => {
  test.each([
    ['50000', 50_000],
    ['50,000', 50_000],
    ['1,234,567', 1_234_567],
    ['50k', 50_000],
    ['1.5M', 1_500_000],
    ['50000/s', 50_000],
    ['0.5', 0.5],
    ['12.25', 12.25],
    [' 7 ', 7],
  ])('%s', (text, expected) => {
    expect(demand(text)).toBeCloseTo(expected, 6)
  })

  // 50.000 is 50 to some and 50,000 to others.
  test.each([
    '0',
    '0k',
    '0.0',
    '-5',
    '50.000',
    '5,00',
    '50,0000',
    ',000',
    '1e5',
    'many',
    '',
    '50K',
    'k',
    '5 k',
    'Infinity',
  ])('%j is refused', (text) => {
    expect(() => demand(text)).toThrow(InvalidArgumentError)
    expect(() => demand(text)).toThrow('expected a number of predictions a second above 0, as 50000')
  })

  test('of more digits than a number can hold is refused', () => {
    expect(() => demand('9'.repeat(400))).toThrow(InvalidArgumentError)
  })
})

describe('a headroom', () => {
  test.each([
    ['30%', 0.3],
    ['30 %', 0.3],
    ['0.3', 0.3],
    ['0', 0],
    ['0%', 0],
    ['12.5%', 0.125],
    ['99.9%', 0.999],
  ])('%s', (text, expected) => {
    expect(headroom(text)).toBeCloseTo(expected, 12)
  })

  // A bare 30 may be meant as a percentage, and is no share.
  test.each(['30', '1', '100%', '120%', '-10%', '', '%', 'a third', '.3'])('%j is refused', (text) => {
    expect(() => headroom(text)).toThrow('expected a share from 0% to below 100%, as 30% or 0.3')
  })
})

describe('a price', () => {
  test.each([
    ['0.34', 0.34],
    ['0', 0],
    ['12', 12],
  ])('%s', (text, expected) => {
    expect(price(text)).toBe(expected)
  })

  test.each(['-1', '$0.34', '0,34', '', 'free', '1e3', 'Infinity'])('%j is refused', (text) => {
    expect(() => price(text)).toThrow('expected a price an hour of at least 0, as 0.34')
  })
})

test.each(['-1', '0.5', 'one', ''])('spare hosts %j are refused', (text) => {
  expect(() => wholeNumber(0)(text)).toThrow('expected a whole number of at least 0')
})

describe('a length of time', () => {
  test.each([
    ['0', 0],
    ['1', 1],
    ['0.1ms', 0.1],
    ['50us', 0.05],
    ['50µs', 0.05],
    // It names a folder, and stands in tables.
    ['35us', 0.035],
    ['2s', 2000],
    [' 1ms ', 1],
  ])('%s', (text, ms) => {
    expect(length(text)).toBe(ms)
  })

  test.each(['', '-1ms', '1 ms', '1m', '11s', '.5', 'soon', '1e3'])('%j is refused', (text) => {
    expect(() => length(text)).toThrow('expected a length of time from 0 to 10s, as 50us, 0.1ms or 1ms')
  })

  test('several, each once', () => {
    expect(lengths('0,0.1ms,1')).toEqual([0, 0.1, 1])
    expect(() => lengths('1ms,1000us')).toThrow('expected each distance once')
    expect(() => lengths('1ms,')).toThrow('expected a length of time')
  })
})

test('names are separated by commas, and none is empty', () => {
  expect(listOf('links')('a, b')).toEqual(['a', 'b'])
  expect(() => listOf('links')('a,')).toThrow('expected names of links, separated by commas')
})
