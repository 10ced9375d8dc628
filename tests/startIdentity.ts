import { IdentityNode } from '../embedded/identity/node.ts'
import { people } from '../embedded/identity/people.ts'

const CLIENT = { id: 'shop', secret: 'the-secret-of-the-shop' }

/** The local issuer, which takes whoever comes from a loopback address for the shop. */
export const startIdentity = async () => {
  const redirectUris = ['http://127.0.0.1/auth/google/callback']
  const node = await IdentityNode.start({ client: { ...CLIENT, redirectUris } })
  return {
    issuer: node.issuer,
    /** The settings of a shop whose people sign in here. */
    env: {
      GOOGLE_ISSUER: node.issuer,
      GOOGLE_CLIENT_ID: CLIENT.id,
      GOOGLE_CLIENT_SECRET: CLIENT.secret,
    },
    stop: node.stop,
  }
}

/** The n-th of the local issuer's people. */
export const identity = (n: number) => {
  const person = people[n]
  if (!person) throw new Error(`the issuer has ${people.length} people`)
  return person
}
