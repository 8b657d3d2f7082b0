// libas2 as the other side of real requests: `peer.js send` and `peer.js serve`, with a job as a line of JSON.
//
// The job holds a folder, and libas2's agreement: us and the other party, each with PEM files in the folder, how
// each signs and encrypts, and which receipts are asked for. `send` posts the folder's `content` and prints what
// the receipt was found to say; if that comes by itself, it prints first where it is awaited, and waits for a
// line before it posts. `serve` prints where it listens, takes what comes, writes it to the folder as `content`,
// answers with a receipt, and prints a line about each.

'use strict'

const fs = require('fs')
const http = require('http')
const path = require('path')
const readline = require('readline')
const { createHash } = require('crypto')
const { AS2Composer, AS2Crypto, AS2Parser, request } = require('libas2')

const print = line => process.stdout.write(JSON.stringify(line) + '\n')

/** A request or an answer as it was on the wire. */
async function raw (message) {
  const chunks = []
  for await (const chunk of message) chunks.push(chunk)
  const headers = []
  for (let at = 0; at < message.rawHeaders.length; at += 2) {
    headers.push(`${message.rawHeaders[at]}: ${message.rawHeaders[at + 1]}\r\n`)
  }
  return Buffer.concat([Buffer.from(headers.join('') + '\r\n', 'latin1'), ...chunks])
}

/** What a receipt says, if the other party signed it where that was asked for. */
async function receipt (node, { host, partner }) {
  const signed = host.mdn.signing ? { cert: partner.certificate } : undefined
  const { explanation, notification } = await node.dispositionIn(signed)
  return { explanation, notification }
}

/** Listens, and gives each request to `take`. */
async function listen (take) {
  const server = http.createServer(async (incoming, outgoing) => {
    try {
      await take(await AS2Parser.parse(await raw(incoming)), outgoing)
    } catch (error) {
      print({ error: String(error.stack) })
      outgoing.writeHead(500).end()
    }
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${server.address().port}/as2`
}

/** Notes the digest of what is signed, or of what is encrypted if nothing is: libas2 leaves it to its caller. */
function note (found, { host }) {
  const { sign, encrypt } = AS2Crypto
  AS2Crypto.sign = async (node, options) => {
    const signed = await sign(node, options)
    const { digest } = await AS2Crypto.verify(signed, { cert: host.certificate }, true)
    found.mic = digest.toString('base64')
    return signed
  }
  AS2Crypto.encrypt = async (node, options) => {
    const plain = found.mic ? undefined : await AS2Crypto.buildNode(node)
    if (plain) found.mic = createHash('sha256').update(plain).digest('base64')
    return encrypt(node, options)
  }
}

async function send (job) {
  const { agreement } = job
  const { host, partner } = agreement
  let arrived
  const later = new Promise(resolve => { arrived = resolve })
  if (host.mdn.async) {
    host.url = await listen(async (node, outgoing) => {
      outgoing.writeHead(200).end()
      arrived(node)
    })
    print({ url: host.url })
    await next()
  }
  const found = {}
  note(found, agreement)
  const composer = new AS2Composer({
    message: {
      filename: 'confirmation.edi',
      contentType: 'application/edi-x12',
      content: fs.readFileSync(path.join(job.folder, 'content'))
    },
    agreement
  })
  found.id = (await composer.compile()).messageId()
  const answer = await request(await composer.toRequestOptions(partner.url))
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode}: ${answer.rawBody}`)
  const node = host.mdn.async ? await later : await answer.mime()
  print({ ...found, ...(await receipt(node, agreement)) })
}

/** libas2 signs a multipart without the end of its last line, and sends it with that: nobody can verify it. */
function mend () {
  const trim = AS2Crypto.removeTrailingCrLf
  const isMultipart = bytes => /^content-type: multipart/i.test(bytes.toString('latin1', 0, 32))
  AS2Crypto.removeTrailingCrLf = bytes => isMultipart(bytes) ? bytes : trim(bytes)
}

async function serve (job) {
  if (!job.as_it_is) mend()
  const { agreement } = job
  const url = await listen(async (message, outgoing) => {
    const { contentNode, dispositionNode, disposition } = await message.dispositionOut({ agreement })
    const notification = disposition.notification
    if (contentNode && contentNode.content) fs.writeFileSync(path.join(job.folder, 'content'), contentNode.content)
    const { headers, body } = await dispositionNode.buildObject()
    const to = message.getHeader('receipt-delivery-option')
    if (to) {
      outgoing.writeHead(200).end()
      const answer = await request({ url: to, headers, body })
      return print({ notification, status: answer.statusCode, text: String(answer.rawBody) })
    }
    outgoing.writeHead(200, headers).end(body)
    print({ notification })
  })
  print({ url })
}

const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const next = async () => (await lines.next()).value

async function main () {
  const job = JSON.parse(await next())
  for (const party of [job.agreement.host, job.agreement.partner]) {
    for (const file of ['certificate', 'privateKey']) {
      if (party[file]) party[file] = fs.readFileSync(path.join(job.folder, party[file]))
    }
  }
  await (process.argv[2] === 'send' ? send(job) : serve(job))
  if (process.argv[2] === 'send') process.exit(0)
}

main().catch(error => {
  process.stderr.write(`${error.stack || JSON.stringify(error)}\n`)
  process.exit(1)
})
