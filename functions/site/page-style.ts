/** How pages that ask somebody to log in and accept something look. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--ink:#16213a;--soft:#57606a;--line:#8c95a8;--back:#fff;--accent:#16213a;--on:#fff;--bad:#a11616}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa7b4;--line:#66708a;--back:#0e1116;--accent:#f2a33c;--on:#16213a;--bad:#ff8f8f}}
*{box-sizing:border-box}
body{margin:0;font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back)}
main{max-width:32rem;margin:0 auto;padding:2rem 1rem;overflow-wrap:anywhere}
label{display:block;margin:.75rem 0}
input{display:block;width:100%;font:inherit;padding:.5rem;border:1px solid var(--line);border-radius:.4rem;color:inherit;background:transparent}
button{font:inherit;font-weight:700;padding:.6rem 1.4rem;border:0;border-radius:.6rem;color:var(--on);background:var(--accent);cursor:pointer}
button:disabled{opacity:.5;cursor:default}
button.plain{background:none;color:inherit;text-decoration:underline;padding:.6rem 0;font-weight:400}
:focus-visible{outline:3px solid var(--line);outline-offset:2px}
[role=alert]:not(:empty){color:var(--bad);font-weight:700}
.soft{color:var(--soft)}
[hidden]{display:none}
`;
