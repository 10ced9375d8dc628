import type { Db } from 'mongodb'
import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { UserId } from '../domain/ids.ts'
import { answered, ensureIndex, personal } from '../service/personal.ts'

/** Milliseconds for which a code may be used. */
export const CODE_LIFETIME = 15 * 60_000

/** Collection `telegramCodes`; `_id` is the SHA-256 of the code, which itself is kept nowhere. */
const Code = z.object({
  _id: z.string(),
  userId: UserId,
  expiresAt: z.date(),
  /** The chat that it was used in. */
  usedBy: z.int().optional(),
})
type Code = z.infer<typeof Code>

export interface NewCode {
  readonly code: string
  readonly expiresAt: Date
}

/** Codes that link a chat to the person who asked for them. */
export const linkCodesIn = (db: Db) => {
  const codes = personal<Code>(db, 'telegramCodes')
  return {
    prepare: async (): Promise<void> => {
      await ensureIndex(codes, { userId: 1 })
      await ensureIndex(codes, { expiresAt: 1 }, { expireAfterSeconds: 0 })
    },

    /** A new code; the one that the person had is void. 128 random bits, in what a link to a bot may carry. */
    issue: async (userId: UserId, now: Date): Promise<NewCode> => {
      const code = randomBytes(16).toString('base64url')
      const expiresAt = new Date(now.getTime() + CODE_LIFETIME)
      await answered(codes.deleteMany({ userId }))
      await answered(codes.insertOne({ _id: hashOf(code), userId, expiresAt }))
      return { code, expiresAt }
    },

    /** Whom a code is of, once: for the first chat that brings it, and for that one again. */
    redeem: async (code: string, chatId: number, now: Date): Promise<UserId | undefined> => {
      const found = await answered(
        codes.findOneAndUpdate(
          {
            _id: hashOf(code),
            expiresAt: { $gt: now },
            $or: [{ usedBy: { $exists: false } }, { usedBy: chatId }],
          },
          { $set: { usedBy: chatId } },
          { returnDocument: 'after' },
        ),
      )
      return found ? Code.parse(found).userId : undefined
    },
  }
}
export type LinkCodes = ReturnType<typeof linkCodesIn>

const hashOf = (code: string): string => createHash('sha256').update(code).digest('base64url')
