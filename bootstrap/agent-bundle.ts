import { build } from 'esbuild';

const BANNER = "const __pilotage_url = require('node:url').pathToFileURL(__filename).href;";

/**
 * One CommonJS file of the agent and all it imports, as a single executable application wants it.
 * Names are kept, so that stack traces in logs can be read.
 * @throws esbuild's own error, with file and line, if anything cannot be resolved
 */
export const bundleAgent = async (
  entryPoint: string,
  outputFile: string,
  version: string,
): Promise<void> => {
  await build({
    entryPoints: [entryPoint],
    outfile: outputFile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    // yargs and others ask where they lie; a CommonJS file has to be told.
    define: {
      'import.meta.url': '__pilotage_url',
      __PILOTAGE_VERSION__: JSON.stringify(version),
    },
    banner: { js: BANNER },
    logLevel: 'warning',
  });
};
