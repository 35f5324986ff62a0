import { receiptPath } from '#domain/delivery/receipt-path.ts';

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
  settingsWebhooks: '/settings/webhooks',
  settingsWebhook: '/settings/webhooks/:id',
  settingsWebhookSecret: '/settings/webhooks/:id/secret',
  settingsWebhookRemove: '/settings/webhooks/:id/remove',
  settingsWebhookRetry: '/settings/webhooks/:id/retry',
  settingsSending: '/settings/sending',
  settingsGateways: '/settings/gateways',
  compose: '/compose',
  composePreview: '/compose/preview',
  composeSave: '/compose/save',
  composeConfirm: '/compose/:draft/confirm',
  composeDelete: '/compose/:draft/delete',
  csvNew: '/compose/csv',
  csv: '/compose/csv/:id',
  csvConfirm: '/compose/csv/:id/confirm',
  csvChange: '/compose/csv/:id/change',
  csvCancel: '/compose/csv/:id/cancel',
  csvRefused: '/compose/csv/:id/refused.csv',
  campaigns: '/campaigns',
  campaign: '/campaigns/:id',
  campaignAct: '/campaigns/:id/:act',
  months: '/campaigns/months',
  monthsCsv: '/campaigns/months.csv',
  messages: '/messages',
  messagesExport: '/messages/export',
  messagesCsv: '/messages.csv',
  message: '/messages/:id',
  templates: '/templates',
  templateNew: '/templates/new',
  template: '/templates/:id',
  templateDelete: '/templates/:id/delete',
  addresses: '/addresses',
  group: '/addresses/:id',
  groupImport: '/addresses/:id/import',
  groupDelete: '/addresses/:id/delete',
  groupEntryDelete: '/addresses/:id/entries/:entry/delete',
  optOuts: '/addresses/opt-outs',
  optOutsImport: '/addresses/opt-outs/import',
  optOutRemove: '/addresses/opt-outs/remove',
  people: '/people',
  personRole: '/people/:id',
  personActive: '/people/:id/active',
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
  kannelReceipt: receiptPath({ gateway: ':gateway', secret: ':secret', message: ':message' }),
  health: '/healthz',
  unifiedStart: '/auth/start',
  unifiedCallback: '/auth/callback',
  reachable: '/auth/reachable',
  backchannelLogout: '/auth/backchannel-logout',
  accountEvents: '/auth/events',
  legacyPasswordCheck: '/auth/legacy-password-check',
} as const;

/** The page that asks before a key is revoked, and that its form is sent to. */
export function revokeApiKeyUrl(id: string): string {
  return routes.settingsApiKeyRevoke.replace(':id', id);
}

/** The compose page with one's draft, or with an empty one that starts from a template or goes to a group. */
export function composeUrl(from: {
  draft?: string;
  template?: string;
  group?: string;
  check?: 'yes';
}): string {
  return withQuery(routes.compose, new URLSearchParams(from));
}

/** The list of messages with filters in force. */
export function messagesUrl(
  filter: Readonly<Record<string, string>>,
  path: string = routes.messages,
): string {
  const set = Object.entries(filter).filter(([, value]) => value !== '');
  return withQuery(path, new URLSearchParams(set));
}

/** A path of `routes` with its parameters filled in. */
export function pathOf(route: string, parameters: Readonly<Record<string, string>>): string {
  return route.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ''));
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
