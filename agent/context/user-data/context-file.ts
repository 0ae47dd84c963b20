/** A file as it will lie in the context folder of a VM. */
export interface ContextFile {
  /** Files are merged in the order of their names. */
  name: string;
  text: string;
}
