import { REACHABLE_PATH } from '#web/http/other-host.tsx';

export const MARK_PATH = `${REACHABLE_PATH}/mark.svg`;

/** A tick on green: whoever sees it has reached the host that it came from. */
export const MARK = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="24" height="24"><circle cx="12" cy="12" r="12" fill="#197a4b"/><path d="M6.5 12.5l3.7 3.7 7.3-8" fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
