import { LRUCache } from 'lru-cache'
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider'

/** Sign-ins under way, codes and tokens that are kept; the least recently used goes first. */
const MAX = 10_000

/**
 * What the issuer keeps, in memory: whoever starts it again signs in again. It outlives a change of keys, for which
 * the provider is made anew, so that a code that was given out before can be exchanged after.
 */
export const memory = (): AdapterFactory => {
  const kept = new LRUCache<string, AdapterPayload>({ max: MAX })
  const find = (wanted: (payload: AdapterPayload) => boolean) =>
    [...kept.entries()].filter(([, payload]) => wanted(payload))

  return (model): Adapter => {
    const keyOf = (id: string) => `${model}:${id}`
    const first = (wanted: (payload: AdapterPayload) => boolean) =>
      Promise.resolve(find(wanted).find(([key]) => key.startsWith(`${model}:`))?.[1])
    return {
      upsert: (id, payload, seconds) => {
        kept.set(keyOf(id), payload, seconds === undefined ? {} : { ttl: seconds * 1_000 })
        return Promise.resolve()
      },
      find: (id) => Promise.resolve(kept.get(keyOf(id))),
      findByUid: (uid) => first((payload) => payload.uid === uid),
      findByUserCode: (userCode) => first((payload) => payload.userCode === userCode),
      consume: (id) => {
        const payload = kept.get(keyOf(id))
        if (payload) payload['consumed'] = Math.floor(Date.now() / 1_000)
        return Promise.resolve()
      },
      destroy: (id) => {
        kept.delete(keyOf(id))
        return Promise.resolve()
      },
      revokeByGrantId: (grantId) => {
        for (const [key] of find((payload) => payload.grantId === grantId)) kept.delete(key)
        return Promise.resolve()
      },
    }
  }
}
