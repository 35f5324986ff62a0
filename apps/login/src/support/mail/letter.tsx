import { renderToString } from 'preact-render-to-string';
import type { Locale } from '#support/primitives/locale.ts';
import type { RenderedMail } from './mail.ts';

/** One part of a letter. The code stands alone on its line, large. */
export type LetterPart =
  | { kind: 'text'; text: string }
  | { kind: 'code'; code: string }
  /** For what a code or a typed address cannot do: opens a page that changes nothing by itself. The address is shown in full. */
  | { kind: 'link'; label: string; url: string }
  | { kind: 'list'; items: readonly string[] };

export type Letter = {
  locale: Locale;
  subject: string;
  parts: readonly LetterPart[];
  /** Why one got this, whom to ask, and that nobody will ever ask for the code. */
  footer: readonly string[];
  brandName: string;
  keyColour: string;
};

/** Makes the plain text and the HTML of one letter from the same parts. No images, no tracking. */
export function renderLetter(letter: Letter): RenderedMail {
  return {
    subject: letter.subject,
    text: plainText(letter),
    html: `<!doctype html>${renderToString(<LetterPage {...letter} />)}`,
  };
}

function plainText(letter: Letter): string {
  const body = letter.parts.map((part) => {
    switch (part.kind) {
      case 'text':
        return part.text;
      case 'code':
        return `    ${part.code}`;
      case 'link':
        return `${part.label}\n${part.url}`;
      case 'list':
        return part.items.map((item) => `・${item.replaceAll('\n', '\n　')}`).join('\n');
    }
  });
  return (
    [...body, '--------------------------------', ...letter.footer, letter.brandName].join('\n\n') + '\n'
  );
}

// Mail programs read style attributes and little else, so this one page has them.
function LetterPage({ locale, subject, parts, footer, brandName, keyColour }: Letter) {
  return (
    <html lang={locale}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>{subject}</title>
      </head>
      <body style={`margin:0;padding:24px 12px;background:#f2f2f2;color:#1a1a1a;font:16px/1.7 ${FONTS}`}>
        <div style="max-width:34em;margin:0 auto;background:#ffffff;border-radius:8px;overflow:hidden">
          <div style={`background:${keyColour};color:#ffffff;padding:12px 24px;font-weight:bold`}>
            {brandName}
          </div>
          <div style="padding:24px">
            {parts.map((part) => {
              switch (part.kind) {
                case 'text':
                  return <p style="margin:0 0 16px;white-space:pre-line">{part.text}</p>;
                case 'code':
                  return (
                    <p style="margin:24px 0;padding:16px;background:#f2f2f2;border-radius:8px;text-align:center;font:bold 32px/1.3 monospace;letter-spacing:2px">
                      {part.code}
                    </p>
                  );
                case 'link':
                  return (
                    <p style="margin:0 0 16px;overflow-wrap:anywhere">
                      {part.label}
                      <br />
                      <a href={part.url} style="color:#0017c1">
                        {part.url}
                      </a>
                    </p>
                  );
                case 'list':
                  return (
                    <ul style="margin:0 0 16px;padding-left:1.5em">
                      {part.items.map((item) => (
                        <li style="white-space:pre-line">{item}</li>
                      ))}
                    </ul>
                  );
              }
            })}
          </div>
          <div style="padding:16px 24px;border-top:1px solid #d9d9d9;color:#4d4d4d;font-size:14px">
            {footer.map((line) => (
              <p style="margin:0 0 8px;white-space:pre-line">{line}</p>
            ))}
          </div>
        </div>
      </body>
    </html>
  );
}

const FONTS = "'Hiragino Sans','Noto Sans JP','Yu Gothic',Meiryo,sans-serif";
