/**
 * The one reader of files that a user gives. Whatever is wrong with one is told in one message: file, place, value (shortened),
 * what was expected, what to do. Each step can be used alone: bytes, text, JSON, what a schema makes of a value.
 */
import { createReadStream } from 'node:fs'
import { access, constants, readFile, stat } from 'node:fs/promises'
import { type ParseErrorCode, printParseErrorCode, visit } from 'jsonc-parser'
import type { z } from 'zod'
import { inLines, type Misfit } from '../workload/misfit.ts'
import { plainText } from '../workload/plain-text.ts'
import { shortened, visible } from '../workload/shortened.ts'
import { BadInput, messageOf, reasonOf } from './failure.ts'
import { shown } from './paths.ts'

export interface UserFile {
  file: string
  /** Most bytes that such a file may have. */
  most: number
  /** What to do when it does not fit, as a sentence. */
  hint: string
}

/** Characters of a path that a message tells: its end says the most. */
const mostOfPath = 300

function named(file: string): string {
  const path = visible(shown(file)) || "''"
  return path.length > mostOfPath ? `…${path.slice(-mostOfPath)}` : path
}

/** @throws {BadInput} */
export const refuse = ({ file, hint }: UserFile, what: string): never => {
  throw new BadInput(`${named(file)} ${what}`, hint)
}

const inMegabytes = (bytes: number) => `${Number((bytes / 1e6).toPrecision(3)).toLocaleString('en')} MB`

/** @throws {BadInput} where there is nothing to read, where it is no file, or too large a one */
export const refuseNoFile = (given: UserFile): Promise<void> => opened(given, async () => {})

async function opened<T>(given: UserFile, read: (file: string) => Promise<T>): Promise<T> {
  const { file, most } = given
  try {
    const found = await stat(file)
    if (!found.isFile()) {
      const kind = found.isDirectory() ? 'a folder' : found.isFIFO() ? 'a pipe' : 'a socket or a device'
      return refuse(given, `is ${kind}; expected a file, which is read more than once`)
    }
    if (found.size > most)
      return refuse(given, `has ${inMegabytes(found.size)}; expected at most ${inMegabytes(most)}`)
    // Who opens it later would be told without its name, or in another way.
    await access(file, constants.R_OK)
    return await read(file)
  } catch (error) {
    if (error instanceof BadInput) throw error
    return refuse(given, `cannot be read: ${reasonOf(error)}`)
  }
}

function plainOf(text: string, given: UserFile): string {
  try {
    return plainText(text)
  } catch (error) {
    return refuse(given, messageOf(error))
  }
}

/** The mark before the text is kept here and taken there. @param fatal otherwise bytes that are no UTF-8 become U+FFFD */
const decoderOfText = (fatal: boolean) => new TextDecoder('utf-8', { ignoreBOM: true, fatal })

/**
 * Decodes a text part by part. What became U+FFFD would be another text, which nobody would be told.
 * @throws {BadInput} naming the line of what is no UTF-8
 */
function strictly(given: UserFile): (bytes: Uint8Array, isLast?: boolean) => string {
  const decoder = decoderOfText(true)
  let newlines = 0
  let isFirst = true
  return (bytes, isLast = false) => {
    let text: string
    try {
      text = decoder.decode(bytes, { stream: !isLast })
    } catch {
      // What a part begins with may go on from the one before.
      const begin = isFirst ? 0 : bytes.findIndex((byte) => byte >> 6 !== 0b10)
      const lenient = decoderOfText(false).decode(bytes.subarray(Math.max(0, begin)))
      if (isFirst) plainOf(lenient, given)
      const [right = ''] = lenient.split('\ufffd', 1)
      return refuse(
        given,
        `has in line ${newlines + right.split('\n').length} what is no UTF-8; expected a text in UTF-8`,
      )
    }
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) newlines++
    if (isFirst && bytes.length > 0) text = plainOf(text, given)
    if (bytes.length > 0) isFirst = false
    return text
  }
}

/** @throws {BadInput} where it is empty or not UTF-8 */
export const textOf = (bytes: Uint8Array, given: UserFile): string =>
  bytes.length === 0 ? refuse(given, 'is empty') : strictly(given)(bytes, true)

/** @throws {BadInput} where it cannot be read as a whole */
export const readBytes = (given: UserFile): Promise<Buffer> => opened(given, (file) => readFile(file))

/** Its text, a part at a time, for files that are read as a stream. @throws {BadInput} where it is no text in UTF-8 */
export async function* textIn(given: UserFile): AsyncGenerator<string> {
  const decoded = strictly(given)
  let isEmpty = true
  const stream = await opened(given, async (file) => createReadStream(file, { highWaterMark: 2 ** 18 }))
  for await (const bytes of stream as AsyncIterable<Buffer>) {
    yield decoded(bytes)
    isEmpty = false
  }
  if (isEmpty) refuse(given, 'is empty')
  yield decoded(new Uint8Array(), true)
}

/** "1, column 5": as editors count. */
function lineOf(text: string, offset: number): string {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  return `line ${line}, column ${offset - before.lastIndexOf('\n')}`
}

/** "InvalidNumberFormat" → "invalid number format" */
const inWords = (code: ParseErrorCode) =>
  printParseErrorCode(code)
    .replace(/(?!^)[A-Z]/g, (letter) => ` ${letter}`)
    .toLowerCase()

interface Fault {
  offset: number
  what: string
}

/** Whether a number of digits alone is held as another one: JSON.stringify writes the shortest text of the one that is held. */
const losesDigits = (value: unknown, literal: string) =>
  typeof value === 'number' &&
  !Number.isSafeInteger(value) &&
  /^-?\d+$/.test(literal) &&
  String(value) !== literal

/**
 * The first thing in a text for which it is no JSON, or for which readers of JSON would differ: a name that stands twice, a whole
 * number of more digits than 64-bit floats hold.
 */
export function faultOf(text: string): Fault | undefined {
  let fault: Fault | undefined
  const found = (offset: number, what: string) => {
    fault ??= { offset, what }
  }
  const names: Set<string>[] = []
  visit(
    text,
    {
      onObjectBegin: () => void names.push(new Set()),
      onObjectEnd: () => void names.pop(),
      onObjectProperty: (name, offset) => {
        const own = names.at(-1)
        if (own?.has(name)) found(offset, `${shortened(name)} stands twice in one object`)
        own?.add(name)
      },
      onLiteralValue: (value, offset, length) => {
        const literal = text.slice(offset, offset + length)
        if (losesDigits(value, literal))
          found(offset, `${shortened(literal)} would lose digits as a number; expected a text, in quotes`)
      },
      onError: (code, offset) => {
        const rest = text.slice(offset, offset + 20).split('\n')[0]
        found(offset, `${inWords(code)}, found ${rest ? shortened(rest) : 'the end'}`)
      },
    },
    { disallowComments: true },
  )
  return fault
}

/** @throws {BadInput} naming line and column */
export function jsonOf(text: string, given: UserFile): unknown {
  let value: unknown
  let said: string | undefined
  try {
    value = JSON.parse(text)
  } catch (error) {
    said = messageOf(error)
  }
  let fault: Fault | undefined
  try {
    fault = faultOf(text)
  } catch {
    // Nested deeper than it can follow.
  }
  if (said === undefined && fault === undefined) return value
  const where = fault ? `${lineOf(text, fault.offset)}: ${fault.what}` : (said as string).slice(0, 200)
  return refuse(given, `is not JSON as it must be: ${where}`)
}

/** The problems that zod found, with the values themselves. */
export function misfitsOf(error: z.ZodError, input: unknown): Misfit[] {
  const valueAt = (path: PropertyKey[]) =>
    path.reduce<unknown>((value, part) => (value as Record<PropertyKey, unknown> | undefined)?.[part], input)
  return error.issues.flatMap((issue): Misfit[] =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => {
          const path = [...issue.path, key]
          return { path, value: valueAt(path), expected: 'no such key' }
        })
      : [
          {
            path: issue.path,
            value: valueAt(issue.path),
            // What a name must be says more than that it is none.
            expected: (issue.code === 'invalid_key' && issue.issues[0]?.message) || issue.message,
          },
        ],
  )
}

/** @throws {BadInput} naming path, value and what was expected of each part that does not fit */
export function fitted<T>(schema: z.ZodType<T>, value: unknown, given: UserFile): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  return refuse(given, `does not fit:\n${inLines(misfitsOf(parsed.error, value))}`)
}

/** JSON of whatever form. @throws {BadInput} */
export const jsonIn = async (given: UserFile): Promise<unknown> =>
  jsonOf(textOf(await readBytes(given), given), given)

/** @throws {BadInput} */
export async function readJson<T>(schema: z.ZodType<T>, given: UserFile): Promise<T> {
  return fitted(schema, await jsonIn(given), given)
}
