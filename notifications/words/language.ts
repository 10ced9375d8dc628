import { z } from 'zod'

/** The languages in which people are told things. */
export const Language = z.enum(['EN', 'RU'])
export type Language = z.infer<typeof Language>

/** The language for whoever reads another one, or whose language is not known. */
export const DEFAULT_LANGUAGE: Language = 'EN'

/** Source: an IETF language tag such as `ru-RU`, as Telegram tells it. */
export const languageOf = (tag: string | undefined): Language =>
  tag?.toLowerCase().split('-')[0] === 'ru' ? 'RU' : DEFAULT_LANGUAGE
