/** Every URL of the console. `/auth/…` is mounted by the console kit. */
export const routes = {
  home: '/',
  login: '/login',
  loginUnifiedLink: '/login/unified-link',
  forgot: '/password/forgot',
  forgotSent: '/password/forgot/sent',
  reset: '/password/reset',
  settings: '/settings',
  settingsEmail: '/settings/email',
  settingsEmailCode: '/settings/email/code',
  settingsEmailResend: '/settings/email/resend',
  settingsEmailAbandon: '/settings/email/abandon',
  settingsEmailSeen: '/settings/email/seen',
  settingsPassword: '/settings/password',
  settingsApiKeys: '/settings/api-keys',
  settingsApiKeyRevoke: '/settings/api-keys/:id/revoke',
  language: '/language',
  logout: '/logout',
  signedOut: '/signed-out',
  apiMessages: '/api/v1/messages',
  apiMessage: '/api/v1/messages/:id',
  apiMessageCancel: '/api/v1/messages/:id/cancel',
  apiBulks: '/api/v1/bulks',
  apiBulk: '/api/v1/bulks/:id',
  apiBulkCancel: '/api/v1/bulks/:id/cancel',
  apiUsage: '/api/v1/usage',
  apiOpenApi: '/api/openapi.json',
  apiReference: '/api/docs',
  apiReferenceProgram: '/api/docs/reference.js',
  apiReferenceStart: '/api/docs/start.js',
  internalCodes: '/internal/v1/codes',
  internalCode: '/internal/v1/codes/:id',
  health: '/healthz',
  unifiedStart: '/auth/start',
  unifiedCallback: '/auth/callback',
  backchannelLogout: '/auth/backchannel-logout',
  accountEvents: '/auth/events',
  legacyPasswordCheck: '/auth/legacy-password-check',
} as const;

/** The page that asks before a key is revoked, and that its form is sent to. */
export function revokeApiKeyUrl(id: string): string {
  return routes.settingsApiKeyRevoke.replace(':id', id);
}

/** Where a unified sign-in begins; afterwards the person lands on `returnPath`. */
export function unifiedStartUrl({
  returnPath,
  loginHint,
}: {
  returnPath: string;
  loginHint?: string | undefined;
}): string {
  const query = new URLSearchParams();
  if (returnPath !== routes.home) query.set('return_path', returnPath);
  if (loginHint) query.set('login_hint', loginHint);
  return withQuery(routes.unifiedStart, query);
}

/** The legacy login page; afterwards the person lands on `returnPath`. */
export function loginUrl({ returnPath }: { returnPath: string }): string {
  const query = new URLSearchParams();
  if (returnPath !== routes.home) query.set('return_path', returnPath);
  return withQuery(routes.login, query);
}

function withQuery(path: string, query: URLSearchParams): string {
  return query.size === 0 ? path : `${path}?${query}`;
}
