/** Faults of what a service answers, one way after the other, in the midst of a comparison. */
import { gzipSync } from 'node:zlib'
import {
  answerTo,
  clients,
  type Expected,
  expectedInWords,
  fine,
  httpSide,
  inTheMidst,
  judged,
  loaded,
  writeWorkload,
} from './load.ts'
import type { Group, Row } from './row.ts'
import { type Manner, message, rightly, serve } from './service.ts'
import { Trigger } from './trigger.ts'

let workload = ''

/** Two services of ours, of which the first becomes faulty. */
async function compared(
  faulty: Manner,
  at = inTheMidst,
  more: { args?: string[]; file?: string; command?: string } = {},
) {
  const trigger = new Trigger(at)
  const [first, last] = [
    await serve(answerTo, trigger, faulty),
    await serve(answerTo, new Trigger(0), rightly),
  ]
  try {
    return await loaded(
      {
        workload: more.file ?? workload,
        env: { FAULTY_URL: first.url, WELL_URL: last.url },
        trigger,
        ...(more.args && { args: more.args }),
      },
      more.command,
    )
  } finally {
    await first.close()
    await last.close()
  }
}

const fault = (what: string, faulty: Manner, expected: Expected, often?: true): Row => ({
  what,
  expected: expectedInWords(expected),
  ...(often && { often }),
  see: async () => judged(() => compared(faulty), expected),
})

/** Whatever is answered from then on. */
const always =
  (text: string): Manner =>
  ({ socket }) =>
    void socket.write(text)
const sometimes =
  (one: Manner, of: number): Manner =>
  (question) =>
    (question.number % of === of - 1 ? one : rightly)(question)
const late =
  (milliseconds: number): Manner =>
  (question) =>
    void setTimeout(() => rightly(question), milliseconds)
const once =
  (one: Manner): Manner =>
  (question) =>
    (question.number === 3 * clients ? one : rightly)(question)

const status = (text: string, body = 'no') => always(message(body, { status: text }))
/** A busy machine may have no time for 16 MB within ten seconds. */
const endless: Expected = { told: /answer too large|time-out/, found: ['failures', 'unfinished'] }
const failing = (told: RegExp): Expected => ({ told, found: ['failures'] })

const rows: Row[] = [
  fault('500 from then on', status('500 Internal Server Error'), failing(/HTTP 500/), true),
  fault('every tenth answer a 500', sometimes(status('500 Internal Server Error'), 10), failing(/HTTP 500/)),
  fault('one single 503', once(status('503 Service Unavailable')), failing(/HTTP 503/)),
  fault('429 from then on', status('429 Too Many Requests'), failing(/HTTP 429/)),
  fault('204 without a body', always('HTTP/1.1 204 No Content\r\n\r\n'), failing(/HTTP 204/)),
  fault(
    'a redirection',
    always(message('', { status: '302 Found', headers: ['Location: /login'] })),
    failing(/HTTP 302/),
  ),
  fault('HTML in the place of JSON', always(message('<html>Sign in</html>')), failing(/not JSON/)),
  fault('null in the place of the number', always(message('{"score":null}')), failing(/wrong answer/)),
  fault('the number as a text', always(message('{"score":"0.5"}')), failing(/wrong answer/)),
  fault(
    'another number',
    always(message('{"score":7}')),
    { told: /same keys, same model/, found: ['other answers'] },
    true,
  ),
  fault('every fifth answer another number', sometimes(always(message('{"score":7}')), 5), {
    told: /same keys, same model/,
    found: ['other answers'],
  }),
  fault(
    'the answer to another key',
    ({ socket, number }) => void socket.write(message(answerTo(`{"key":${1 + (number % 8)}}`))),
    { told: /same keys, same model/, found: ['other answers'] },
  ),
  fault(
    'half a body, and the connection closed',
    ({ socket, answer }) => void socket.end(message(answer).slice(0, -4)),
    failing(/connection closed/),
    true,
  ),
  fault('half a body, and silence', ({ socket, answer }) => void socket.write(message(answer).slice(0, -4)), {
    codes: [3],
    told: /faulty.* did not answer within 10 s/,
    found: ['unfinished'],
  }),
  fault(
    'silence',
    () => {},
    { codes: [3], told: /faulty.* did not answer within 10 s/, found: ['unfinished'] },
    true,
  ),
  fault(
    'one answer that never comes',
    once(() => {}),
    failing(/time-out/),
  ),
  fault('one answer 4 s late', once(late(4000)), { codes: [3], told: /outside the turns/, found: ['hole'] }),
  fault(
    'reset in the place of an answer',
    ({ socket }) => void socket.resetAndDestroy(),
    failing(/ECONNRESET/),
  ),
  fault(
    'a closed connection in the place of an answer',
    ({ socket }) => void socket.end(),
    failing(/connection closed/),
  ),
  fault('what is no HTTP', always('SSH-2.0-server\r\n'), failing(/malformed HTTP/)),
  fault(
    'Connection: close with each right answer',
    ({ socket, answer }) => void socket.end(message(answer, { headers: ['Connection: close'] })),
    { codes: [3], told: /keep-alive/, found: ['lost connections'] },
    true,
  ),
  fault(
    'HTTP/1.0 with each right answer',
    ({ socket, answer }) => void socket.end(message(answer, { version: '1.0' })),
    { codes: [3], told: /keep-alive/, found: ['lost connections'] },
  ),
  fault(
    'closed after each right answer, without a word',
    ({ socket, answer }) => void socket.end(message(answer)),
    { codes: [3, 99], told: /keep-alive|connection closed/, found: ['lost connections', 'failures'] },
  ),
  fault(
    'gzip that nobody asked for',
    ({ socket, answer }) => {
      const body = gzipSync(answer)
      socket.write(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`)
      socket.write(body)
    },
    failing(/gzip|not JSON/),
  ),
  fault(
    'a length that is too short',
    ({ socket, answer }) =>
      void socket.write(message(answer).replace(/Content-Length: \d+/, 'Content-Length: 5')),
    failing(/not JSON|malformed HTTP/),
  ),
  fault(
    'two lengths',
    ({ socket, answer }) => void socket.write(message(answer, { headers: ['Content-Length: 5'] })),
    failing(/malformed HTTP/),
  ),
  fault('each answer twice', ({ socket, answer }) => void socket.write(message(answer) + message(answer)), {
    codes: [3, 99],
    told: /keep-alive|malformed HTTP|same keys/,
    found: ['lost connections', 'failures', 'other answers'],
  }),
  fault(
    'a head that does not end',
    ({ socket }) => {
      const more = () => {
        if (!socket.destroyed) socket.write(`X-More: ${'x'.repeat(1_000_000)}\r\n`, () => setTimeout(more, 1))
      }
      socket.write('HTTP/1.1 200 OK\r\n', more)
    },
    endless,
  ),
  fault(
    'a body that does not end',
    ({ socket }) => {
      const more = () => {
        if (!socket.destroyed) socket.write(Buffer.alloc(1_000_000, 0x20), () => setTimeout(more, 1))
      }
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n', more)
    },
    endless,
  ),
  fault('sixty times as slow', late(60), { codes: [99, 3], told: /steady/, found: ['step'] }, true),
]

/** Good answers in a less usual form: no fault at all. */
const right = (what: string, manner: Manner) => fine(what, () => compared(manner))
rows.push(
  right('right answers in chunks', ({ socket, answer }) => {
    const chunks = [answer.slice(0, 4), answer.slice(4), ''].map(
      (part) => `${part.length.toString(16)}\r\n${part}\r\n`,
    )
    socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks.join('')}`)
  }),
  right('right answers, byte by byte', ({ socket, answer }) => {
    for (const one of message(answer)) socket.write(one)
  }),
  right('right answers after 103 Early Hints', ({ socket, answer }) => {
    socket.write(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${message(answer)}`)
  }),
)

export const answers: Group = {
  title: 'A service answers',
  before: async () => {
    workload = await writeWorkload(
      'faults-http',
      [httpSide('faulty', 'FAULTY_URL'), httpSide('well', 'WELL_URL')].join(),
    )
  },
  rows,
}
