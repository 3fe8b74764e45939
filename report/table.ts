/** Tables for the terminal: plain columns, the first to the left, figures to the right. */
import Table from 'cli-table3'
import type { Ratio } from '../gap/ratio.ts'
import { colour } from './colour.ts'

const sides = ['top', 'bottom', 'left', 'right'] as const
const none = Object.fromEntries([
  ...sides.flatMap((side) => [
    [side, ''],
    [`${side}-mid`, ''],
  ]),
  ...['top-left', 'top-right', 'bottom-left', 'bottom-right', 'mid', 'mid-mid'].map((part) => [part, '']),
])

export function table(head: string[], rows: string[][]): string {
  const made = new Table({
    chars: { ...none, left: '  ', middle: '  ' },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    head: head.map((name) => colour.dim(name)),
    colAligns: head.map((_, index) => (index === 0 ? 'left' : 'right')),
  })
  made.push(...rows)
  return made.toString()
}

/** Enough digits to tell two figures apart, and no more. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '-'
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

export const times = (value: number) => `${figure(value)}×`

/** Both ends of a ratio's 95 % interval; of a single pair it is the whole axis. */
export const ends = (low: number, high: number) =>
  `[${figure(low)}, ${high < Number.MAX_VALUE ? figure(high) : '∞'}]`

export const withInterval = ({ median, low, high }: Ratio) => `${times(median)} ${ends(low, high)}`
