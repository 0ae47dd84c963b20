/** Results of glideins, in the shape in which glidein_startup.sh prints them at its end. */

export interface ResultSpec {
  status: 'OK' | 'ERROR';
  metrics?: Readonly<Record<string, string>>;
  detail?: string;
}

export const resultOf = ({ status, metrics = {}, detail }: ResultSpec): string =>
  [
    '=== Glidein ending Tue Nov 24 10:00:00 UTC 2026 (1795514400) with code 1 after 1201 ===',
    '',
    '=== XML description of glidein activity ===',
    '<?xml version="1.0"?>',
    '<OSGTestResult id="glidein_startup.sh" version="4.3.1">',
    '  <operatingenvironment>',
    '    <env name="cwd">/scratch/plt00/glidein-1</env>',
    '    <env name="hostname">vm-1.example.org</env>',
    '  </operatingenvironment>',
    '  <test>',
    '    <tStart>2026-11-24T09:40:00+00:00</tStart>',
    '  </test>',
    '  <result>',
    `    <status>${status}</status>`,
    ...Object.entries(metrics).map(
      ([name, value]) =>
        `    <metric name="${name}" ts="2026-11-24T09:40:02+00:00" uri="local">${value}</metric>`,
    ),
    '  </result>',
    ...(detail === undefined ? [] : ['  <detail>', detail, '  </detail>']),
    '</OSGTestResult>',
    '=== End XML description of glidein activity ===',
    '',
  ].join('\n');

/** The result of a check that failed, with its class and its words. */
export const failureOf = (script: string, failure: string, words: string): string =>
  resultOf({
    status: 'ERROR',
    metrics: { TestID: script, failure },
    detail: `     Validation failed in ${script}.\n\n    ${words}\n`,
  });
