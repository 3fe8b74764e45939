/** What `check` found, as people read it. */

import { inOneLine, visible } from '../workload/shortened.ts'
import { colour } from './colour.ts'
import { figure, table } from './table.ts'

export interface CheckedReply {
  question: string
  answer: string
  ms: number
}

export interface CheckedSide {
  name: string
  protocol: string
  address: string
  replies: CheckedReply[]
  /** What stays from one question to the next. */
  kept: string
}

export interface CheckReport {
  workload: string
  keys: number
  sides: CheckedSide[]
  /** A line a pair of sides. */
  compared: { text: string; holds: boolean; different?: string[] }[]
  /** What belongs beside the answers. */
  remarks: string[]
}

const most = 40
const short = (text: string) => {
  const line = visible(text.replaceAll(/\s+/g, ' '))
  return line.length > most ? `${line.slice(0, most - 1)}…` : line
}

export const checkReport = ({ workload, keys, sides, compared, remarks }: CheckReport): string =>
  [
    `\n${colour.bold(workload)}${colour.dim(`  (${keys.toLocaleString('en')} keys)`)}`,
    ...sides.flatMap(({ name, protocol, address, replies, kept }) => [
      `\n${colour.bold(name)}${colour.dim(`  (${protocol}, ${address}; ${kept})`)}`,
      table(
        ['question', 'answer', 'ms'],
        replies.map(({ question, answer, ms }) => [short(question), short(answer), figure(ms)]),
      ),
    ]),
    '',
    ...compared.flatMap(({ text, holds, different = [] }) => [
      `${holds ? colour.green('✓') : colour.red('✗')} ${text}`,
      ...different.map(inOneLine),
    ]),
    ...remarks.map((remark) => `${colour.yellow('!')} ${inOneLine(remark)}`),
  ].join('\n')
