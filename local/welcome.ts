/** A place that the welcome page leads to. */
export interface WelcomeLink {
  readonly title: string;
  readonly url: string;
  readonly note: string;
}

/** An account that the demo data has. */
export interface WelcomeAccount {
  readonly email: string;
  readonly role: string;
}

/** The page at `/` of the main port. Everything in it is escaped. */
export function welcomePage(
  links: readonly WelcomeLink[],
  accounts: readonly WelcomeAccount[],
  password: string,
): string {
  const listed = links.map(
    ({ title, url, note }) => `<li><a href="${escape(url)}">${escape(title)}</a><span>${escape(note)}</span></li>`,
  );
  const people = accounts.map(
    ({ email, role }) => `<tr><td><code>${escape(email)}</code></td><td>${escape(role)}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Onsale, running locally</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
  body { max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }
  ul { list-style: none; padding: 0; }
  li { display: grid; grid-template-columns: minmax(10rem, 1fr) 2fr; gap: 1rem; padding: .6rem 0; border-top: 1px solid #8885; }
  a { font-weight: 600; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; padding: .4rem .8rem .4rem 0; border-top: 1px solid #8885; }
</style>
</head>
<body>
<main>
<h1>Onsale is running on this machine</h1>
<p>The whole system, from its synthesised CloudFormation template. Nothing here leaves the machine.</p>
<h2>Where to look</h2>
<ul>${listed.join('')}</ul>
<h2>Accounts of the demo</h2>
<table>
<caption>Each signs in with the password <code>${escape(password)}</code></caption>
<thead><tr><th scope="col">Account</th><th scope="col">Role</th></tr></thead>
<tbody>${people.join('')}</tbody>
</table>
</main>
</body>
</html>
`;
}

function escape(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
