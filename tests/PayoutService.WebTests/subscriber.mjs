// A subscriber by the specification's own library: prints its port, reads the secret of its endpoint from its input, and
// prints a line for each request: "ok" or "refused", and the type of the event. Asked for its "last words", it prints
// what it knows of each payout, by the event with the highest version.
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { Webhook } from 'standardwebhooks'

let webhook
const lastWords = {}
const server = createServer(async (request, response) => {
  const parts = []
  for await (const part of request) parts.push(part)
  const body = Buffer.concat(parts).toString('utf8')
  try {
    const event = webhook.verify(body, request.headers)
    const payout = event.data.object
    if (event.type.startsWith('payout.') && !(lastWords[payout.id]?.version > payout.version)) {
      lastWords[payout.id] = payout
    }
    console.log('ok', event.type)
    response.writeHead(204).end()
  } catch (problem) {
    console.log('refused', problem.message)
    response.writeHead(400).end()
  }
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
createInterface({ input: process.stdin }).on('line', line => {
  if (line === 'last words') console.log(JSON.stringify(lastWords))
  else webhook = new Webhook(line)
})
