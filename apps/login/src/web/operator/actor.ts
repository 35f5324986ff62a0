import { defineTexts, type Locale } from '#support/primitives/locale.ts';

/** Who did something, as people read it. */
export function actorWords(actor: string, names: ReadonlyMap<string, string>, locale: Locale): string {
  const t = texts[locale];
  if (actor === 'system') return t.system;
  if (actor === 'operator:cli') return t.commandLine;
  return names.get(actor) ?? actor;
}

const texts = defineTexts({
  ja: { system: 'システム', commandLine: 'コマンドライン' },
  en: { system: 'System', commandLine: 'Command line' },
});
