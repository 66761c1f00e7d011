/** Keys to sign with, and where they came from. */
export type AwsCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Absent = they do not end by themselves. */
  readonly expiration?: Date;
  /** For people, e.g. `environment` or `profile "web"`; never a secret. */
  readonly source: string;
  /** Keys without an end that are worth reading again after this time, since their file may have changed. */
  readonly rereadAfterMs?: number;
};

/** Whether two sets of keys are the same ones. */
export function areSameKeys(a: AwsCredentials, b: AwsCredentials): boolean {
  return (
    a.accessKeyId === b.accessKeyId && a.secretAccessKey === b.secretAccessKey && a.sessionToken === b.sessionToken
  );
}
