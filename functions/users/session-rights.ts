// What `users` offers to whoever changes what a person may do.
export { endSessionsOf, regrantSessionsOf } from './app/sessions-of.ts';
