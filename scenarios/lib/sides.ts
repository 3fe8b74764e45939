/**
 * What a comparison sets side by side: a target, and perhaps a way of asking it, as `postgres`, `postgres:extended` or
 * `python:null`. The last side is what each other one is compared with.
 */
import type { Ask } from './ask.ts'
import { checkPostgresSettings, connectPostgres, constantQuery, predictQuery } from './postgres.ts'
import { checkPythonSettings, connectPython } from './python.ts'
import { type QueryMode, queryMode, queryModes, refuse, type Target, text } from './settings.ts'

/** After the colon. Query modes send the same question in another way, `fast` has another way of predicting; `constant`,
 * `null`, `framework` and `store` answer without the model, after a part of the way to it; a digit is another service. */
const variants = {
  postgres: [...queryModes, 'fast', 'constant', 'null'],
  python: ['null', 'framework', 'store', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
} as const
type Variant = QueryMode | 'fast' | 'constant' | 'null' | ServicePart | `${number}`

/** What the service does of a prediction: its path is the variant's name. */
type ServicePart = 'framework' | 'store'
const isServicePart = (variant: string | undefined): variant is ServicePart =>
  variant === 'framework' || variant === 'store'

export interface Side {
  /** Unique among the sides of a run; stands in names, tags and files. */
  key: string
  target: Target
  variant?: Variant
}

export function parseSides(name: string, fallback: string): Side[] {
  const sides: Side[] = []
  for (const word of text(name, fallback).split(',').filter(Boolean)) {
    const [target = '', variant, ...more] = word.split(':')
    const known =
      (target === 'postgres' || target === 'python') &&
      more.length === 0 &&
      (variant === undefined || (variants[target] as readonly string[]).includes(variant))
    if (!known)
      refuse(name, word, `postgres or python, alone or as ${examples()}; several are separated by commas`)
    const plain = variant === undefined ? target : `${target}-${variant}`
    const copies = sides.filter((side) => side.key === plain || side.key.startsWith(`${plain}_`)).length
    sides.push({
      key: copies === 0 ? plain : `${plain}_${copies + 1}`,
      target: target as Target,
      ...(variant !== undefined && { variant: variant as Variant }),
    })
  }
  return sides
}

const examples = () =>
  Object.entries(variants)
    .flatMap(([target, names]) => names.map((variant) => `${target}:${variant}`))
    .join(', ')

/** Whether it answers without the model. */
export const isNull = ({ variant }: Side) =>
  variant === 'constant' || variant === 'null' || isServicePart(variant)

export const modeOf = ({ variant }: Side): QueryMode =>
  queryModes.find((mode) => mode === variant) ?? queryMode()

/** Whether the server must hold this side's statement prepared. */
export const isPreparedSide = (side: Side) => side.target === 'postgres' && modeOf(side) === 'prepared'

/** Checked in the init context, so that a wrong variable ends the test before it starts. */
export function checkSide({ target, variant }: Side): void {
  if (target === 'postgres') checkPostgresSettings(urlVariable(target, variant))
  else checkPythonSettings(urlVariable(target, variant))
}

/** `python:1` is a service of its own, whose address is PYTHON_URL_1. */
function urlVariable(target: Target, variant: string | undefined): string {
  const plain = `${target === 'postgres' ? 'POSTGRES' : 'PYTHON'}_URL`
  if (variant === 'null') return `NULL_${plain}`
  return variant !== undefined && /^\d$/.test(variant) ? `${plain}_${variant}` : plain
}

/** Name of the environment variable that holds the address of the side's target. */
export const variableOf = ({ target, variant }: Side): string => urlVariable(target, variant)

/** A new connection to the side's target. */
export function connectSide(side: Side): Ask {
  const { target, variant } = side
  const variable = urlVariable(target, variant)
  if (target === 'python') return connectPython(variable, isServicePart(variant) ? variant : '')
  return connectPostgres({
    variable,
    mode: modeOf(side),
    query: isNull(side) ? constantQuery : predictQuery,
    ...(variant === 'fast' && { predictor: 'fast' }),
  })
}
