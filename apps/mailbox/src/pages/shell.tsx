import { Footer, Monogram } from '@hitokagi/design-system';
import type { ComponentChildren } from 'preact';
import { iconPath, scripts, stylesheets } from './assets.ts';
import { texts, type Language } from './texts.ts';

/** The frame of every page: header with the name, the content, one line at the end. */
export function Shell({
  lang,
  title,
  children,
}: {
  lang: Language;
  title: string;
  children: ComponentChildren;
}) {
  const words = texts[lang];
  return (
    <html lang={lang}>
      <head>
        <meta charset="utf-8" />
        <title>{`${title} | ${words.name}`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="format-detection" content="telephone=no" />
        <link rel="icon" href={iconPath} type="image/svg+xml" />
        {stylesheets.map((path) => (
          <link key={path} rel="stylesheet" href={path} />
        ))}
        {scripts.map((path) => (
          <script key={path} type="module" src={path} />
        ))}
      </head>
      <body>
        <a class="mb-skip" href="#main">
          {words.skip}
        </a>
        <header class="mb-header">
          <div class="mb-header-inner">
            <a class="mb-brand" href="/">
              <Monogram text="箱" />
              <span>{words.name}</span>
            </a>
            <span class="mb-purpose">{words.purpose}</span>
          </div>
        </header>
        <main id="main" class="mb-main" tabIndex={-1}>
          {children}
        </main>
        <Footer note={words.footer} />
      </body>
    </html>
  );
}
