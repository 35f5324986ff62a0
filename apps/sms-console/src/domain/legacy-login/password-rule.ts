export const LEGACY_PASSWORD_LENGTH = { min: 8, max: 128 } as const;

export type LegacyPasswordFault = 'missing' | 'too-short' | 'too-long';

/** The console's own, old password rule (the unified login has stricter ones): 8 to 128 characters. Null when kept. */
export function legacyPasswordFault(password: string): LegacyPasswordFault | null {
  const length = [...password].length;
  if (length === 0) return 'missing';
  if (length < LEGACY_PASSWORD_LENGTH.min) return 'too-short';
  if (length > LEGACY_PASSWORD_LENGTH.max) return 'too-long';
  return null;
}
