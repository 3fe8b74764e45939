import { expect, test } from 'vitest'
import { hostFor, hostsIn } from './hosts.ts'

test.each([
  ['http://a:1/x', [['http://a:1/x', 'a:1']]],
  [
    'http://a:1,b:2/x?y=1',
    [
      ['http://a:1/x?y=1', 'a:1'],
      ['http://b:2/x?y=1', 'b:2'],
    ],
  ],
  [
    'postgres://u:p,q@a@h1,h2:7/db?sslmode=disable',
    [
      ['postgres://u:p,q@a@h1/db?sslmode=disable', 'h1'],
      ['postgres://u:p,q@a@h2:7/db?sslmode=disable', 'h2:7'],
    ],
  ],
  [
    'postgres://u@/db?host=a%2Cb&port=1%2C2&x=y',
    [
      ['postgres://u@/db?host=a&port=1&x=y', 'a:1'],
      ['postgres://u@/db?host=b&port=2&x=y', 'b:2'],
    ],
  ],
  [
    'postgres://u@/db?host=/run/one,/run/two',
    [
      ['postgres://u@/db?host=%2Frun%2Fone', '/run/one'],
      ['postgres://u@/db?host=%2Frun%2Ftwo', '/run/two'],
    ],
  ],
  // The database itself chooses one.
  [
    'postgres://a,b/db?target_session_attrs=read-write',
    [['postgres://a,b/db?target_session_attrs=read-write', 'a,b']],
  ],
])('%s', (address, hosts) => {
  expect(hostsIn(address).map(({ address: own, name }) => [own, name])).toEqual(hosts)
})

test('users are spread evenly, and one that connects again goes on to the next', () => {
  const hosts = hostsIn('http://a,b,c/')
  const names = Array.from({ length: 6 }, (_, user) => hostFor(hosts, user + 1, 0).name)
  expect(names).toEqual(['a', 'b', 'c', 'a', 'b', 'c'])
  expect([0, 1, 2, 3].map((opened) => hostFor(hosts, 1, opened).name)).toEqual(['a', 'b', 'c', 'a'])
})
