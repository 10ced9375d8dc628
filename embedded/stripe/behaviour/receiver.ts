import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { Stripe } from 'stripe'
import { onTestFinished } from 'vitest'

/** What was posted, and how it was answered; an event if the official package believes it. */
export interface Received {
  readonly body: string
  readonly event: Stripe.Event | undefined
  readonly status: number
}

export interface Receiver {
  readonly url: string
  readonly received: readonly Received[]
  /** Those that were believed, as their type and what they are about. */
  readonly told: () => readonly string[]
  readonly types: () => readonly string[]
}

/** A service that takes webhooks as ours does: 400 for what isn't signed; else what `answer` says, 200 without it. */
export const receiver = async (
  secret: string,
  answer: (event: Stripe.Event, count: number) => number = () => 200,
): Promise<Receiver> => {
  const received: Received[] = []
  const take = async (request: IncomingMessage): Promise<number> => {
    const body = await text(request)
    const event = believed(body, request.headers['stripe-signature'], secret)
    const status = event ? answer(event, received.filter((one) => one.event?.id === event.id).length) : 400
    received.push({ body, event, status })
    return status
  }
  const server = createServer((request, response) => {
    take(request).then(
      (status) => response.writeHead(status).end(),
      (error: unknown) => response.destroy(error instanceof Error ? error : undefined),
    )
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const events = () => received.flatMap(({ event }) => (event ? [event] : []))
  return {
    url: `http://127.0.0.1:${port}/payments/webhook`,
    received,
    types: () => events().map(({ type }) => type),
    told: () => events().map(({ type, data: { object } }) => `${type} ${'id' in object ? object.id : ''}`),
  }
}

const believed = (
  body: string,
  signature: string | string[] | undefined,
  secret: string,
): Stripe.Event | undefined => {
  try {
    return Stripe.webhooks.constructEvent(body, signature ?? '', secret)
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) return undefined
    throw error
  }
}
