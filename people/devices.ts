import type { Db } from 'mongodb'
import { z } from 'zod'
import { UserId } from '../domain/ids.ts'
import { SessionId } from './events.ts'
import { answered, ensureIndex, personal } from '../service/personal.ts'

/** Where somebody is signed in. */
export interface Origin {
  /** What the browser or program says of itself. */
  readonly device: string | undefined
  readonly address: string
}

/** Collection `sessionDevices`; `_id` is the session's id. It goes when the session ends, or has expired. */
export const Device = z.object({
  _id: SessionId,
  userId: UserId,
  device: z.string().nullable(),
  address: z.string(),
  startedAt: z.date(),
  seenAt: z.date(),
  expiresAt: z.date(),
})
export type Device = z.infer<typeof Device>

/** Characters of a `User-Agent` that are kept: enough to know one's own devices by. */
const MAX_DEVICE = 200

const shortened = ({ device, address }: Origin) => ({ device: device?.slice(0, MAX_DEVICE) ?? null, address })

export const devicesIn = (db: Db) => {
  const devices = personal<Device>(db, 'sessionDevices')
  return {
    prepare: async (): Promise<void> => {
      await ensureIndex(devices, { userId: 1 })
      await ensureIndex(devices, { expiresAt: 1 }, { expireAfterSeconds: 0 })
    },

    begin: async (
      session: { readonly sessionId: SessionId; readonly userId: UserId; readonly expiresAt: Date },
      origin: Origin,
      at: Date,
    ): Promise<void> => {
      const { sessionId, userId, expiresAt } = session
      const device = { _id: sessionId, userId, ...shortened(origin), startedAt: at, seenAt: at, expiresAt }
      await answered(devices.insertOne(device))
    },

    /** What is not there (any more) is left so: a session that was ended meanwhile leaves nothing behind. */
    seen: async (sessionId: SessionId, origin: Origin, at: Date, expiresAt: Date): Promise<void> => {
      await answered(
        devices.updateOne({ _id: sessionId }, { $set: { ...shortened(origin), seenAt: at, expiresAt } }),
      )
    },

    forget: async (userId: UserId, ...sessions: readonly SessionId[]): Promise<void> => {
      if (sessions.length > 0) await answered(devices.deleteMany({ userId, _id: { $in: [...sessions] } }))
    },

    of: async (userId: UserId): Promise<readonly Device[]> =>
      z.array(Device).parse(await answered(devices.find({ userId }).sort({ seenAt: -1 }).toArray())),

    /** How many documents there were of them. */
    erase: async (userId: UserId): Promise<number> =>
      (await answered(devices.deleteMany({ userId }))).deletedCount,
  }
}
export type Devices = ReturnType<typeof devicesIn>
