/** Made-up inputs: right ones with other values in them, and texts that programs stumble over. */
import { readFile } from 'node:fs/promises'
import fc from 'fast-check'

/** A secret that is nowhere shown. */
export const canary = 'canary-of-a-password'

export const hostileText = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      ' ',
      '0',
      '-1',
      '-0',
      '1e309',
      'NaN',
      'Infinity',
      '0x10',
      '1,1',
      '1,,2',
      ',',
      '%',
      '50%',
      '9'.repeat(400),
    ],
    ...[
      '__proto__',
      'constructor',
      'toString',
      '../../etc/passwd',
      '/dev/null',
      '/dev/zero',
      '/',
      '\0',
      '\n',
      '\uFEFF1',
    ],
    ...[
      "'; DROP TABLE x; --",
      '$(id)',
      '`id`',
      '$x{y}',
      '--help',
      '-',
      '--',
      '[::1',
      '::1',
      '%00',
      '%zz',
      '\u202Eabc',
      '😀',
    ],
    'x'.repeat(100_000),
  ),
  fc.string(),
  fc.double().map(String),
  fc.integer().map(String),
)

const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    '',
    0,
    -1,
    1e308,
    -1e-320,
    1.5,
    2 ** 53,
    true,
    [],
    {},
    [[]],
    [null],
    'x'.repeat(100_000),
  ),
  hostileText,
  fc.jsonValue(),
)

/** All places in a value, as the names that lead there. */
function placesIn(value: unknown, here: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [here]
  return [here, ...Object.entries(value).flatMap(([name, each]) => placesIn(each, [...here, name]))]
}

/** Undefined: it is left out. Where an earlier change took the place away, nothing is changed. */
function put(value: unknown, [name, ...more]: readonly string[], other: unknown): unknown {
  if (name === undefined) return other
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value))
    return Number(name) < value.length
      ? value.flatMap((each, index) => (index === Number(name) ? [put(each, more, other)] : [each]))
      : [...value, other]
  const { [name]: before, ...rest } = value as Record<string, unknown>
  const after = put(before, more, other)
  return after === undefined ? rest : { ...rest, [name]: after }
}

/** A right value with a few of its places left out, or with something else there, or with something more. */
export function changed(right: unknown, most = 3): fc.Arbitrary<unknown> {
  const places = placesIn(right)
  const change = fc.tuple(
    fc.constantFrom(...places),
    fc.option(hostileText, { freq: 2, nil: undefined }),
    hostile,
  )
  return fc
    .array(change, { minLength: 1, maxLength: most })
    .map((changes) =>
      changes.reduce<unknown>(
        (value, [place, more, other]) => put(value, more === undefined ? place : [...place, more], other),
        right,
      ),
    )
}

const isLong = process.env.FAULTS === 'all'
/** Inputs of a kind; for a long run what fits into its time. */
const inputs = isLong ? 1_000_000 : 50
const seconds = isLong ? Number(process.env.FUZZ_SECONDS ?? 20) : 60

/** What once found something is tried first, each time. */
async function corpusOf(what: string): Promise<unknown[]> {
  const all = JSON.parse(await readFile(new URL('corpus.json', import.meta.url), 'utf8'))
  return all[what] ?? []
}

/**
 * @param isRefused whether an input was refused; throws where neither taken nor refused in words
 * @returns what was seen
 */
export async function fuzzed<T>(
  what: string,
  arbitrary: fc.Arbitrary<T>,
  isRefused: (input: T) => Promise<boolean>,
  share: number,
): Promise<string> {
  let [tried, refused] = [0, 0]
  const one = async (given: T) => {
    tried++
    if (await isRefused(given)) refused++
  }
  let last: Promise<void> = Promise.resolve()
  const property = fc.asyncProperty(arbitrary, (given) => {
    last = one(given)
    return last
  })
  await fc.assert(property, {
    numRuns: Math.ceil(inputs * share),
    examples: (await corpusOf(what)).map((given) => [given as T]),
    interruptAfterTimeLimit: seconds * 1000,
    // The part of every test run tries the same inputs on each machine.
    ...(!isLong && { seed: 21 }),
  })
  // The time limit does not wait for the one that is under way.
  await last
  return `${tried} inputs, ${refused} refused`
}
