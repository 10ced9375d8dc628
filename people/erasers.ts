import type { Db } from 'mongodb'
import { eraseChats } from '../notifications/eraseChats.ts'
import { erasePayloads } from '../payments/card/kept.ts'
import { devicesIn } from './devices.ts'
import type { Eraser } from './erasing.ts'
import { profilesIn } from './profiles.ts'

/** All places where something is kept of people, beyond ids. Whoever keeps something of a person adds it here. */
export const erasersIn = (db: Db): readonly Eraser[] => [
  { what: 'profiles', erase: profilesIn(db).erase },
  { what: 'devices', erase: devicesIn(db).erase },
  { what: 'Telegram chats and codes', erase: (userId) => eraseChats(db, userId) },
  { what: 'events of the card processor', erase: (userId) => erasePayloads(db, userId) },
]
