import { Construct } from 'constructs';

import { siteEnv, siteRoutes } from '../../functions/site/contract.ts';
import { declareFunction } from '../constructs/onsale-function.ts';
import { httpVariables, type Platform } from './platform.ts';

/** Health, the API's own documents, and the answer to routes that there are not. */
export class Site extends Construct {
  constructor(scope: Construct, platform: Platform) {
    super(scope, 'Site');
    const site = declareFunction(this, 'Pages', platform, {
      entry: 'site/handlers/http-site.ts',
      description: "Health and the API's documents",
      schema: siteEnv,
      environment: httpVariables(platform),
      timeoutSeconds: 5,
      memoryMiB: 256,
    });
    platform.http.serve(site, siteRoutes);
    platform.http.serveOthers(site);
  }
}
