// The reader's own zone: for what the reader did, such as sending a file; everything measured is in its building's.

export function readerZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
