import { createHash } from 'node:crypto'
import { v5 } from 'uuid'
import { z } from 'zod'

/** 1–128 characters, chosen by the client: the same key with the same input answers as the first time. */
export const IdempotencyKey = z.string().min(1).max(128)

const NAMESPACE = '5f0c3c86-6f0e-4b5a-9a3e-0d5c8f7b2a11'

/** The same UUID for the same parts, always: ids of what is created at most once per user and key. */
export const derivedId = (...parts: readonly string[]): string => v5(JSON.stringify(parts), NAMESPACE)

/** A short digest by which a repeated input is known again. Source: flat values in a fixed order. */
export const fingerprint = (...input: readonly (string | number)[]): string =>
  createHash('sha256').update(JSON.stringify(input)).digest('base64url').slice(0, 22)
