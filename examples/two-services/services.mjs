/** Two versions of a service that says how a parcel travels, each at the port of its address. */
import { createServer } from 'node:http'

const { OLD_URL, NEW_URL, NEW_TOKEN } = process.env

const wayOf = (country, kilograms) =>
  kilograms > 30 ? 'freight' : country === 'NL' && kilograms < 5 ? 'bicycle' : 'post'

/** POST / {"country": "NL", "kilograms": 3} → {"way": "bicycle"} */
createServer(async (request, response) => {
  try {
    const { country, kilograms } = JSON.parse(Buffer.concat(await request.toArray()).toString())
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ way: wayOf(country, kilograms) }))
  } catch (error) {
    response.writeHead(400).end(String(error))
  }
}).listen(new URL(OLD_URL).port, '127.0.0.1')

/** GET /ways/NL?kilograms=3 → bicycle, for who has the token */
createServer((request, response) => {
  if (request.headers.authorization !== `Bearer ${NEW_TOKEN}`) return response.writeHead(401).end()
  const { pathname, searchParams } = new URL(request.url, NEW_URL)
  response.end(wayOf(pathname.split('/').at(-1), Number(searchParams.get('kilograms'))))
}).listen(new URL(NEW_URL).port, '127.0.0.1')
