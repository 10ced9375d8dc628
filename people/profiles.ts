import type { Db } from 'mongodb'
import { z } from 'zod'
import { UserId } from '../domain/ids.ts'
import { retrying } from '../eventstore/retry.ts'
import type { VerifiedPerson } from './google.ts'
import { answered, ensureIndex, isTaken, personal } from '../service/personal.ts'

/** Collection `profiles`; `_id` is the user's id. All that is known of a person, and can be erased. */
export const Profile = z.object({
  _id: UserId,
  /** Who vouches for them, and the name by which that one knows them: how they are found when they come back. */
  issuer: z.string(),
  subject: z.string(),
  email: z.string(),
  name: z.string().nullable(),
  picture: z.string().nullable(),
  /** As BCP 47 has it: `en`, `ru`, `en-GB`. */
  language: z.string().nullable(),
  createdAt: z.date(),
  signedInAt: z.date(),
})
export type Profile = z.infer<typeof Profile>

export const profilesIn = (db: Db) => {
  const profiles = personal<Profile>(db, 'profiles')
  return {
    /** The index that makes one person one user; nobody may sign in before it is there. */
    prepare: async (): Promise<void> => {
      await ensureIndex(profiles, { issuer: 1, subject: 1 }, { unique: true })
      await ensureIndex(profiles, { email: 1 })
    },

    /** The user that a person is, with what the issuer says of them now; a new one, `newId`, if they never were here. */
    of: async (person: VerifiedPerson, newId: UserId, at: Date): Promise<Profile> => {
      const { issuer, subject, email, name = null, picture = null, language = null } = person
      // Two first sign-ins at once: the index lets one of them in, and the other finds it there.
      const found = await retrying({ tries: 3, firstDelay: 5, maxDelay: 20 }, isTaken, () =>
        answered(
          profiles.findOneAndUpdate(
            { issuer, subject },
            {
              $set: { email, name, picture, language, signedInAt: at },
              $setOnInsert: { _id: newId, createdAt: at },
            },
            { upsert: true, returnDocument: 'after' },
          ),
        ),
      )
      return Profile.parse(found)
    },

    find: async (id: UserId): Promise<Profile | undefined> => {
      const found = await answered(profiles.findOne({ _id: id }))
      return found ? Profile.parse(found) : undefined
    },

    /** Whoever has an address: several, if they came by several issuers. */
    withEmail: async (email: string): Promise<readonly Profile[]> =>
      z.array(Profile).parse(await answered(profiles.find({ email: email.toLowerCase() }).toArray())),

    /** The newest first. */
    newest: async (limit: number): Promise<readonly Profile[]> =>
      z.array(Profile).parse(await answered(profiles.find().sort({ createdAt: -1 }).limit(limit).toArray())),

    /** How many documents there were of them. */
    erase: async (id: UserId): Promise<number> =>
      (await answered(profiles.deleteOne({ _id: id }))).deletedCount,
  }
}
export type Profiles = ReturnType<typeof profilesIn>
