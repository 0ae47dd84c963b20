// pkg's command line cannot be told to inject into a base of ours without also walking our sources,
// so its simple SEA step is called by itself.
declare module '@yao-pkg/pkg/lib-es5/sea.js' {
  export interface SeaTarget {
    nodeRange: string;
    platform: 'linux';
    arch: 'x64' | 'arm64';
    /** Absolute: pkg changes directory before it writes. */
    output: string;
  }
  export interface SeaOptions {
    targets: readonly SeaTarget[];
    /** The Node executable that carries the program; absolute. */
    nodePath: string;
    signature: boolean;
    /** Handed on to Node; `execArgv` are options that the program is always started with. */
    seaConfig: { useCodeCache: boolean; execArgv: string[] };
  }
  const sea: { default: (bundle: string, options: SeaOptions) => Promise<void> };
  export default sea;
}
