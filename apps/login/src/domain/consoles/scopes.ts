/** What a console may ask of the login server with its client id and secret, beside signing people in: a closed list. */
export const CONSOLE_SCOPES = [
  'plan.read',
  'sign-ins.report',
  'sessions.read',
  'login-ids.change',
  'login-ids.compare',
  'users.read',
  'users.write',
  'events.receive',
] as const;

export type ConsoleScope = (typeof CONSOLE_SCOPES)[number];

export function isConsoleScope(text: string): text is ConsoleScope {
  return (CONSOLE_SCOPES as readonly string[]).includes(text);
}
