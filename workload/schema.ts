/** What a workload file may say, checked before anything is started. */
import { z } from 'zod'
import { isHeaderValue } from './http.ts'
import { nullName, nullVariable } from './resolve.ts'
import { namesInWords } from './shortened.ts'
import {
  answerForms,
  answerKinds,
  bodyForms,
  type Given,
  keyFormats,
  methods,
  queryModes,
  roles,
} from './workload.ts'

/** Of a function that the workload gives. */
const callable = (takes: string) =>
  z.custom<(...given: never[]) => unknown>(
    (value) => typeof value === 'function',
    `expected a function of ${takes}`,
  )

/** Of workloads and sides: they name files, metrics and columns, too. */
export const namePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$/
export const nameForm = 'up to 60 letters, digits, - and _, the first a letter or a digit'

const name = z.string().regex(namePattern, `expected ${nameForm}`)

/** Keys of thresholds.json that are no side's, and the scenarios that are no side's. */
const reserved = ['gap', 'capacity', 'minRatio', 'compare', 'connections', 'changes', 'keys', 'thresholds']

const variable = z
  .string()
  .refine((value) => !value.includes('://'), {
    error:
      'expected the name of an environment variable, as DATABASE_URL: an address may hold a secret and does not belong in a file',
    abort: true,
  })
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of an environment variable, as DATABASE_URL')

const text = z.string().min(1, 'expected a text that is not empty')
const fileOf = z.strictObject({ file: text })

const anySide = {
  name: name
    .refine(
      // As names of files, which some systems find in either case.
      (value) => !reserved.some((one) => one.toLowerCase() === value.toLowerCase()),
      `expected another name: ${reserved.join(', ')} mean something else beside the names of sides`,
    )
    // Much is kept by the names of sides, in objects.
    .refine((value) => !(value in {}), 'expected another name: every object has something of this name'),
  address: variable,
  role: z.enum(roles).optional(),
  of: name.optional(),
  until: text.optional(),
  embedded: z.boolean().optional(),
}

const query = z.union([text, fileOf], 'expected the text of a query, or { file: … }')

const sqlSide = z.strictObject({
  ...anySide,
  protocol: z.literal('sql'),
  query,
  parameters: callable('a key that returns an array of parameters'),
  mode: z.enum(queryModes).optional(),
  settings: z
    .record(
      z.string().regex(/^[A-Za-z_][\w.]*$/, 'expected the name of a setting, as search_path'),
      z.string(),
    )
    .optional(),
  value: callable('the rows that returns the answer').optional(),
  batch: z
    .strictObject({
      query,
      parameters: callable('keys that returns an array of parameters'),
      values: callable('the rows that returns the answers').optional(),
    })
    .optional(),
})

/** Written by the client itself. */
const ownHeaders = ['host', 'content-length', 'transfer-encoding', 'connection']

const headerText = z
  .string()
  .refine(isHeaderValue, 'expected a text without line breaks, of signs that a header can hold')
const header = z.union(
  [headerText, z.strictObject({ variable, prefix: headerText.optional() })],
  'expected a text, or { variable: … } for a secret',
)

const pathOf = (of: string) =>
  z.union([z.string(), callable(`${of} that returns a path`)], `expected a text, or a function of ${of}`)

const httpSide = z.strictObject({
  ...anySide,
  protocol: z.literal('http'),
  method: z.enum(methods).optional(),
  path: pathOf('a key').optional(),
  headers: z
    .record(
      z
        .string()
        .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'expected the name of a header')
        .refine(
          (given) => !ownHeaders.includes(given.toLowerCase()),
          'the client writes this header itself; leave it out',
        ),
      header,
    )
    .optional(),
  body: callable('a key that returns what is sent').optional(),
  bodyAs: z.enum(bodyForms).optional(),
  answerAs: z.enum(answerForms).optional(),
  value: callable("the answer's body that returns the answer").optional(),
  statuses: z.array(z.int().min(200).max(599)).nonempty().optional(),
  batch: z
    .strictObject({
      method: z.enum(methods).optional(),
      path: pathOf('keys').optional(),
      body: callable('keys that returns what is sent').optional(),
      bodyAs: z.enum(bodyForms).optional(),
      answerAs: z.enum(answerForms).optional(),
      values: callable("the answer's body that returns the answers").optional(),
    })
    .optional(),
  worker: text.optional(),
  about: text.optional(),
})

const side = z.discriminatedUnion(
  'protocol',
  [sqlSide, httpSide],
  'expected a side made by sql({ … }) or http({ … })',
)

const keys = z.union(
  [
    text,
    z.strictObject({ file: text, format: z.enum(keyFormats).optional() }),
    z.strictObject({ sql: z.union([text, fileOf]), of: name }),
  ],
  'expected a file, { file: …, format: … } or { sql: …, of: the side that is asked }',
)

const figure = z.number().positive().optional()

export const published = z.strictObject({
  source: text,
  clients: z.int().positive(),
  sides: z.record(z.string(), z.strictObject({ tps: figure, meanMs: figure })),
  curve: z
    .array(
      z.strictObject({
        clients: z.int().positive(),
        tps: z.record(z.string(), z.number().positive()),
        between: text.optional(),
      }),
    )
    .optional(),
  gap: z.strictObject({ tps: figure, mean: figure, trainingMemory: figure }).optional(),
  acrossHosts: z
    .array(z.tuple([z.number().positive(), z.number().positive()]).readonly())
    .readonly()
    .optional(),
})

export const workloadSchema = z
  .strictObject({
    name,
    keys,
    misfits: callable('the keys that returns what does not fit').optional(),
    draw: z
      .union(
        [z.enum(['even', 'in order']), z.strictObject({ zipf: z.number().positive().max(10) })],
        "expected 'even', 'in order' or { zipf: an exponent above 0, at most 10 }",
      )
      .optional(),
    answer: z.enum(answerKinds).optional(),
    compare: z
      .union(
        [
          z.literal('equal'),
          z.literal(false),
          z.strictObject({ tolerance: z.number().nonnegative().max(1) }),
          callable('two answers'),
        ],
        "expected 'equal', { tolerance: from 0 to 1 }, a function of two answers, or false",
      )
      .optional(),
    sides: z.array(side).nonempty('expected a side at the least'),
    beside: z.array(side).optional(),
    thresholds: text.optional(),
    published: published.optional(),
  })
  .check(({ value: { sides, beside = [], keys, answer = 'number', compare }, issues }) => {
    const refuse = (path: PropertyKey[], input: unknown, message: string) =>
      issues.push({ code: 'custom', path, input, message })
    const all = [
      ...sides.map((each, index) => ({ each, path: ['sides', index] })),
      ...beside.map((each, index) => ({ each, path: ['beside', index] })),
    ]
    const seen = new Set<string>()
    for (const { each, path } of all) {
      if (seen.has(each.name)) refuse([...path, 'name'], each.name, 'expected a name that no other side has')
      seen.add(each.name)
    }
    // Derived names and variables are told apart by letters and digits alone, in either case: so are files of some systems.
    const idle = new Map<string, string>()
    for (const { each, path } of all) {
      const variable = nullVariable(each.name)
      const other = idle.get(variable)
      if (other !== undefined && other !== each.name)
        refuse(
          [...path, 'name'],
          each.name,
          `expected a name that differs from ${other} in letters or digits: both would have the variable ${variable}`,
        )
      idle.set(variable, each.name)
    }
    for (const { each, path } of all) {
      const isNullOf = (name: string) => each.role === 'null' && each.of === name
      const known = all.map(({ each: { name } }) => name)
      const idled = known.find((name) => nullName(name) === each.name)
      if (idled !== undefined && !isNullOf(idled))
        refuse(
          [...path, 'name'],
          each.name,
          `expected another name: the null operation of ${idled} is called so`,
        )
      const asked = known.find((name) => nullVariable(name) === each.address)
      if (asked !== undefined && !isNullOf(asked))
        refuse(
          [...path, 'address'],
          each.address,
          `expected another variable: it is that of the null operation of ${asked}`,
        )
    }
    for (const { each, path } of all) {
      const { role = 'predict', of } = each
      if (of !== undefined && !sides.some(({ name }) => name === of))
        refuse(
          [...path, 'of'],
          of,
          `expected the name of one of the sides: ${namesInWords(sides.map(({ name }) => name))}`,
        )
      if (role !== 'predict' && of === undefined)
        refuse([...path, 'of'], of, `a side whose role is ${role} belongs to another: expected its name`)
      if (role !== 'predict' && path[0] === 'sides')
        refuse([...path, 'role'], role, 'expected predict: null operations and parts stand in `beside`')
    }
    for (const { each, path } of all) {
      if (each.protocol !== 'http' || !each.batch) continue
      const { body, path: to } = each.batch
      if (!body && typeof to !== 'function')
        refuse([...path, 'batch'], each.batch, 'expected a body, or a path, that is a function of keys')
      if (to === undefined && typeof each.path === 'function')
        refuse(
          [...path, 'batch', 'path'],
          to,
          "expected a path of all keys, for the side's is that of one key",
        )
    }
    if (typeof keys === 'object' && 'sql' in keys) {
      const asked = sides.find(({ name }) => name === keys.of)
      if (asked?.protocol !== 'sql')
        refuse(['keys', 'of'], keys.of, 'expected the name of a side that speaks SQL')
    }
    if (typeof compare === 'object' && answer !== 'number' && answer !== 'numbers')
      refuse(
        ['compare'],
        compare,
        `a tolerance is for numbers, and answers are declared as ${answer}: expected 'equal', a function or false`,
      )
  })

/** A workload, or a function that makes one from environment variables. */
export const isGiven = (value: unknown): value is Given =>
  typeof value === 'function' || (typeof value === 'object' && value !== null)
