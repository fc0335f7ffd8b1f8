import { httpFunction, serve } from '../../shared/runtime/http.ts';
import { showDocs, showHealth, showOpenApi } from '../answers.ts';
import { docsPage, health, openApiDocument } from '../contract.ts';

export const handler = httpFunction({}, [
  serve(health, async () => showHealth()),
  serve(openApiDocument, async () => showOpenApi()),
  serve(docsPage, async () => showDocs()),
]);
