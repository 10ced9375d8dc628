import { apiError } from './errors.ts'
import type { Report } from './errors.ts'
import { isViewer } from '../access/viewer.ts'
import type { AuthError, Viewer } from '../access/viewer.ts'

/** What every resolver is given of the request it works for. */
export interface ApiContext {
  readonly viewer: Viewer | AuthError
  /** Of the client's `X-Request-ID`, or ours: the correlation id of all that follows from it. */
  readonly requestId: string
  /** The consistency token, as the client gave it. */
  readonly token: string | undefined
  readonly report: Report
}

/** The error for whoever does not say who they are. */
export const unauthenticated = ({ unauthenticated: why, challenge }: AuthError) =>
  apiError('UNAUTHENTICATED', why, {
    http: { status: 401, ...(challenge !== undefined && { headers: { 'www-authenticate': challenge } }) },
  })

/** Who is asking; throws UNAUTHENTICATED. */
export const viewerOf = ({ viewer }: ApiContext): Viewer => {
  if (isViewer(viewer)) return viewer
  throw unauthenticated(viewer)
}

/** Who is asking, if it is an admin; throws FORBIDDEN. */
export const adminOf = (context: ApiContext): Viewer => {
  const viewer = viewerOf(context)
  if (viewer.role === 'ADMIN') return viewer
  throw apiError('FORBIDDEN', 'Only admins may ask for this.')
}
